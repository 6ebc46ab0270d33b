"""Encodes pixels and metadata to the bytes of each format."""

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias, cast

import numpy as np
from PIL import Image as Pil

from engine.colour.convert import to_8_bit
from engine.geometry import Native
from engine.image_io.encoding import jpeg_file, png_forms, png_writer
from engine.image_io.encoding import tiff as tiff_file
from engine.image_io.export_options import ExportOptions
from engine.picture import Coding, Metadata

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
    coding: Coding = field(default_factory=Coding)  # of the source, where it has the same format
    original: Native | None = None  # the pixels as opened, where they are known
    apart: bool = False  # in a window: what holds the interpreter's lock is done by a process


def encode(contents: FileContents, progress: Progress) -> bytes:
    """The bytes of the file in the format of its options."""
    return _ENCODERS[contents.options.format](contents, progress)


def flattened(contents: FileContents) -> tuple[Native, Native | None]:
    """Pixels and alpha as a lossless file of that format would hold them.

    (H, W) or (H, W, 3), and (H, W) or none.
    """
    if contents.options.format != "jpeg" or contents.alpha is None:
        return contents.pixels, contents.alpha
    return over_white(contents.pixels, contents.alpha), None


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
    form = png_forms.form_of(contents.pixels, contents.alpha, contents.coding)
    if form is not None:
        content = png_forms.encoded(form, chunks)
        progress(1.0)
        return content
    return png_writer.encode_png(contents.pixels, contents.alpha, chunks=chunks, report=progress)


def _tiff(contents: FileContents, progress: Progress) -> bytes:
    return tiff_file.encoded(
        _channels(contents), contents.icc, contents.metadata, contents.options.compress, progress
    )


def _jpeg(contents: FileContents, progress: Progress) -> bytes:
    pixels = (
        contents.pixels if contents.alpha is None else over_white(contents.pixels, contents.alpha)
    )
    coding, options, metadata = contents.coding, contents.options, contents.metadata
    content = None
    if jpeg_file.keeps_blocks(coding, options, pixels):
        content = jpeg_file.with_kept_blocks(
            pixels,
            coding,
            contents.icc,
            metadata,
            original=contents.original,
            gain_map=not options.private,
            apart=contents.apart,
        )
    if content is None:
        content = jpeg_file.encoded(pixels, contents.icc, metadata, options)
        if not options.private:
            content = jpeg_file.with_gain_map(
                content, pixels, coding, contents.icc, metadata, original=contents.original
            )
    progress(1.0)
    return content


def _webp(contents: FileContents, progress: Progress) -> bytes:
    asked, coding = contents.options.lossless, contents.coding
    as_source = bool(coding.lossless) and contents.options.quality is None
    lossless = as_source if asked is None else asked
    # exact: colours under full transparency are pixels, too
    return _by_pillow(contents, progress, {"lossless": lossless, "exact": lossless})


def _avif(contents: FileContents, progress: Progress) -> bytes:
    return _by_pillow(contents, progress, {})


def _by_pillow(contents: FileContents, progress: Progress, more: dict[str, bool]) -> bytes:
    out = io.BytesIO()
    _flat(contents).save(
        out,
        contents.options.format.upper(),
        quality=contents.options.quality or jpeg_file.QUALITY,
        icc_profile=contents.icc or b"",
        exif=contents.metadata.exif or b"",
        xmp=contents.metadata.xmp or b"",
        **more,
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
    "webp": _webp,
    "tiff": _tiff,
    "avif": _avif,
}
