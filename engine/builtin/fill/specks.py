"""Heals specks: each takes the near place that is most alike around it, bent to meet its rim."""

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.builtin.fill.pyramid import Hole, Plane, PyramidLevel, cut, depth_px, to_image
from engine.builtin.fill.rim import surround, touching_one
from engine.geometry import Image, Mask, Rect, Size

SPECK_PX = 48  # the longest side of a hole that is healed
_DEPTH_PX = 10  # and its greatest depth
_RIM_PX = 3  # what is compared around it
_NEAR_PX = 32  # how far away sources lie
_BUSY = 8.0  # levels that half of what is around a speck differ by: nothing stands out there
_CHANCE = 0.2  # another seed takes a place that is worse by as much


def heal(level: PyramidLevel, seed: int, wanted: Mask | None = None) -> Image | None:
    """(H, W, 3) uint8: the level with its holes filled, or those that touch (H, W) `wanted` > 0.

    None when one of them is no speck, or a speck has nothing to copy from.
    """
    if _is_wide(level.hole):
        return None
    _, labels, stats, _ = cv2.connectedComponentsWithStats(level.hole.view(np.uint8))
    parts = [Rect(*(int(value) for value in row[:4])) for row in stats[1:]]
    if max(max(part.size) for part in parts) > SPECK_PX or depth_px(level.hole) > _DEPTH_PX:
        return None
    filled = to_image(level.pixels).copy()
    chance = np.random.default_rng(seed)
    for number, part in enumerate(parts, 1):
        around = part.pad(_RIM_PX).clamp(Size.of(level.hole))
        speck = (labels[around.slices] == number).astype(np.uint8)
        if wanted is not None and not wanted[around.slices][speck > 0].any():
            continue
        known = _known(level, around, speck)
        source = _source(level, around, speck, known, chance)
        if source is None:
            return None
        filled[around.slices][speck > 0] = to_image(_bent(level, around, source, speck, known))
    return filled


def _is_wide(hole: Hole) -> bool:
    """Whether some hole is wider than a speck, as far as a look at some rows tells."""
    rows = np.ascontiguousarray(hole[:: SPECK_PX // 2]).view(np.uint8)
    runs = cv2.erode(rows, np.ones((1, SPECK_PX + 1), np.uint8), borderValue=0)
    return bool(np.any(runs))


def _known(level: PyramidLevel, around: Rect, speck: Mask) -> Hole:
    """(h, w) of `around`: what is known there, less what touches the speck and ends there."""
    known = ~level.hole[around.slices]
    values = level.pixels[around.slices][known].astype(np.float32)
    if len(values) == 0 or np.median(np.abs(values - np.median(values, axis=0))) > _BUSY:
        return known
    wide = surround(around, Size.of(level.hole))
    place = around.moved(-wide.x, -wide.y).slices
    own = np.zeros((wide.height, wide.width), np.bool_)
    own[place] = speck > 0
    part = cut(level, wide)
    return ~(part.hole | touching_one(part, own))[place]


def _source(
    level: PyramidLevel, around: Rect, speck: Mask, known: Hole, chance: np.random.Generator
) -> Rect | None:
    """The place of the size of `around` that is most like its rim, and free of holes."""
    near = around.pad(_NEAR_PX).clamp(Size.of(level.hole))
    footprint = cv2.dilate(speck, np.ones((2 * _RIM_PX + 1, 2 * _RIM_PX + 1), np.uint8))
    holes = level.hole[near.slices].astype(np.float32)
    taken = cv2.matchTemplate(holes, footprint.astype(np.float32), cv2.TM_CCORR) > 0.5
    rim = ((footprint > 0) & known).astype(np.float32)
    if taken.all() or not rim.any():
        return None
    cost = _costs(level, near, around, rim)
    cost *= 1 + _CHANCE * chance.random(cost.shape, np.float32)
    cost[taken] = np.inf
    y, x = np.unravel_index(int(cost.argmin()), cost.shape)
    return Rect(near.x + int(x), near.y + int(y), around.width, around.height)


def _costs(level: PyramidLevel, near: Rect, around: Rect, rim: Plane) -> NDArray[np.float32]:
    """The squared differences of the rim, at each place in `near`, plus that of grain."""
    place = level.pixels[near.slices].astype(np.float32)
    wanted = level.pixels[around.slices].astype(np.float32)
    mask = np.repeat(rim[..., None], 3, axis=2)
    found = cv2.matchTemplate(place, wanted, cv2.TM_SQDIFF, mask=mask)
    return (np.maximum(found, 0) + rim.sum()).astype(np.float32)


def _bent(level: PyramidLevel, around: Rect, source: Rect, speck: Mask, known: Hole) -> Plane:
    """(n, 3) for the n pixels of the speck: what the source holds, moved by what it misses.

    What it misses the rim by is weighed by the squared distance, which is harmonic in a disc.
    """
    made = level.pixels[source.slices].astype(np.float32)
    edge = cv2.dilate(speck, np.ones((3, 3), np.uint8)) > 0
    rim = edge & known
    if not rim.any():
        return made[speck > 0]
    missed = level.pixels[around.slices][rim] - made[rim]
    inside = np.argwhere(speck)[:, None].astype(np.float32)
    weight = 1 / np.square(inside - np.argwhere(rim)[None]).sum(axis=2, dtype=np.float32)
    return made[speck > 0] + weight @ missed / weight.sum(axis=1, keepdims=True)
