"""What WebP, GIF and TIFF files say about themselves, read before any decoder sees them.

Pillow's WebP reader makes its canvas when it opens a file, and its TIFF reader loads every list
of strips: both before a caller can look at the size.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from engine import ifd
from engine.geometry import Size
from engine.ifd import Directory, Tree
from engine.limits import Limits


@dataclass(slots=True)
class WebpContents:
    """Header of a WebP (RFC 9649)."""

    size: Size = Size(0, 0)  # noqa: RUF009  a tuple
    has_alpha: bool = False
    frames: int = 1
    icc: bytes | None = None
    exif: bytes | None = None
    xmp: bytes | None = None


def examine_webp(stream: BinaryIO, limits: Limits) -> WebpContents:
    """Look through the chunks. Raises ImageTooLarge or ValueError."""
    found = WebpContents(frames=0)
    for kind, length in _riff_chunks(stream):
        if kind in (b"VP8X", b"VP8 ", b"VP8L") and found.size == (0, 0):
            found.size, found.has_alpha = _webp_size(kind, stream.read(10))
            limits.check_size(found.size)
        elif kind in (b"ICCP", b"EXIF", b"XMP "):
            limits.check("profile" if kind == b"ICCP" else "metadata", length)
            _keep(found, kind, stream.read(length))
        elif kind == b"ANMF":
            found.frames += 1
            limits.check("frames", found.frames)
    if min(found.size) < 1:
        raise ValueError("no size")
    return found


def _riff_chunks(stream: BinaryIO) -> Iterator[tuple[bytes, int]]:
    end = stream.seek(0, os.SEEK_END)
    at = 12
    while at + 8 <= end:
        stream.seek(at)
        kind, length = struct.unpack("<4sI", stream.read(8))
        at += 8 + length + length % 2
        if at > end + 1:
            raise ValueError("cut off")
        yield kind, length


def _webp_size(kind: bytes, head: bytes) -> tuple[Size, bool]:
    if kind == b"VP8X":
        width, height = (int.from_bytes(head[at : at + 3], "little") + 1 for at in (4, 7))
        return Size(width, height), bool(head[0] & 0x10)
    if kind == b"VP8L":
        (bits,) = struct.unpack_from("<I", head, 1)
        return Size((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1), bool(bits >> 28 & 1)
    width, height = struct.unpack_from("<HH", head, 6)
    return Size(width & 0x3FFF, height & 0x3FFF), False


def _keep(found: WebpContents, kind: bytes, body: bytes) -> None:
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


@dataclass(slots=True)
class TiffContents:
    """First directory of a TIFF (TIFF 6.0)."""

    size: Size = Size(0, 0)  # noqa: RUF009  a tuple
    order: str = "<"
    offset: int = 0
    bits: tuple[int, ...] = (1,)
    sample_format: int = 1
    compression: int = 1
    photometric: int = 1
    planar: int = 1
    extra: tuple[int, ...] = ()
    has_more: bool = False
    icc: bytes | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    dpi: tuple[float, float] | None = None
    branch: Tree = field(default_factory=dict[int, "ifd.Value | Tree"])


_PIECES = (273, 279, 324, 325)
_WIDTH, _LENGTH, _TILE_WIDTH, _TILE_LENGTH = 256, 257, 322, 323
_ICC, _XMP, _IPTC, _PHOTOSHOP = 34_675, 700, 33_723, 34_377


def examine_tiff(stream: BinaryIO, limits: Limits) -> TiffContents:
    """Look at the first directory. Raises ImageTooLarge or ValueError."""
    order, offset = ifd.start(stream)
    found = ifd.directory(stream, order, offset)
    _check_fields(found, limits)
    read = _Numbers(stream, order, found)
    size = Size(read.one(_WIDTH, 0), read.one(_LENGTH, 0))
    limits.check_size(size)
    limits.check_size(Size(read.one(_TILE_WIDTH, 1), read.one(_TILE_LENGTH, 1)))
    if min(size) < 1:
        raise ValueError("no size")
    limits.check("samples", read.one(277, 1))
    return TiffContents(
        size=size,
        order=order,
        offset=offset,
        bits=read.all(258) or (1,),
        sample_format=read.one(339, 1),
        compression=read.one(259, 1),
        photometric=read.one(262, 1),
        planar=read.one(284, 1),
        extra=read.all(338),
        has_more=found.next_offset != 0,
        icc=read.content(_ICC),
        xmp=read.content(_XMP),
        iptc=read.content(_IPTC),
        dpi=_tiff_dpi(read),
        branch=_described(stream, order, offset),
    )


def _check_fields(found: Directory, limits: Limits) -> None:
    others = 0
    for item in found.fields.values():
        if item.tag in _PIECES:
            limits.check("strips", item.count)
        elif item.tag == _ICC:
            limits.check("profile", item.length)
        else:
            others += item.length
    limits.check("metadata", others)


def _described(stream: BinaryIO, order: str, offset: int) -> Tree:
    try:
        return ifd.tree(stream, order, offset)
    except (ValueError, struct.error):
        return {}


def _tiff_dpi(read: "_Numbers") -> tuple[float, float] | None:
    scale = {2: 1.0, 3: 2.54}.get(read.one(296, 2))
    across, down = read.fraction(282), read.fraction(283)
    return (across * scale, down * scale) if scale and across and down else None


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Fields of a directory by tag, with what to take when they are absent."""

    stream: BinaryIO
    order: str
    directory: Directory

    def all(self, tag: int) -> tuple[int, ...]:
        found = self.directory.fields.get(tag)
        return ifd.numbers(self.stream, self.order, found) if found else ()

    def one(self, tag: int, default: int) -> int:
        return next(iter(self.all(tag)), default)

    def content(self, tag: int) -> bytes | None:
        found = self.directory.fields.get(tag)
        return ifd.raw(self.stream, found) if found else None

    def fraction(self, tag: int) -> float:
        found = self.directory.fields.get(tag)
        if found is None or found.kind != ifd.RATIONAL or found.count < 1:
            return 0.0
        above, below = struct.unpack_from(self.order + "II", ifd.raw(self.stream, found))
        return above / below if below else 0.0
