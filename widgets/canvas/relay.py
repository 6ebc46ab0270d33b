"""Carries what gestures do to the canvas, and what they mean to its signals."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from widgets.canvas.marks import Marks
from widgets.canvas.navigator import Navigator
from widgets.canvas.pointer import PointerEvent
from widgets.canvas.pointer_input import RawPointer

if TYPE_CHECKING:
    from widgets.canvas.canvas import Canvas


class Relay:
    """The `Host` of gestures and of the keyboard's crosshair."""

    def __init__(self, canvas: "Canvas", navigator: Navigator, marks: Marks) -> None:
        self._canvas, self._navigator, self._marks = canvas, navigator, marks

    def in_image(self, raw: RawPointer, button: Qt.MouseButton) -> PointerEvent:
        x, y = self._navigator.find(raw.position)
        return PointerEvent(x, y, raw.pressure, button, raw.modifiers, raw.eraser, raw.timestamp_ms)

    def pan_by(self, dx: float, dy: float) -> None:
        self._navigator.pan_by(dx, dy)

    def zoom_at(self, factor: float, position: QPointF) -> None:
        self._navigator.zoom_at(factor, position)

    def move_split_to(self, x: float) -> None:
        self._canvas.move_split(x / max(1, self._canvas.width()))

    def emit_pressed(self, event: PointerEvent) -> None:
        self._marks.move_pointer((event.x, event.y))
        self._canvas.pressed.emit(event)

    def emit_dragged(self, events: list[PointerEvent]) -> None:
        self._marks.move_pointer((events[-1].x, events[-1].y))
        self._canvas.dragged.emit(events)

    def emit_released(self, event: PointerEvent) -> None:
        self._canvas.released.emit(event)

    def emit_double_clicked(self, event: PointerEvent) -> None:
        self._canvas.double_clicked.emit(event)

    def emit_cancelled(self) -> None:
        self._canvas.cancelled.emit()

    def emit_resized(self, dx: float, dy: float) -> None:
        self._canvas.brush_resized.emit(dx / self._navigator.window_scale, dy)

    def hover(self, raw: RawPointer) -> None:
        event = self.in_image(raw, Qt.MouseButton.NoButton)
        self._marks.move_pointer((event.x, event.y))
        self._canvas.hovered.emit(event)
