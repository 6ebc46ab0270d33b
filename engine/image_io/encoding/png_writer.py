"""Writes PNG files (third edition of the specification): the only PNG encoder of the program.

Pixels are filtered and deflated strip by strip, so that memory stays at the size of the file, a job
can be cancelled in between, and the same pixels give the same bytes. OpenCV's encoder takes three
times the memory, cannot be cancelled and knows neither gray with alpha nor metadata.
"""

import io
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Native
from engine.image_io.headers.png import SIGNATURE, XMP_KEY
from engine.picture import Metadata
from engine.storage.text import mended

_STRIP_BYTES = 1 << 18
_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # by number of channels
_SUB, _UP, _AVERAGE = 1, 2, 3  # Paeth costs half as much again and makes nothing smaller

Bytes: TypeAlias = NDArray[np.uint8]
Chunk: TypeAlias = tuple[bytes, bytes]
"""Type and content; length and checksum are added."""


@dataclass(frozen=True, slots=True)
class Compression:
    """How much work goes into a small file."""

    level: int  # of zlib
    strategy: int
    filters: tuple[int, ...]  # the one with the smallest sum is taken for each row


SMALL = Compression(3, zlib.Z_DEFAULT_STRATEGY, (_SUB, _UP, _AVERAGE))
"""For files of the user. Photos are 2 % larger than at level 6, in half the time."""

QUICK = Compression(1, zlib.Z_RLE, (_AVERAGE,))
"""For what is read again by this program or sent over a line: a third of the time of SMALL."""


def encode_png(
    pixels: Native,
    alpha: Native | None = None,
    *,
    chunks: Iterable[Chunk] = (),
    compression: Compression = SMALL,
    report: Callable[[float], None] = lambda share: None,
) -> bytes:
    """The file of (H, W) gray or (H, W, C) pixels, uint8 or uint16, with (H, W) alpha or none.

    C is 1 gray, 2 gray and alpha, 3 RGB, 4 RGB and alpha. `chunks` stand before the pixels.
    `report` is called with the share done, 0..1, and may raise to stop.
    """
    planes = _planes(pixels, alpha)
    height, width, count = *pixels.shape[:2], sum(plane.shape[2] for plane in planes)
    header = struct.pack(
        ">IIBBBBB", width, height, pixels.itemsize * 8, _COLOUR_TYPES[count], 0, 0, 0
    )
    out = io.BytesIO()
    out.write(SIGNATURE)
    for chunk in ((b"IHDR", header), *chunks):
        _put(out, *chunk)
    packer = zlib.compressobj(compression.level, zlib.DEFLATED, strategy=compression.strategy)
    for rows, share in _strips(planes):
        _put_pixels(out, packer.compress(_filtered(rows, pixels.itemsize * count, compression)))
        report(share)
    _put_pixels(out, packer.flush())
    _put(out, b"IEND", b"")
    return out.getvalue()


def profile_chunk(icc: bytes) -> Chunk:
    """iCCP: the ICC profile, deflated."""
    return b"iCCP", b"ICC profile\0\0" + zlib.compress(icc)


def metadata_chunks(metadata: Metadata) -> Iterator[Chunk]:
    """pHYs, eXIf, iTXt with the XMP packet, and tEXt or iTXt for each text."""
    if metadata.dpi:
        across, down = (round(value / 0.0254) for value in metadata.dpi)
        yield b"pHYs", struct.pack(">IIB", across, down, 1)
    if metadata.exif:
        yield b"eXIf", metadata.exif
    if metadata.xmp:
        yield b"iTXt", XMP_KEY + bytes(5) + metadata.xmp
    for key, words in metadata.text:
        yield _text_chunk(key.encode("latin-1", "replace")[:79], words)


def _text_chunk(key: bytes, words: str) -> Chunk:
    try:
        return b"tEXt", key + b"\0" + words.encode("latin-1")
    except UnicodeEncodeError:
        return b"iTXt", key + bytes(5) + mended(words).encode()


def _put(out: io.BytesIO, kind: bytes, body: bytes) -> None:
    out.write(struct.pack(">I4s", len(body), kind))
    out.write(body)
    out.write(struct.pack(">I", zlib.crc32(body, zlib.crc32(kind))))


def _put_pixels(out: io.BytesIO, body: bytes) -> None:
    if body:
        _put(out, b"IDAT", body)


def _planes(pixels: Native, alpha: Native | None) -> list[Native]:
    found = [pixels] if alpha is None else [pixels, alpha]
    return [plane[..., None] if plane.ndim == 2 else plane for plane in found]


def _strips(planes: list[Native]) -> Iterator[tuple[Bytes, float]]:
    """Some rows as big-endian bytes, led by the row before them (zeros at first), and the share."""
    height = planes[0].shape[0]
    row_bytes = sum(plane[0].nbytes for plane in planes)
    rows = max(1, _STRIP_BYTES // row_bytes)
    before = np.zeros((1, row_bytes), np.uint8)
    for top in range(0, height, rows):
        content = _as_bytes([plane[top : top + rows] for plane in planes])
        yield np.concatenate([before, content]), min(1.0, (top + rows) / height)
        before = content[-1:]


def _as_bytes(planes: list[Native]) -> Bytes:
    whole = planes[0] if len(planes) == 1 else cast(Native, np.concatenate(planes, axis=2))
    ordered = np.ascontiguousarray(whole.astype(f">u{whole.itemsize}", copy=False))
    return ordered.reshape(len(ordered), -1).view(np.uint8)


def _filtered(rows: Bytes, step: int, compression: Compression) -> bytes:
    """The rows but the first, each led by its filter; `step` is the bytes of a pixel."""
    kinds = compression.filters
    out = np.empty((len(rows) - 1, rows.shape[1] + 1), np.uint8)
    if len(kinds) == 1:
        out[:, 0] = kinds[0]
        np.subtract(rows[1:], _FILTERS[kinds[0]](rows, step), out=out[:, 1:])
        return out.tobytes()
    tries = [rows[1:] - _FILTERS[kind](rows, step) for kind in kinds]
    sums = [np.abs(one.view(np.int8)).view(np.uint8).sum(axis=1, dtype=np.uint32) for one in tries]
    best = np.argmin(np.stack(sums), axis=0)
    out[:, 0] = np.array(kinds, np.uint8)[best]
    for index, one in enumerate(tries):
        out[best == index, 1:] = one[best == index]
    return out.tobytes()


def _left(rows: Bytes, step: int) -> Bytes:
    """The pixel to the left in the same row, 0 at the border."""
    found = np.empty((len(rows), rows.shape[1]), np.uint8)
    found[:, :step], found[:, step:] = 0, rows[:, :-step]
    return found


def _sub(rows: Bytes, step: int) -> Bytes:
    return _left(rows[1:], step)


def _up(rows: Bytes, step: int) -> Bytes:
    return rows[:-1]


def _average(rows: Bytes, step: int) -> Bytes:
    """Of left and up, rounded down, without a wider type."""
    left, up = _left(rows[1:], step), rows[:-1]
    half = left ^ up
    half >>= 1
    left &= up
    left += half
    return left


_FILTERS: dict[int, Callable[[Bytes, int], Bytes]] = {
    _SUB: _sub,
    _UP: _up,
    _AVERAGE: _average,
}
