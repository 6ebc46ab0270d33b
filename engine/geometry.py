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
        return slice(self.y, self.bottom), slice(self.x, self.right)

    def pad(self, margin_px: int) -> "Rect":
        """Widened on all four sides; a negative margin narrows."""
        return Rect.between(
            self.x - margin_px, self.y - margin_px, self.right + margin_px, self.bottom + margin_px
        )

    def clamp(self, size: Size) -> "Rect":
        """The part inside a picture of this size."""
        return self.intersect(Rect.whole(size))

    def intersect(self, other: "Rect") -> "Rect":
        """The part common to both; empty when they do not meet."""
        return Rect.between(
            max(self.x, other.x),
            max(self.y, other.y),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    def union(self, other: "Rect") -> "Rect":
        """The smallest rectangle that holds both; an empty one adds nothing."""
        if self.is_empty or other.is_empty:
            return other if self.is_empty else self
        return Rect.between(
            min(self.x, other.x),
            min(self.y, other.y),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def moved(self, dx: int, dy: int) -> "Rect":
        return Rect(self.x + dx, self.y + dy, self.width, self.height)
