"""The record of a message to the user, and the next steps that it can offer."""

from pathlib import Path
from typing import NamedTuple

from app.i18n import QT_TRANSLATE_NOOP, translate
from widgets.plain_text import plain


class MessageAction(NamedTuple):
    """A next step as a button: an id of the table of actions, or `retry` for the same again."""

    id: str
    text: str


class Message(NamedTuple):
    """A text for the user. `next_step` is a sentence of its own, `actions` do it."""

    title: str
    text: str
    next_step: str
    actions: tuple[MessageAction, ...] = ()

    @property
    def sentence(self) -> str:
        """Title, text and next step in one line, for a log or a terminal."""
        return " ".join(part for part in (self.title, self.text, self.next_step) if part)


ACTION_TEXTS = {
    "edit.settings": QT_TRANSLATE_NOOP("Explain", "Settings…"),
    "file.export": QT_TRANSLATE_NOOP("Explain", "Export…"),
    "file.open": QT_TRANSLATE_NOOP("Explain", "Open another…"),
    "file.save": QT_TRANSLATE_NOOP("Explain", "Save project"),
    "help.diagnostics": QT_TRANSLATE_NOOP("Explain", "Copy diagnostics"),
    "help.logs": QT_TRANSLATE_NOOP("Explain", "Open log folder"),
    "mask.shrink": QT_TRANSLATE_NOOP("Explain", "Shrink the selection"),
    "retry": QT_TRANSLATE_NOOP("Explain", "Try again"),
    "tool.brush": QT_TRANSLATE_NOOP("Explain", "Brush"),
    "tool.models": QT_TRANSLATE_NOOP("Explain", "Models…"),
    "tool.object": QT_TRANSLATE_NOOP("Explain", "Object tool"),
    "tool.servers": QT_TRANSLATE_NOOP("Explain", "Servers…"),
}
"""The words of the actions that messages offer; in a message they are not those of the menu."""


def actions(*ids: str) -> tuple[MessageAction, ...]:
    """Next steps by the ids of their actions, in the user's language."""
    return tuple(MessageAction(each, translate("Explain", ACTION_TEXTS[each])) for each in ids)


def file_name(path: Path | None) -> str:
    return plain(path.name) if path else translate("Explain", "the picture")


def more(count: int) -> str:
    """The end of a list that was cut: `3 more`."""
    return translate("Explain", "{count} more").format(count=count)


def task(code: str) -> str:
    """A Capability's value, or workflow, as what is to be done."""
    return {
        "click": translate("Explain", "select by click"),
        "box": translate("Explain", "select by box"),
        "find": translate("Explain", "find by text"),
        "subject": translate("Explain", "select the subject"),
        "remove": translate("Explain", "remove"),
        "inpaint": translate("Explain", "paint"),
        "workflow": translate("Explain", "run this workflow"),
    }.get(code, plain(code))
