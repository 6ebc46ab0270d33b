"""Drags, from the press to the release: pan, zoom, tool, brush size, line between two versions."""

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QPointF, Qt

from widgets.canvas.marks import Marks
from widgets.canvas.navigator import Navigator
from widgets.canvas.pointer import PointerEvent
from widgets.canvas.pointer_input import RawPointer
from widgets.canvas.signals import CanvasSignals

ZOOM_PER_PX = 1.01
CLICK_PX = 4.0


class Drag(Protocol):
    """One gesture from press to release."""

    def move(self, raws: Sequence[RawPointer]) -> None: ...

    def end(self, raw: RawPointer) -> None: ...

    def cancel(self) -> None: ...


class GestureHost(Protocol):
    """The receiver of gestures: changes of the view, marks, and signals in image pixels."""

    navigator: Navigator
    marks: Marks
    signals: CanvasSignals

    def in_image(self, raw: RawPointer, button: Qt.MouseButton) -> PointerEvent: ...

    def hover(self, raw: RawPointer) -> None: ...

    def is_near_split(self, position: QPointF) -> bool: ...

    def move_split_to(self, x: float) -> None: ...


class PanDrag:
    def __init__(self, host: GestureHost, raw: RawPointer) -> None:
        self._host, self._last = host, raw.position

    def move(self, raws: Sequence[RawPointer]) -> None:
        step = raws[-1].position - self._last
        self._last = raws[-1].position
        self._host.navigator.pan_by(step.x(), step.y())

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
        self._host.navigator.zoom_at(ZOOM_PER_PX**step, self._start)

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
        event = host.in_image(raw, self._button)
        host.marks.move_pointer((event.x, event.y))
        host.signals.pressed.emit(event)

    def move(self, raws: Sequence[RawPointer]) -> None:
        events = [self._host.in_image(raw, self._button) for raw in raws]
        self._host.marks.move_pointer((events[-1].x, events[-1].y))
        self._host.signals.dragged.emit(events)

    def end(self, raw: RawPointer) -> None:
        self._host.signals.released.emit(self._host.in_image(raw, self._button))

    def cancel(self) -> None:
        self._host.signals.cancelled.emit()


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
            radius_px = step.x() / self._host.navigator.window_scale
            self._host.signals.brush_resized.emit(radius_px, -step.y() if both else 0.0)

    def end(self, raw: RawPointer) -> None:
        if not self._moved:
            ToolDrag(self._host, self._start).end(raw)

    def cancel(self) -> None: ...
