"""Messages of errors in reaching a server: address, connection, certificate, login, size."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from app.i18n import translate
from app.text import message
from app.text.message import Message, actions
from engine.comfy import errors
from engine.errors import ServerMissing
from engine.net.tokens import hide
from widgets.plain_text import plain

SHOWN = 400  # letters of what a server says: some send a page


def _missing(error: ServerMissing) -> Message:
    title = translate("Explain", "There is no server that could do this: {task}.")
    return Message(
        title.format(task=message.task(error.need)),
        "",
        translate("Explain", "Add a server of yours, or choose another engine in the settings."),
        actions("tool.servers", "edit.settings"),
    )


def _address(error: errors.ServerAddress) -> Message:
    text, step = _why_address(error.reason)
    title = translate("Explain", "The address {address} cannot be used.")
    if error.reason == "header":
        title = translate("Explain", "The login for {address} cannot be used.")
    return Message(
        title.format(address=_without_login(error.url)), text, step, actions("tool.servers")
    )


def _without_login(url: str) -> str:
    """The address without login, query and fragment, fit to be shown."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return said(url)
    return said(
        parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
    )


def _why_address(reason: str) -> tuple[str, str]:
    correct = translate("Explain", "Correct the address.")
    reasons = {
        "scheme": (
            translate("Explain", "It begins with neither http:// nor https://."),
            correct,
        ),
        "host": (translate("Explain", "It names no computer."), correct),
        "login": (
            translate("Explain", "A password or a token stands in it, where others would see it."),
            translate("Explain", "Take it out, and enter it as the login of the server."),
        ),
        "plain": (
            translate(
                "Explain",
                "It is a public address without encryption: login, prompts and pictures can be "
                "read on the way.",
            ),
            translate(
                "Explain",
                "Use https:// if the server speaks it, or allow plain http for this server.",
            ),
        ),
    }
    reasons["header"] = (
        translate("Explain", "It has letters, or the name of a header, that cannot be sent."),
        translate("Explain", "Enter the login once more."),
    )
    unlike = translate("Explain", "An address looks like http://192.168.1.20:8188.")
    return reasons.get(reason, (unlike, correct))


def _unreachable(error: errors.ServerUnreachable) -> Message:
    title = {
        "starting": translate("Explain", "“{server}” is starting."),
        "not_comfy": translate("Explain", "“{server}” is no ComfyUI."),
        "old": translate("Explain", "The ComfyUI of “{server}” is too old."),
    }.get(error.reason, translate("Explain", "“{server}” cannot be reached."))
    text, step = _why_unreachable(error.reason, said(error.detail))
    return Message(
        title.format(server=plain(error.server)), text, step, actions("retry", "tool.servers")
    )


def _why_unreachable(reason: str, detail: str) -> tuple[str, str]:
    again = translate("Explain", "Try again.")
    reasons = {
        **_why_silent(again),
        "starting": (
            translate("Explain", "The machine is up, and ComfyUI is not yet."),
            translate("Explain", "Wait a minute, and try again."),
        ),
        "not_comfy": (
            translate("Explain", "Something else answers at its address."),
            translate(
                "Explain",
                "Correct the address: the usual port is 8188, or 8000 of ComfyUI Desktop; a path "
                "behind a proxy belongs to it, too.",
            ),
        ),
        "use_http": (
            translate("Explain", "It speaks http there, not https."),
            translate("Explain", "Let its address begin with http://."),
        ),
        "use_https": (
            translate("Explain", "It speaks https there, not http."),
            translate("Explain", "Let its address begin with https://."),
        ),
        "old": (
            _with(translate("Explain", "It is version {detail}."), detail),
            translate("Explain", "Update ComfyUI there to 0.3.45 or newer."),
        ),
        "redirect": (
            _with(translate("Explain", "It sends on to another place: {detail}."), detail)
            or translate("Explain", "It sends on to another place."),
            translate("Explain", "If you trust that place, enter its address instead."),
        ),
    }
    unlike = _with(translate("Explain", "It answers with an error: {detail}."), detail)
    look = translate("Explain", "Look into the log of the server, and try again.")
    return reasons.get(reason, (unlike or translate("Explain", "It answers with an error."), look))


def _why_silent(again: str) -> dict[str, tuple[str, str]]:
    return {
        "refused": (
            translate("Explain", "Nobody listens at its address."),
            translate("Explain", "Start ComfyUI there, or correct the address and its port."),
        ),
        "name": (
            translate("Explain", "No computer of that name was found."),
            translate("Explain", "Correct the address, or look whether you are online."),
        ),
        "timeout": (
            translate("Explain", "It did not answer in time."),
            translate("Explain", "Look whether it is on and can be reached from here."),
        ),
        "dropped": (translate("Explain", "The connection broke off."), again),
    }


def _certificate(error: errors.ServerCertificate) -> Message:
    if error.reason == "changed":
        title = translate("Explain", "“{server}” shows another certificate than before.")
    else:
        title = translate("Explain", "The certificate of “{server}” is not trusted.")
    text, step = _why_certificate(error.reason)
    parts = [text, translate("Explain", "Nothing was sent.")]
    if error.fingerprint:
        shown = translate("Explain", "Its fingerprint is {fingerprint}.")
        parts.append(shown.format(fingerprint=plain(error.fingerprint)))
    return Message(
        title.format(server=plain(error.server)), " ".join(parts), step, actions("tool.servers")
    )


def _why_certificate(reason: str) -> tuple[str, str]:
    compare = translate(
        "Explain",
        "Compare the fingerprint with that on the server; if it is the same, trust the "
        "certificate in the servers window.",
    )
    reasons = {
        "name": (translate("Explain", "It was made for another host."), compare),
        "expired": (
            translate("Explain", "It has expired."),
            translate("Explain", "Renew it on the server, and look at the clock of this computer."),
        ),
        "changed": (
            translate(
                "Explain",
                "Either it was renewed, or somebody stands between you and the server.",
            ),
            translate(
                "Explain",
                "Ask who runs the server, and trust the new one only if its fingerprint is right.",
            ),
        ),
        "ca_file": (
            translate("Explain", "The file of its authority cannot be read."),
            translate("Explain", "Choose another file in the form of the server."),
        ),
    }
    unknown = translate("Explain", "Nobody this computer knows has signed it.")
    return reasons.get(reason, (unknown, compare))


def _denied(error: errors.ServerDenied) -> Message:
    if error.status == 401:
        title = translate("Explain", "“{server}” wants another login.")
        text = translate("Explain", "Its token or password is missing or wrong.")
        step = translate("Explain", "Enter it in the servers window.")
    else:
        title = translate("Explain", "“{server}” lets nobody in from here.")
        text = translate("Explain", "A rule of the server, or of a proxy before it, forbids it.")
        step = translate("Explain", "Ask who runs the server.")
    return Message(title.format(server=plain(error.server)), text, step, actions("tool.servers"))


def _too_large(error: errors.ServerTooLarge) -> Message:
    text = translate("Explain", "{sent} MB were to be sent.")
    if error.limit_mb:
        text = translate("Explain", "{sent} MB were to be sent, and it takes {limit} MB.")
    return Message(
        translate("Explain", "This is too large for “{server}”.").format(
            server=plain(error.server)
        ),
        text.format(sent=f"{error.sent_mb:.1f}", limit=f"{error.limit_mb:.1f}"),
        translate("Explain", "Select a smaller part, or raise the limit of the server."),
        actions("retry"),
    )


def _with(text: str, detail: str) -> str:
    return text.format(detail=detail.rstrip(".")) if detail else ""


def said(text: str) -> str:
    """A text from a server, fit to be shown: shortened, without secrets that it repeats."""
    short = text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
    return plain(hide(" ".join(short.split())))


WORDS: dict[type[BaseException], Callable[[Any], Message]] = {
    ServerMissing: _missing,
    errors.ServerAddress: _address,
    errors.ServerUnreachable: _unreachable,
    errors.ServerCertificate: _certificate,
    errors.ServerDenied: _denied,
    errors.ServerTooLarge: _too_large,
}
