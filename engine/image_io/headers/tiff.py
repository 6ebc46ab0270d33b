"""Headers of TIFF files, examined before any decoder sees them (TIFF 6.0).

Pillow's reader loads every list of strips as it opens a file, before a caller can look at the size.
"""

import struct
from dataclasses import dataclass, field
from typing import BinaryIO

from engine.geometry import Size
from engine.image_io.headers import ifd
from engine.image_io.headers.ifd import Directory, Tree
from engine.image_io.limits import Limits


@dataclass(slots=True)
class TiffHeader:
    """The first directory."""

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
    branch: Tree = field(default_factory=dict[int, "ifd.IfdValue | Tree"])


_PIECES = (273, 279, 324, 325)
_WIDTH, _LENGTH, _TILE_WIDTH, _TILE_LENGTH = 256, 257, 322, 323
_ICC, _XMP, _IPTC, _PHOTOSHOP = 34_675, 700, 33_723, 34_377


def examine(stream: BinaryIO, limits: Limits) -> TiffHeader:
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
    return TiffHeader(
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
