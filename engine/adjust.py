"""The mask sliders: every setting at once, live on a preview and exact at full size."""

from dataclasses import dataclass

from engine import masks
from engine.geometry import Mask


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
    """A new mask with the adjustments made, in the order of their fields.

    `scale` is the size of `mask` against the picture: a preview of a 6000 px picture that is
    1500 px wide has 0.25, and gets a quarter of each radius.
    """
    if adjustments.fill_holes:
        mask = masks.fill_holes(mask)
    if adjustments.min_island_px > 0:
        mask = masks.drop_islands(mask, adjustments.min_island_px * scale * scale)
    mask = masks.smooth(mask, adjustments.smooth_px * scale)
    mask = masks.grow(mask, adjustments.grow_px * scale)
    mask = masks.feather(mask, adjustments.feather_px * scale)
    return masks.invert(mask) if adjustments.invert else mask
