"""A finished viewport: the picture, and the picture with the mask over it."""

from collections.abc import Iterator

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtGui import QImage, QPainter

from widgets.canvas.render.compose import Words, draw_overlay, draw_picture, overlay_box
from widgets.canvas.render.ring_buffer import BufferPart, RingBuffer
from widgets.canvas.render.scene import Scene
from widgets.canvas.view import Box, View

Mode = QPainter.CompositionMode
BAND_PIXELS = 1 << 19


class Buffers:
    """Device pixels of one view of a scene. A worker may fill one while another is painted."""

    def __init__(
        self, scene: Scene, view: View, width: int, height: int, spare: "Buffers | None" = None
    ) -> None:
        """`spare` ones are used no more: fresh memory costs as much as what is drawn into it."""
        self.scene, self.view = scene, view
        first, second = spare.rings if spare else (None, None)
        self._picture = RingBuffer(width, height, first)
        self._shown = self._picture
        if scene.has_overlay:
            self._shown = RingBuffer(width, height, second)
        self._scratch: Words = np.empty(max(BAND_PIXELS, width), np.uint32)

    @property
    def rings(self) -> tuple[RingBuffer, RingBuffer | None]:
        """Their memory."""
        return self._picture, None if self._shown is self._picture else self._shown

    @property
    def box(self) -> Box:
        return self._picture.box

    @property
    def split_px(self) -> int:
        split = self.scene.split
        return self._picture.width if split is None else round(split * self._picture.width)

    def render(self, box: Box, *, picture: bool = True) -> None:
        """Draw a device rectangle anew; without the picture only what lies over it."""
        for band in _bands(box.clip(self.box)):
            for part in self._picture.parts(band):
                if picture:
                    self._draw_picture(part)
                if self.scene.has_overlay:
                    self._draw_overlay(part)

    def _draw_picture(self, part: BufferPart) -> None:
        out = self._picture.at(part.place)
        draw_picture(out, part.box, self.scene, self.view, nearest=False, split_px=self.split_px)

    def _draw_overlay(self, part: BufferPart) -> None:
        """The picture again, and over it the mask, where there is any."""
        painter = QPainter(self._shown.image)
        painter.setCompositionMode(Mode.CompositionMode_Source)
        corner = QPoint(part.place.left, part.place.top)
        painter.drawImage(corner, self._picture.image, part.source)
        over = part.box.clip(overlay_box(self.scene, self.view))
        if not over.is_empty:
            target = self._scratch[: over.height * over.width].reshape(over.height, over.width)
            draw_overlay(target, over, self.scene, self.view, nearest=False)
            corner += QPoint(over.left - part.box.left, over.top - part.box.top)
            painter.setCompositionMode(Mode.CompositionMode_SourceOver)
            painter.drawImage(corner, overlay_image(target))
        painter.end()

    def pan(self, view: View) -> bool:
        """Show another part at the same zoom; False when nothing of this one can be kept."""
        dx, dy = view.left - self.view.left, view.top - self.view.top
        box = self.box
        if not view.same_scale(self.view) or abs(dx) >= box.width or abs(dy) >= box.height:
            return False
        self.view = view
        if self._shown is not self._picture:
            self._shown.scroll(dx, dy)
        for exposed in self._picture.scroll(dx, dy):
            self.render(exposed)
        if dx and self.scene.single is None:  # the line stays where it is on the screen
            line = self.split_px
            self.render(Box(min(line, line + dx), 0, max(line, line + dx), box.height))
        return True

    def move_split(self, scene: Scene) -> Box:
        """Take a scene that differs in its split only; the rectangle that changed."""
        before = self.split_px
        self.scene = scene
        low, high = sorted((before, self.split_px))
        changed = Box(low, 0, high, self.box.height)
        self.render(changed)
        return changed

    def paint(self, painter: QPainter, box: Box) -> None:
        """Copy a rectangle to the window, pixel by pixel."""
        painter.setCompositionMode(Mode.CompositionMode_Source)
        for part in self._shown.parts(box):
            painter.drawImage(QPoint(part.box.left, part.box.top), self._shown.image, part.source)
        painter.setCompositionMode(Mode.CompositionMode_SourceOver)


def _bands(box: Box) -> Iterator[Box]:
    """Pieces so small that what one pass wrote is still near when the next one reads it."""
    rows = max(1, BAND_PIXELS // max(1, box.width))
    for top in range(box.top, box.bottom, rows):
        yield Box(box.left, top, box.right, min(top + rows, box.bottom))


def overlay_image(scratch: Words) -> QImage:
    """The same memory, as premultiplied pixels."""
    height, width = scratch.shape
    pixels = scratch.view(np.uint8)
    format_ = QImage.Format.Format_ARGB32_Premultiplied
    return QImage(pixels.data, width, height, scratch.strides[0], format_)
