"""Headers of WebP and GIF files, examined before any decoder sees them.

Pillow's WebP reader makes its canvas as it opens a file, before a caller can look at the size.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from engine.geometry import Size
from engine.image_io.limits import Limits


@dataclass(slots=True)
class WebpHeader:
    """Header of a WebP (RFC 9649)."""

    size: Size = Size(0, 0)  # noqa: RUF009  a tuple
    frames: int = 1
    lossless: bool = False  # of the first frame
    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None
    has_more_bytes: bool = False  # behind the RIFF


def examine_webp(stream: BinaryIO, limits: Limits) -> WebpHeader:
    """Look through the chunks. Raises ImageTooLarge or ValueError."""
    found = WebpHeader(frames=0)
    for kind, length in _riff_chunks(stream):
        found.lossless = found.lossless or kind == b"VP8L"
        if kind in (b"VP8X", b"VP8 ", b"VP8L") and found.size == (0, 0):
            found.size = _webp_size(kind, stream.read(10))
            limits.check_size(found.size)
        elif kind in (b"ICCP", b"EXIF", b"XMP "):
            limits.check("profile" if kind == b"ICCP" else "metadata", length)
            _keep(found, kind, stream.read(length))
        elif kind == b"ANMF":
            found.frames += 1
            found.lossless = found.frames == 1 and stream.read(20)[16:] == b"VP8L"
            limits.check("frames", found.frames)
    if min(found.size) < 1:
        raise ValueError("no size")
    found.has_more_bytes = stream.seek(0, os.SEEK_END) > _riff_end(stream) + 1
    return found


def _riff_end(stream: BinaryIO) -> int:
    """The offset behind the RIFF; other bytes may follow it."""
    stream.seek(4)
    return 8 + int.from_bytes(stream.read(4), "little")


def _riff_chunks(stream: BinaryIO) -> Iterator[tuple[bytes, int]]:
    end = min(stream.seek(0, os.SEEK_END), _riff_end(stream))
    at = 12
    while at + 8 <= end:
        stream.seek(at)
        kind, length = struct.unpack("<4sI", stream.read(8))
        at += 8 + length + length % 2
        if at > end + 1:
            raise ValueError("cut off")
        yield kind, length


def _webp_size(kind: bytes, head: bytes) -> Size:
    if kind == b"VP8X":
        width, height = (int.from_bytes(head[at : at + 3], "little") + 1 for at in (4, 7))
        return Size(width, height)
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", head, 1)
        return Size((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    width, height = struct.unpack_from("<HH", head, 6)
    return Size(width & 0x3FFF, height & 0x3FFF)


def _keep(found: WebpHeader, kind: bytes, body: bytes) -> None:
    if kind == b"ICCP":
        found.icc = body
    elif kind == b"EXIF":
        found.exif = body.removeprefix(b"Exif\0\0")
    else:
        found.xmp = body


def examine_gif(stream: BinaryIO, limits: Limits) -> tuple[Size, int]:
    """Size and number of frames. Raises ImageTooLarge or ValueError."""
    stream.seek(6)
    width, height, flags = struct.unpack("<HHB", stream.read(5))
    limits.check_size(Size(width, height))
    at, frames = 13 + _palette_bytes(flags), 0
    while True:
        stream.seek(at)
        kind = stream.read(1)
        if kind == b",":
            frames += 1
            limits.check("frames", frames)
            _check_frame(descriptor := stream.read(9), limits)
            at = _after_blocks(stream, at + 11 + _palette_bytes(descriptor[8]))
        elif kind == b"!":
            at = _after_blocks(stream, at + 2)
        else:
            return Size(width, height), frames


def _palette_bytes(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _check_frame(descriptor: bytes, limits: Limits) -> None:
    """A frame may be larger than the screen it is for, and decoders widen the picture to it."""
    left, top, width, height, _ = struct.unpack("<HHHHB", descriptor)
    limits.check_size(Size(left + width, top + height))


def _after_blocks(stream: BinaryIO, at: int) -> int:
    while True:
        stream.seek(at)
        length = stream.read(1)
        if length in (b"\0", b""):
            return at + 1
        at += 1 + length[0]
