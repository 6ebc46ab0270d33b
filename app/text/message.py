"""What explanations are made of, and the next steps that several of them offer."""

from pathlib import Path
from typing import NamedTuple

from app.i18n import translate
from widgets.plain_text import plain


class Action(NamedTuple):
    """A next step as a button: an id of the table of actions, or `retry` for the same again."""

    id: str
    text: str


class Message(NamedTuple):
    """What to tell the user. `next_step` is a sentence of its own, `actions` do it."""

    title: str
    text: str
    next_step: str
    actions: tuple[Action, ...] = ()

    @property
    def sentence(self) -> str:
        """All of it, for a log or a terminal."""
        return " ".join(part for part in (self.title, self.text, self.next_step) if part)


def open_other() -> Action:
    return Action("file.open", translate("Explain", "Open another…"))


def export() -> Action:
    return Action("file.export", translate("Explain", "Export…"))


def retry() -> Action:
    return Action("retry", translate("Explain", "Try again"))


def diagnostics() -> Action:
    return Action("help.diagnostics", translate("Explain", "Copy diagnostics"))


def logs() -> Action:
    return Action("help.logs", translate("Explain", "Open log folder"))


def servers() -> Action:
    return Action("tool.servers", translate("Explain", "Servers…"))


def object_tool() -> Action:
    return Action("tool.object", translate("Explain", "Object tool"))


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
