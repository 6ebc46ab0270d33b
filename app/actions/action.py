"""The record that the table of actions is made of, and the words for what an action lacks."""

from enum import Enum
from typing import NamedTuple

from app.i18n import QT_TR_NOOP, translate


class Requirement(Enum):
    """The state in which an action can be used."""

    NOTHING = "nothing"
    PICTURE = "picture"
    SELECTION = "selection"
    COMING_SELECTION = "coming selection"  # it is there, or was asked for
    RESELECT = "reselect"
    UNDO = "undo"
    REDO = "redo"
    POINTS = "points"
    CANDIDATES = "candidates"
    OBJECTS = "objects"
    OBJECT = "object"
    FOUND = "found"
    REMOVED = "removed"
    VARIANTS = "variants"
    APPLICABLE = "applicable"
    PAINTING = "painting"
    TASK = "task"
    BRUSH = "brush"
    LIGHT_OFFERED = "light offered"


MISSING: dict[Requirement, str] = {
    Requirement.NOTHING: "",
    Requirement.PICTURE: QT_TR_NOOP("Open a picture first."),
    Requirement.SELECTION: QT_TR_NOOP(
        "Select something first: click an object with the Object tool."
    ),
    Requirement.COMING_SELECTION: QT_TR_NOOP(
        "Select something first: click an object with the Object tool."
    ),
    Requirement.RESELECT: QT_TR_NOOP("There is no earlier selection to bring back."),
    Requirement.UNDO: QT_TR_NOOP("There is nothing to take back."),
    Requirement.REDO: QT_TR_NOOP("There is nothing to do again."),
    Requirement.POINTS: QT_TR_NOOP("There are no points: click an object with the Object tool."),
    Requirement.CANDIDATES: QT_TR_NOOP("The last click gave no second answer."),
    Requirement.OBJECTS: QT_TR_NOOP("No object is shown in the list: store a selection first."),
    Requirement.OBJECT: QT_TR_NOOP("Choose an object in the list first."),
    Requirement.FOUND: QT_TR_NOOP("Find something first, and check what is to be taken."),
    Requirement.REMOVED: QT_TR_NOOP("Remove something first."),
    Requirement.VARIANTS: QT_TR_NOOP("There is no variant: ask for another one after a removal."),
    Requirement.APPLICABLE: QT_TR_NOOP("Look at a variant that the picture does not show yet."),
    Requirement.PAINTING: QT_TR_NOOP("Look at a painted variant first."),
    Requirement.TASK: QT_TR_NOOP("No task is running."),
    Requirement.BRUSH: QT_TR_NOOP("Take the brush or the eraser first."),
    Requirement.LIGHT_OFFERED: QT_TR_NOOP("Models that do it are here, or are on their way."),
}
"""Said of a disabled action, in its place in the status bar."""


class Scope(Enum):
    """The widgets in which a shortcut is heard."""

    WINDOW = "window"
    CANVAS = "canvas"  # keys that lists, fields and buttons need for themselves
    HELD = "held"  # on while the key is down


class Action(NamedTuple):
    """One entry of the menus. `text` and `tip` are English; `words` translates them."""

    id: str  # "menu.name"; app/window/bindings.py says what it calls
    text: str
    keys: tuple[str, ...]
    icon: str
    tip: str
    requires: Requirement = Requirement.NOTHING
    scope: Scope = Scope.WINDOW
    checkable: bool = False

    @property
    def menu(self) -> str:
        return self.id.partition(".")[0]


def words(text: str) -> str:
    """A text of the table in the user's language."""
    return translate("", text)
