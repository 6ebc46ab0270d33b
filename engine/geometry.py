"""Sizes and rectangles in pixels, and the type aliases of the arrays."""

from typing import NamedTuple, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

Image: TypeAlias = NDArray[np.uint8]
"""(H, W, 3) uint8 sRGB: what engines and the screen see."""

Mask: TypeAlias = NDArray[np.uint8]
"""(H, W) uint8, 255 = marked."""

Native: TypeAlias = NDArray[np.uint8] | NDArray[np.uint16]
"""(H, W) gray or (H, W, 3) RGB in the file's own depth and profile."""


class Size(NamedTuple):
    """Width before height, as in file headers and Qt."""

    width: int
    height: int

    @classmethod
    def of(cls, array: NDArray[np.generic]) -> Self:
        """Size of an (H, W) or (H, W, C) array."""
        return cls(array.shape[1], array.shape[0])

    @property
    def pixels(self) -> int:
        return self.width * self.height


class Rect(NamedTuple):
    """An upright rectangle; `right` and `bottom` lie just outside."""

    x: int
    y: int
    width: int
    height: int

    @classmethod
    def whole(cls, size: Size) -> Self:
        """The rectangle that covers a picture of this size."""
        return cls(0, 0, size.width, size.height)

    @classmethod
    def between(cls, left: int, top: int, right: int, bottom: int) -> Self:
        """The rectangle between two edges each way; empty when they are crossed."""
        return cls(left, top, max(0, right - left), max(0, bottom - top))

    @property
    def right(self) -> int:
        return self.x + self.width

    @property
    def bottom(self) -> int:
        return self.y + self.height

    @property
    def size(self) -> Size:
        return Size(self.width, self.height)

    @property
    def is_empty(self) -> bool:
        return self.width <= 0 or self.height <= 0

    @property
    def slices(self) -> tuple[slice, slice]:
        """Index of this rectangle in an (H, W, ...) array; the rectangle must lie inside."""
        x, y, width, height = self
        return slice(y, y + height), slice(x, x + width)

    def pad(self, margin_px: int) -> "Rect":
        """Widened on all four sides; a negative margin narrows."""
        x, y, width, height = self
        return Rect(
            x - margin_px,
            y - margin_px,
            max(0, width + 2 * margin_px),
            max(0, height + 2 * margin_px),
        )

    def clamp(self, size: Size) -> "Rect":
        """The part inside a picture of this size."""
        return self.intersect(Rect(0, 0, *size))

    def intersect(self, other: "Rect") -> "Rect":
        """The part common to both; empty when they do not meet."""
        x, y, width, height = self
        other_x, other_y, other_width, other_height = other
        left, top = max(x, other_x), max(y, other_y)
        right, bottom = (
            min(x + width, other_x + other_width),
            min(y + height, other_y + other_height),
        )
        return Rect(left, top, max(0, right - left), max(0, bottom - top))

    def union(self, other: "Rect") -> "Rect":
        """The smallest rectangle that holds both; an empty one adds nothing."""
        x, y, width, height = self
        other_x, other_y, other_width, other_height = other
        if width <= 0 or height <= 0:
            return other
        if other_width <= 0 or other_height <= 0:
            return self
        left, top = min(x, other_x), min(y, other_y)
        right, bottom = (
            max(x + width, other_x + other_width),
            max(y + height, other_y + other_height),
        )
        return Rect(left, top, right - left, bottom - top)

    def moved(self, dx: int, dy: int) -> "Rect":
        return Rect(self.x + dx, self.y + dy, self.width, self.height)
