"""Decodes the bytes of each format to arrays, after the header was found to be within the limits.

Decoders: libjpeg-turbo for JPEG, straight into the final array (OpenCV copies its result, Pillow
needs three times the memory); OpenCV for PNG, and for packed TIFFs of 16 bits, which Pillow would
cut to 8; tifffile for the 16-bit TIFFs it can unpack alone, whose channel order is plain; Pillow
for the rest. Pillow's readers are called by name: `Image.open` would look at the global list, which
any import may lengthen.
"""

import io
from collections.abc import Callable
from functools import partial
from typing import TypeAlias

import cv2
import numpy as np
from PIL import GifImagePlugin, WebPImagePlugin
from PIL import PngImagePlugin as PilPng

from engine.colour import named
from engine.geometry import Native, Size
from engine.image_io.decoding import arrays as unpacking
from engine.image_io.decoding import bmp as decoding_bmp
from engine.image_io.decoding import heif as decoding_boxes
from engine.image_io.decoding import jpeg as decoding_jpeg
from engine.image_io.decoding import tiff as decoding_tiff
from engine.image_io.decoding.arrays import Decoded
from engine.image_io.headers import exif, png, webp_gif
from engine.image_io.limits import Limits
from engine.picture import Coding, Metadata

_GAMMAS = (0.3, 5.0)
"""Exponents that a picture may have; others are a mistake."""

Decoder: TypeAlias = Callable[[bytes, Limits], Decoded]


def decode(content: bytes, found: str, limits: Limits) -> Decoded:
    """Decode a file of the format called `found`. Raises whatever the libraries raise."""
    return _DECODERS[found](content, limits)


def _png(content: bytes, limits: Limits) -> Decoded:
    ended = png.with_end(content)
    head = png.examine(io.BytesIO(ended), limits)
    lacks_end = ended is not content
    pixels, alpha = _png_pixels(png.bare(ended), head)
    notes = ("palette-converted",) if head.colour == 3 else ()
    return Decoded(
        pixels=pixels,
        alpha=alpha,
        icc=None if head.code_points and _png_colours(head, gray=False).icc else head.icc,
        colours=partial(_png_colours, head),
        metadata=head.metadata,
        orientation=exif.orientation(head.exif),
        notes=(
            *notes,
            *(("first-frame",) if head.frames > 1 else ()),
            *(("parts-broken",) if head.has_broken_parts else ()),
            *(("end-missing",) if lacks_end else ()),
        ),
        coding=_png_coding(head),
    )


def _png_colours(head: png.PngHeader, *, gray: bool) -> named.Named:
    """By the order of the PNG specification: cICP, sRGB, then gAMA and cHRM."""
    if head.code_points:
        return named.of_code_points(*head.code_points, gray=gray)
    if head.is_srgb or not _GAMMAS[0] < head.gamma < _GAMMAS[1]:
        return named.Named()
    primaries = _primaries(head.chromaticities)
    is_srgb_curve = abs(head.gamma - 2.2) < 0.01
    if is_srgb_curve and (gray or _is_near(primaries, named.SRGB)):
        return named.Named()  # the pair by which programs of all ages say sRGB
    return named.of_primaries(primaries, (round(head.gamma, 3),), gray=gray)


def _primaries(numbers: tuple[float, ...]) -> named.Primaries:
    """White comes first in cHRM; those of sRGB where there is none."""
    if not numbers:
        return named.SRGB
    white, red, green, blue = zip(numbers[::2], numbers[1::2])
    return named.Primaries(red, green, blue, white)


def _is_near(found: named.Primaries, other: named.Primaries) -> bool:
    return bool(np.abs(np.subtract(found, other)).max() < 0.002)


def _png_coding(head: png.PngHeader) -> Coding:
    is_palette = head.colour == 3
    return Coding(
        bits=head.depth,
        palette=head.palette if is_palette else b"",
        palette_alpha=(head.transparent or b"") if is_palette else b"",
        interlaced=head.interlaced,
    )


def _png_pixels(bare: bytes, head: png.PngHeader) -> tuple[Native, Native | None]:
    if head.depth == 16:
        return _png_16(bare, head)
    if head.depth == 8 and head.colour in (0, 2) and head.transparent is None:
        return unpacking.by_opencv(
            bare, unpacking.RGB if head.colour == 2 else unpacking.UNCHANGED, head.size
        ), None
    with PilPng.PngImageFile(io.BytesIO(bare)) as image:
        return unpacking.by_pillow(image)


def _png_16(bare: bytes, head: png.PngHeader) -> tuple[Native, Native | None]:
    if head.colour in (4, 6):
        found = unpacking.by_opencv(bare, unpacking.UNCHANGED, head.size)
        unpacking.expect(found, np.uint16, 4)
        order = [0, 3] if head.colour == 4 else [2, 1, 0, 3]
        return unpacking.apart(found[..., order])
    key, plain = head.transparent, _without_transparency(bare)
    flags = unpacking.UNCHANGED if head.colour == 0 else unpacking.RGB | cv2.IMREAD_ANYDEPTH
    found = unpacking.by_opencv(plain, flags, head.size)
    unpacking.expect(found, np.uint16, 1 if head.colour == 0 else 3)
    return found, _keyed(found, key) if key else None


def _without_transparency(bare: bytes) -> bytes:
    """OpenCV makes an alpha channel of tRNS in some releases and not in others."""
    at = bare.find(b"tRNS")
    if at < 0 or at > bare.find(b"IDAT"):
        return bare
    length = int.from_bytes(bare[at - 4 : at], "big")
    return bare[: at - 4] + bare[at + 8 + length :]


def _keyed(pixels: Native, key: bytes) -> Native:
    """Alpha of a picture in which one value is transparent."""
    value = np.frombuffer(key, ">u2")
    same = pixels == value[0] if pixels.ndim == 2 else (pixels == value[:3]).all(axis=2)
    return np.where(same, 0, 65_535).astype(np.uint16)


def _webp(content: bytes, limits: Limits) -> Decoded:
    head = webp_gif.examine_webp(io.BytesIO(content), limits)
    with WebPImagePlugin.WebPImageFile(io.BytesIO(content)) as image:
        pixels, alpha = unpacking.by_pillow(image)
    return Decoded(
        pixels=pixels,
        alpha=alpha,
        icc=head.icc,
        metadata=Metadata(exif=head.exif, xmp=head.xmp),
        orientation=exif.orientation(head.exif),
        notes=(
            *(("first-frame",) if head.frames > 1 else ()),
            *(("irregular",) if head.has_more_bytes else ()),
        ),
        coding=Coding(lossless=head.lossless),
    )


def _gif(content: bytes, limits: Limits) -> Decoded:
    _, frames = webp_gif.examine_gif(io.BytesIO(content), limits)
    with GifImagePlugin.GifImageFile(io.BytesIO(content)) as image:
        limits.check_size(Size(*image.size))
        pixels, alpha = unpacking.by_pillow(image)
    notes = ("palette-converted", "first-frame") if frames > 1 else ("palette-converted",)
    return Decoded(pixels=pixels, alpha=alpha, metadata=Metadata(), notes=notes)


_DECODERS: dict[str, Decoder] = {
    "png": _png,
    "jpeg": decoding_jpeg.decode,
    "webp": _webp,
    "tiff": decoding_tiff.decode,
    "bmp": decoding_bmp.decode,
    "gif": _gif,
    "avif": decoding_boxes.decode_avif,
    "heic": decoding_boxes.decode_heic,
}
