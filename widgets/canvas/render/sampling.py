"""Resample what a device rectangle shows, with the phase of the whole picture kept."""

import math
from typing import NamedTuple

import cv2
import numpy as np

from widgets.canvas.render.mipmap import Mipmap, Pixels
from widgets.canvas.view import UNIT, Box, View

NEAREST_FROM = 2.0
"""From 200 % on, pixels are shown as squares."""


class Sample(NamedTuple):
    """Pixels for the device rectangle `box`, which lies inside the one that was asked for."""

    pixels: Pixels
    box: Box


def sample(pyramid: Mipmap, view: View, box: Box, *, nearest: bool) -> Sample | None:
    """The part of a device rectangle that a pyramid covers, resampled; None when there is none.

    Bilinear below 200 %, unless the nearest pixel is asked for. The answer may share memory with
    the pyramid: copy before writing.
    """
    level = pyramid.level_for(view.level)
    numerator, denominator = _ratio(view, level)
    box = box.clip(extent(pyramid, view))
    if box.is_empty:
        return None
    block, step = denominator, numerator
    crop_left, out_left = _start(box.left - view.left, step, block)
    crop_top, out_top = _start(box.top - view.top, step, block)
    crop = pyramid.crop(
        level,
        Box(
            crop_left,
            crop_top,
            -(-(box.right - view.left) * block // step) + 2,
            -(-(box.bottom - view.top) * block // step) + 2,
        ),
    )
    pixels = crop
    if numerator != denominator:
        smooth = not nearest and view.scale < NEAREST_FROM
        factor = numerator / denominator  # with a target size in place of it the phase would drift
        method = cv2.INTER_LINEAR if smooth else cv2.INTER_NEAREST
        resized = cv2.resize(crop, None, fx=factor, fy=factor, interpolation=method)
        pixels = resized.astype(np.uint8, copy=False)
    x, y = box.left - view.left - out_left, box.top - view.top - out_top
    pixels = pixels[y : y + box.height, x : x + box.width]
    height, width = pixels.shape[:2]
    return Sample(pixels, Box(box.left, box.top, box.left + width, box.top + height))


def extent(pyramid: Mipmap, view: View) -> Box:
    """The device pixels that a pyramid covers wholly."""
    left, top = view.to_device(pyramid.left, pyramid.top)
    right, bottom = view.to_device(pyramid.left + pyramid.width, pyramid.top + pyramid.height)
    return Box(math.floor(left), math.floor(top), math.floor(right), math.floor(bottom))


def _ratio(view: View, level: int) -> tuple[int, int]:
    """Device pixels and level pixels of the smallest block where both are whole."""
    shift = view.exponent + level
    numerator = view.steps << max(0, shift)
    denominator = UNIT << max(0, -shift)
    common = math.gcd(numerator, denominator)
    return numerator // common, denominator // common


def _start(offset: int, step: int, block: int) -> tuple[int, int]:
    """Where to start so that resampling begins on a block: level pixel, device pixel."""
    margin = step // block + 2
    blocks = max(0, offset - margin) // step
    return blocks * block, blocks * step
