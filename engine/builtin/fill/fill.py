"""The built-in removal: fills the hole of one crop without any trained model.

A small copy of the crop is filled first: its broad tones by `tone`, its texture by patches. Then
`detail` carries it up to full size, with texture copied from where the patches lie. Where all
holes are specks, `specks` fills them at full size.
"""

from collections.abc import Callable
from functools import partial
from math import ceil, floor, log2

import numpy as np

from engine.builtin.fill.detail import climb
from engine.builtin.fill.membrane import membrane
from engine.builtin.fill.patches import can_match
from engine.builtin.fill.pyramid import Hole, PyramidLevel, depth_px, halvings, to_image
from engine.builtin.fill.rim import touching
from engine.builtin.fill.small import small_fill
from engine.builtin.fill.specks import heal
from engine.geometry import Image, Mask

Report = Callable[[float, str], None]

SIDE_PX = 360
_UNHALVED_PX = 60  # a hole of so few pixels is filled as it is
_GROWTH = 0.3  # power of the hole's area that its side grows by at the size that is filled first
_LEAST_SIDE_PX = 96  # of a crop that was halved
_THIN_PX = 3.0  # a hole keeps at least this depth there
_LARGE_PX = 8_000_000  # a crop of more pixels is filled less thoroughly at first
_WIDEST = 3  # times the side, for thin holes


def fill(
    image: Image,
    mask: Mask,
    seed: int,
    report: Report,
    *,
    side_px: int = SIDE_PX,
    wanted: Mask | None = None,
) -> Image:
    """(H, W, 3) uint8: the crop with its hole, (H, W) mask > 0, filled; other pixels as they were.

    The same seed gives the same bytes, another seed another variant. A crop that is all hole
    comes back grey. `report` gets fractions 0..1 and may raise to stop. `side_px` is about how
    long the crop's longer side is where structure is decided. Specks that have no pixel in (H, W)
    `wanted` > 0 may stay unfilled.
    """
    report(0.0, "fill")
    crop = PyramidLevel(image, mask > 0)
    if not crop.hole.any():
        return image.copy()
    healed = heal(crop, seed, wanted)
    if healed is not None:
        report(1.0, "fill")
        return healed
    levels = halvings(crop, _halving_count(crop, side_px))
    if not can_match(levels[-1]):
        return np.where(crop.hole[..., None], to_image(membrane(crop)), image)
    known = _without_touching(levels)
    thorough = crop.hole.size <= _LARGE_PX
    part = partial(_part, report, 0.0, 0.8)
    small, sources = small_fill(known[-1], seed, part, thorough=thorough)
    filled = climb(known, small, sources, partial(_part, report, 0.8, 1.0))
    report(1.0, "fill")
    return filled if known is levels else np.where(crop.hole[..., None], filled, image)


def _without_touching(levels: list[PyramidLevel]) -> list[PyramidLevel]:
    """The levels with what touches the rim and ends there as unknown as the hole."""
    things = touching(levels[-1])
    if things is None:
        return levels
    wider = [PyramidLevel(level.pixels, level.hole | _sized(things, level)) for level in levels]
    return wider if can_match(wider[-1]) else levels


def _sized(things: Hole, level: PyramidLevel) -> Hole:
    """(H, W) of a smaller level at the size of this one."""
    height, width = level.shape
    times = 2 ** round(log2(height / things.shape[0]))
    return things.repeat(times, 0).repeat(times, 1)[:height, :width]


def _part(report: Report, start: float, stop: float, fraction: float) -> None:
    report(start + (stop - start) * fraction, "fill")


def _halving_count(crop: PyramidLevel, side_px: int) -> int:
    """How often to halve: by the hole's area, the crop's side, and so that no thin hole is lost.

    Small holes are filled smaller first, though less so than they are: the time follows their size.
    """
    by_area = round((0.5 - _GROWTH) * log2(crop.hole.sum() / _UNHALVED_PX))
    most = floor(log2(crop.side_px / _LEAST_SIDE_PX))
    least = ceil(log2(0.7 * crop.side_px / side_px))
    thin = floor(log2(max(depth_px(crop.hole), 1.0) / _THIN_PX))
    widest = ceil(log2(crop.side_px / (_WIDEST * side_px)))
    return max(0, widest, min(thin, max(least, min(most, by_area))))
