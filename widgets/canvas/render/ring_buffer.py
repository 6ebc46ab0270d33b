"""A viewport that scrolls without moving memory: what leaves on one side is reused on the other."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QRect
from PySide6.QtGui import QImage

from widgets.canvas.render.mipmap import Pixels
from widgets.canvas.view import Box


class BufferPart(NamedTuple):
    """A device rectangle and where it lies in the buffer."""

    box: Box
    place: Box

    @property
    def source(self) -> QRect:
        return QRect(self.place.left, self.place.top, self.place.width, self.place.height)


class RingBuffer:
    """Device pixels, 4 bytes each, addressed by device rectangles through a moving origin."""

    def __init__(self, width: int, height: int, spare: "RingBuffer | None" = None) -> None:
        """The memory of a `spare` one of the same size is taken over: it is not used any more."""
        self.width, self.height = width, height
        self._x = self._y = 0
        if spare is not None and (spare.width, spare.height) == (width, height):
            self.pixels: Pixels = spare.pixels
        else:
            self.pixels = np.empty((height, width, 4), np.uint8)
        self.image = QImage(self.pixels.data, width, height, width * 4, QImage.Format.Format_RGB32)

    @property
    def box(self) -> Box:
        return Box(0, 0, self.width, self.height)

    def scroll(self, dx: int, dy: int) -> list[Box]:
        """Move what is shown; the rectangles that must be drawn anew."""
        self._x = (self._x - dx) % self.width
        self._y = (self._y - dy) % self.height
        rows = Box(0, 0 if dy > 0 else self.height + dy, self.width, dy if dy > 0 else self.height)
        columns = Box(
            0 if dx > 0 else self.width + dx,
            max(0, dy),
            dx if dx > 0 else self.width,
            self.height + min(0, dy),
        )
        return [box for box in (rows, columns) if not box.is_empty]

    def parts(self, box: Box) -> Iterator[BufferPart]:
        """Up to four pieces that are rectangles in the buffer too."""
        box = box.clip(self.box)
        for top, y, height in _split(box.top, box.bottom, self._y, self.height):
            for left, x, width in _split(box.left, box.right, self._x, self.width):
                yield BufferPart(
                    Box(left, top, left + width, top + height), Box(x, y, x + width, y + height)
                )

    def at(self, place: Box) -> Pixels:
        return self.pixels[place.top : place.bottom, place.left : place.right]


def _split(start: int, end: int, origin: int, size: int) -> Iterator[tuple[int, int, int]]:
    """Pieces of a span: where it starts on the device, where in the ring, its length."""
    place = (start + origin) % size
    first = min(end - start, size - place)
    if first > 0:
        yield start, place, first
    if end - start > first:
        yield start + first, 0, end - start - first
