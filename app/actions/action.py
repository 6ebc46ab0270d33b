"""What one row of the table of actions holds."""

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QCoreApplication

from app.actions.conditions import Requirement

if TYPE_CHECKING:
    from app.window.editor import Editor

Verb = Callable[["Editor"], object]


class Scope(Enum):
    """Where a shortcut is heard."""

    WINDOW = "window"
    CANVAS = "canvas"  # keys that lists, fields and buttons need for themselves
    HELD = "held"  # on while the key is down


class Action(NamedTuple):
    """One verb. `text` and `tip` are English; `words` translates them."""

    id: str
    text: str
    keys: tuple[str, ...]
    icon: str
    tip: str
    verb: Verb
    need: Requirement = Requirement.NOTHING
    scope: Scope = Scope.WINDOW
    checkable: bool = False

    @property
    def menu(self) -> str:
        return self.id.partition(".")[0]


def words(text: str) -> str:
    """A text of the table in the user's language."""
    return QCoreApplication.translate("", text)
