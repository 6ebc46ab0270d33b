"""The moving outline of the mask: drawn once, animated by turning its colour table."""

import numpy as np
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage, QPainter, QRegion

from widgets.canvas.render.compose import outline
from widgets.canvas.render.mipmap import Pixels
from widgets.canvas.render.scene import MaskMode, Scene
from widgets.canvas.view import Box, View

PERIOD = 8
TILE = 64
BLACK, WHITE, CLEAR = 0xFF101010, 0xFFFFFFFF, 0x00000000


class MarchingAnts:
    """The outline in device pixels: 0 outside, else 1 to 8 along the diagonal."""

    def __init__(self) -> None:
        self._indices: Pixels = np.zeros((0, 0), np.uint8)
        self._pattern: Pixels = np.zeros((0, 0), np.uint8)
        self._phase = 0

    def render(self, scene: Scene, view: View, box: Box, viewport: Box) -> None:
        """Draw a device rectangle of the outline anew."""
        self._fit(viewport)
        box = box.clip(viewport)
        if box.is_empty:
            return
        self._indices[box.top : box.bottom, box.left : box.right] = 0
        marked = view.device_box(scene.mask_box, 2).clip(box)
        if scene.mask is None or scene.mode != MaskMode.OUTLINE or marked.is_empty:
            return
        found = outline(scene.mask, marked, view, scene.line_px)
        if found is None:
            return
        at = found.box
        shift = (at.left - view.left + at.top - view.top) % PERIOD
        pattern = self._pattern[: at.height, shift : shift + at.width]
        into = self._indices[at.top : at.bottom, at.left : at.right]
        np.bitwise_and(found.pixels, pattern, out=into)

    def _fit(self, viewport: Box) -> None:
        shape = (viewport.height, viewport.width)
        if self._indices.shape == shape:
            return
        self._indices = np.zeros(shape, np.uint8)
        across = np.arange(viewport.width + PERIOD)
        down = np.arange(viewport.height)
        self._pattern = ((across[None] + down[:, None]) % PERIOD + 1).astype(np.uint8)

    def advance(self) -> None:
        self._phase = (self._phase + 1) % PERIOD

    def paint(self, painter: QPainter, box: Box) -> None:
        """Lay the outline over a device rectangle of the window."""
        height, width = self._indices.shape
        box = box.clip(Box(0, 0, width, height))
        if box.is_empty:
            return
        format_ = QImage.Format.Format_Indexed8
        image = QImage(self._indices.data, width, height, width, format_)
        dashes = [BLACK if (i + self._phase) % PERIOD < PERIOD // 2 else WHITE for i in range(8)]
        image.setColorTable([CLEAR, *dashes])
        source = QRect(box.left, box.top, box.width, box.height)
        painter.drawImage(QPoint(box.left, box.top), image, source)

    def region(self) -> QRegion:
        """The parts of the viewport where the outline runs, in device pixels."""
        height, width = self._indices.shape
        region = QRegion()
        for top in range(0, height, TILE):
            columns = self._indices[top : top + TILE].max(axis=0, initial=0)
            starts = range(0, width, TILE)
            for left in (x for x in starts if columns[x : x + TILE].any()):
                region += QRect(left, top, TILE, TILE)
        return region
