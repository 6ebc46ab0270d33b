"""Carries a small fill up to full size with texture copied from the surroundings."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.builtin.fill.field import OffsetField, spread
from engine.builtin.fill.membrane import spread_error
from engine.builtin.fill.pyramid import Hole, Plane, PyramidLevel, cut, enlarge, merged, to_image
from engine.geometry import Image, Rect, Size

_SHIFTS = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
_TILE_PX = 768  # even, as are the corners of all that is doubled
_OVERLAP_PX = 64
_ALIGNED_PX = 4_000_000  # a level of more pixels shows no fault of half a pixel


@dataclass(frozen=True, slots=True, eq=False)
class TextureSources:
    """For each pixel of `rect` at one level: the place (y, x) its texture comes from."""

    rect: Rect
    y: NDArray[np.int32]
    x: NDArray[np.int32]


def sources_of(field: OffsetField, hole: Hole) -> TextureSources:
    """The field over the hole's bounds and a little more, each pixel with its nearest."""
    ys, xs = np.nonzero(hole)
    around = Rect.between(int(xs.min()), int(ys.min()), int(xs.max()) + 1, int(ys.max()) + 1)
    height, width = hole.shape
    rect = around.pad(4).intersect(Rect(0, 0, width, height))
    offsets = spread(field, hole)[rect.slices]
    y, x = np.mgrid[rect.y : rect.bottom, rect.x : rect.right].astype(np.int32)
    return _inside(rect, y + offsets[..., 0], x + offsets[..., 1], hole.shape)


def _inside(
    rect: Rect, y: NDArray[np.int32], x: NDArray[np.int32], shape: tuple[int, ...]
) -> TextureSources:
    return TextureSources(rect, np.clip(y, 0, shape[0] - 1), np.clip(x, 0, shape[1] - 1))


def doubled(sources: TextureSources, shape: tuple[int, int]) -> TextureSources:
    """The same places one level up, of this (height, width)."""
    rect = _doubled_rect(sources.rect, shape)
    y, x = (
        2 * axis.repeat(2, 0).repeat(2, 1)[: rect.height, : rect.width]
        for axis in (sources.y, sources.x)
    )
    y[1::2] += 1
    x[:, 1::2] += 1
    return _inside(rect, y, x, shape)


def _doubled_rect(rect: Rect, shape: tuple[int, int]) -> Rect:
    return Rect(*(2 * value for value in rect)).clamp(Size(shape[1], shape[0]))


def bilinear(small: Plane, y: NDArray[np.int32], x: NDArray[np.int32]) -> Plane:
    """Values of the linear enlargement of `small` by two at the places (y, x)."""
    at_x, at_y = (axis.astype(np.float32) * 0.5 - 0.25 for axis in (x, y))
    found = cv2.remap(small, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float32)


def _luma(plane: Plane) -> Plane:
    return (plane @ np.array([0.299, 0.587, 0.114], np.float32)).astype(np.float32)


def aligned(
    sources: TextureSources, small: Plane, target: Plane, shape: tuple[int, int]
) -> TextureSources:
    """Moves each source by up to 1 px to where the enlarged `small` is most like `target`.

    Both are grey; `small` is the whole level below, `target` covers the sources' rectangle.
    """
    best = np.full(target.shape, np.inf, np.float32)
    best_y, best_x = sources.y.copy(), sources.x.copy()
    for dy, dx in sorted(_SHIFTS, key=lambda shift: abs(shift[0]) + abs(shift[1])):
        moved = _inside(sources.rect, sources.y + dy, sources.x + dx, shape)
        difference = bilinear(small, moved.y, moved.x) - target
        cost = cv2.blur(difference * difference, (5, 5))
        better = cost < best * 0.97
        best[better] = cost[better]
        best_y[better], best_x[better] = moved.y[better], moved.x[better]
    return TextureSources(sources.rect, best_y, best_x)


def climb(
    levels: list[PyramidLevel],
    smallest: Plane,
    sources: TextureSources,
    report: Callable[[float], None],
) -> Image:
    """(H, W, 3) uint8 at the first of `levels`, from the filled last of them.

    Adds at each size what the source places have there and not one size below.
    """
    filled: Plane | Image = smallest
    for done, level in enumerate(reversed(levels[:-1])):
        part = partial(_part, report, done, len(levels) - 1)
        filled, sources = _risen(level, np.asarray(filled, np.float32), sources, part)
    return to_image(filled)


def _part(report: Callable[[float], None], done: int, count: int, fraction: float) -> None:
    report((done + fraction) / count)


def _risen(
    level: PyramidLevel, below: Plane, sources: TextureSources, report: Callable[[float], None]
) -> tuple[Plane | Image, TextureSources]:
    """The level filled tile by tile, in its own depth, and the sources at its size."""
    filled = level.pixels.copy()
    grey = None if level.hole.size > _ALIGNED_PX else _luma(below)
    rect = _doubled_rect(sources.rect, level.shape)
    y, x = np.zeros((2, rect.height, rect.width), np.int32)
    for tile, fraction in tiles(rect):
        report(fraction)
        if not level.hole[tile.slices].any():
            continue
        wide = tile.pad(_OVERLAP_PX).intersect(rect)
        made, fine = _risen_tile(level, below, grey, _cropped(sources, wide))
        inner, place = tile.moved(-wide.x, -wide.y).slices, tile.moved(-rect.x, -rect.y).slices
        y[place], x[place] = fine.y[inner], fine.x[inner]
        _write(filled, level.hole, tile, made[inner])
    return filled, TextureSources(rect, y, x)


def _write(filled: Plane | Image, hole: Hole, tile: Rect, made: Plane) -> None:
    """Puts what was made into the hole inside the tile."""
    inside = hole[tile.slices]
    part = to_image(made) if filled.dtype == np.uint8 else made
    np.copyto(filled[tile.slices], part, where=inside[..., None])


def tiles(rect: Rect) -> Iterator[tuple[Rect, float]]:
    """Tiles that cover a rectangle, and how much of it lies above each."""
    for top in range(rect.y, rect.bottom, _TILE_PX):
        for left in range(rect.x, rect.right, _TILE_PX):
            tile = Rect(left, top, _TILE_PX, _TILE_PX).intersect(rect)
            yield tile, (top - rect.y) / rect.height


def _cropped(sources: TextureSources, rect: Rect) -> TextureSources:
    """What the pixels of `rect`, one level up, descend from; `rect` begins at even places."""
    half = Rect.between(rect.x // 2, rect.y // 2, (rect.right + 1) // 2, (rect.bottom + 1) // 2)
    part = half.moved(-sources.rect.x, -sources.rect.y).slices
    return TextureSources(half, sources.y[part], sources.x[part])


def _risen_tile(
    level: PyramidLevel, below: Plane, grey_below: Plane | None, sources: TextureSources
) -> tuple[Plane, TextureSources]:
    """The fill one level up over its sources' rectangle, and those sources."""
    rough = doubled(sources, level.shape)
    up = enlarge(below[sources.rect.slices], (rough.rect.height, rough.rect.width))
    fine = rough
    if grey_below is not None:
        fine = aligned(rough, grey_below, _luma(up), level.shape)
    part = detail(level, below, fine)
    part += up
    return joined(cut(level, fine.rect), part), fine


def detail(level: PyramidLevel, below: Plane, sources: TextureSources) -> Plane:
    """What the source places hold beyond the enlarged level below."""
    at_x, at_y = sources.x.astype(np.float32), sources.y.astype(np.float32)
    here = cv2.remap(level.pixels, at_x, at_y, cv2.INTER_NEAREST)
    return np.asarray(here, np.float32) - bilinear(below, sources.y, sources.x)


def joined(level: PyramidLevel, made: Plane) -> Plane:
    """`made` in the hole, bent to meet what is known around it.

    Across the outline the steps become those of the made texture itself (Perez et al. 2003).
    """
    error = spread_error(PyramidLevel(level.pixels - made, level.hole))
    error += made
    return merged(level, error)
