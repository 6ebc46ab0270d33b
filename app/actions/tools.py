"""Rows of the table of actions: tools, and what changes the brush."""

from app.actions.action import Action
from app.actions.conditions import Requirement
from app.i18n import QT_TR_NOOP

OPACITY_MENU = "opacity"  # stands in no menu: ten rows, one slider

TOOL = (
    Action(
        "tool.object",
        QT_TR_NOOP("&Object"),
        ("W",),
        "mouse-pointer-click",
        QT_TR_NOOP("Click an object; right click or Alt-click what is not part of it; drag a box."),
        lambda w: w.tools.choose("object"),
        checkable=True,
    ),
    Action(
        "tool.brush",
        QT_TR_NOOP("&Brush"),
        ("B",),
        "brush",
        QT_TR_NOOP("Paint the selection; Shift-click draws a straight line."),
        lambda w: w.tools.choose("brush"),
        checkable=True,
    ),
    Action(
        "tool.eraser",
        QT_TR_NOOP("&Eraser"),
        ("E",),
        "eraser",
        QT_TR_NOOP("Wipe from the selection."),
        lambda w: w.tools.choose("eraser"),
        checkable=True,
    ),
    Action(
        "tool.lasso",
        QT_TR_NOOP("&Lasso"),
        ("L",),
        "lasso",
        QT_TR_NOOP("Draw around what is to be selected."),
        lambda w: w.tools.choose("lasso"),
        checkable=True,
    ),
    Action(
        "tool.polygon",
        QT_TR_NOOP("&Polygon"),
        ("Shift+L",),
        "pentagon",
        QT_TR_NOOP("Click corner after corner; Enter closes the polygon."),
        lambda w: w.tools.choose("polygon"),
        checkable=True,
    ),
    Action(
        "tool.rectangle",
        QT_TR_NOOP("&Rectangle"),
        ("M",),
        "square-dashed",
        QT_TR_NOOP("Drag a rectangle."),
        lambda w: w.tools.choose("rectangle"),
        checkable=True,
    ),
    Action(
        "tool.wand",
        QT_TR_NOOP("&Wand"),
        ("U",),
        "wand-sparkles",
        QT_TR_NOOP("Click a colour: what is alike is selected."),
        lambda w: w.tools.choose("wand"),
        checkable=True,
    ),
    Action(
        "tool.hand",
        QT_TR_NOOP("&Hand"),
        ("H",),
        "hand",
        QT_TR_NOOP("Drag the picture; the space bar does it in every tool."),
        lambda w: w.tools.choose("hand"),
        checkable=True,
    ),
    Action(
        "tool.zoom",
        QT_TR_NOOP("&Zoom"),
        ("Z",),
        "zoom-in",
        QT_TR_NOOP("Click to see larger, Alt-click to see smaller."),
        lambda w: w.tools.choose("zoom"),
        checkable=True,
    ),
    Action(
        "tool.smaller",
        QT_TR_NOOP("Brush Smaller"),
        ("[",),
        "minus",
        QT_TR_NOOP("Make brush and eraser smaller."),
        lambda w: w.tools.resize_brush(-1),
        Requirement.BRUSH,
    ),
    Action(
        "tool.larger",
        QT_TR_NOOP("Brush Larger"),
        ("]",),
        "plus",
        QT_TR_NOOP("Make brush and eraser larger."),
        lambda w: w.tools.resize_brush(1),
        Requirement.BRUSH,
    ),
    Action(
        "tool.softer",
        QT_TR_NOOP("Brush Softer"),
        ("{",),
        "circle-dot",
        QT_TR_NOOP("Make the edge of the brush softer."),
        lambda w: w.tools.harden_brush(-1),
        Requirement.BRUSH,
    ),
    Action(
        "tool.harder",
        QT_TR_NOOP("Brush Harder"),
        ("}",),
        "contrast",
        QT_TR_NOOP("Make the edge of the brush harder."),
        lambda w: w.tools.harden_brush(1),
        Requirement.BRUSH,
    ),
    Action(
        "tool.swap",
        QT_TR_NOOP("Swap Brush and Eraser"),
        ("X",),
        "refresh-cw",
        QT_TR_NOOP("Change between brush and eraser."),
        lambda w: w.tools.swap(),
        Requirement.BRUSH,
    ),
    Action(
        "tool.models",
        QT_TR_NOOP("&Models…"),
        (),
        "layers",
        QT_TR_NOOP("See which models are here, and get others."),
        lambda w: w.window_commands.show_models(),
    ),
    Action(
        "tool.servers",
        QT_TR_NOOP("&Servers…"),
        (),
        "server",
        QT_TR_NOOP("Let ComfyUI servers of yours work for Lacuna."),
        lambda w: w.window_commands.show_servers(),
    ),
)


def _opacity(digit: int) -> Action:
    """1 is 10 %, 9 is 90 %, 0 is 100 %."""
    share = (digit or 10) / 10
    return Action(
        f"{OPACITY_MENU}.{digit}",
        QT_TR_NOOP("Brush Opacity by Digit"),
        (str(digit),),
        "contrast",
        QT_TR_NOOP("Set the opacity of the brush to ten times the digit, 0 to all of it."),
        lambda w: w.tools.options.set("opacity", share),
        Requirement.BRUSH,
    )


OPACITY = tuple(_opacity(digit) for digit in (1, 2, 3, 4, 5, 6, 7, 8, 9, 0))
