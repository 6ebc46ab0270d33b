"""Fills without texture: a stretched skin and a bent plate over the hole."""

import math
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.builtin.fill.pyramid import Hole, Plane, PyramidLevel, enlarge, halve, merged
from engine.geometry import Rect

_RELAX_STEPS = 6
_BLOCK_PX = 64
_MIDDLE_GREY = 127.0
_PLATE_PIXELS = 12_000  # unknowns of the sparse solve: about 0.2 s


def membrane(level: PyramidLevel, steps: int = _RELAX_STEPS) -> Plane:
    """(H, W, 3) harmonic fill of a picture: coarse to fine, a few relaxations at each size.

    With nothing known the hole gets a middle grey.
    """
    return _stretched(level, steps, _MIDDLE_GREY)


def spread_error(error: PyramidLevel, steps: int = _RELAX_STEPS) -> Plane:
    """(H, W, 3) harmonic fill of a difference of two pictures; 0 with nothing known."""
    return _stretched(error, steps, 0.0)


def _stretched(level: PyramidLevel, steps: int, unknown: float) -> Plane:
    if not level.hole.any():
        return np.asarray(level.pixels, np.float32)
    if level.hole.all():
        return np.full((*level.shape, 3), unknown, np.float32)
    if max(level.shape) <= 2:
        inside = np.full((*level.shape, 3), level.pixels[~level.hole].mean(0), np.float32)
        return merged(level, inside)
    guess = enlarge(_stretched(halve(level, least=0.25), steps, unknown), level.shape)
    return _relaxed(merged(level, guess), level.hole, steps)


def _relaxed(plane: Plane, hole: Hole, steps: int) -> Plane:
    """The plane relaxed near the rim; further away the steps would hardly change it."""
    whole = Rect(0, 0, hole.shape[1], hole.shape[0])
    if whole.size.pixels <= _BLOCK_PX**2 * 16:
        return _relaxed_part(plane, hole, steps)
    result = plane.copy()
    for block in _rim_blocks(hole):
        wide = block.pad(steps).intersect(whole)
        made = _relaxed_part(plane[wide.slices], hole[wide.slices], steps)
        result[block.slices] = made[block.moved(-wide.x, -wide.y).slices]
    return result


def _rim_blocks(hole: Hole) -> Iterator[Rect]:
    """Blocks of the plane in which the hole's rim lies, or next to one."""
    height, width = hole.shape
    size = (math.ceil(width / _BLOCK_PX), math.ceil(height / _BLOCK_PX))
    padded = np.pad(
        hole.view(np.uint8), [(0, -height % _BLOCK_PX), (0, -width % _BLOCK_PX)], "edge"
    )
    share = cv2.resize(padded.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    filled, empty = share > 1 - 1e-6, share < 1e-6
    square = np.ones((3, 3), np.uint8)
    near = cv2.dilate((~filled).astype(np.uint8), square) > 0
    for row, column in np.argwhere(near & ~empty):
        block = Rect(int(column) * _BLOCK_PX, int(row) * _BLOCK_PX, _BLOCK_PX, _BLOCK_PX)
        yield block.intersect(Rect(0, 0, width, height))


def _relaxed_part(plane: Plane, hole: Hole, steps: int) -> Plane:
    known: NDArray[np.bool_] = ~hole[..., None]
    fixed = plane
    for _ in range(steps):
        plane = np.asarray(cv2.blur(plane, (3, 3), borderType=cv2.BORDER_REPLICATE), np.float32)
        np.copyto(plane, fixed, where=known)
    return plane


def plate(level: PyramidLevel) -> Plane:
    """Biharmonic fill, solved at a size where the hole has few enough pixels."""
    if level.hole.sum() > _PLATE_PIXELS and min(level.shape) >= 16:
        smaller = halve(level)
        if smaller.hole.any() and not smaller.hole.all():
            return merged(level, enlarge(plate(smaller), level.shape))
    if min(level.shape) < 8 or level.hole.all():
        return membrane(level)
    from skimage.restoration import (  # late: a window stands without SciPy
        inpaint_biharmonic,  # pyright: ignore[reportUnknownVariableType]
    )

    known = merged(level, np.zeros(3, np.float32)) / np.float32(255)
    solved = np.asarray(inpaint_biharmonic(known, level.hole, channel_axis=-1), np.float32)
    if not np.isfinite(solved).all():  # nothing known in reach of some part of the hole
        return membrane(level)
    return merged(level, np.clip(solved, 0, 1) * np.float32(255))
