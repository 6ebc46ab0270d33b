"""What a pressed pointer does until it is released: pan, zoom, paint, resize, move the line."""

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QPointF, Qt

from widgets.canvas.pointer import PointerEvent
from widgets.canvas.pointer_input import RawPointer

ZOOM_PER_PX = 1.01
CLICK_PX = 4.0


class Drag(Protocol):
    """One gesture from press to release."""

    def move(self, raws: Sequence[RawPointer]) -> None: ...

    def end(self, raw: RawPointer) -> None: ...

    def cancel(self) -> None: ...


class GestureHost(Protocol):
    """What the gestures need of the canvas."""

    def pan_by(self, dx: float, dy: float) -> None: ...

    def zoom_at(self, factor: float, position: QPointF) -> None: ...

    def move_split_to(self, x: float) -> None: ...

    def emit_pressed(self, event: PointerEvent) -> None: ...

    def emit_dragged(self, events: list[PointerEvent]) -> None: ...

    def emit_released(self, event: PointerEvent) -> None: ...

    def emit_double_clicked(self, event: PointerEvent) -> None: ...

    def emit_cancelled(self) -> None: ...

    def emit_resized(self, dx: float, dy: float) -> None: ...

    def in_image(self, raw: RawPointer, button: Qt.MouseButton) -> PointerEvent: ...


class PanDrag:
    def __init__(self, host: GestureHost, raw: RawPointer) -> None:
        self._host, self._last = host, raw.position

    def move(self, raws: Sequence[RawPointer]) -> None:
        step = raws[-1].position - self._last
        self._last = raws[-1].position
        self._host.pan_by(step.x(), step.y())

    def end(self, raw: RawPointer) -> None:
        self.move([raw])

    def cancel(self) -> None: ...


class ZoomDrag:
    """Right is closer; the point that was pressed stays."""

    def __init__(self, host: GestureHost, raw: RawPointer) -> None:
        self._host, self._start, self._last = host, raw.position, raw.position

    def move(self, raws: Sequence[RawPointer]) -> None:
        step = raws[-1].position.x() - self._last.x()
        self._last = raws[-1].position
        self._host.zoom_at(ZOOM_PER_PX**step, self._start)

    def end(self, raw: RawPointer) -> None: ...

    def cancel(self) -> None: ...


class SplitDrag:
    def __init__(self, host: GestureHost, raw: RawPointer) -> None:
        self._host = host

    def move(self, raws: Sequence[RawPointer]) -> None:
        self._host.move_split_to(raws[-1].position.x())

    def end(self, raw: RawPointer) -> None:
        self.move([raw])

    def cancel(self) -> None: ...


class ToolDrag:
    """The active tool's own: everything is told, in image pixels, also outside the picture."""

    def __init__(self, host: GestureHost, raw: RawPointer) -> None:
        self._host, self._button = host, raw.button
        host.emit_pressed(host.in_image(raw, self._button))

    def move(self, raws: Sequence[RawPointer]) -> None:
        self._host.emit_dragged([self._host.in_image(raw, self._button) for raw in raws])

    def end(self, raw: RawPointer) -> None:
        self._host.emit_released(self._host.in_image(raw, self._button))

    def cancel(self) -> None:
        self._host.emit_cancelled()


class ResizeDrag:
    """Changes the brush's size, with the right button also its hardness.

    A press without a move stays a click of the tool.
    """

    def __init__(self, host: GestureHost, raw: RawPointer) -> None:
        self._host, self._start, self._last = host, raw, raw.position
        self._moved = False

    def move(self, raws: Sequence[RawPointer]) -> None:
        way = raws[-1].position - self._start.position
        self._moved = self._moved or way.manhattanLength() > CLICK_PX
        if self._moved:
            step = raws[-1].position - self._last
            self._last = raws[-1].position
            both = self._start.button == Qt.MouseButton.RightButton
            self._host.emit_resized(step.x(), -step.y() if both else 0.0)

    def end(self, raw: RawPointer) -> None:
        if not self._moved:
            ToolDrag(self._host, self._start).end(raw)

    def cancel(self) -> None: ...
