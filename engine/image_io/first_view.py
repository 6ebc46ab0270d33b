"""First view of a JPEG in milliseconds, from its embedded preview or an eighth of its pixels."""

import io
import os
import struct
from pathlib import Path
from typing import BinaryIO

import numpy as np
import simplejpeg  # pyright: ignore[reportMissingTypeStubs]

from engine.colour import convert, named
from engine.colour.thumbnail import thumbnail
from engine.errors import ImageTooLarge
from engine.geometry import Image, Rect, Size
from engine.image_io import formats
from engine.image_io.formats import translate_errors
from engine.image_io.headers import exif, jpeg, mpf
from engine.image_io.limits import Limits
from engine.image_io.reader import turned
from engine.picture import FirstView
from engine.storage.foreign_file import open_file

_MOST_PREVIEW_BYTES = 8_000_000
_SHAPE_TOLERANCE = 0.02


def first_view(path: Path, max_side: int = 2_048, limits: Limits | None = None) -> FirstView | None:
    """The preview inside a JPEG, else its pixels at an eighth; None where there is no short way.

    No side is longer than `max_side`. Raises as `engine.image_io.reader.read` does.
    """
    with translate_errors(path), open_file(path) as stream:
        if formats.sniff(stream.read(64)) != "jpeg":
            return None
        limits = limits or Limits()
        limits.check("file", os.fstat(stream.fileno()).st_size)
        head = jpeg.examine(stream, limits)
        if head.channels != 3:
            return None
        small = _embedded(stream, head)
        found = small if small is not None else _reduced(stream, limits.file)
        return _shown(found, head, max_side, small is not None)


def _shown(small: Image, head: jpeg.JpegHeader, max_side: int, embedded: bool) -> FirstView:
    turn = exif.orientation(head.exif)
    pixels = thumbnail(turned(small, turn), max_side)
    icc = head.icc or (named.adobe_rgb(gray=False).icc if exif.is_adobe_rgb(head.exif) else None)
    icc = icc if icc and convert.usable(icc, gray=False) else None
    size = Size(head.size.height, head.size.width) if turn >= 5 else head.size
    image = convert.view_rect(pixels, icc, Rect.whole(Size.of(pixels)))
    return FirstView(image=image, size=size, embedded=embedded)


def _embedded(stream: BinaryIO, head: jpeg.JpegHeader) -> Image | None:
    """The largest preview of the picture's shape; cameras also keep some with black bars."""
    for content in (_preview(stream, head), exif.thumbnail(head.exif)):
        found = _small(content, head.size) if content else None
        if found is not None:
            return found
    return None


def _preview(stream: BinaryIO, head: jpeg.JpegHeader) -> bytes | None:
    span = mpf.preview_span(head)
    if span is None or span[1] > _MOST_PREVIEW_BYTES:
        return None
    stream.seek(span[0])
    return stream.read(span[1])


def _small(content: bytes, whole: Size) -> Image | None:
    if formats.sniff(content[:64]) != "jpeg" or not _fits(content, whole):
        return None
    try:
        return np.asarray(simplejpeg.decode_jpeg(content, "RGB", strict=False), np.uint8)
    except ValueError:
        return None


def _fits(content: bytes, whole: Size) -> bool:
    try:
        size = jpeg.examine(io.BytesIO(content), Limits(pixels=whole.pixels)).size
    except (ValueError, struct.error, ImageTooLarge):
        return False
    expected = size.width * whole.height / whole.width
    return abs(size.height - expected) <= max(1.0, _SHAPE_TOLERANCE * expected)


def _reduced(stream: BinaryIO, most_bytes: int) -> Image:
    """An eighth of each side: only the mean of each 8 x 8 block is worked out."""
    stream.seek(0)
    found = simplejpeg.decode_jpeg(
        stream.read(most_bytes), "RGB", min_height=1, min_width=1, min_factor=8, strict=False
    )
    return np.asarray(found, np.uint8)
