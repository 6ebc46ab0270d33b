"""Recognises gestures of mouse, pen, wheel and fingers, and runs the drag that each one starts."""

import math
from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPointF, Qt
from PySide6.QtGui import (
    QEventPoint,
    QInputDevice,
    QMouseEvent,
    QNativeGestureEvent,
    QTabletEvent,
    QTouchEvent,
    QWheelEvent,
)

from widgets.canvas.drags import (
    Drag,
    GestureHost,
    PanDrag,
    ResizeDrag,
    SplitDrag,
    ToolDrag,
    ZoomDrag,
)
from widgets.canvas.pointer_input import MoveCollector, PenGuard, RawPointer, of_mouse, of_tablet

Modifier = Qt.KeyboardModifier
Button = Qt.MouseButton
NOTCH = 120
ZOOM_PER_NOTCH = 1.2
BRUSH_PX_PER_NOTCH = 5.0


class Gestures(QObject):
    """One drag at a time. `wheel_zooms` off: the wheel pans, Ctrl with the wheel zooms."""

    def __init__(self, parent: QObject, host: GestureHost) -> None:
        super().__init__(parent)
        self._host = host
        self._drag: Drag | None = None
        self._pen = PenGuard()
        self._frames = MoveCollector(self, self._on_frame)
        self._button = Button.NoButton
        self._last: RawPointer | None = None  # where the pointer was seen last in this drag
        self._fingers: list[QPointF] = []
        self._wheel_rest = 0
        self.wheel_zooms = True
        self.space_held = False

    @property
    def is_dragging(self) -> bool:
        return self._drag is not None

    def flush(self) -> None:
        self._frames.flush()

    def _on_frame(self, raws: list[RawPointer]) -> None:
        if self._drag is not None:
            self._drag.move(raws)
        else:
            self._host.hover(raws[-1])

    def press(self, raw: RawPointer) -> None:
        if self._drag is not None:
            return
        self._frames.flush()
        self._button, self._last = raw.button, raw
        self._drag = self._kind(raw)(self._host, raw)

    def _kind(self, raw: RawPointer) -> Callable[[GestureHost, RawPointer], Drag]:
        held = raw.modifiers
        if raw.button == Button.MiddleButton:
            return PanDrag
        if self.space_held:
            return ZoomDrag if held & Modifier.ControlModifier else PanDrag
        if raw.button == Button.LeftButton and self._host.is_near_split(raw.position):
            return SplitDrag
        if self._host.marks.radius_px is not None and self._means_resize(raw):
            return ResizeDrag
        return ToolDrag

    @staticmethod
    def _means_resize(raw: RawPointer) -> bool:
        if raw.button == Button.RightButton:
            return raw.modifiers == Modifier.AltModifier
        return raw.button == Button.LeftButton and raw.modifiers == Modifier.ShiftModifier

    def move(self, raw: RawPointer) -> None:
        self._last = raw
        self._frames.add(raw)

    def release(self, raw: RawPointer) -> None:
        self._frames.flush()
        if self._drag is not None and raw.button == self._button:
            drag, self._drag = self._drag, None
            drag.end(raw)

    def end_lost(self) -> None:
        """End the drag where the pointer was seen last: its release went to somebody else."""
        if self._drag is not None and self._last is not None:
            self.release(self._last._replace(button=self._button))

    def cancel(self) -> bool:
        """End the drag without its effect; False when there is none."""
        self._frames.discard()
        if self._drag is None:
            return False
        drag, self._drag = self._drag, None
        drag.cancel()
        return True

    def mouse(self, event: QMouseEvent) -> bool:
        """Press, move or release of a real mouse; copies of the pen's events are dropped."""
        event.accept()
        if self._pen.is_copy(event):
            return True
        raw = of_mouse(event)
        if event.type() == QEvent.Type.MouseMove:
            if event.buttons() == Button.NoButton and event.spontaneous():
                self.end_lost()
            self.move(raw)
        elif event.type() == QEvent.Type.MouseButtonRelease:
            self.release(raw)
        else:
            self.press(raw)
        return True

    def double_click(self, event: QMouseEvent) -> bool:
        """The second press of a double click; its first was told as a press already."""
        event.accept()
        if not self._pen.is_copy(event):
            raw = of_mouse(event)
            self.press(raw)
            if isinstance(self._drag, ToolDrag):
                self._host.signals.double_clicked.emit(self._host.in_image(raw, raw.button))
        return True

    def tablet(self, event: QTabletEvent) -> bool:
        """Pen events; accepted, so that no mouse events are made of them."""
        event.accept()
        self._pen.note(event)
        raw = of_tablet(event)
        if event.type() == QEvent.Type.TabletMove:
            self.move(raw)
        elif event.type() == QEvent.Type.TabletRelease:
            self.release(raw)
        elif event.type() == QEvent.Type.TabletPress:
            self.press(raw)
        return True

    def wheel(self, event: QWheelEvent) -> bool:
        """Zoom, pan, brush size or candidate, by modifier and device."""
        event.accept()
        self._frames.flush()
        held = event.modifiers() & ~Modifier.KeypadModifier
        angle = event.angleDelta().y() or event.angleDelta().x()
        if held == Modifier.AltModifier:
            self._step(angle)
        elif held == Modifier.ControlModifier | Modifier.AltModifier:
            growth = angle / NOTCH * BRUSH_PX_PER_NOTCH
            self._host.signals.brush_resized.emit(growth / self._host.navigator.window_scale, 0.0)
        elif held & Modifier.ControlModifier or (self.wheel_zooms and not _is_touchpad(event)):
            self._host.navigator.zoom_at(ZOOM_PER_NOTCH ** (angle / NOTCH), event.position())
        else:
            pixels = event.pixelDelta()
            delta = event.angleDelta() / 2 if pixels.isNull() else pixels
            self._host.navigator.pan_by(delta.x(), delta.y())
        return True

    def _step(self, angle: int) -> None:
        self._wheel_rest += angle
        steps = int(self._wheel_rest / NOTCH)
        self._wheel_rest -= steps * NOTCH
        if steps:
            self._host.signals.stepped.emit(steps)

    def native(self, event: QNativeGestureEvent) -> bool:
        """Pinch and two fingers on a touchpad."""
        kind = event.gestureType()
        if kind == Qt.NativeGestureType.ZoomNativeGesture:
            self._host.navigator.zoom_at(1 + event.value(), event.position())
        elif kind == Qt.NativeGestureType.PanNativeGesture:
            self._host.navigator.pan_by(event.delta().x(), event.delta().y())
        else:
            return False
        event.accept()
        return True

    def touch(self, event: QTouchEvent) -> bool:
        """Two fingers pan and zoom; one acts like the mouse, unless a pen was seen."""
        event.accept()
        ended = event.type() in (QEvent.Type.TouchEnd, QEvent.Type.TouchCancel)
        lifted = QEventPoint.State.Released
        down = [point.position() for point in event.points() if point.state() != lifted]
        if len(down) >= 2 or self._pen.seen or self._fingers:
            self._pinch([] if ended else down)
        elif event.points():
            self._finger(event, event.points()[0])
        return True

    def _finger(self, event: QTouchEvent, point: QEventPoint) -> None:
        raw = RawPointer(
            point.position(), Button.LeftButton, event.modifiers(), timestamp_ms=event.timestamp()
        )
        if event.type() == QEvent.Type.TouchBegin:
            self.press(raw)
        elif event.type() == QEvent.Type.TouchUpdate:
            self.move(raw)
        elif event.type() == QEvent.Type.TouchEnd:
            self.release(raw)
        else:
            self.cancel()

    def _pinch(self, down: list[QPointF]) -> None:
        if not self._fingers:
            self.cancel()
        before, self._fingers = self._fingers, down
        if not down or len(down) != len(before):  # a finger came or went: start anew
            return
        centre, old_centre = _centre(down), _centre(before)
        step = centre - old_centre
        self._host.navigator.pan_by(step.x(), step.y())
        spread, old_spread = _distance(down[0], down[-1]), _distance(before[0], before[-1])
        if spread > 1 and old_spread > 1:
            self._host.navigator.zoom_at(spread / old_spread, centre)


def _centre(positions: list[QPointF]) -> QPointF:
    return QPointF(
        sum(p.x() for p in positions) / len(positions),
        sum(p.y() for p in positions) / len(positions),
    )


def _distance(first: QPointF, second: QPointF) -> float:
    return math.hypot(first.x() - second.x(), first.y() - second.y())


def _is_touchpad(event: QWheelEvent) -> bool:
    """Fingers on a pad scroll by pixels; so do wheels on X11, where only the device type tells."""
    if event.pixelDelta().isNull():
        return False
    device = event.device()
    pad = device is not None and device.type() == QInputDevice.DeviceType.TouchPad
    return pad or event.phase() != Qt.ScrollPhase.NoScrollPhase
