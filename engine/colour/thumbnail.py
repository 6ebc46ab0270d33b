"""Reduces pictures to a longest side, for thumbnails, first views and working copies."""

from typing import cast

import cv2

from engine.geometry import Native, Size


def thumbnail(pixels: Native, side_px: int) -> Native:
    """(H, W) or (H, W, C) pixels reduced by area so that no side is longer than `side_px`.

    The same array where it is no longer already: nothing is enlarged.
    """
    size = Size.of(pixels)
    scale = side_px / max(size)
    if scale >= 1:
        return pixels
    small = max(1, round(size.width * scale)), max(1, round(size.height * scale))
    return cast(Native, cv2.resize(pixels, small, interpolation=cv2.INTER_AREA))
