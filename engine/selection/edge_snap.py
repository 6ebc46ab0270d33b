"""Edge snap: pulls a mask's edge to the picture's, at full resolution.

A guided filter over tiles that hold some of the edge; everywhere else the mask stays as it is.
"""

from collections.abc import Iterator

import cv2
import numpy as np

from engine.geometry import Image, Mask, Rect, Size
from engine.selection import masks
from engine.selection.guided_filter import Plane, guided

TILE_PX = 256
EPSILON = 2e-5  # of squared levels 0..1: what counts as flat in the picture
CONTRAST = 2.0  # brings the filter's soft answer back to an edge
ROUNDS = 2


def snap(image: Image, mask: Mask, radius_px: int) -> Mask:
    """A new (H, W) mask; its edge follows the (H, W, 3) image's within about `radius_px`."""
    result = mask.copy()
    band = _band(mask, radius_px)
    for tile in _tiles(masks.bounds(band)):
        if cv2.countNonZero(band[tile.slices]):
            result[tile.slices] = _snapped(image, mask, band, tile, 2 * radius_px)
    return result


def _band(mask: Mask, radius_px: int) -> Mask:
    """Weight of the filter's answer: 255 at the edge, falling to 0 at the radius."""

    def change(part: Mask) -> Mask:
        core, kernel = masks.hard(part), np.ones((3, 3), np.uint8)
        edge = np.asarray(cv2.morphologyEx(core, cv2.MORPH_GRADIENT, kernel), np.uint8)
        if not edge.any():
            return edge
        return masks.ramp(masks.distance(edge), radius_px + 1.0, max(1.0, radius_px / 3))

    return masks.within(mask, radius_px + 2, change)


def _tiles(box: Rect) -> Iterator[Rect]:
    for y in range(box.y, box.bottom, TILE_PX):
        for x in range(box.x, box.right, TILE_PX):
            yield Rect(x, y, TILE_PX, TILE_PX).intersect(box)


def _snapped(image: Image, mask: Mask, band: Mask, tile: Rect, window_px: int) -> Mask:
    around = tile.pad(2 * ROUNDS * window_px).clamp(Size.of(mask))
    guide = image[around.slices]
    wanted = mask[around.slices].astype(np.float32) / np.float32(255)
    answer: Plane = wanted
    for _ in range(ROUNDS):
        fitted = guided(guide, answer, window_px, EPSILON)
        answer = np.clip((fitted - 0.5) * CONTRAST + 0.5, 0, 1).astype(np.float32)
    weight = band[around.slices].astype(np.float32) / np.float32(255)
    mixed = wanted + (answer - wanted) * weight
    return np.rint(mixed * 255).astype(np.uint8)[tile.moved(-around.x, -around.y).slices]
