"""Rows of the table of actions: tools, brush settings, and the memory that models hold."""

from app.actions.action import Action, Requirement
from app.i18n import QT_TR_NOOP

OPACITY_MENU = "opacity"  # stands in no menu: ten rows, one slider
DIGITS = "1234567890"  # 1 is 10 %, 9 is 90 %, 0 is 100 %

TOOL = (
    Action(
        "tool.object",
        QT_TR_NOOP("&Object"),
        ("W",),
        "mouse-pointer-click",
        QT_TR_NOOP("Click an object; right click or Alt-click what is not part of it; drag a box."),
        checkable=True,
    ),
    Action(
        "tool.brush",
        QT_TR_NOOP("&Brush"),
        ("B",),
        "brush",
        QT_TR_NOOP("Paint the selection; Shift-click draws a straight line."),
        checkable=True,
    ),
    Action(
        "tool.eraser",
        QT_TR_NOOP("&Eraser"),
        ("E",),
        "eraser",
        QT_TR_NOOP("Wipe from the selection."),
        checkable=True,
    ),
    Action(
        "tool.lasso",
        QT_TR_NOOP("&Lasso"),
        ("L",),
        "lasso",
        QT_TR_NOOP("Draw around what is to be selected."),
        checkable=True,
    ),
    Action(
        "tool.polygon",
        QT_TR_NOOP("&Polygon"),
        ("Shift+L",),
        "pentagon",
        QT_TR_NOOP("Click corner after corner; Enter closes the polygon."),
        checkable=True,
    ),
    Action(
        "tool.rectangle",
        QT_TR_NOOP("&Rectangle"),
        ("M",),
        "square-dashed",
        QT_TR_NOOP("Drag a rectangle."),
        checkable=True,
    ),
    Action(
        "tool.wand",
        QT_TR_NOOP("&Wand"),
        ("U",),
        "wand-sparkles",
        QT_TR_NOOP("Click a colour: what is alike is selected."),
        checkable=True,
    ),
    Action(
        "tool.hand",
        QT_TR_NOOP("&Hand"),
        ("H",),
        "hand",
        QT_TR_NOOP("Drag the picture; the space bar does it in every tool."),
        checkable=True,
    ),
    Action(
        "tool.zoom",
        QT_TR_NOOP("&Zoom"),
        ("Z",),
        "zoom-in",
        QT_TR_NOOP("Click to see larger, Alt-click to see smaller."),
        checkable=True,
    ),
    Action(
        "tool.smaller",
        QT_TR_NOOP("Brush Smaller"),
        ("[",),
        "minus",
        QT_TR_NOOP("Make brush and eraser smaller."),
        Requirement.BRUSH,
    ),
    Action(
        "tool.larger",
        QT_TR_NOOP("Brush Larger"),
        ("]",),
        "plus",
        QT_TR_NOOP("Make brush and eraser larger."),
        Requirement.BRUSH,
    ),
    Action(
        "tool.softer",
        QT_TR_NOOP("Brush Softer"),
        ("{",),
        "circle-dot",
        QT_TR_NOOP("Make the edge of the brush softer."),
        Requirement.BRUSH,
    ),
    Action(
        "tool.harder",
        QT_TR_NOOP("Brush Harder"),
        ("}",),
        "contrast",
        QT_TR_NOOP("Make the edge of the brush harder."),
        Requirement.BRUSH,
    ),
    Action(
        "tool.swap",
        QT_TR_NOOP("Swap Brush and Eraser"),
        ("X",),
        "refresh-cw",
        QT_TR_NOOP("Change between brush and eraser."),
        Requirement.BRUSH,
    ),
    Action(
        "tool.models",
        QT_TR_NOOP("&Models…"),
        (),
        "layers",
        QT_TR_NOOP("See which models are here, and get others."),
    ),
    Action(
        "tool.light",
        QT_TR_NOOP("Better Selecting and Remo&ving…"),
        (),
        "file-down",
        QT_TR_NOOP("Get small models that run on any computer: EdgeTAM, LaMa and U-2-Net, 266 MB."),
        Requirement.LIGHT_OFFERED,
    ),
    Action(
        "tool.servers",
        QT_TR_NOOP("&Servers…"),
        (),
        "server",
        QT_TR_NOOP("Let ComfyUI servers of yours work for Lacuna."),
    ),
)

MEMORY = (
    Action(
        "tool.free_memory",
        QT_TR_NOOP("Free Memory of Models"),
        (),
        "refresh-cw",
        QT_TR_NOOP("End the process that holds models; it starts again when it is needed."),
    ),
)


def _opacity(digit: str) -> Action:
    return Action(
        f"{OPACITY_MENU}.{digit}",
        QT_TR_NOOP("Brush Opacity by Digit"),
        (digit,),
        "contrast",
        QT_TR_NOOP("Set the opacity of the brush to ten times the digit, 0 to all of it."),
        Requirement.BRUSH,
    )


OPACITY = tuple(_opacity(digit) for digit in DIGITS)
