"""Converts the document's own depth and profile to the 8-bit sRGB view, and patches back.

Matrix and gray profiles are computed here in floats: LittleCMS through Pillow knows 8 bits only,
and one path for both directions makes what is written look like what was asked for. With colour
values that black starts at 0 and white at D50, that is relative colorimetric, and black point
compensation changes nothing. Profiles made of tables go through LittleCMS (relative colorimetric
with black point compensation), 16-bit ones rounded to 8 bits first: an error of at most half a
level before the table.

All operations work on single pixels and in a fixed order, so that any part of a picture is
converted to the very values it has in the whole. (No matrix products: BLAS and SIMD code sum in
an order that depends on where a pixel lies.)
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias, cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil

from engine.colour import icc as profile
from engine.colour import lcms
from engine.colour.icc import STEPS, Shape
from engine.geometry import Image, Native, Rect
from engine.jobs.requests import Patch
from engine.picture import Picture

Floats: TypeAlias = NDArray[np.float64]

STRIP_PX = 131_072
LUMINANCE = (0.2126, 0.7152, 0.0722)


def view_of(picture: Picture) -> Image:
    """(H, W, 3) uint8 sRGB of the picture; the same array when it already is that."""
    if _is_view(picture.pixels, picture.icc):
        return cast(Image, picture.pixels)
    return view_rect(picture.pixels, picture.icc, Rect.whole(picture.size))


def view_rect(pixels: Native, icc: bytes | None, rect: Rect) -> Image:
    """The (h, w, 3) uint8 part of the view, with the values it has in the whole view; read-only.

    A view into `pixels` where they are 8-bit sRGB already.
    """
    part = pixels[rect.slices]
    view = cast(Image, part) if _is_view(pixels, icc) else _converted(part, icc)
    view.flags.writeable = False
    return view


def patch_pixels(native: Native, icc: bytes | None, patch: Patch) -> Native:
    """(h, w) or (h, w, 3) new pixels of `patch.rect`, in the document's depth and profile.

    `native` is the whole document. Mixed in its own encoding in floats and rounded; bytes are
    identical where blend is 0, and where blend is above 0 but the patch shows what is there
    already (a colour outside sRGB would else be dulled, 16 bits cut to 8).
    """
    old = native[patch.rect.slices]
    if _is_view(native, icc):
        return _mixed_levels(cast(Image, old), patch)
    shown = view_rect(native, icc, patch.rect)
    touched = (patch.blend > 0) & (patch.pixels != shown).any(axis=2)
    if not touched.any():
        return old.copy()
    return _mixed(old, _to_native(patch.pixels, native, icc), patch.blend, touched)


def patch_alpha(alpha: Native, patch: Patch) -> Native:
    """(h, w) new alpha of `patch.rect` in an (H, W) alpha; identical where blend is 0."""
    old = alpha[patch.rect.slices]
    if patch.alpha is None:
        return old.copy()
    wanted = patch.alpha.astype(np.float64) * (np.iinfo(alpha.dtype).max // 255)
    mixed = old + (wanted - old) * (patch.blend / 255)
    return cast(Native, np.rint(mixed).astype(alpha.dtype))


def usable(icc: bytes, *, gray: bool) -> bool:
    """Whether a document can be kept in this profile: known ways there and back."""
    space = profile.space(icc)
    if space not in (("GRAY", "RGB") if gray else ("RGB",)):
        return False
    return profile.shape(icc) is not None or (not gray and lcms.both_ways(icc) is not None)


@lru_cache(maxsize=8)
def is_srgb(icc: bytes | None) -> bool:
    """Whether the profile means sRGB, to less than half of an 8-bit level."""
    if icc is None:
        return True
    found = profile.shape(icc)
    if found is None or found.to_xyz is None:
        return False
    matrix = _between(found)
    grid = np.linspace(0.0, 1.0, STEPS)
    errors = [np.abs(profile.srgb_encode(curve) - grid).max() for curve in found.curves]
    return bool(np.abs(matrix - np.eye(3)).max() < 0.002 and max(errors) < 0.4 / 255)


def _is_view(pixels: Native, icc: bytes | None) -> bool:
    return pixels.dtype == np.uint8 and pixels.ndim == 3 and is_srgb(icc)


def _between(found: Shape) -> Floats:
    """Linear document RGB -> linear sRGB."""
    to_xyz = profile.srgb().to_xyz
    assert to_xyz is not None
    assert found.to_xyz is not None
    return np.linalg.inv(to_xyz) @ found.to_xyz


# --- the document -> 8-bit sRGB


def _converted(part: Native, icc: bytes | None) -> Image:
    out = np.empty((*part.shape[:2], 3), np.uint8)
    convert = _strip_view(icc, gray=part.ndim == 2)
    rows = max(1, STRIP_PX // max(1, part.shape[1]))
    for top in range(0, part.shape[0], rows):
        out[top : top + rows] = convert(part[top : top + rows])
    return out


def _strip_view(icc: bytes | None, *, gray: bool) -> "_Levels | _Grays | _Matrix | _Tables":
    if gray:
        return _Grays(_gray_levels(icc))
    if is_srgb(icc):
        return _Levels()
    assert icc is not None
    found = profile.shape(icc)
    return _Matrix(*_matrix_tables(icc)) if found else _Tables(lcms.both_ways(icc))


class _Levels:
    """16 to 8 bits, each value to its nearest."""

    def __call__(self, strip: Native) -> Image:
        return cast(Image, to_8_bit(strip))


@dataclass(frozen=True, slots=True, eq=False)
class _Grays:
    """Gray through one table for all 16-bit values."""

    levels: NDArray[np.uint8]

    def __call__(self, strip: Native) -> Image:
        levels = self.levels if strip.dtype == np.uint16 else self.levels[::257]
        gray = np.take(levels, strip)
        return np.repeat(gray[:, :, None], 3, axis=2)


@dataclass(frozen=True, slots=True, eq=False)
class _Matrix:
    """Curves, 3 x 3 matrix, sRGB curve by tables of 65,536 steps."""

    curves: tuple[NDArray[np.float32], ...]
    matrix: NDArray[np.float32]  # scaled so that 1.0 is STEPS - 1
    encode: NDArray[np.uint8]

    def __call__(self, strip: Native) -> Image:
        step = 1 if strip.dtype == np.uint16 else 257
        linear = [np.take(self.curves[c][::step], strip[..., c]) for c in range(3)]
        out = np.empty(strip.shape, np.uint8)
        for channel, row in enumerate(self.matrix):
            light = linear[0] * row[0]
            light += linear[1] * row[1]
            light += linear[2] * row[2]
            light += np.float32(0.5)
            np.clip(light, 0, STEPS - 1, out=light)
            out[..., channel] = np.take(self.encode, light.astype(np.uint16))
        return out


@dataclass(frozen=True, slots=True, eq=False)
class _Tables:
    """A profile made of tables, through LittleCMS."""

    both_ways: tuple[lcms.Transform, lcms.Transform] | None

    def __call__(self, strip: Native) -> Image:
        assert self.both_ways is not None
        image = Pil.fromarray(np.ascontiguousarray(to_8_bit(strip)))
        return np.asarray(self.both_ways[0].apply(image))


def to_8_bit(pixels: Native) -> Native:
    """(H, W, ...) uint16 rounded to uint8 (v / 257 is never half way); uint8 is returned as is."""
    if pixels.dtype == np.uint8:
        return pixels
    flat = np.ascontiguousarray(pixels).reshape(pixels.shape[0], -1)
    return cast(Image, cv2.convertScaleAbs(flat, alpha=1 / 257)).reshape(pixels.shape)


@lru_cache(maxsize=4)
def _gray_levels(icc: bytes | None) -> NDArray[np.uint8]:
    levels = np.rint(profile.srgb_encode(_gray_curve(icc)) * 255)
    return levels.astype(np.uint8)


def _gray_curve(icc: bytes | None) -> Floats:
    """Gray -> linear; an RGB profile on a gray picture stands for its green curve."""
    found = profile.srgb() if icc is None else profile.shape(icc)
    return (found or profile.srgb()).curves[-2 if found and len(found.curves) == 3 else 0]


@lru_cache(maxsize=4)
def _matrix_tables(
    icc: bytes,
) -> tuple[tuple[NDArray[np.float32], ...], NDArray[np.float32], NDArray[np.uint8]]:
    found = profile.shape(icc)
    assert found is not None
    curves = tuple(curve.astype(np.float32) for curve in found.curves)
    encode = np.rint(profile.srgb_encode(np.linspace(0.0, 1.0, STEPS)) * 255)
    matrix = (_between(found) * (STEPS - 1)).astype(np.float32)
    return curves, matrix, encode.astype(np.uint8)


# --- 8-bit sRGB -> the document


def _to_native(patch: Image, native: Native, icc: bytes | None) -> Floats:
    """The patch in the document's encoding, as floats in its full range."""
    top = float(np.iinfo(native.dtype).max)
    if native.ndim == 2:
        return _gray_value(patch, icc) * top
    if is_srgb(icc):
        return patch.astype(np.float64) * (top / 255)
    assert icc is not None
    found = profile.shape(icc)
    return (_matrix_value(patch, found) if found else _table_value(patch, icc)) * top


def _gray_value(patch: Image, icc: bytes | None) -> Floats:
    light = profile.srgb_decode(patch / 255)
    linear: Floats = (
        light[..., 0] * LUMINANCE[0] + light[..., 1] * LUMINANCE[1] + light[..., 2] * LUMINANCE[2]
    )
    if icc is None:
        return profile.srgb_encode(linear)
    return _inverse(_gray_curve(icc), linear)


def _matrix_value(patch: Image, found: Shape) -> Floats:
    linear = profile.srgb_decode(patch / 255) @ np.linalg.inv(_between(found)).T
    return np.stack([_inverse(found.curves[c], linear[..., c]) for c in range(3)], axis=2)


def _inverse(curve: Floats, linear: Floats) -> Floats:
    return np.interp(linear, curve, np.linspace(0.0, 1.0, STEPS)).astype(np.float64)


def _table_value(patch: Image, icc: bytes) -> Floats:
    both_ways = lcms.both_ways(icc)
    assert both_ways is not None
    return np.asarray(both_ways[1].apply(Pil.fromarray(np.ascontiguousarray(patch)))) / 255


def _mixed_levels(old: Image, patch: Patch) -> Image:
    """8-bit sRGB in whole numbers, a tenth of the time: n / 255 to its nearest, never half way."""
    new, share = patch.pixels, patch.blend.astype(np.uint16)[..., None]
    mixed = new * share
    mixed += old * (255 - share)
    mixed += 128
    mixed += mixed >> 8
    return (mixed >> 8).astype(np.uint8)


def _mixed(old: Native, new: Floats, blend: Image, touched: NDArray[np.bool_]) -> Native:
    share = blend / 255
    if old.ndim == 3:
        share, touched = share[..., None], touched[..., None]
    mixed = np.rint(old + (new - old) * share).astype(old.dtype)
    return cast(Native, np.where(touched, mixed, old))
