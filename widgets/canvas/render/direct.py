"""Draw a scene straight to the window, nearest pixel, while the zoom changes."""

import math
from dataclasses import replace

import cv2
import numpy as np
from PySide6.QtCore import QPoint, QRect, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from widgets.canvas.render.buffers import overlay_image
from widgets.canvas.render.compose import (
    Words,
    draw_overlay,
    draw_picture,
    overlay_box,
    tint_mask,
    words,
)
from widgets.canvas.render.mipmap import Mipmap, Pixels
from widgets.canvas.render.sampling import extent
from widgets.canvas.render.scene import MaskMode, Scene
from widgets.canvas.view import EMPTY, Box, View

STRETCH = 1.4
"""How large the pixels of a level are drawn at least, of each ratio's device pixels."""


class DirectPainter:
    """Keeps its scratch memory between frames."""

    def __init__(self) -> None:
        self._crop: Words = np.empty(0, np.uint32)
        self._picture: Pixels = np.empty((0, 0, 4), np.uint8)
        self._overlay: Words = np.empty(0, np.uint32)

    def paint(self, painter: QPainter, scene: Scene, view: View, box: Box, ratio: float) -> None:
        """Fill the viewport; `painter` works in device pixels."""
        shown = scene.single
        if scene.is_plain and shown is not None:
            self._draw_level(painter, shown.picture, scene, view, box, ratio)
            if scene.edges:
                self._draw_overlay(painter, replace(scene, mode=MaskMode.HIDDEN), view, box)
            return
        self._draw_composed(painter, scene, view, box)
        if scene.has_overlay:
            self._draw_overlay(painter, scene, view, box)

    def _draw_level(
        self,
        painter: QPainter,
        pyramid: Mipmap,
        scene: Scene,
        view: View,
        box: Box,
        ratio: float,
    ) -> None:
        """Stretch a level coarser than the screen: what is tinted and read is a part of it."""
        target = extent(pyramid, view).clip(box)
        _fill_around(painter, box, target, QColor(*scene.backdrop))
        if target.is_empty:
            return
        level = pyramid.level_for(_coarse_level(view.scale, STRETCH * ratio))
        left, top = view.to_image(target.left, target.top)
        right, bottom = view.to_image(target.right, target.bottom)
        factor = 1 / (1 << level)
        source = QRectF(left * factor, top * factor, (right - left) * factor,
                        (bottom - top) * factor)  # fmt: skip
        image, source = self._level_image(pyramid, level, scene, source)
        painter.drawImage(
            QRectF(target.left, target.top, target.width, target.height), image, source
        )

    def _level_image(
        self, pyramid: Mipmap, level: int, scene: Scene, source: QRectF
    ) -> tuple[QImage, QRectF]:
        """A level, or a copy of the seen part: in the layout of the screen, with the mask on it."""
        array = pyramid.levels[level]
        assert array is not None
        height, width = array.shape[:2]
        outer = source.toAlignedRect()
        seen = Box(outer.x(), outer.y(), outer.right() + 1, outer.bottom() + 1)
        seen = seen.clip(Box(0, 0, width, height))
        marked = _marked(scene, level).clip(seen)
        if marked.is_empty and array.shape[2] == 4:
            return _opaque(array), source
        pixels = self._copied(array[seen.top : seen.bottom, seen.left : seen.right])
        image = _opaque(pixels)
        if not marked.is_empty:
            self._tint(image, marked.shift(-seen.left, -seen.top), scene, level, marked)
        return image, source.translated(-seen.left, -seen.top)

    def _copied(self, crop: Pixels) -> Pixels:
        height, width = crop.shape[:2]
        if self._crop.size < height * width:
            self._crop = np.empty(height * width, np.uint32)
        target = self._crop[: height * width].view(np.uint8).reshape(height, width, 4)
        if crop.shape[2] == 3:
            cv2.cvtColor(crop, cv2.COLOR_RGB2BGRA, dst=target)
        else:
            np.copyto(words(target), words(crop))
        return target

    def _tint(self, image: QImage, place: Box, scene: Scene, level: int, marked: Box) -> None:
        mask = scene.mask
        if mask is None or mask.levels[level] is None:  # of a preview the fine levels are not there
            return
        part = self._room(marked)
        tint_mask(part, mask.crop(level, marked), scene)
        painter = QPainter(image)
        painter.drawImage(QPoint(place.left, place.top), overlay_image(part))
        painter.end()

    def _draw_composed(self, painter: QPainter, scene: Scene, view: View, box: Box) -> None:
        if self._picture.shape[:2] != (box.height, box.width):
            self._picture = np.empty((box.height, box.width, 4), np.uint8)
        split = box.width if scene.split is None else round(scene.split * box.width)
        draw_picture(self._picture, box, scene, view, nearest=True, split_px=split)
        painter.drawImage(QPoint(0, 0), _opaque(self._picture))

    def _draw_overlay(self, painter: QPainter, scene: Scene, view: View, box: Box) -> None:
        target = box.clip(overlay_box(scene, view))
        if target.is_empty:
            return
        part = self._room(target)
        draw_overlay(part, target, scene, view, nearest=True)
        painter.drawImage(QPoint(target.left, target.top), overlay_image(part))

    def _room(self, box: Box) -> Words:
        count = box.height * box.width
        if self._overlay.size < count:
            self._overlay = np.empty(count, np.uint32)
        return self._overlay[:count].reshape(box.height, box.width)


def _fill_around(painter: QPainter, box: Box, inner: Box, colour: QColor) -> None:
    if inner.is_empty:
        inner = Box(box.left, box.top, box.right, box.top)
    parts = (
        Box(box.left, box.top, box.right, inner.top),
        Box(box.left, inner.bottom, box.right, box.bottom),
        Box(box.left, inner.top, inner.left, inner.bottom),
        Box(inner.right, inner.top, box.right, inner.bottom),
    )
    for part in parts:
        if not part.is_empty:
            painter.fillRect(QRect(part.left, part.top, part.width, part.height), colour)


def _coarse_level(scale: float, stretch: float) -> int:
    """The finest level whose pixels are drawn at least `stretch` device pixels large."""
    return max(0, math.ceil(math.log2(stretch / scale)))


def _marked(scene: Scene, level: int) -> Box:
    """The pixels of a level that the mask tints."""
    if scene.is_compared or scene.mask is None:
        return EMPTY
    box = EMPTY
    if scene.tints_all:
        box = scene.mask.box
    elif scene.mode == MaskMode.OVERLAY:
        box = scene.mask_box
    if box.is_empty:
        return EMPTY
    grain = (1 << level) - 1
    right, bottom = (box.right + grain) >> level, (box.bottom + grain) >> level
    return Box(box.left >> level, box.top >> level, right, bottom)


def _opaque(pixels: Pixels) -> QImage:
    """The same (h, w, 4) memory as an image."""
    height, width = pixels.shape[:2]
    return QImage(pixels.data, width, height, width * 4, QImage.Format.Format_RGB32)
