"""What a verb needs before it can be used, and the words that say what is missing."""

from enum import Enum

from app.i18n import QT_TR_NOOP


class Need(Enum):
    """The state a verb asks for."""

    NOTHING = "nothing"
    PICTURE = "picture"
    SELECTION = "selection"
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


MISSING: dict[Need, str] = {
    Need.NOTHING: "",
    Need.PICTURE: QT_TR_NOOP("Open a picture first."),
    Need.SELECTION: QT_TR_NOOP("Select something first: click an object with the Object tool."),
    Need.RESELECT: QT_TR_NOOP("There is no earlier selection to bring back."),
    Need.UNDO: QT_TR_NOOP("There is nothing to take back."),
    Need.REDO: QT_TR_NOOP("There is nothing to do again."),
    Need.POINTS: QT_TR_NOOP("There are no points: click an object with the Object tool."),
    Need.CANDIDATES: QT_TR_NOOP("The last click gave no second answer."),
    Need.OBJECTS: QT_TR_NOOP("No object is shown in the list: store a selection first."),
    Need.OBJECT: QT_TR_NOOP("Choose an object in the list first."),
    Need.FOUND: QT_TR_NOOP("Find something first, and check what is to be taken."),
    Need.REMOVED: QT_TR_NOOP("Remove something first."),
    Need.VARIANTS: QT_TR_NOOP("There is no variant: ask for another one after a removal."),
    Need.APPLICABLE: QT_TR_NOOP("Look at a variant that the picture does not show yet."),
    Need.PAINTING: QT_TR_NOOP("Look at a painted variant first."),
    Need.TASK: QT_TR_NOOP("No task is running."),
    Need.BRUSH: QT_TR_NOOP("Take the brush or the eraser first."),
}
