"""Messages of errors of a job on a server: missing nodes and files, failures, restarts."""

from collections.abc import Callable
from typing import Any

from app.i18n import translate
from app.text import message
from app.text.errors.servers import said
from app.text.message import Message, actions
from engine.comfy import errors
from engine.comfy.errors import Lack
from widgets.plain_text import plain

LINK = "https://"
LISTED = 6  # lacks in one message


def _lacks(error: errors.ServerLacks) -> Message:
    title = translate("Explain", "“{server}” cannot do this: {task}.")
    text = translate("Explain", "It lacks {things}.")
    return Message(
        title.format(server=plain(error.server), task=message.task(error.need)),
        text.format(things=things(error.lacks)) if error.lacks else "",
        how_to_get(error.lacks),
        actions("tool.servers", "retry"),
    )


def things(lacks: tuple[Lack, ...], *, sources: bool = True) -> str:
    """The first LISTED lacks in one line, with the source of each.

    Without `sources`, links are left out: they are shown elsewhere.
    """
    listed = "; ".join(_thing(lack, sources=sources) for lack in lacks[:LISTED])
    more = len(lacks) - LISTED
    return f"{listed}; {message.more(more)}" if more > 0 else listed


def _thing(lack: Lack, *, sources: bool) -> str:
    text = {
        "node": translate("Explain", "the node {name}"),
        "pack": translate("Explain", "the nodes {name}"),
        "card": translate("Explain", "a graphics card: without one it takes half an hour"),
        "sampler_name": translate("Explain", "the sampler {name}"),
        "scheduler": translate("Explain", "the scheduler {name}"),
    }.get(lack.kind, translate("Explain", "the file {name} in the folder {kind}"))
    named = text.format(name=said(lack.name), kind=plain(lack.kind))
    is_link = lack.get.startswith(LINK)
    if not lack.get or (is_link and not sources):
        return named
    where = translate("Explain", "{thing} (from {source})")
    return where.format(thing=named, source=said(lack.get))


def how_to_get(lacks: tuple[Lack, ...]) -> str:
    """The next step for these lacks."""
    if any(lack.kind == "card" for lack in lacks):
        return translate(
            "Explain", "Use a server with a card for this, or a model on this computer."
        )
    if all(lack.kind in ("sampler_name", "scheduler") for lack in lacks):
        return translate("Explain", "Choose another one, or bring that server up to date.")
    has_nodes = any(lack.kind in ("node", "pack") for lack in lacks)
    has_files = any(lack.kind not in ("node", "pack") for lack in lacks)
    if has_nodes and has_files:
        return translate(
            "Explain",
            "Install the nodes and put the files into the server's models folder, restart it, and "
            "try again.",
        )
    if has_nodes:
        return translate("Explain", "Install the nodes there, restart the server, and try again.")
    return translate("Explain", "Put the files into the server's models folder, and try again.")


def _refused(error: errors.ServerRefused) -> Message:
    step = translate("Explain", "Test it in the servers window: it may have changed since.")
    if error.kind == "value_not_in_list":
        step = translate("Explain", "Choose another model that the server has, and try again.")
    return Message(
        translate("Explain", "“{server}” does not accept the task.").format(
            server=plain(error.server)
        ),
        _node(error.node, error.detail),
        step,
        actions("tool.servers", "retry"),
    )


def _failed(error: errors.ServerFailed) -> Message:
    titles = {
        "memory": translate("Explain", "“{server}” has too little memory for this."),
        "upload": translate("Explain", "The picture arrived damaged at “{server}”."),
        "model": translate("Explain", "“{server}” cannot load a model."),
    }
    steps = {
        "memory": translate("Explain", "Select a smaller part, or take a smaller model."),
        "upload": translate("Explain", "Try again."),
        "model": translate("Explain", "Choose another model, or download it there again."),
    }
    failed = translate("Explain", "The task failed on “{server}”.")
    look = translate("Explain", "Try again; if it fails again, look into the log of the server.")
    return Message(
        titles.get(error.kind, failed).format(server=plain(error.server)),
        _node(error.node, error.detail),
        steps.get(error.kind, look),
        actions("retry"),
    )


def _stopped(error: errors.ServerStopped) -> Message:
    return Message(
        translate("Explain", "The task was stopped on “{server}”.").format(
            server=plain(error.server)
        ),
        translate("Explain", "Somebody else did that; your picture is unchanged."),
        translate("Explain", "Try again."),
        actions("retry"),
    )


def _lost(error: errors.ServerLost) -> Message:
    return Message(
        translate("Explain", "“{server}” no longer knows the task.").format(
            server=plain(error.server)
        ),
        translate("Explain", "It was restarted, or somebody deleted the task there."),
        translate("Explain", "Try again."),
        actions("retry"),
    )


def _broken(error: errors.ServerBroken) -> Message:
    reasons = {
        "truncated": translate("Explain", "The answer is cut off."),
        "size": translate("Explain", "The picture is not of the size that was asked for."),
        "gone": translate("Explain", "The result is no longer there."),
        "empty": translate("Explain", "The task ended without a result."),
        "large": translate("Explain", "The answer has no end."),
    }
    unknown = translate("Explain", "Lacuna does not understand the answer.")
    detail = said(error.detail)
    text = reasons.get(error.reason, unknown)
    return Message(
        translate("Explain", "What “{server}” sent cannot be used.").format(
            server=plain(error.server)
        ),
        f"{text} ({detail})" if detail else text,
        translate("Explain", "Try again; if it happens again, restart or update the server."),
        actions("retry", "tool.servers"),
    )


def _node(node: str, detail: str) -> str:
    """The title of a node and its own message, in one sentence."""
    parts = [part for part in (said(node), said(detail).rstrip(".")) if part]
    return ": ".join(parts) + "." if parts else ""


WORDS: dict[type[BaseException], Callable[[Any], Message]] = {
    errors.ServerLacks: _lacks,
    errors.ServerRefused: _refused,
    errors.ServerFailed: _failed,
    errors.ServerStopped: _stopped,
    errors.ServerLost: _lost,
    errors.ServerBroken: _broken,
}
