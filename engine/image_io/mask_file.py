"""Mask files: finds what marks in a picture, and refuses one whose meaning is not known.

White marks, as Lacuna writes it. Also taken: transparency (strokes on a transparent ground, or a
photo with a transparent hole), one label on 0, one colour on black. Notes: mask-visible,
mask-transparent, mask-label, mask-colour, mask-full.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.colour.convert import to_8_bit, view_of
from engine.errors import MaskInvalid
from engine.geometry import Image, Mask, Native, Size
from engine.image_io.limits import Limits
from engine.image_io.reader import read
from engine.picture import Picture

_OPAQUE = 250  # alpha of 8 bits from which a pixel counts as opaque
_TONES = 24  # channels and colours that differ by no more are one
_FEW = 24  # a soft edge has more values than this
_DIM = 128  # a mask with no value from here on marks less than half
_LOSSY = ("jpeg", "webp", "avif", "heif")


@dataclass(frozen=True, slots=True, eq=False)
class MaskFile:
    """A mask and a note on how its file was read, or none."""

    mask: Mask  # (H, W) uint8, 255 = marked
    notes: tuple[str, ...] = ()


def read_mask(path: Path, size: Size, limits: Limits | None = None) -> MaskFile:
    """The mask in the picture file at `path`, for a picture of `size`.

    Raises MaskInvalid, and what `reader.read` raises.
    """
    return mask_of(read(path, limits), path, size)


def mask_of(picture: Picture, path: Path, size: Size) -> MaskFile:
    """The mask that a picture stands for; `path` is for messages. Raises MaskInvalid."""
    if picture.size != size:
        raise MaskInvalid(path, "size", _text(picture.size), _text(size))
    alpha = None if picture.alpha is None else cast(Mask, to_8_bit(picture.alpha))
    if alpha is not None and alpha.min() < _OPAQUE:
        found = _of_alpha(picture, alpha)
    elif _is_gray(view := view_of(picture), noisy=picture.format in _LOSSY):
        found = _of_gray(
            picture, np.asarray(cv2.cvtColor(view, cv2.COLOR_RGB2GRAY), np.uint8), path
        )
    else:
        found = _of_colours(view, path)
    if not found.mask.any():
        raise MaskInvalid(path, "empty")
    full = ("mask-full",) if found.mask.min() == 255 else ()
    return MaskFile(found.mask, (*found.notes, *full))


def transparency_of(alpha: Native) -> Mask:
    """(H, W) uint8: 255 where an alpha of 8 or 16 bits lets all through."""
    return cast(Mask, 255 - to_8_bit(alpha))


def _text(size: Size) -> str:
    return f"{size.width} x {size.height}"


def _is_gray(view: Image, *, noisy: bool) -> bool:
    """Whether the channels of (H, W, 3) are alike; lossy formats stain a pixel in a thousand."""
    gaps = view.max(axis=2) - view.min(axis=2)
    return int(np.count_nonzero(gaps > _TONES)) <= (gaps.size // 1000 if noisy else 0)


def _of_alpha(picture: Picture, alpha: Mask) -> MaskFile:
    """White strokes mark; else the smaller of the two sides does."""
    seen = view_of(picture)[alpha >= _DIM]
    if not len(seen):
        return MaskFile(np.zeros_like(alpha))
    low, high = np.percentile(seen, (1, 99), axis=0)
    is_one_colour = bool((high - low <= _TONES).all())
    if not is_one_colour and _is_black_and_white(seen):
        gray = view_of(picture).max(axis=2).astype(np.uint16)
        return MaskFile((gray * alpha // 255).astype(np.uint8), ("mask-visible",))
    is_stroke = is_one_colour and bool((low >= 255 - _TONES).all())
    if is_stroke or len(seen) * 2 < alpha.size:
        return MaskFile(alpha, ("mask-visible",))
    return MaskFile(transparency_of(alpha), ("mask-transparent",))


def _is_black_and_white(seen: NDArray[np.uint8]) -> bool:
    ends = (seen.max(axis=1) <= _TONES) | (seen.min(axis=1) >= 255 - _TONES)
    return float(ends.mean()) > 0.9


def _of_gray(picture: Picture, gray: Mask, path: Path) -> MaskFile:
    """White marks; labels are known by their few and small values."""
    values = _raw_values(picture, gray)
    if values.max(initial=0) < _DIM:
        return _of_labels(values, path)
    kinds, counts = np.unique(gray, return_counts=True)
    low = (kinds > 0) & (kinds < 32)
    is_flat = len(kinds) <= _FEW and picture.format not in _LOSSY
    if is_flat and counts[low].sum() > 0.05 * counts[kinds > 0].sum():
        raise MaskInvalid(path, "labels", str(len(kinds) - 1))
    return MaskFile(gray)


def _raw_values(picture: Picture, gray: Mask) -> NDArray[Any]:
    """Labels in a file of 16 bits are small numbers that 8 bits would lose."""
    pixels = picture.pixels
    own = pixels if pixels.ndim == 2 else pixels.max(axis=2)
    return own if pixels.dtype == np.uint8 or own.max(initial=0) < 256 else gray


def _of_labels(values: NDArray[Any], path: Path) -> MaskFile:
    kinds = np.unique(values)
    count = len(kinds[kinds > 0])
    if count > _FEW:
        raise MaskInvalid(path, "dim", str(int(kinds[-1])))
    if count > 1:
        raise MaskInvalid(path, "labels", str(count))
    return MaskFile(np.where(values > 0, np.uint8(255), np.uint8(0)), ("mask-label",))


def _of_colours(view: Image, path: Path) -> MaskFile:
    """One colour on black marks, its edge may be soft."""
    bright = np.ascontiguousarray(view.max(axis=2))
    marked = view[bright > _TONES].astype(np.float32)
    shades = marked / marked.max(axis=1, keepdims=True)
    low, high = np.percentile(shades, (1, 99), axis=0)
    peak = float(np.percentile(bright[bright > _TONES], 99))
    if (high - low > 0.15).any() or len(marked) > 0.95 * bright.size:
        raise _no_mask(view, path)
    mask = np.clip(bright * (255 / peak), 0, 255).round().astype(np.uint8)
    return MaskFile(mask, ("mask-colour",))


def _no_mask(view: Image, path: Path) -> MaskInvalid:
    codes = view.astype(np.uint32) @ np.array([65536, 256, 1], np.uint32)
    count = len(np.unique(codes))
    return MaskInvalid(path, "labels" if count <= 256 else "colours", str(count))
