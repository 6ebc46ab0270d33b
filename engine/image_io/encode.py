"""Encodes pixels and metadata to the bytes of each format."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, cast

import numpy as np
from PIL import Image as Pil

from engine.colour.convert import to_8_bit
from engine.geometry import Native
from engine.image_io import encode_tiff, png_writer
from engine.image_io.export_options import ExportOptions
from engine.image_io.headers import jpeg
from engine.picture import Metadata

Progress: TypeAlias = Callable[[float], None]

_STRIP_ROWS = 256


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FileContents:
    """All that one file is made of; pixels and alpha in the depth to be written."""

    pixels: Native
    alpha: Native | None
    icc: bytes | None
    metadata: Metadata
    options: ExportOptions


def encode(contents: FileContents, progress: Progress) -> bytes:
    """The bytes of the file in the format of its options."""
    return _ENCODERS[contents.options.format](contents, progress)


def over_white(pixels: Native, alpha: Native) -> Native:
    """(H, W) or (H, W, 3) over white by the (H, W) alpha, rounded; in their own encoding."""
    top = np.iinfo(pixels.dtype).max
    out = np.empty_like(pixels)
    for at in range(0, pixels.shape[0], _STRIP_ROWS):
        rows = slice(at, at + _STRIP_ROWS)
        share = alpha[rows].astype(np.float32) / top
        if pixels.ndim == 3:
            share = share[..., None]
        out[rows] = np.rint(top - (top - pixels[rows].astype(np.float32)) * share)
    return out


def _channels(contents: FileContents) -> Native:
    """(H, W, C): gray or RGB, and alpha last."""
    pixels = contents.pixels[..., None] if contents.pixels.ndim == 2 else contents.pixels
    if contents.alpha is None:
        return pixels
    return cast(Native, np.concatenate([pixels, contents.alpha[..., None]], axis=2))


def _png(contents: FileContents, progress: Progress) -> bytes:
    profile = [png_writer.profile_chunk(contents.icc)] if contents.icc else []
    chunks = [*profile, *png_writer.metadata_chunks(contents.metadata)]
    return png_writer.encode_png(contents.pixels, contents.alpha, chunks=chunks, report=progress)


def _tiff(contents: FileContents, progress: Progress) -> bytes:
    return encode_tiff.encoded(
        _channels(contents), contents.icc, contents.metadata, contents.options.compress, progress
    )


def _jpeg(contents: FileContents, progress: Progress) -> bytes:
    alpha, found = contents.alpha, contents.metadata
    pixels = contents.pixels if alpha is None else over_white(contents.pixels, alpha)
    out = io.BytesIO()
    Pil.fromarray(to_8_bit(pixels)).save(
        out,
        "JPEG",
        quality=contents.options.quality,
        subsampling=contents.options.subsampling,
        icc_profile=contents.icc,
        exif=b"Exif\0\0" + found.exif if found.exif else b"",
        xmp=found.xmp,
        dpi=tuple(map(round, found.dpi)) if found.dpi else (0, 0),
        extra=jpeg.iptc_segment(found.iptc) if found.iptc else b"",
    )
    progress(1.0)
    return out.getvalue()


def _by_pillow(contents: FileContents, progress: Progress) -> bytes:
    """WebP and AVIF."""
    out = io.BytesIO()
    _flat(contents).save(
        out,
        contents.options.format.upper(),
        quality=contents.options.quality,
        icc_profile=contents.icc or b"",
        exif=contents.metadata.exif or b"",
        xmp=contents.metadata.xmp or b"",
    )
    progress(1.0)
    return out.getvalue()


def _flat(contents: FileContents) -> Pil.Image:
    """8 bits, for formats that Pillow writes."""
    found = to_8_bit(_channels(contents))
    return Pil.fromarray(found[..., 0] if found.shape[2] == 1 else found)


_ENCODERS: dict[str, Callable[[FileContents, Progress], bytes]] = {
    "png": _png,
    "jpeg": _jpeg,
    "webp": _by_pillow,
    "tiff": _tiff,
    "avif": _by_pillow,
}
