"""Zoom and pan: every change of the view goes through here."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QPointF, Signal

from widgets.canvas import view as views
from widgets.canvas.render.screen import Screen
from widgets.canvas.view import MAX_SCALE, Box, View

KEPT_PX = 48
SMALLEST_PX = 32


class Navigator(QObject):
    """Moves the view of a picture. Positions are in window coordinates."""

    zoom_changed = Signal(float)
    view_changed = Signal()

    def __init__(self, screen: Screen, size: Callable[[], tuple[int, int]]) -> None:
        super().__init__(screen)
        self._screen, self._measure = screen, size
        self._scale = 1.0
        self._anchor: tuple[QPointF, tuple[float, float]] | None = None
        self.is_fitted = True

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture; 0, 0 without one."""
        return self._measure()

    @property
    def scale(self) -> float:
        """Device pixels per image pixel: 1.0 is 100 %."""
        return self._screen.view.scale

    @property
    def window_scale(self) -> float:
        """Window coordinates per image pixel."""
        return self.scale / self._screen.ratio

    def place(self, x: float, y: float) -> QPointF:
        """Image pixels to window coordinates."""
        device = self._screen.view.to_device(x, y)
        return QPointF(device[0] / self._screen.ratio, device[1] / self._screen.ratio)

    def find(self, position: QPointF) -> tuple[float, float]:
        """Window coordinates to image pixels."""
        return self._screen.view.to_image(*self._device(position))

    def fit(self) -> None:
        """Show the whole picture."""
        width, height = self.size
        box = self._screen.box
        if width and not box.is_empty:
            self._set(views.fitted(width, height, box.width, box.height))
        self.is_fitted = True

    def set_scale(self, scale: float, position: QPointF | None = None) -> None:
        """Zoom to a scale; the point at the position (or the centre) stays where it is."""
        at = position or self.centre()
        image = self._anchor_at(at)
        self._scale = self._limited(scale)
        self._set(views.zoomed(self._scale, image, self._device(at)), keep_scale=True)
        self._anchor = (at, image)

    def zoom_at(self, factor: float, position: QPointF) -> None:
        """Zoom step by step; small factors add up although the ladder has rungs."""
        self.set_scale(self._scale * factor, position)

    def step(self, direction: int) -> None:
        """To the next of 50, 75, 100, 150 % ..., around the centre."""
        self.set_scale(views.stepped(self.scale, direction))

    def pan_by(self, dx: float, dy: float) -> None:
        """Move the picture by window coordinates."""
        ratio = self._screen.ratio
        self._set(self._screen.view.moved(round(dx * ratio), round(dy * ratio)), keep_scale=True)

    def show_point(self, x: float, y: float) -> None:
        """Move just so far that an image point is in the window."""
        box = self._screen.box
        device_x, device_y = self._screen.view.to_device(x, y)
        dx = min(0, box.width - 8 - device_x) + max(0, 8 - device_x)
        dy = min(0, box.height - 8 - device_y) + max(0, 8 - device_y)
        if dx or dy:
            self._set(self._screen.view.moved(round(dx), round(dy)), keep_scale=True)

    def resized(self, old: Box) -> None:
        """The window has another size: stay fitted, or keep the centre."""
        if self.is_fitted:
            self.fit()
            return
        box = self._screen.box
        dx, dy = box.width // 2 - old.width // 2, box.height // 2 - old.height // 2
        self._set(self._screen.view.moved(dx, dy), keep_scale=True)

    def _anchor_at(self, position: QPointF) -> tuple[float, float]:
        """What lies there; during one gesture the first answer, as rounding would let it drift."""
        if self._anchor is not None and self._anchor[0] == position:
            return self._anchor[1]
        return self.find(position)

    def _device(self, position: QPointF) -> tuple[float, float]:
        return position.x() * self._screen.ratio, position.y() * self._screen.ratio

    def centre(self) -> QPointF:
        box, ratio = self._screen.box, self._screen.ratio
        return QPointF(box.width / 2 / ratio, box.height / 2 / ratio)

    def _limited(self, scale: float) -> float:
        width, height = self.size
        box = self._screen.box
        least = SMALLEST_PX / max(width, height, 1)
        whole = min(box.width / max(width, 1), box.height / max(height, 1))
        return min(max(scale, min(least, whole, 1.0)), MAX_SCALE)

    def _set(self, view: View, *, keep_scale: bool = False) -> None:
        view = self._kept_in_window(view)
        before = self._screen.view
        self.is_fitted, self._anchor = False, None
        if not keep_scale:
            self._scale = view.scale
        if view == before:
            return
        self._screen.set_view(view)
        self.view_changed.emit()
        if not view.same_scale(before):
            self.zoom_changed.emit(view.scale)

    def _kept_in_window(self, view: View) -> View:
        width, height = self.size
        box = self._screen.box
        right, bottom = view.to_device(width, height)
        dx = max(0, KEPT_PX - round(right)) - max(0, view.left - (box.width - KEPT_PX))
        dy = max(0, KEPT_PX - round(bottom)) - max(0, view.top - (box.height - KEPT_PX))
        return view.moved(dx, dy)
