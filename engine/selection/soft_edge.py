"""Soft edges: the outline of a mask as a band of partly marked pixels, as hair and fur have it.

Guided feathering (He, Sun and Tang, 2013): within a band along the outline, each pixel's share is
estimated from its colour by what is marked and unmarked around it. Where colours do not tell both
sides apart, and beyond the band, the mask stays as it is.
"""

import math
from collections.abc import Iterator

import cv2
import numpy as np

from engine.geometry import Image, Mask, Rect, Size
from engine.selection import masks
from engine.selection.guided_filter import Plane, applied, guided_lines

LEAST_PX, MOST_PX = 8, 24  # of the band, on each side of the outline
_SIDES = 120  # the band is this part of the picture's side
_WINDOW_PX = 24  # around a pixel: of both sides enough to know their colours
_TILE_PX = 256
_ROUNDS = 2  # the second finds hair by what the first has found
_CLEAN = 0.15  # shares up to this, and those so near to 1, are noise of the estimate
_TOLD_FROM, _TOLD_AT = 0.3, 0.6  # share of the mask that colours explain: none, all of the answer


def band_px(size: Size) -> int:
    """How far on each side of the outline a picture of this size has its soft edge."""
    return min(MOST_PX, max(LEAST_PX, round(math.sqrt(size.pixels) / _SIDES)))


def soften(image: Image, rect: Rect, part: Mask, radius_px: int) -> tuple[Rect, Mask]:
    """The part of a mask that covers `rect` of the (H, W, 3) image, with a soft edge.

    Returns the rectangle that it covers now, wider by the band, and its (h, w) values.
    """
    wide = rect.pad(radius_px + 2 * _ROUNDS * _WINDOW_PX).clamp(Size.of(image))
    mask = np.zeros((wide.height, wide.width), np.uint8)
    mask[rect.moved(-wide.x, -wide.y).slices] = part
    found = soft_edge(image[wide.slices], mask, radius_px)
    inner = masks.bounds(found)
    return inner.moved(wide.x, wide.y), np.ascontiguousarray(found[inner.slices])


def soft_edge(image: Image, mask: Mask, radius_px: int) -> Mask:
    """A new (H, W) mask: 0..255 within `radius_px` of its outline in the (H, W, 3) image."""
    result = mask.copy()
    band = _band(mask, radius_px)
    for tile in _tiles(masks.bounds(band)):
        if cv2.countNonZero(band[tile.slices]):
            result[tile.slices] = _softened(image, mask, band, tile)
    return result


def _band(mask: Mask, radius_px: int) -> Mask:
    """(H, W) weight of the estimate: 255 near the outline, falling to 0 at the radius."""

    def change(part: Mask) -> Mask:
        core = masks.hard(part)
        kernel = np.ones((3, 3), np.uint8)
        edge = np.asarray(cv2.morphologyEx(core, cv2.MORPH_GRADIENT, kernel), np.uint8)
        if not edge.any():
            return edge
        return masks.ramp(masks.distance(edge), radius_px, max(1.0, radius_px / 3))

    return masks.within(mask, radius_px + 2, change)


def _tiles(box: Rect) -> Iterator[Rect]:
    for y in range(box.y, box.bottom, _TILE_PX):
        for x in range(box.x, box.right, _TILE_PX):
            yield Rect(x, y, _TILE_PX, _TILE_PX).intersect(box)


def _softened(image: Image, mask: Mask, band: Mask, tile: Rect) -> Mask:
    """The mask in a tile. What decides on it lies within the windows of all rounds."""
    wide = tile.pad(2 * _ROUNDS * _WINDOW_PX).clamp(Size.of(mask))
    guide, given = image[wide.slices], mask[wide.slices].astype(np.float32) / np.float32(255)
    share, told = given, np.ones_like(given)
    for _ in range(_ROUNDS):
        lines = guided_lines(guide, share, _WINDOW_PX)
        share, told = _cleaned(applied(guide, lines)), np.minimum(told, lines.explained)
    inner = tile.moved(-wide.x, -wide.y).slices
    weight = band[tile.slices].astype(np.float32) / np.float32(255)
    weight *= np.clip((told[inner] - _TOLD_FROM) / (_TOLD_AT - _TOLD_FROM), 0, 1)
    return np.rint((given[inner] + (share[inner] - given[inner]) * weight) * 255).astype(np.uint8)


def _cleaned(share: Plane) -> Plane:
    return np.clip((share - _CLEAN) / (1 - 2 * _CLEAN), 0, 1).astype(np.float32)
