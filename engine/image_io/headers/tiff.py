"""Headers of TIFF files, examined before any decoder sees them (TIFF 6.0, BigTIFF, DNG).

Pillow's reader loads every list of strips as it opens a file, before a caller can look at the size.
"""

import struct
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from engine.errors import ImageUnreadable
from engine.geometry import Size
from engine.image_io.headers import exif, ifd
from engine.image_io.headers.ifd import Directory, Tree
from engine.image_io.limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class YcbcrHeader:
    """How a YCbCr picture is sampled and coded."""

    share: tuple[int, ...]  # luma samples for one of chroma, across and down
    luma: tuple[float, ...]  # shares of red, green and blue
    black_white: tuple[float, ...]  # codes of Y, Cb and Cr


@dataclass(slots=True)
class TiffHeader:
    """The first directory."""

    size: Size = Size(0, 0)  # noqa: RUF009  a tuple
    order: str = "<"
    offset: int = 0
    big: bool = False  # BigTIFF
    bits: tuple[int, ...] = (1,)
    sample_format: int = 1
    compression: int = 1
    photometric: int = 1
    names_colours: bool = True  # by itself; else they are guessed, as libtiff does
    planar: int = 1
    predictor: int = 1
    fill_order: int = 1
    tile: Size | None = None
    has_old_lists: bool = False  # tiles that the lists of strips name
    rows_per_strip: int = 0
    offsets: tuple[int, ...] = ()  # of the strips or tiles
    counts: tuple[int, ...] = ()  # bytes of each
    extra: tuple[int, ...] = ()
    ycbcr: "YcbcrHeader | None" = None
    has_more: bool = False
    icc: bytes | None = None
    xmp: bytes | None = None
    iptc: bytes | None = None
    dpi: tuple[float, float] | None = None
    branch: Tree = field(default_factory=dict[int, "ifd.IfdValue | Tree"])


_SUBFILE, _OLD_SUBFILE, _MAKE, _SUB_DIRECTORIES, _DNG = 254, 255, 271, 330, 50_706
_STRIPS, _STRIP_BYTES, _TILES, _TILE_BYTES = 273, 279, 324, 325
_PIECES = (_STRIPS, _STRIP_BYTES, _TILES, _TILE_BYTES)
_WIDTH, _LENGTH, _TILE_WIDTH, _TILE_LENGTH = 256, 257, 322, 323
_ICC, _XMP, _IPTC = 34_675, 700, 33_723
_UNREAD = exif.OF_PIXELS - {exif.ORIENTATION}
_NOT_COUNTED = exif.OF_PIXELS - {_XMP, _IPTC}
YCBCR = 6
_FAX = (2, 3, 4)
_LIKELY_COLOURS, _NO_COLOURS = {1: 1, 2: 1, 3: 2}, 65_535
"""Photometric interpretation by the number of channels, where a file has none; not to be told."""
_SENSOR = (32_803, 34_892)  # photometric: colour filter array, linear raw
_MOST_SUB_DIRECTORIES = 32
_ENDINGS = (
    (b"NIKON", "NEF"),
    (b"SONY", "ARW"),
    (b"PENTAX", "PEF"),
    (b"RICOH", "PEF"),
    (b"SAMSUNG", "SRW"),
    (b"HASSELBLAD", "3FR"),
    (b"PHASE ONE", "IIQ"),
    (b"LEAF", "MOS"),
    (b"EASTMAN KODAK", "DCR"),
    (b"KODAK", "DCR"),
    (b"EPSON", "ERF"),
    (b"MAMIYA", "MEF"),
    (b"CANON", "CR2"),
)


def examine(stream: BinaryIO, limits: Limits) -> TiffHeader:
    """Look at the first directory.

    Raises ImageTooLarge, ValueError, or ImageUnreadable: raw, or reduced where the first picture
    is a small version of the main one.
    """
    order, offset, big = ifd.start_of_file(stream)
    found = ifd.directory(stream, order, offset, big=big)
    read = _Numbers(stream, order, found)
    _check_main(read, big)
    _check_fields(found, limits)
    size = Size(read.one(_WIDTH, 0), read.one(_LENGTH, 0))
    limits.check_size(size)
    limits.check_size(Size(read.one(_TILE_WIDTH, 1), read.one(_TILE_LENGTH, 1)))
    if min(size) < 1:
        raise ValueError("no size")
    limits.check("samples", read.one(277, 1))
    header = _of_pixels(read, size)
    header.order, header.offset, header.big = order, offset, big
    header.has_more = found.next_offset != 0
    header.icc, header.xmp, header.iptc = map(read.content, (_ICC, _XMP, _IPTC))
    header.dpi = _tiff_dpi(read)
    header.branch = _described(stream, order, offset, big)
    return header


def _of_pixels(read: "_Numbers", size: Size) -> TiffHeader:
    fields = read.directory.fields
    at_tiles = _TILES in fields
    is_tiled = at_tiles or _TILE_WIDTH in fields  # the lists of strips may name tiles, too
    tile = Size(read.one(_TILE_WIDTH, 0), read.one(_TILE_LENGTH, 0))
    bits = read.all(258) or (1,)
    samples, packing = read.one(277, 1), read.one(259, 1)
    likely = 0 if packing in _FAX else _LIKELY_COLOURS.get(samples, _NO_COLOURS)
    return TiffHeader(
        size=size,
        bits=bits * samples if len(bits) == 1 else bits,
        sample_format=read.one(339, 1),
        compression=packing,
        photometric=read.one(262, likely),
        names_colours=262 in fields,
        planar=read.one(284, 1),
        predictor=read.one(317, 1),
        fill_order=read.one(266, 1),
        tile=tile if is_tiled else None,
        has_old_lists=is_tiled and not at_tiles,
        rows_per_strip=min(read.one(278, size.height), size.height),
        offsets=read.all(_TILES if at_tiles else _STRIPS),
        counts=read.all(_TILE_BYTES if _TILE_BYTES in fields else _STRIP_BYTES),
        extra=read.all(338),
        ycbcr=_of_ycbcr(read) if read.one(262, likely) == YCBCR else None,
    )


def _of_ycbcr(read: "_Numbers") -> YcbcrHeader:
    return YcbcrHeader(
        share=read.all(530) or (2, 2),
        luma=read.fractions(529) or (0.299, 0.587, 0.114),
        black_white=read.fractions(532) or (0, 255, 128, 255, 128, 255),
    )


def _check_main(read: "_Numbers", big: bool) -> None:
    """Refuse the raw files of cameras, and small versions of a picture that lies elsewhere."""
    make = (read.content(_MAKE) or b"").upper()
    ending = next((ending for start, ending in _ENDINGS if make.startswith(start)), "TIFF")
    others = list(_sub_directories(read, big))
    version = read.directory.fields.get(_DNG)
    if version is not None and (version.kind, version.count) == (ifd.BYTE, 4):
        raise ImageUnreadable(None, "raw", "DNG")
    if any(each.one(262, 1) in _SENSOR for each in (read, *others)):
        raise ImageUnreadable(None, "raw", ending)
    if _area(read) < max((_area(each) for each in others if not _is_reduced(each)), default=0):
        raise _reduced(read, ending)
    if _is_reduced(read) and (others or read.directory.next_offset):
        raise _reduced(read, ending)


def _reduced(read: "_Numbers", ending: str) -> ImageUnreadable:
    is_camera = _SUB_DIRECTORIES in read.directory.fields and ending != "TIFF"
    return ImageUnreadable(None, *(("raw", ending) if is_camera else ("reduced",)))


def _is_reduced(read: "_Numbers") -> bool:
    return bool(read.one(_SUBFILE, 0) & 1) or read.one(_OLD_SUBFILE, 1) == 2


def _area(read: "_Numbers") -> int:
    return read.one(_WIDTH, 0) * read.one(_LENGTH, 0)


def _sub_directories(read: "_Numbers", big: bool) -> "list[_Numbers]":
    """Those that can be read of the first few."""
    item = read.directory.fields.get(_SUB_DIRECTORIES)
    if item is None or item.count > _MOST_SUB_DIRECTORIES:
        return []
    found: list[_Numbers] = []
    try:
        for at in ifd.numbers(read.stream, read.order, item):
            inner = ifd.directory(read.stream, read.order, at, big=big)
            found.append(_Numbers(read.stream, read.order, inner))
    except (ValueError, struct.error, OverflowError):
        pass
    return found


def _check_fields(found: Directory, limits: Limits) -> None:
    """The limits count what is read: Photoshop's layers, for one, are not."""
    others = 0
    for item in found.fields.values():
        if item.tag in _PIECES:
            limits.check("strips", item.count)
        elif item.tag == _ICC:
            limits.check("profile", item.length)
        elif item.tag not in _NOT_COUNTED:
            others += item.length
    limits.check("metadata", others)


def _described(stream: BinaryIO, order: str, offset: int, big: bool) -> Tree:
    try:
        return ifd.tree(stream, order, offset, big=big, without=_UNREAD)
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
        found = self.directory.fields.get(tag)
        if found is None or found.count < 1:
            return default
        return ifd.numbers(self.stream, self.order, replace(found, count=1))[0]

    def content(self, tag: int) -> bytes | None:
        found = self.directory.fields.get(tag)
        return ifd.raw(self.stream, found) if found else None

    def fraction(self, tag: int) -> float:
        return next(iter(self.fractions(tag)), 0.0)

    def fractions(self, tag: int) -> tuple[float, ...]:
        """Empty where there are none, or where they are of another kind."""
        found = self.directory.fields.get(tag)
        if found is None or found.kind != ifd.RATIONAL:
            return ()
        raw = struct.iter_unpack(self.order + "II", ifd.raw(self.stream, found))
        return tuple(above / below if below else 0.0 for above, below in raw)
