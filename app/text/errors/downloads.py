"""Messages of failed downloads."""

from collections.abc import Callable
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from app.i18n import translate
from app.text.message import Message, MessageAction, actions
from engine import errors
from widgets.plain_text import plain

PAGE = "page:"  # an action with an address: opened in the browser


def _kept() -> str:
    return translate("Explain", "What has arrived is kept, and goes on next time.")


def _offline(error: errors.Offline) -> Message:
    return Message(
        translate("Explain", "{host} cannot be reached.").format(host=plain(error.host)),
        _kept(),
        translate("Explain", "Check the connection to the Internet, and try again."),
        actions("retry"),
    )


def _gated(error: errors.Gated) -> Message:
    page = (
        (MessageAction(PAGE + error.page, translate("Explain", "Open its page")),)
        if error.page
        else ()
    )
    if error.status == 401:
        return Message(
            translate("Explain", "{repo} asks who you are.").format(repo=plain(error.repo)),
            translate("Explain", "Its owner gives it to those who have accepted the licence."),
            translate(
                "Explain",
                "Accept the licence on its page, and enter your access token in the models window.",
            ),
            (*page, *actions("tool.models")),
        )
    return Message(
        translate("Explain", "You have no access to {repo} yet.").format(repo=plain(error.repo)),
        translate("Explain", "The licence is not accepted, or the owner has not agreed so far."),
        translate("Explain", "Accept the licence on its page, or choose another model until then."),
        (*page, *actions("tool.models")),
    )


def _gone(error: errors.RemoteMissing) -> Message:
    return Message(
        translate("Explain", "{name} is not on the server any more.").format(name=_name(error.url)),
        plain(error.url),
        translate("Explain", "Choose another model, or update Lacuna."),
        actions("tool.models"),
    )


def _broken(error: errors.RemoteBroken) -> Message:
    return Message(
        translate("Explain", "{name} could not be downloaded.").format(name=_name(error.url)),
        _why_broken(error),
        translate("Explain", "Try again later, or enter another mirror in the models window."),
        actions("retry", "tool.models"),
    )


def _why_broken(error: errors.RemoteBroken) -> str:
    reasons = {
        "size": translate(
            "Explain", "The server sends {found} bytes where {expected} were announced."
        ),
        "checksum": translate("Explain", "Its checksum should be {expected} and is {found}."),
        "redirect": translate("Explain", "The server sends on to an address that is not allowed."),
        "status": translate("Explain", "The server answers with the error {found}."),
        "stalled": translate("Explain", "The server stopped sending."),
    }
    unknown = translate("Explain", "The server sends something else than was announced.")
    text = reasons.get(error.reason, unknown)
    text = text.format(expected=plain(error.expected), found=plain(error.found))
    return text if error.reason in ("size", "checksum") else f"{text} {_kept()}"


def _name(url: str) -> str:
    parts = urlsplit(url)
    return plain(unquote(PurePosixPath(parts.path).name)) or plain(parts.netloc or url)


WORDS: dict[type[BaseException], Callable[[Any], Message]] = {
    errors.Offline: _offline,
    errors.Gated: _gated,
    errors.RemoteMissing: _gone,
    errors.RemoteBroken: _broken,
}
