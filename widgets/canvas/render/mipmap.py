"""A picture or a mask at 1, 1/2, 1/4 ... of its size, so that drawing costs what is seen.

Level 0 is the caller's own array and is never copied: (H, W, 3) RGB or (H, W) gray. The smaller
levels of a picture are (H, W, 4) BGRX, the layout of the screen.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from widgets.canvas.view import Box

Pixels = NDArray[np.uint8]

SMALLEST = 64
BAND = 512


@dataclass(slots=True, eq=False)
class Mipmap:
    """Levels, finest first; the ones not there yet are None. `left`, `top`: place in the picture.

    A pyramid that covers a part only starts at a multiple of its coarsest pixel, and is empty
    (zero) around.
    """

    levels: list[Pixels | None]
    width: int
    height: int
    left: int = 0
    top: int = 0
    part: bool = False

    def level_for(self, wanted: int) -> int:
        """The finest level that is there and not finer than wanted, else the next finer one."""
        last = len(self.levels) - 1
        there = [i for i in range(min(wanted, last), last + 1) if self.levels[i] is not None]
        return there[0] if there else self._coarsest()

    def _coarsest(self) -> int:
        return max(i for i, level in enumerate(self.levels) if level is not None)

    @property
    def box(self) -> Box:
        return Box(self.left, self.top, self.left + self.width, self.top + self.height)

    def crop(self, level: int, box: Box) -> Pixels:
        """A part of one level, in that level's pixels of the whole picture."""
        array = self.levels[level]
        assert array is not None
        box = box.shift(-(self.left >> level), -(self.top >> level))
        height, width = array.shape[:2]
        inner = box.clip(Box(0, 0, width, height))
        found = array[inner.top : inner.bottom, inner.left : inner.right]
        if not self.part or inner == box:
            return found
        return cv2.copyMakeBorder(  # pyright: ignore[reportReturnType]
            found,
            inner.top - box.top,
            box.bottom - inner.bottom,
            inner.left - box.left,
            box.right - inner.right,
            cv2.BORDER_CONSTANT,
            value=(0, 0, 0, 0),
        )

    def refresh(self, box: Box) -> None:
        """Bring all levels up to date after level 0 changed inside a box."""
        box = box.clip(Box(0, 0, self.width, self.height))
        for finer, coarser in zip(self.levels, self.levels[1:]):
            box = Box(box.left >> 1, box.top >> 1, (box.right + 1) >> 1, (box.bottom + 1) >> 1)
            if finer is not None and coarser is not None:
                box = box.clip(Box(0, 0, coarser.shape[1], coarser.shape[0]))
                _halve_box(finer, coarser, box)


def _halve_box(finer: Pixels, coarser: Pixels, box: Box) -> None:
    for top in range(box.top, box.bottom, BAND):
        bottom = min(top + BAND, box.bottom)
        source = finer[2 * top : 2 * bottom, 2 * box.left : 2 * box.right]
        _halve(source, coarser[top:bottom, box.left : box.right])


def _halve(source: Pixels, into: Pixels) -> None:
    size = (into.shape[1], into.shape[0])
    if source.ndim == 3 and source.shape[2] != into.shape[2]:
        half = cv2.resize(source, size, interpolation=cv2.INTER_AREA)
        cv2.cvtColor(half, cv2.COLOR_RGB2BGRA, dst=into)
    else:
        cv2.resize(source, size, dst=into, interpolation=cv2.INTER_AREA)


def depth_of(width: int, height: int) -> int:
    """How many levels a picture of this size has."""
    longest = max(width, height)
    return 1 + max(0, (longest - 1).bit_length() - (SMALLEST - 1).bit_length())


def _empty_levels(array: Pixels, depth: int, channels: tuple[int, ...]) -> list[Pixels | None]:
    height, width = array.shape[:2]
    sizes = [(max(1, height >> i), max(1, width >> i)) for i in range(1, depth)]
    return [array, *(np.zeros((h, w, *channels), np.uint8) for h, w in sizes)]


def of_picture(view: Pixels) -> Mipmap:
    """All levels of an (H, W, 3) RGB picture; takes 130 ms and more at 100 megapixels."""
    height, width = view.shape[:2]
    levels = _empty_levels(view, depth_of(width, height), (4,))
    pyramid = Mipmap(levels, width, height)
    pyramid.refresh(pyramid.box)
    return pyramid


def of_mask(mask: Pixels) -> Mipmap:
    """Levels of an (H, W) mask, all of them empty: refresh what is marked."""
    height, width = mask.shape[:2]
    return Mipmap(_empty_levels(mask, depth_of(width, height), ()), width, height)


def of_alpha(alpha: Pixels) -> Mipmap:
    """All levels of an (H, W) channel; takes 80 ms at 100 megapixels."""
    pyramid = of_mask(alpha)
    pyramid.refresh(pyramid.box)
    return pyramid


def coarse_alpha(alpha: Pixels) -> Mipmap:
    """A large (H, W) channel to show at once: every eighth pixel for the small levels."""
    height, width = alpha.shape
    depth, level = depth_of(width, height), 3
    small = np.ascontiguousarray(alpha[: height & ~7 : 8, : width & ~7 : 8])
    levels: list[Pixels | None] = [None] * depth
    levels[level:] = _empty_levels(small, depth - level, ())
    levels[0] = alpha
    pyramid = Mipmap(levels, width, height)
    pyramid.refresh(pyramid.box)
    return pyramid


def coarse(view: Pixels) -> Mipmap:
    """A picture to show at once, while its levels are built: every eighth pixel for the small."""
    height, width = view.shape[:2]
    small = np.ascontiguousarray(view[: height & ~7 or height : 8, : width & ~7 or width : 8])
    pyramid = of_preview(small, width, height)
    pyramid.levels[0] = view
    return pyramid


def of_preview(small: Pixels, width: int, height: int) -> Mipmap:
    """What can be shown of a picture from a smaller (h, w, 3) RGB copy of it."""
    depth = depth_of(width, height)
    ratio = max(1.0, width / small.shape[1])
    level = min(depth - 1, max(0, round(np.log2(ratio))))
    size = (max(1, width >> level), max(1, height >> level))
    if level == 0:
        return of_picture(cv2.resize(small, size).astype(np.uint8, copy=False))
    fitted = cv2.cvtColor(cv2.resize(small, size), cv2.COLOR_RGB2BGRA)
    levels: list[Pixels | None] = [None] * depth
    levels[level:] = _empty_levels(fitted.astype(np.uint8, copy=False), depth - level, (4,))
    pyramid = Mipmap(levels, width, height)
    pyramid.refresh(pyramid.box)
    return pyramid


def of_part(array: Pixels, left: int, top: int, depth: int) -> Mipmap:
    """A mask or a premultiplied BGRA patch that lies somewhere in a picture of this depth."""
    grain = 1 << (depth - 1)
    x0, y0 = left // grain * grain, top // grain * grain
    height, width = top - y0 + array.shape[0], left - x0 + array.shape[1]
    shape = (-(-height // grain) * grain, -(-width // grain) * grain, *array.shape[2:])
    padded = np.zeros(shape, np.uint8)
    padded[top - y0 : height, left - x0 : width] = array
    levels = _empty_levels(padded, depth, array.shape[2:])
    pyramid = Mipmap(levels, padded.shape[1], padded.shape[0], x0, y0, part=True)
    pyramid.refresh(Box(0, 0, pyramid.width, pyramid.height))
    return pyramid


def of_part_preview(small: Pixels, box: Box, depth: int) -> Mipmap:
    """A part of a mask from a smaller (h, w) copy of it: no level is finer than that."""
    grain = 1 << (depth - 1)
    left, top = box.left // grain * grain, box.top // grain * grain
    width, height = (
        -(-(box.right - left) // grain) * grain,
        -(-(box.bottom - top) // grain) * grain,
    )
    level = min(depth - 1, int(np.log2(max(1.0, box.width / small.shape[1]))))
    array = np.zeros((height >> level, width >> level), np.uint8)
    x, y = (box.left - left) >> level, (box.top - top) >> level
    right = max(x + 1, (box.right - left) >> level)
    bottom = max(y + 1, (box.bottom - top) >> level)
    cv2.resize(small, (right - x, bottom - y), dst=array[y:bottom, x:right])
    levels: list[Pixels | None] = [None] * depth
    levels[level:] = _empty_levels(array, depth - level, ())
    pyramid = Mipmap(levels, width, height, left, top, part=True)
    pyramid.refresh(Box(0, 0, width, height))
    return pyramid
