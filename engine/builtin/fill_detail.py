"""Carries a small fill up to full size with texture copied from the surroundings."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.builtin.fill_field import Field, spread
from engine.builtin.fill_scale import Hole, Level, Plane, enlarge, merged
from engine.builtin.fill_smooth import membrane
from engine.geometry import Rect

_SHIFTS = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]


@dataclass(frozen=True, slots=True, eq=False)
class Sources:
    """For each pixel of `rect` at one level: the place (y, x) its texture comes from."""

    rect: Rect
    y: NDArray[np.int32]
    x: NDArray[np.int32]


def sources_of(field: Field, hole: Hole) -> Sources:
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
) -> Sources:
    return Sources(rect, np.clip(y, 0, shape[0] - 1), np.clip(x, 0, shape[1] - 1))


def doubled(sources: Sources, shape: tuple[int, int]) -> Sources:
    """The same places one level up, of this (height, width)."""
    rect = Rect(*(2 * value for value in sources.rect)).intersect(Rect(0, 0, shape[1], shape[0]))
    y, x = (
        2 * axis.repeat(2, 0).repeat(2, 1)[: rect.height, : rect.width]
        for axis in (sources.y, sources.x)
    )
    y[1::2] += 1
    x[:, 1::2] += 1
    return _inside(rect, y, x, shape)


def bilinear(small: Plane, y: NDArray[np.int32], x: NDArray[np.int32]) -> Plane:
    """Values of the linear enlargement of `small` by two at the places (y, x)."""
    height, width = small.shape[:2]
    near_y, near_x = y >> 1, x >> 1
    far_y = np.clip(near_y + (y & 1) * 2 - 1, 0, height - 1)
    far_x = np.clip(near_x + (x & 1) * 2 - 1, 0, width - 1)
    near = 0.75 * small[near_y, near_x] + 0.25 * small[near_y, far_x]
    far = 0.75 * small[far_y, near_x] + 0.25 * small[far_y, far_x]
    return (0.75 * near + 0.25 * far).astype(np.float32)


def _luma(plane: Plane) -> Plane:
    return (plane @ np.array([0.299, 0.587, 0.114], np.float32)).astype(np.float32)


def aligned(sources: Sources, small: Plane, target: Plane, shape: tuple[int, int]) -> Sources:
    """Moves each source by up to 1 px to where the enlarged `small` is most like `target`."""
    grey_small, grey_target = _luma(small), _luma(target)
    best = np.full(grey_target.shape, np.inf, np.float32)
    best_y, best_x = sources.y.copy(), sources.x.copy()
    for dy, dx in sorted(_SHIFTS, key=lambda shift: abs(shift[0]) + abs(shift[1])):
        moved = _inside(sources.rect, sources.y + dy, sources.x + dx, shape)
        difference = bilinear(grey_small, moved.y, moved.x) - grey_target
        cost = cv2.blur(difference * difference, (5, 5))
        better = cost < best * 0.97
        best[better] = cost[better]
        best_y[better], best_x[better] = moved.y[better], moved.x[better]
    return Sources(sources.rect, best_y, best_x)


def climb(
    levels: list[Level], smallest: Plane, sources: Sources, report: Callable[[float], None]
) -> tuple[Plane, Rect]:
    """From the filled last of `levels` to the first: the fill, and the rectangle it is of.

    Adds at each size what the source places have there and not one size below.
    """
    filled, part = smallest, smallest[sources.rect.slices]
    for done, level in enumerate(reversed(levels[:-1])):
        report(done / (len(levels) - 1))
        part, sources = _risen(level, filled, sources)
        if level is not levels[0]:
            filled = np.array(level.pixels, np.float32)
            filled[sources.rect.slices] = part
    return part, sources.rect


def _risen(level: Level, below: Plane, sources: Sources) -> tuple[Plane, Sources]:
    """The fill one level up over its sources' rectangle, and those sources."""
    rough = doubled(sources, level.shape)
    shape = rough.rect.height, rough.rect.width
    up = enlarge(below[sources.rect.slices], shape)
    fine = aligned(rough, below, up, level.shape)
    part = up + detail(level, below, fine)
    return joined(cut(level, fine.rect), part), fine


def detail(level: Level, below: Plane, sources: Sources) -> Plane:
    """What the source places hold beyond the enlarged level below."""
    here = level.pixels[sources.y, sources.x].astype(np.float32)
    return here - bilinear(below, sources.y, sources.x)


def cut(level: Level, rect: Rect) -> Level:
    """The part of a level inside `rect`."""
    return Level(level.pixels[rect.slices], level.hole[rect.slices])


def joined(level: Level, made: Plane) -> Plane:
    """`made` in the hole, bent to meet what is known around it.

    Across the outline the steps become those of the made texture itself (Perez et al. 2003).
    """
    error = Level((level.pixels - made).astype(np.float32), level.hole)
    return merged(level, made + membrane(error))
