"""Dabs of a round brush: coverage arrays, cached by radius, hardness and subpixel phase."""

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Mask

PHASES = 4
"""Sub-pixel places each way, for small brushes."""

SUBPIXEL_BELOW_PX = 64.0
KEPT = 96


def fitted_radius(radius_px: float) -> float:
    """The nearest radius of a ladder with steps of 3 %, so that few different dabs are made."""
    radius_px = max(0.5, radius_px)
    step = max(0.25, 2.0 ** (math.floor(math.log2(radius_px)) - 5))
    return round(radius_px / step) * step


def place(radius_px: float, position: float) -> tuple[int, int]:
    """The pixel that holds the middle of a dab along one axis, and the phase inside it."""
    pixel = math.floor(position)
    if radius_px >= SUBPIXEL_BELOW_PX:
        return pixel, PHASES // 2
    phase = round((position - pixel) * PHASES)
    return (pixel + 1, 0) if phase == PHASES else (pixel, phase)


@lru_cache(maxsize=KEPT)
def dab(
    radius_px: float, hardness: float, phase_x: int, phase_y: int, *, inverted: bool = False
) -> Mask:
    """(2n+1, 2n+1) read-only coverage whose middle pixel holds the centre; a cosine falls off.

    `hardness` is the part of the radius that is fully covered. `inverted` is 255 minus that.
    """
    reach = math.ceil(radius_px) + 1
    outer = radius_px + 0.5
    inner = min(radius_px * hardness, radius_px - 0.5)
    distance = np.sqrt(_squares(reach, phase_x)[None] + _squares(reach, phase_y)[:, None])
    fall = np.clip((distance - inner) / (outer - inner), 0.0, 1.0)
    cover = np.round(127.5 + 127.5 * np.cos(np.float32(math.pi) * fall)).astype(np.uint8)
    if inverted:
        cover = 255 - cover
    cover.setflags(write=False)
    return cover


def _squares(reach: int, phase: int) -> NDArray[np.float32]:
    return (np.arange(-reach, reach + 1, dtype=np.float32) + 0.5 - phase / PHASES) ** 2
