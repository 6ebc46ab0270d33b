"""Between a crop at the picture's own scale and the canvas of a model.

Sides become multiples of the model's grid by reflection, which is cut off afterwards: nothing is
cropped or stretched, and only what was painted is scaled back, never the surroundings.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from engine.families import Profile
from engine.geometry import Image, Mask, Rect, Size
from engine.painting import Fit


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """Where a crop of `source` lies on a canvas: scaled to `inner`, padded all around."""

    source: Size
    inner: Rect
    canvas: Size

    @property
    def fit(self) -> Fit:
        """The same as an affine, for the record."""
        return Fit(
            self.inner.width / self.source.width,
            self.inner.height / self.source.height,
            self.inner.x,
            self.inner.y,
            self.canvas,
        )

    @property
    def scale(self) -> float:
        return math.sqrt(self.inner.size.pixels / self.source.pixels)


def fitting(size: Size, profile: Profile) -> Fitting:
    """How a crop is laid onto the canvas: as large as the model likes, no larger than it knows."""
    scale = min(profile.max_scale, math.sqrt(profile.max_pixels / size.pixels))
    width = max(1, round(size.width * scale))
    height = max(1, round(size.height * scale))
    canvas = Size(_up(width, profile.grid_px), _up(height, profile.grid_px))
    inner = Rect((canvas.width - width) // 2, (canvas.height - height) // 2, width, height)
    return Fitting(source=size, inner=inner, canvas=canvas)


def _up(side: int, grid_px: int) -> int:
    return -(-side // grid_px) * grid_px


def lay(image: Image, how: Fitting) -> Image:
    """The crop on its canvas: by area when it becomes smaller, by Lanczos when larger."""
    inner = how.inner
    if inner.size != how.source:
        image = _resized(image, inner.size)
    return _padded(image, how)


def lay_mask(mask: Mask, how: Fitting) -> Mask:
    """A mask on the canvas: 255 wherever any of the pixels below is marked, so no line is lost."""
    hard = np.where(mask > 0, np.float32(255), np.float32(0))
    return np.where(_scaled(hard, how) > 0, 255, 0).astype(np.uint8)


def lay_soft(mask: Mask, how: Fitting) -> Mask:
    """Values between, for models that know how much may change; nowhere 0 below a marked pixel."""
    soft = np.clip(np.rint(_scaled(mask.astype(np.float32), how)), 0, 255).astype(np.uint8)
    return np.maximum(soft, np.minimum(lay_mask(mask, how), 1))


def _scaled(
    mask: np.ndarray[tuple[int, ...], np.dtype[np.float32]], how: Fitting
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    size = how.inner.size
    if size != how.source:
        way = cv2.INTER_AREA if how.scale < 1 else cv2.INTER_LINEAR
        mask = np.asarray(cv2.resize(mask, tuple(size), interpolation=way), np.float32)
    return np.asarray(_padded(mask, how), np.float32)


def lift(pixels: Image, how: Fitting) -> Image:
    """What lies on the canvas, as large as the crop was."""
    inner = np.ascontiguousarray(pixels[how.inner.slices])
    return inner if how.inner.size == how.source else _resized(inner, how.source)


def _resized(image: Image, size: Size) -> Image:
    smaller = size.pixels < Size.of(image).pixels
    way = cv2.INTER_AREA if smaller else cv2.INTER_LANCZOS4
    return np.asarray(cv2.resize(image, tuple(size), interpolation=way), np.uint8)


def _padded(array: np.ndarray, how: Fitting) -> np.ndarray:  # pyright: ignore
    inner, canvas = how.inner, how.canvas
    if inner.size == canvas:
        return array
    return np.asarray(
        cv2.copyMakeBorder(
            array, inner.y, canvas.height - inner.bottom, inner.x, canvas.width - inner.right,
            cv2.BORDER_REFLECT,
        )
    )  # fmt: skip
