"""Decides what a pressed button, a wheel or a finger means, and starts the drag for it."""

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

from widgets.drags import Drag, Host, PanDrag, ResizeDrag, SplitDrag, ToolDrag, ZoomDrag
from widgets.pointer_input import Frames, PenGuard, Raw, of_mouse, of_tablet

Modifier = Qt.KeyboardModifier
Button = Qt.MouseButton
NOTCH = 120
ZOOM_PER_NOTCH = 1.2
BRUSH_PX_PER_NOTCH = 5.0


class Gestures(QObject):
    """One drag at a time. `wheel_zooms` off: the wheel pans, Ctrl with the wheel zooms."""

    def __init__(
        self,
        parent: QObject,
        host: Host,
        *,
        hovered: Callable[[Raw], None],
        stepped: Callable[[int], None],
        near_split: Callable[[QPointF], bool],
    ) -> None:
        super().__init__(parent)
        self._host, self._hovered, self._stepped = host, hovered, stepped
        self._near_split = near_split
        self._drag: Drag | None = None
        self._pen = PenGuard()
        self._frames = Frames(self, self._on_frame)
        self._touch_centre: QPointF | None = None
        self._touch_spread = 0.0
        self._wheel_rest = 0
        self.wheel_zooms = True
        self.resizes_brush = False
        self.space_held = False

    @property
    def is_dragging(self) -> bool:
        return self._drag is not None

    def flush(self) -> None:
        self._frames.flush()

    def _on_frame(self, raws: list[Raw]) -> None:
        if self._drag is not None:
            self._drag.move(raws)
        else:
            self._hovered(raws[-1])

    def press(self, raw: Raw) -> None:
        if self._drag is not None:
            return
        self._frames.flush()
        kind = self._kind(raw)
        self._drag = kind(self._host, raw)

    def _kind(self, raw: Raw) -> Callable[[Host, Raw], Drag]:
        held = raw.modifiers
        if raw.button == Button.MiddleButton:
            return PanDrag
        if self.space_held:
            return ZoomDrag if held & Modifier.ControlModifier else PanDrag
        if raw.button == Button.LeftButton and self._near_split(raw.position):
            return SplitDrag
        if self.resizes_brush and self._means_resize(raw):
            return ResizeDrag
        return ToolDrag

    @staticmethod
    def _means_resize(raw: Raw) -> bool:
        if raw.button == Button.RightButton:
            return raw.modifiers == Modifier.AltModifier
        return raw.button == Button.LeftButton and raw.modifiers == Modifier.ShiftModifier

    def move(self, raw: Raw) -> None:
        self._frames.add(raw)

    def release(self, raw: Raw) -> None:
        self._frames.flush()
        if self._drag is not None:
            drag, self._drag = self._drag, None
            drag.end(raw)

    def cancel(self) -> bool:
        """End the drag without its effect; False when there is none."""
        self._frames.discard()
        if self._drag is None:
            return False
        drag, self._drag = self._drag, None
        drag.cancel()
        return True

    def mouse(self, event: QMouseEvent) -> None:
        """Press, move or release of a real mouse; copies of the pen's events are dropped."""
        event.accept()
        if self._pen.is_copy(event):
            return
        raw = of_mouse(event)
        if event.type() == QEvent.Type.MouseMove:
            self.move(raw)
        elif event.type() == QEvent.Type.MouseButtonRelease:
            self.release(raw)
        else:
            self.press(raw)

    def double_click(self, event: QMouseEvent) -> None:
        """The second press of a double click; its first was told as a press already."""
        event.accept()
        if not self._pen.is_copy(event):
            raw = of_mouse(event)
            self.press(raw)
            if isinstance(self._drag, ToolDrag):
                self._host.emit_double_clicked(self._host.in_image(raw, raw.button))

    def tablet(self, event: QTabletEvent) -> None:
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

    def wheel(self, event: QWheelEvent) -> None:
        """Zoom, pan, brush size or candidate, by modifier and device."""
        event.accept()
        self._frames.flush()
        held = event.modifiers() & ~Modifier.KeypadModifier
        angle = event.angleDelta().y() or event.angleDelta().x()
        if held == Modifier.AltModifier:
            self._step(angle)
        elif held == Modifier.ControlModifier | Modifier.AltModifier:
            self._host.emit_resized(angle / NOTCH * BRUSH_PX_PER_NOTCH, 0.0)
        elif held & Modifier.ControlModifier or (self.wheel_zooms and not _is_touchpad(event)):
            self._host.zoom_at(ZOOM_PER_NOTCH ** (angle / NOTCH), event.position())
        else:
            pixels = event.pixelDelta()
            delta = event.angleDelta() / 2 if pixels.isNull() else pixels
            self._host.pan_by(delta.x(), delta.y())

    def _step(self, angle: int) -> None:
        self._wheel_rest += angle
        steps = int(self._wheel_rest / NOTCH)
        self._wheel_rest -= steps * NOTCH
        if steps:
            self._stepped(steps)

    def native(self, event: QNativeGestureEvent) -> bool:
        """Pinch and two fingers on a touchpad."""
        kind = event.gestureType()
        if kind == Qt.NativeGestureType.ZoomNativeGesture:
            self._host.zoom_at(1 + event.value(), event.position())
        elif kind == Qt.NativeGestureType.PanNativeGesture:
            self._host.pan_by(event.delta().x(), event.delta().y())
        else:
            return False
        event.accept()
        return True

    def touch(self, event: QTouchEvent) -> None:
        """Two fingers pan and zoom; one acts like the mouse, unless a pen was seen."""
        event.accept()
        points = event.points()
        ended = event.type() in (QEvent.Type.TouchEnd, QEvent.Type.TouchCancel)
        if len(points) >= 2 or self._pen.seen or self._touch_centre is not None:
            self._pinch(points, ended=ended)
        elif points:
            self._finger(event, points[0])

    def _finger(self, event: QTouchEvent, point: QEventPoint) -> None:
        raw = Raw(
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

    def _pinch(self, points: list[QEventPoint], *, ended: bool) -> None:
        if self._touch_centre is None:
            self.cancel()
        positions = [point.position() for point in points]
        centre = sum(positions, QPointF()) / max(1, len(positions))
        spread = (positions[0] - positions[-1]).manhattanLength() if positions else 0.0
        if self._touch_centre is not None and not ended:
            step = centre - self._touch_centre
            self._host.pan_by(step.x(), step.y())
            if spread > 1 and self._touch_spread > 1:
                self._host.zoom_at(spread / self._touch_spread, centre)
        self._touch_centre, self._touch_spread = (None, 0.0) if ended else (centre, spread)


def _is_touchpad(event: QWheelEvent) -> bool:
    """Fingers on a pad scroll by pixels; so do wheels on X11, where only the device type tells."""
    if event.pixelDelta().isNull():
        return False
    device = event.device()
    pad = device is not None and device.type() == QInputDevice.DeviceType.TouchPad
    return pad or event.phase() != Qt.ScrollPhase.NoScrollPhase
