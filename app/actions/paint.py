"""Rows of the table of actions: painting."""

from app.actions.action import Action
from app.actions.conditions import Requirement
from app.i18n import QT_TR_NOOP

PAINT = (
    Action(
        "paint.paint",
        QT_TR_NOOP("&Paint"),
        ("Ctrl+Return", "Ctrl+Enter"),
        "sparkles",
        QT_TR_NOOP("Paint by the prompt where it is selected; nothing applies itself."),
        lambda w: w.painter.paint(),
        Requirement.SELECTION,
    ),
    Action(
        "paint.remove_then_paint",
        QT_TR_NOOP("&Remove, Then Paint"),
        ("Ctrl+Shift+Return", "Ctrl+Shift+Enter"),
        "bandage",
        QT_TR_NOOP("Remove what is selected, then paint in its place."),
        lambda w: w.painter.remove_then_paint(),
        Requirement.SELECTION,
    ),
    Action(
        "paint.again",
        QT_TR_NOOP("Make &Again"),
        (),
        "refresh-cw",
        QT_TR_NOOP("Paint the variant you look at once more, exactly as it was asked for."),
        lambda w: w.painter.make_again(),
        Requirement.PAINTING,
    ),
    Action(
        "paint.use_settings",
        QT_TR_NOOP("&Use Its Settings"),
        (),
        "rotate-ccw",
        QT_TR_NOOP("Set the panel as it was when the variant you look at was asked for."),
        lambda w: w.painter.use_settings(),
        Requirement.PAINTING,
    ),
    Action(
        "paint.prompt",
        QT_TR_NOOP("&Write the Prompt"),
        ("Ctrl+L", "/"),
        "pencil",
        QT_TR_NOOP("Show the Paint panel and write what is to be painted."),
        lambda w: w.docks.write_prompt(),
        Requirement.PICTURE,
    ),
)
