"""Resampling as torch and Pillow do it for ComfyUI, on arrays of 8 or 16 bits, within a limit."""

from collections.abc import Callable, Mapping
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil

from engine.geometry import Native, Size

METHODS = ("nearest-exact", "bilinear", "area", "bicubic", "lanczos")
_TINY = 2.0**-10  # below a whole number that is meant: ComfyUI cuts off what floats lose

_HALF = np.float32(0.5)  # torch reckons places in single precision

Floats = NDArray[np.float64]


MAX_PIXELS = 2**28
"""Of a picture that a node makes: workflows of strangers may ask for any size."""


class SizeRefused(Exception):
    """A node would make more pixels than MAX_PIXELS."""

    def __init__(self, size: Size) -> None:
        super().__init__(size)
        self.size = size


def check_size(size: Size) -> None:
    """Raises SizeRefused for more than MAX_PIXELS."""
    if size.pixels > MAX_PIXELS:
        raise SizeRefused(size)


def resampled(pixels: Native, size: Size, method: str) -> Native:
    """The `(h, w)` or `(h, w, 3)` pixels in another size, in their depth; `method` of METHODS.

    No method but area and lanczos looks at more than the nearest pixels, also where it reduces.
    """
    if Size.of(pixels) == size:
        return pixels
    return _METHODS[method](pixels, size)


def quantised(values: Floats, like: Native) -> Native:
    """`(h, w)` or `(h, w, 3)` values, whole and in the depth of `like`.

    Cut off, not rounded, as ComfyUI saves pictures.
    """
    top = np.iinfo(like.dtype).max
    return cast(Native, np.clip(np.floor(values + _TINY), 0, top).astype(like.dtype))


def _nearest(pixels: Native, size: Size) -> Native:
    rows, columns = (
        np.minimum(
            ((np.arange(new, dtype=np.float32) + _HALF) * np.float32(old / new)).astype(np.intp),
            old - 1,
        )
        for new, old in zip((size.height, size.width), pixels.shape)
    )
    return cast(Native, np.ascontiguousarray(pixels[rows][:, columns]))


def _by_opencv(flag: int) -> Callable[[Native, Size], Native]:
    def resample(pixels: Native, size: Size) -> Native:
        found = cv2.resize(pixels.astype(np.float32), size, interpolation=flag)
        return quantised(np.asarray(found, np.float64), pixels)

    return resample


def _area(pixels: Native, size: Size) -> Native:
    """The mean of all pixels that an output pixel touches, each as a whole."""
    values = _means(pixels.astype(np.float64), size.height)
    return quantised(_means(values.swapaxes(0, 1), size.width).swapaxes(0, 1), pixels)


def _means(values: Floats, count: int) -> Floats:
    """Means along the first axis in `count` windows, which may overlap."""
    old = len(values)
    starts = np.arange(count) * old // count
    ends = -(-(np.arange(1, count + 1) * old) // count)
    sums = np.concatenate([np.zeros_like(values[:1]), values.cumsum(axis=0)])
    lengths = (ends - starts).reshape(-1, *[1] * (values.ndim - 1))
    return (sums[ends] - sums[starts]) / lengths


def _lanczos(pixels: Native, size: Size) -> Native:
    """By Pillow; 16 bits in floats, channel by channel."""
    if pixels.dtype == np.uint8:
        resized = Pil.fromarray(pixels).resize(size, Pil.Resampling.LANCZOS)
        return cast(Native, np.asarray(resized))
    planes = [pixels] if pixels.ndim == 2 else list(np.moveaxis(pixels, -1, 0))
    found: list[Any] = [
        np.asarray(Pil.fromarray(p.astype(np.float32)).resize(size, Pil.Resampling.LANCZOS))
        for p in planes
    ]
    values = found[0] if pixels.ndim == 2 else np.stack(found, axis=-1)
    return quantised(values.astype(np.float64) + 0.5, pixels)


_METHODS: Mapping[str, Callable[[Native, Size], Native]] = {
    "nearest-exact": _nearest,
    "bilinear": _by_opencv(cv2.INTER_LINEAR),
    "area": _area,
    "bicubic": _by_opencv(cv2.INTER_CUBIC),
    "lanczos": _lanczos,
}
