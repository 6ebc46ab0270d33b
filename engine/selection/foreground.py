"""Colours of an object where it is partly transparent, without those of the ground behind it.

By blur fusion (Forte, Pitie: Approximate Fast Foreground Colour Estimation, 2021): the colours of
both sides are averaged around each pixel by their shares, and corrected so that their mixture is
the pixel; coarsely at first, then finely.
"""

from collections.abc import Iterator
from typing import Any, TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.geometry import Mask, Native, Rect, Size
from engine.selection import masks

RADII_PX = (32, 6)  # of the windows, one round each
_TILE_PX = 256
_LEAST = 1e-5  # of a share: nothing there to average

Planes: TypeAlias = NDArray[np.floating[Any]]


def foreground(pixels: Native, mask: Mask) -> Native:
    """The (H, W) or (H, W, 3) pixels, with the object's own colours where the mask is between.

    The (H, W) mask is the share of the object. Where it is 0 or 255 pixels stay, byte for byte.
    """
    between = np.where((mask > 0) & (mask < 255), np.uint8(255), np.uint8(0))
    result = pixels.copy()
    for tile in _tiles(masks.bounds(between)):
        mixed = between[tile.slices] > 0
        if mixed.any():
            result[tile.slices][mixed] = _own_colours(pixels, mask, tile)[mixed]
    return result


def _tiles(box: Rect) -> Iterator[Rect]:
    for y in range(box.y, box.bottom, _TILE_PX):
        for x in range(box.x, box.right, _TILE_PX):
            yield Rect(x, y, _TILE_PX, _TILE_PX).intersect(box)


def _own_colours(pixels: Native, mask: Mask, tile: Rect) -> Native:
    wide = tile.pad(sum(RADII_PX)).clamp(Size.of(mask))
    part = pixels[wide.slices].astype(np.float32)
    picture = part[..., None] if part.ndim == 2 else part
    share = (mask[wide.slices].astype(np.float32) / np.float32(255))[..., None]
    front = back = picture
    for radius_px in RADII_PX:
        front, back = _fused(picture, share, front, back, radius_px)
    found = front[tile.moved(-wide.x, -wide.y).slices]
    top = np.iinfo(pixels.dtype).max
    levels = np.rint(np.clip(found, 0, top)).astype(pixels.dtype)
    return cast(Native, levels[..., 0] if part.ndim == 2 else levels)


def _fused(
    picture: Planes, share: Planes, front: Planes, back: Planes, radius_px: int
) -> tuple[Planes, Planes]:
    """One round: (h, w, c) colours of the object, and of the ground."""
    mean_front = _weighted(front, share, radius_px)
    mean_back = _weighted(back, 1 - share, radius_px)
    rest = picture - share * mean_front - (1 - share) * mean_back
    return np.clip(mean_front + share * rest, 0, None), mean_back


def _weighted(planes: Planes, weight: Planes, radius_px: int) -> Planes:
    """(h, w, c) means over windows by an (h, w, 1) weight."""
    side = (2 * radius_px + 1, 2 * radius_px + 1)
    total = cv2.blur(weight, side, borderType=cv2.BORDER_REFLECT)
    sums = cv2.blur(planes * weight, side, borderType=cv2.BORDER_REFLECT)
    count = np.asarray(total, np.float32).reshape(weight.shape)
    return np.asarray(sums, np.float32).reshape(planes.shape) / np.maximum(count, _LEAST)
