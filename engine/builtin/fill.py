"""The built-in removal: fills the hole of one crop without any trained model."""

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np

from engine.builtin.fill_detail import Sources, climb, joined, sources_of
from engine.builtin.fill_field import Matcher, usable
from engine.builtin.fill_patches import can_match, patch_fill
from engine.builtin.fill_scale import Level, Plane, blur, halvings, merged, to_image
from engine.builtin.fill_smooth import membrane, plate
from engine.geometry import Image, Mask

Report = Callable[[float, str], None]

SIDE_PX = 360
_THIN_DEPTH_PX = 3.0
_SMOOTH_SHARE = 0.5
_VARIANTS = ((1, 3), (1, 3), (0, 3))  # (halvings below the working size, patch radius)


def fill(image: Image, mask: Mask, seed: int, report: Report, side_px: float = SIDE_PX) -> Image:
    """The crop with its hole (mask > 0) filled; all other pixels as they were.

    The same seed gives the same bytes, another seed another variant. A crop that is all hole
    comes back grey. `report` gets fractions 0..1 and may raise to stop.
    """
    hole = mask > 0
    report(0.0, "fill")
    if not hole.any():
        return image.copy()
    crop = Level(image, hole)
    levels = halvings(crop, _working_side(crop, side_px))
    if not can_match(levels[-1]):
        return _pasted(crop, membrane(crop))
    small, sources = _small_fill(levels[-1], seed, partial(_part, report, 0.0, 0.7))
    part, rect = climb(levels, small, sources, partial(_part, report, 0.7, 1.0))
    out = image.copy()
    inside = hole[rect.slices]
    out[rect.slices][inside] = to_image(part)[inside]
    report(1.0, "fill")
    return out


def _part(report: Report, start: float, stop: float, fraction: float) -> None:
    report(start + (stop - start) * fraction, "fill")


def _pasted(crop: Level, plane: Plane) -> Image:
    return np.where(crop.hole[..., None], to_image(plane), crop.pixels).astype(np.uint8)


def depth_px(hole: np.ndarray) -> float:
    """Largest distance of a pixel of the hole from its outline; the crop's border is none."""
    return float(cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 3).max())


def _working_side(crop: Level, side_px: float) -> float:
    """The given side, or more where the hole is so thin that it would vanish."""
    depth = depth_px(crop.hole)
    keeps_thin = crop.side_px * _THIN_DEPTH_PX / max(depth, 1.0)
    return min(max(side_px, keeps_thin), 4 * side_px)


def _small_fill(level: Level, seed: int, report: Callable[[float], None]) -> tuple[Plane, Sources]:
    fills: list[Plane] = []
    for number, (_, radius) in enumerate(_VARIANTS):
        report(0.5 * number / len(_VARIANTS))
        fills.append(patch_fill(level, seed * len(_VARIANTS) + number, radius))
    mean = np.mean(fills, axis=0, dtype=np.float32)
    first = min(fills, key=lambda made: float(np.square(made - mean).mean()))
    report(0.5)
    low = merged(level, mean + _SMOOTH_SHARE * (plate(level) - mean))
    sigma = max(1.0, depth_px(level.hole) / 6)
    matcher = Matcher(first, first, level.hole, usable(level.hole, 3), seed)
    matcher.improve(lambda done: report(0.5 + 0.5 * done))
    sources = sources_of(matcher.field(), level.hole)
    made = blur(low, sigma)
    high = first - blur(first, sigma)
    made[sources.rect.slices] += high[sources.y, sources.x]
    return joined(level, made), sources
