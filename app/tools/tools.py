"""The tool in hand: gestures of the canvas go to it, its verbs go to the session."""

from dataclasses import replace
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QCursor, QKeyEvent

from app.session.click_selector import ClickSelector
from app.session.finder import Finder
from app.session.mask_editor import MaskEditor
from app.tools.brush import BrushTool
from app.tools.object import ObjectTool
from app.tools.options import ToolOptions, mode_of
from app.tools.shapes import LassoTool, PolygonTool, RectangleTool
from app.tools.view import HandTool, WandTool, ZoomTool
from engine.selection.masks import CombineMode
from widgets.canvas.canvas import Canvas
from widgets.canvas.pointer import PointerEvent


class Tool(Protocol):
    """What a tool does with a pointer and three keys.

    `accept` (Enter), `back` (Backspace) and `drop` (Esc) say whether there was something to do;
    `leave` ends what is half drawn when another tool is taken.
    """

    def press(self, event: PointerEvent) -> None: ...
    def drag(self, events: list[PointerEvent]) -> None: ...
    def release(self, event: PointerEvent) -> None: ...
    def hover(self, event: PointerEvent) -> None: ...
    def accept(self) -> bool: ...
    def back(self) -> bool: ...
    def drop(self) -> bool: ...
    def leave(self) -> None: ...


SIGNS = {
    CombineMode.REPLACE: "",
    CombineMode.ADD: "+",
    CombineMode.SUBTRACT: "-",
    CombineMode.INTERSECT: "×",
}
WITH_MENU = ("lasso", "polygon", "rectangle", "wand", "hand")  # on the right button
BRUSHES = ("brush", "eraser")
CURSORS = {
    "hand": Qt.CursorShape.OpenHandCursor,
    "zoom": Qt.CursorShape.PointingHandCursor,
    "object": Qt.CursorShape.ArrowCursor,
}


class Tools(QObject):
    """One tool at a time. A press finds its tool; the drag stays with it until the release."""

    chosen = Signal(str)
    menu_wanted = Signal(QPoint)  # on the screen

    def __init__(
        self,
        canvas: Canvas,
        selecting: ClickSelector,
        marking: MaskEditor,
        finding: Finder,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.name = "object"
        self.options = ToolOptions(self)
        self._canvas = canvas
        options = self.options
        self._all: dict[str, Tool] = {
            "object": ObjectTool(canvas, selecting, finding),
            "brush": BrushTool(canvas, marking, options, erase=False),
            "eraser": BrushTool(canvas, marking, options, erase=True),
            "lasso": LassoTool(canvas, marking, options),
            "polygon": PolygonTool(canvas, marking, options),
            "rectangle": RectangleTool(canvas, marking, options),
            "wand": WandTool(marking, options),
            "hand": HandTool(canvas),
            "zoom": ZoomTool(canvas),
        }
        self._connect()
        self._dress()

    @property
    def current(self) -> Tool:
        return self._all[self.name]

    @property
    def is_brush(self) -> bool:
        return self.name in BRUSHES

    def choose(self, name: str) -> None:
        """Take another tool; what the old one had begun is dropped."""
        if name != self.name:
            self.current.leave()
        self.name = name
        self._dress()
        self.chosen.emit(name)

    def accept(self) -> None:
        """Enter: close what is drawn, or keep what the points selected."""
        if not self.current.accept():
            self._all["object"].accept()

    def back(self) -> None:
        """Backspace: the last corner or the last point."""
        if not self.current.back():
            self._all["object"].back()

    @Slot()
    def escape(self) -> None:
        """Esc: back to the picture; end the drag, drop the points, leave the tool. No job ends."""
        if not self._canvas.hasFocus():
            self._canvas.setFocus()
        elif not self.current.drop() and not self._all["object"].drop():
            self.choose("object")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The canvas hears Esc itself: it knows of drags and of the crosshair."""
        if not isinstance(event, QKeyEvent) or event.key() != Qt.Key.Key_Escape:
            return False
        if event.type() is QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def swap(self) -> None:
        """Between brush and eraser."""
        self.choose("brush" if self.name == "eraser" else "eraser")

    def resize_brush(self, steps: int) -> None:
        radius_px = self.options.radius_px
        self.options.set("radius_px", radius_px * 1.15**steps + steps * 0.5)

    def harden_brush(self, steps: int) -> None:
        self.options.set("hardness", self.options.hardness + 0.1 * steps)

    def _connect(self) -> None:
        canvas = self._canvas
        canvas.pressed.connect(self._on_pressed)
        canvas.dragged.connect(self._on_dragged)
        canvas.released.connect(self._on_released)
        canvas.hovered.connect(self._on_hovered)
        canvas.cancelled.connect(self.escape)
        canvas.installEventFilter(self)
        canvas.brush_resized.connect(self._on_brush_resized)
        self.options.changed.connect(self._dress)

    @Slot()
    def _dress(self) -> None:
        """Cursor and brush circle of the tool in hand."""
        options, canvas = self.options, self._canvas
        radius_px = options.radius_px if self.is_brush else None
        canvas.marks.set_brush(radius_px, options.hardness)
        canvas.setCursor(CURSORS.get(self.name, Qt.CursorShape.CrossCursor))

    def _meant(self, event: PointerEvent) -> PointerEvent:
        """Ctrl stands for Alt where the preset of the keys wants it."""
        control = Qt.KeyboardModifier.ControlModifier
        if not (self.options.ctrl_subtracts and event.modifiers & control):
            return event
        meant = event.modifiers & ~control | Qt.KeyboardModifier.AltModifier
        return replace(event, modifiers=meant)

    @Slot(object)
    def _on_pressed(self, event: PointerEvent) -> None:
        event = self._meant(event)
        self._show_sign(event)
        if event.button == Qt.MouseButton.RightButton and self.name in WITH_MENU:
            self.menu_wanted.emit(QCursor.pos())
        else:
            self.current.press(event)

    @Slot(list)
    def _on_dragged(self, events: list[PointerEvent]) -> None:
        self.current.drag([self._meant(event) for event in events])

    @Slot(object)
    def _on_released(self, event: PointerEvent) -> None:
        self.current.release(self._meant(event))

    @Slot(object)
    def _on_hovered(self, event: PointerEvent) -> None:
        event = self._meant(event)
        self._show_sign(event)
        self.current.hover(event)

    @Slot(float, float)
    def _on_brush_resized(self, radius_px: float, hardness_px: float) -> None:
        self.options.set("radius_px", self.options.radius_px + radius_px)
        self.options.set("hardness", self.options.hardness + hardness_px / 100)

    def _show_sign(self, event: PointerEvent) -> None:
        mode = mode_of(event.modifiers, self.options.mode)
        shows = self.name not in (*BRUSHES, "hand", "zoom")
        self._canvas.marks.set_modifier(SIGNS[mode] if shows else "")
