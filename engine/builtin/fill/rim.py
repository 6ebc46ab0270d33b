"""Things that touch a hole and end there: a shadow, a part of the object that was not marked.

A hole is filled from a smooth surround. What differs from it in one short stretch of the rim would
be dragged in, as smoke, so it counts as unknown: neither tones nor texture come from it. What meets
the rim in two places may go on through the hole, and what widens beyond it is ground: both stay.
"""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.builtin.fill.pyramid import Hole, Plane, PyramidLevel, cut, depth_px
from engine.geometry import Rect, Size

_RIM_PX = 3
_LEAST_RIM_PX = 24  # a shorter rim says too little
_LEAST_DEPTH_PX = 4.0  # smoke does not show in a thinner hole
_STEP = 30.0  # levels that a thing differs by, at least
_SPREADS = 5.0  # and times the spread of the rest of the rim
_SMOOTH = 6.0  # levels of spread: where there is more, nothing is called strange
_LONGEST = 0.25  # of the rim, for one thing
_MOST = 0.4  # of the rim, for all of them
_WIDENS = 1.4  # ground is so much wider half its stretch away from the rim
_EDGE_PX = 2  # a thing has a soft edge
_LEAST_REACH_PX = 12
_ROUNDS = 6


def touching(level: PyramidLevel) -> Hole | None:
    """(H, W) True on things that touch a hole and end there; None when nothing does."""
    found = np.zeros(level.shape, np.bool_)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(level.hole.view(np.uint8))
    for number, row in enumerate(stats[1:], 1):
        part = Rect(*(int(value) for value in row[:4]))
        around = surround(part, Size.of(level.hole))
        own = labels[around.slices] == number
        found[around.slices] |= touching_one(cut(level, around), own)
    return found if found.any() else None


def surround(part: Rect, size: Size) -> Rect:
    """What is looked at around a hole with these bounds."""
    return part.pad(max(_LEAST_REACH_PX, max(part.size) // 2)).clamp(size)


def touching_one(level: PyramidLevel, own: Hole) -> Hole:
    """(H, W) True on what touches the hole `own`, one of those of the level, and ends there."""
    nothing = np.zeros_like(own)
    rim = _dilated(own, _RIM_PX) & ~level.hole
    values = level.pixels[rim]
    if len(values) < _LEAST_RIM_PX or np.ptp(values.astype(np.float32), axis=0).max() < _STEP:
        return nothing
    if depth_px(own) < _LEAST_DEPTH_PX:
        return nothing
    strange = _strange(level, rim)
    if np.count_nonzero(strange & rim) > _MOST * len(values):
        return nothing
    reach_px = max(_LEAST_REACH_PX, max(own.any(0).sum(), own.any(1).sum()) // 3)
    strange &= _dilated(own, int(reach_px))
    if not strange.any():
        return nothing
    things = [thing for thing in _things(strange, rim) if _ends(level, thing, own, rim)]
    kept = [
        thing
        for thing in things
        if not any(_may_join(level, thing, other, own) for other in things if other is not thing)
    ]
    return _dilated(np.logical_or.reduce(kept), _EDGE_PX) & ~level.hole if kept else nothing


def _strange(level: PyramidLevel, rim: Hole) -> Hole:
    """What is far from the plane (in colour over place) that most of the rim lies on."""
    height, width = rim.shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    places = np.stack([np.ones_like(y), (y - height / 2) / height, (x - width / 2) / width], -1)
    smooth = _smooth(level)
    plane = _plane(places[rim], smooth[rim])
    near = np.abs(smooth[rim] - places[rim] @ plane).max(-1)
    spread = 1.48 * float(np.median(near))
    step = max(_STEP, _SPREADS * spread)
    if spread > _SMOOTH or near.max() <= step:
        return np.zeros_like(rim)
    return (np.abs(smooth - places @ plane).max(-1) > step) & ~level.hole


def _smooth(level: PyramidLevel) -> Plane:
    """Means of 3 x 3 known pixels."""
    known = (~level.hole).astype(np.float32)
    share = np.asarray(cv2.blur(known, (3, 3)), np.float32)[..., None]
    total = np.asarray(cv2.blur(level.pixels * known[..., None], (3, 3)), np.float32)
    return np.asarray(total / np.maximum(share, 0.1), np.float32)


def _plane(places: Plane, values: Plane) -> NDArray[np.float32]:
    """(3, 3) coefficients by place and channel; what lies far off the rest has no say."""
    values = values - (middle := np.median(values, axis=0))
    weight = 1 / (1 + np.square(values).sum(-1) / _STEP**2)
    found = np.zeros((3, 3), np.float64)
    for _ in range(_ROUNDS):
        weighted = places * weight[:, None]
        normal = weighted.T @ places + 1e-3 * weight.sum() * np.diag([0, 1, 1])
        found = np.asarray(np.linalg.solve(normal, weighted.T @ values), np.float64)
        off = np.square(values - places @ found).sum(-1)
        weight = 1 / np.square(1 + off / max(8.0, 4 * float(np.median(off))))
    found[0] += middle
    return found.astype(np.float32)


def _things(strange: Hole, rim: Hole) -> Iterator[Hole]:
    """The connected parts of what is strange that lie on the rim."""
    _, labels = cv2.connectedComponents(strange.view(np.uint8))
    numbers, counts = np.unique(labels[rim & strange], return_counts=True)
    for number, count in zip(numbers, counts):
        if count >= 2 * _RIM_PX:
            yield np.asarray(labels == number, np.bool_)


def _ends(level: PyramidLevel, thing: Hole, own: Hole, rim: Hole) -> bool:
    """Whether it meets a short stretch of the rim, and is no wider further out."""
    stretch = np.count_nonzero(thing & rim)
    if stretch > _LONGEST * np.count_nonzero(rim):
        return False
    away_px = round(stretch / _RIM_PX / 2) + _RIM_PX
    further = _dilated(own, away_px + _RIM_PX) & ~_dilated(own, away_px) & ~level.hole
    area = np.count_nonzero(thing)
    return bool(
        np.count_nonzero(thing & further) <= _WIDENS * stretch
        and area <= np.count_nonzero(own) / 2
        and np.count_nonzero(thing & _hull(own)) <= area / 3
    )


def _hull(hole: Hole) -> Hole:
    """The convex hull: what lies in a bay of the hole has the hole on its other side, too."""
    corners = cv2.convexHull(np.argwhere(hole)[:, ::-1].astype(np.int32))
    filled = cv2.fillConvexPoly(np.zeros(hole.shape, np.uint8), corners, 1)
    return np.asarray(filled > 0, np.bool_)


def _may_join(level: PyramidLevel, thing: Hole, other: Hole, own: Hole) -> bool:
    """Whether the two, of one colour and on two sides of the hole, may be one that goes through."""
    near = _dilated(own, 2 * _RIM_PX)
    colours = [np.median(level.pixels[part & near], axis=0) for part in (thing, other)]
    if np.abs(colours[0] - colours[1]).max() > 2 * _STEP:
        return False
    middle = np.argwhere(own).mean(0)
    to, back = (np.argwhere(part & near).mean(0) - middle for part in (thing, other))
    return float(to @ back) < 0


def _dilated(hole: Hole, radius_px: int) -> Hole:
    kernel = np.ones((2 * radius_px + 1, 2 * radius_px + 1), np.uint8)
    return np.asarray(cv2.dilate(hole.view(np.uint8), kernel) > 0, np.bool_)
