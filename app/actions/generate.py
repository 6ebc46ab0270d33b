"""Rows of the table of actions: removing and painting."""

from app.actions.action import Action, Requirement
from app.i18n import QT_TR_NOOP

REMOVE = (
    Action(
        "remove.remove",
        QT_TR_NOOP("&Remove"),
        ("Del",),
        "bandage",
        QT_TR_NOOP("Remove what is selected; nothing outside the ring changes."),
        Requirement.COMING_SELECTION,
    ),
    Action(
        "remove.variant",
        QT_TR_NOOP("Another &Variant"),
        ("Ctrl+R",),
        "dices",
        QT_TR_NOOP("Fill the same place again with another seed."),
        Requirement.REMOVED,
    ),
    Action(
        "remove.next",
        QT_TR_NOOP("&Next Variant"),
        ("Alt+Right",),
        "chevron-right",
        QT_TR_NOOP("Look at the next variant."),
        Requirement.VARIANTS,
    ),
    Action(
        "remove.previous",
        QT_TR_NOOP("&Previous Variant"),
        ("Alt+Left",),
        "chevron-left",
        QT_TR_NOOP("Look at the previous variant."),
        Requirement.VARIANTS,
    ),
    Action(
        "remove.apply",
        QT_TR_NOOP("&Apply Variant"),
        (),
        "check",
        QT_TR_NOOP("Put the variant you look at into the picture."),
        Requirement.APPLICABLE,
    ),
    Action(
        "remove.discard",
        QT_TR_NOOP("&Discard Variant"),
        (),
        "trash-2",
        QT_TR_NOOP("Throw the variant you look at away."),
        Requirement.VARIANTS,
    ),
    Action(
        "remove.cancel",
        QT_TR_NOOP("&Cancel Task"),
        ("Ctrl+.",),
        "circle-stop",
        QT_TR_NOOP("Stop the task that runs now."),
        Requirement.TASK,
    ),
    Action(
        "remove.cancel_all",
        QT_TR_NOOP("Cancel All &Tasks"),
        ("Ctrl+>",),
        "square-x",
        QT_TR_NOOP("Stop the task that runs and forget those that wait."),
        Requirement.TASK,
    ),
)

PAINT = (
    Action(
        "paint.paint",
        QT_TR_NOOP("&Paint"),
        ("Ctrl+Return", "Ctrl+Enter"),
        "sparkles",
        QT_TR_NOOP("Paint by the prompt where it is selected; nothing applies itself."),
        Requirement.COMING_SELECTION,
    ),
    Action(
        "paint.remove_then_paint",
        QT_TR_NOOP("&Remove, Then Paint"),
        ("Ctrl+Shift+Return", "Ctrl+Shift+Enter"),
        "bandage",
        QT_TR_NOOP("Remove what is selected, then paint in its place."),
        Requirement.COMING_SELECTION,
    ),
    Action(
        "paint.again",
        QT_TR_NOOP("Make &Again"),
        (),
        "refresh-cw",
        QT_TR_NOOP("Paint the variant you look at once more, exactly as it was asked for."),
        Requirement.PAINTING,
    ),
    Action(
        "paint.use_settings",
        QT_TR_NOOP("&Use Its Settings"),
        (),
        "rotate-ccw",
        QT_TR_NOOP("Set the panel as it was when the variant you look at was asked for."),
        Requirement.PAINTING,
    ),
    Action(
        "paint.prompt",
        QT_TR_NOOP("&Write the Prompt"),
        ("Ctrl+L", "/"),
        "pencil",
        QT_TR_NOOP("Show the Paint panel and write what is to be painted."),
        Requirement.PICTURE,
    ),
)
