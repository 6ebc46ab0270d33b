"""Draw a scene straight to the window, nearest pixel, while the zoom changes."""

from dataclasses import replace

import cv2
import numpy as np
from PySide6.QtCore import QPoint, QRect, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from widgets.buffers import overlay_image
from widgets.compose import Words, draw_overlay, draw_picture
from widgets.pyramid import Pixels, Pyramid
from widgets.sampling import extent
from widgets.scene import MaskMode, Scene
from widgets.view import EMPTY, Box, View

HALVED_FROM = 2.0
"""Device pixel ratio from which a zoom gesture is drawn at half the resolution."""


class DirectPainter:
    """Keeps its scratch memory between frames."""

    def __init__(self) -> None:
        self._crop: Pixels = np.empty((0, 0, 4), np.uint8)
        self._picture: Pixels = np.empty((0, 0, 4), np.uint8)
        self._overlay: Words = np.empty(0, np.uint32)

    def paint(self, painter: QPainter, scene: Scene, view: View, box: Box, ratio: float) -> None:
        """Fill the viewport; `painter` works in device pixels."""
        if ratio < HALVED_FROM:
            self._paint(painter, scene, view, box)
            return
        small = QImage((box.width + 1) // 2, (box.height + 1) // 2, QImage.Format.Format_RGB32)
        inner = QPainter(small)
        half = replace(view, exponent=view.exponent - 1, left=view.left // 2, top=view.top // 2)
        self._paint(inner, scene, half, Box(0, 0, small.width(), small.height()))
        inner.end()
        painter.drawImage(QRect(0, 0, 2 * small.width(), 2 * small.height()), small)

    def _paint(self, painter: QPainter, scene: Scene, view: View, box: Box) -> None:
        shown = scene.single
        if scene.is_plain and shown is not None:
            self._draw_level(painter, shown.picture, scene, view, box)
        else:
            self._draw_composed(painter, scene, view, box)
        if scene.has_overlay:
            self._draw_overlay(painter, scene, view, box)

    def _draw_level(
        self, painter: QPainter, pyramid: Pyramid, scene: Scene, view: View, box: Box
    ) -> None:
        target = extent(pyramid, view).clip(box)
        if target != box:
            painter.fillRect(QRect(0, 0, box.width, box.height), QColor(*scene.backdrop))
        if target.is_empty:
            return
        # below 100 % the next coarser level, stretched: a quarter of the memory to read
        level = pyramid.level_for(view.level + (view.scale < 1))
        left, top = view.to_image(target.left, target.top)
        right, bottom = view.to_image(target.right, target.bottom)
        source = QRectF(left, top, right - left, bottom - top)
        image, source = self._level_image(pyramid, level, source)
        painter.drawImage(
            QRectF(target.left, target.top, target.width, target.height), image, source
        )

    def _level_image(self, pyramid: Pyramid, level: int, source: QRectF) -> tuple[QImage, QRectF]:
        array = pyramid.levels[level]
        assert array is not None
        if array.shape[2] == 3:
            return self._converted(array, source)
        factor = 1 / (1 << level)
        scaled = QRectF(
            source.x() * factor,
            source.y() * factor,
            source.width() * factor,
            source.height() * factor,
        )
        height, width = array.shape[:2]
        return QImage(array.data, width, height, width * 4, QImage.Format.Format_RGB32), scaled

    def _converted(self, array: Pixels, source: QRectF) -> tuple[QImage, QRectF]:
        """The seen part of an RGB level in the layout of the screen."""
        outer = source.toAlignedRect()
        x, y = max(0, outer.x()), max(0, outer.y())
        crop = array[y : outer.bottom() + 1, x : outer.right() + 1]
        height, width = crop.shape[:2]
        if self._crop.shape[0] < height or self._crop.shape[1] < width:
            self._crop = np.empty((height, width, 4), np.uint8)
        target = self._crop[:height, :width]
        cv2.cvtColor(crop, cv2.COLOR_RGB2BGRA, dst=target)
        rows, columns = self._crop.shape[:2]
        image = QImage(self._crop.data, columns, rows, columns * 4, QImage.Format.Format_RGB32)
        return image, source.translated(-x, -y)

    def _draw_composed(self, painter: QPainter, scene: Scene, view: View, box: Box) -> None:
        if self._picture.shape[:2] != (box.height, box.width):
            self._picture = np.empty((box.height, box.width, 4), np.uint8)
        split = box.width if scene.split is None else round(scene.split * box.width)
        draw_picture(self._picture, box, scene, view, nearest=True, split_px=split)
        stride = box.width * 4
        format_ = QImage.Format.Format_RGB32
        image = QImage(self._picture.data, box.width, box.height, stride, format_)
        painter.drawImage(QPoint(0, 0), image)

    def _draw_overlay(self, painter: QPainter, scene: Scene, view: View, box: Box) -> None:
        target = box.clip(overlay_box(scene, view))
        if target.is_empty:
            return
        count = target.height * target.width
        if self._overlay.size < count:
            self._overlay = np.empty(count, np.uint32)
        part = self._overlay[:count].reshape(target.height, target.width)
        draw_overlay(part, target, scene, view, nearest=True)
        painter.drawImage(QPoint(target.left, target.top), overlay_image(part))


def overlay_box(scene: Scene, view: View) -> Box:
    """The device rectangle outside which nothing lies over the picture."""
    if scene.after is None:
        return EMPTY
    if scene.mode in (MaskMode.ON_BLACK, MaskMode.ON_WHITE, MaskMode.MASK_ONLY):
        return extent(scene.after.picture, view)
    box = EMPTY
    if scene.mode == MaskMode.OVERLAY and not scene.mask_box.is_empty:
        box = view.device_box(scene.mask_box, 2)
    for edge in scene.edges:
        box = box.join(view.device_box(edge.mask.box, 2))
    return box
