"""Mask adjustments: all slider settings applied at once, to a preview or at full size."""

from dataclasses import dataclass

from engine.geometry import Mask
from engine.selection import masks


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustments:
    """What the sliders say, in pixels of the picture; the defaults change nothing."""

    fill_holes: bool = False
    min_island_px: int = 0  # areas of fewer pixels go
    smooth_px: float = 0.0
    grow_px: float = 0.0  # negative: shrink
    feather_px: float = 0.0
    invert: bool = False


def adjust(mask: Mask, adjustments: Adjustments, scale: float = 1.0) -> Mask:
    """A new (H, W) mask with the adjustments made, in the order of their fields.

    `scale` is the size of `mask` against the picture: a preview of a 6000 px picture that is
    1500 px wide has 0.25, and gets a quarter of each radius.
    """
    result = mask
    if adjustments.fill_holes:
        result = masks.fill_holes(result)
    if adjustments.min_island_px > 0:
        result = masks.drop_islands(result, adjustments.min_island_px * scale * scale)
    if adjustments.smooth_px > 0:
        result = masks.smooth(result, adjustments.smooth_px * scale)
    if adjustments.grow_px != 0:
        result = masks.grow(result, adjustments.grow_px * scale)
    if adjustments.feather_px > 0:
        result = masks.feather(result, adjustments.feather_px * scale)
    if adjustments.invert:
        result = masks.invert(result)
    return mask.copy() if result is mask else result
