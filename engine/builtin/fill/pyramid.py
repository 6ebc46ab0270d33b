"""A crop with a hole at full size and its halvings, which leave the hole out of the means."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.geometry import Image, Rect

Plane = NDArray[np.float32]
"""(H, W, 3) float32, 0..255."""

Hole = NDArray[np.bool_]
"""(H, W), True where pixels are to be made."""

_STRIP_PX = 512
_DEPTH_SIDE_PX = 1000  # the depth of a hole is measured at about this size


@dataclass(frozen=True, slots=True, eq=False)
class PyramidLevel:
    """One size of the crop. Pixels in the hole mean nothing."""

    pixels: Image | Plane
    hole: Hole

    @property
    def shape(self) -> tuple[int, int]:
        return self.hole.shape[0], self.hole.shape[1]

    @property
    def side_px(self) -> int:
        return max(self.shape)


def _even(array: NDArray[np.generic]) -> Plane:
    """As float32 with even sides: the last row or column doubled where one is odd."""
    pads = [(0, array.shape[0] % 2), (0, array.shape[1] % 2), (0, 0)][: array.ndim]
    padded = np.pad(array, pads, mode="edge") if any(odd for _, odd in pads) else array
    return padded.astype(np.float32)


def _halved_strip(pixels: Image | Plane, hole: Hole, least: float) -> tuple[Plane, Hole]:
    even = _even(pixels)
    if not hole.any():
        means = _quartered(even)
        return means, np.zeros(means.shape[:2], np.bool_)
    known = _even(~hole)
    total = _quartered(np.asarray(cv2.copyTo(even, known.astype(np.uint8)), np.float32))
    share = _quartered(known)
    total /= np.maximum(share, 0.25)[..., None]
    return total, share < least


def _quartered(plane: Plane) -> Plane:
    """Means of 2 x 2 pixels."""
    size = plane.shape[1] // 2, plane.shape[0] // 2
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)


def cut(level: PyramidLevel, rect: Rect) -> PyramidLevel:
    """The part of a level inside `rect`."""
    return PyramidLevel(level.pixels[rect.slices], level.hole[rect.slices])


def halve(level: PyramidLevel, least: float = 0.5) -> PyramidLevel:
    """Half the size; a pixel is known when at least this share (0.25..1) of its four is."""
    rows = [slice(top, top + _STRIP_PX) for top in range(0, level.shape[0], _STRIP_PX)]
    strips = [_halved_strip(level.pixels[part], level.hole[part], least) for part in rows]
    return PyramidLevel(
        np.concatenate([s[0] for s in strips]), np.concatenate([s[1] for s in strips])
    )


def halvings(level: PyramidLevel, count: int) -> list[PyramidLevel]:
    """The level and its halvings, at most `count` of them.

    Stops before the hole vanishes or a side gets shorter than 8 px.
    """
    levels = [level]
    while len(levels) <= count and min(levels[-1].shape) >= 16:
        smaller = halve(levels[-1])
        if not smaller.hole.any() or smaller.hole.all():
            break
        levels.append(smaller)
    return levels


def depth_px(hole: Hole) -> float:
    """Largest distance in the hole from anything known; the longer side with nothing known."""
    step = max(1, max(hole.shape) // _DEPTH_SIDE_PX)
    part = hole[::step, ::step].astype(np.uint8)
    deepest = step * float(cv2.distanceTransform(part, cv2.DIST_L2, 3).max())
    if step > 1 and deepest < _DEPTH_SIDE_PX / 20 * step:  # so thin that the steps would show
        deepest = float(cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 3).max())
    return min(deepest, float(max(hole.shape)))


def enlarge(plane: Plane, shape: tuple[int, int]) -> Plane:
    """Linear enlargement of a halving to the (height, width) it came from."""
    height, width = plane.shape[0] * 2, plane.shape[1] * 2
    twice = np.asarray(cv2.resize(plane, (width, height), interpolation=cv2.INTER_LINEAR))
    return twice.astype(np.float32, copy=False)[: shape[0], : shape[1]]


def blur(plane: Plane, sigma_px: float) -> Plane:
    """Gaussian low-pass, the border reflected."""
    if sigma_px <= 0:
        return plane
    low = cv2.GaussianBlur(plane, (0, 0), sigma_px, borderType=cv2.BORDER_REFLECT)
    return np.asarray(low, np.float32)


def merged(level: PyramidLevel, inside: Plane) -> Plane:
    """The known pixels, and `inside` in the hole."""
    return np.where(level.hole[..., None], inside, level.pixels).astype(np.float32)


def to_image(plane: Plane | Image) -> Image:
    """(H, W, 3) uint8: rounded and clipped."""
    if plane.dtype == np.uint8:
        return plane.astype(np.uint8, copy=False)
    return np.asarray(cv2.add(plane, np.zeros(4), dtype=cv2.CV_8U), np.uint8)
