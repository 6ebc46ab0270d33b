"""What explanations are made of, and the next steps that several of them offer."""

from pathlib import Path
from typing import NamedTuple

from app.i18n import translate
from widgets.plain_text import plain


class MessageAction(NamedTuple):
    """A next step as a button: an id of the table of actions, or `retry` for the same again."""

    id: str
    text: str


class Message(NamedTuple):
    """What to tell the user. `next_step` is a sentence of its own, `actions` do it."""

    title: str
    text: str
    next_step: str
    actions: tuple[MessageAction, ...] = ()

    @property
    def sentence(self) -> str:
        """All of it, for a log or a terminal."""
        return " ".join(part for part in (self.title, self.text, self.next_step) if part)


def open_other() -> MessageAction:
    return MessageAction("file.open", translate("Explain", "Open another…"))


def export() -> MessageAction:
    return MessageAction("file.export", translate("Explain", "Export…"))


def retry() -> MessageAction:
    return MessageAction("retry", translate("Explain", "Try again"))


def diagnostics() -> MessageAction:
    return MessageAction("help.diagnostics", translate("Explain", "Copy diagnostics"))


def logs() -> MessageAction:
    return MessageAction("help.logs", translate("Explain", "Open log folder"))


def servers() -> MessageAction:
    return MessageAction("tool.servers", translate("Explain", "Servers…"))


def object_tool() -> MessageAction:
    return MessageAction("tool.object", translate("Explain", "Object tool"))


def file_name(path: Path | None) -> str:
    return plain(path.name) if path else translate("Explain", "the picture")


def more(count: int) -> str:
    """So many others, that are not listed."""
    return translate("Explain", "{count} more").format(count=count)


def task(code: str) -> str:
    """A Capability's value, or workflow, as what is to be done."""
    return {
        "click": translate("Explain", "select by click"),
        "box": translate("Explain", "select by box"),
        "find": translate("Explain", "find by text"),
        "remove": translate("Explain", "remove"),
        "inpaint": translate("Explain", "paint"),
        "workflow": translate("Explain", "run this workflow"),
    }.get(code, plain(code))
