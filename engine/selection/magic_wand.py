"""Magic wand: selects pixels of nearly the same colour as one pixel."""

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.geometry import Image, Mask, Rect, Size
from engine.selection import masks

_FOUND = 2
_JOINED = 4 | (_FOUND << 8) | cv2.FLOODFILL_MASK_ONLY  # over sides, not corners; writes _FOUND


def wand(
    image: Image, x: float, y: float, tolerance: int, *, contiguous: bool = True
) -> tuple[Rect, Mask]:
    """Pixels within `tolerance` (0..255) of the one at (x, y) in each channel.

    `contiguous`: only those connected to it over sides. The answer is cropped to its rectangle.
    """
    size = Size.of(image)
    column = min(max(int(x), 0), size.width - 1)
    row = min(max(int(y), 0), size.height - 1)
    near = _near(image, image[row, column].astype(int), tolerance)
    if contiguous:
        return _around(near, column, row)
    rect = masks.bounds(near)
    return rect, near[rect.slices].copy()


def _near(image: Image, colour: NDArray[np.int_], by: int) -> Mask:
    low, high = np.maximum(colour - by, 0), np.minimum(colour + by, 255)
    return np.asarray(cv2.inRange(image, low, high), np.uint8)


def _around(near: Mask, column: int, row: int) -> tuple[Rect, Mask]:
    """The connected part of `near` that holds the pixel."""
    found = np.zeros((near.shape[0] + 2, near.shape[1] + 2), np.uint8)
    rect = Rect(*cv2.floodFill(near, found, (column, row), 0, flags=_JOINED)[3])
    part = found[1:-1, 1:-1][rect.slices]
    return rect, (part == _FOUND).view(np.uint8) * np.uint8(255)
