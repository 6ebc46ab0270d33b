"""Samples of TIFF files that no other decoder here gives whole: any depth, planes, BigTIFF.

Strips and tiles are unpacked one by one (none, Deflate, LZW, PackBits, Zstandard, LZMA, WebP;
predictors 1 to 3), whole numbers of up to 64 bits and floats are scaled to 16 bits, and put in
place. To signed numbers of 8 and 16 bits half of their range is added where one is negative.
"""

import io
import zlib
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import TiffImagePlugin, WebPImagePlugin

from engine.errors import ImageUnreadable
from engine.geometry import Rect, Size
from engine.image_io.headers import ifd, webp_gif
from engine.image_io.headers.tiff import TiffHeader
from engine.image_io.limits import Limits

Samples: TypeAlias = NDArray[np.generic]

UNSIGNED, SIGNED, FLOAT = 1, 2, 3
_DEFLATE = (8, 32_946, 50_013)  # the last is of Pixar's programs
_BY_LIBTIFF = (5, 32_773, 34_925, 50_000)  # LZW, PackBits, LZMA, Zstandard
WEBP = 50_001
COMPRESSIONS = (1, *_DEFLATE, *_BY_LIBTIFF, WEBP)
_TOP = 65_535
_TOP_BITS = {8: 0x8080, 16: 0x8000}
"""Of signed numbers as samples; of deeper ones no two programs agree on what is white."""
_MUCH_SMOOTHER = 0.8
_LINES_LOOKED_AT = 256
_MOST_CLIPPED = 0.2  # share of the samples of a floating point picture outside 0..1


class Scaled(NamedTuple):
    """(H, W, C) uint16 samples, and the notes of what was done to them."""

    samples: NDArray[np.uint16]
    notes: tuple[str, ...]


class TiffPiece(NamedTuple):
    """A strip or tile: where it lies in the picture and in the file."""

    rect: Rect  # with what a tile has beyond the picture
    plane: int
    span: slice


def samples_16(content: bytes, head: TiffHeader) -> Scaled:
    """All samples of the picture, (H, W, C), scaled to 16 bits.

    Raises ImageUnreadable (kind) for what cannot be unpacked here, ValueError for damage.
    """
    _check(head)
    width, height = head.size
    out = np.zeros((height, width, len(head.bits)), np.uint16)
    outside = 0
    for piece in pieces(head):
        values = _values(_rows(content[piece.span], head, piece), head, piece)
        outside += _place(out, values, piece, head.bits[0])
    if outside > _MOST_CLIPPED * out.size:
        raise ImageUnreadable(None, "kind", "tiff-range")
    notes = ("values-clipped",) if outside else ()
    return Scaled(out, _with_signs(out, head.bits[0]) if head.sample_format == SIGNED else notes)


def _with_signs(samples: NDArray[np.uint16], depth: int) -> tuple[str, ...]:
    """Adds half the range to the bits of signed numbers in place, and the note of it.

    Numbers of which none is negative stay, and so do those that make the smoother picture as they
    are: there are programs that call any number signed.
    """
    top_bit = np.uint16(_TOP_BITS[depth])
    if not (samples & top_bit).any():
        return ()
    lines = samples[:: max(1, len(samples) // _LINES_LOOKED_AT)]
    if _steps(lines) < _MUCH_SMOOTHER * _steps(lines ^ top_bit):
        return ("values-unsigned",)
    samples ^= top_bit
    return ("values-shifted",)


def _steps(lines: NDArray[np.uint16]) -> float:
    """The mean difference of neighbours in (H, W, C) samples."""
    return float(np.abs(np.diff(lines.astype(np.float32), axis=1)).mean()) if lines.size else 0.0


def _check(head: TiffHeader) -> None:
    depth = head.bits[0]
    floats = head.sample_format == FLOAT
    code = ""
    if head.compression not in COMPRESSIONS:
        code = f"tiff-compression {head.compression}"
    elif head.sample_format == SIGNED and depth not in _TOP_BITS:
        code = "tiff-signed"
    elif head.sample_format not in (UNSIGNED, SIGNED, FLOAT):
        code = "tiff-pixels"
    elif floats and depth not in (16, 32, 64):
        code = f"tiff-float {depth}"
    elif not floats and not (1 <= depth <= 32 or depth == 64):
        code = f"tiff-bits {depth}"
    elif set(head.bits) != {depth} or head.fill_order != 1 or not _predictor_fits(head):
        code = "tiff-pixels"
    if code:
        raise ImageUnreadable(None, "kind", code)


def _predictor_fits(head: TiffHeader) -> bool:
    if head.predictor == 2:
        return True
    return head.predictor == 1 or (head.predictor == 3 and head.sample_format == FLOAT)


def pieces(head: TiffHeader) -> list[TiffPiece]:
    """All pieces in the order of the file's lists. Raises ValueError when there are too few."""
    width, height = head.size
    across, down = head.tile or Size(width, max(1, head.rows_per_strip))
    if min(across, down) < 1:
        raise ValueError("no pieces")
    columns, rows = -(-width // across), -(-height // down)
    planes = len(head.bits) if head.planar == 2 else 1
    if min(len(head.offsets), len(head.counts)) < columns * rows * planes:
        raise ValueError("pieces are missing")
    found: list[TiffPiece] = []
    for index, (at, count) in enumerate(zip(head.offsets, head.counts)):
        plane, place = divmod(index, columns * rows)
        x, y = place % columns * across, place // columns * down
        tall = down if head.tile else min(down, height - y)
        found.append(TiffPiece(Rect(x, y, across, tall), plane, slice(at, at + count)))
    return found[: columns * rows * planes]


def _row_bytes(head: TiffHeader, piece: TiffPiece) -> int:
    return (piece.rect.width * _channels(head) * head.bits[0] + 7) // 8


def _channels(head: TiffHeader) -> int:
    return 1 if head.planar == 2 else len(head.bits)


def _rows(packed: bytes, head: TiffHeader, piece: TiffPiece) -> NDArray[np.uint8]:
    """(rows, bytes of a row) uint8. Raises ValueError where there are too few."""
    wide = _row_bytes(head, piece)
    if head.compression == WEBP:
        size = Size(piece.rect.width, piece.rect.height)
        raw = np.frombuffer(_by_webp(packed, size, _channels(head)), np.uint8)
    else:
        raw = unpacked(packed, head.compression, wide * piece.rect.height)
    return raw.reshape(piece.rect.height, wide)


def unpacked(packed: bytes, compression: int, wanted: int) -> NDArray[np.uint8]:
    """The first n = `wanted` bytes of a strip or tile, (n,) uint8. Raises ValueError for fewer."""
    if compression in _DEFLATE:
        raw = zlib.decompressobj().decompress(packed, wanted)
    elif compression == 1:
        raw = packed[:wanted]
    else:
        raw = _by_libtiff(packed, compression, wanted)
    if len(raw) < wanted:
        raise ValueError("cut off")
    return np.frombuffer(raw, np.uint8)


def _by_webp(packed: bytes, size: Size, channels: int) -> bytes:
    """The bytes of a strip or tile that is a WebP picture, which keeps no alpha that is opaque."""
    if webp_gif.examine_webp(io.BytesIO(packed), Limits()).size != size or channels not in (3, 4):
        raise ValueError("size")
    with WebPImagePlugin.WebPImageFile(io.BytesIO(packed)) as image:
        return image.convert("RGB" if channels == 3 else "RGBA").tobytes()


def _by_libtiff(packed: bytes, compression: int, wanted: int) -> bytes:
    """The bytes of a strip as the one row of a gray TIFF around it, through Pillow's libtiff."""
    short, long, at = ifd.SHORT, ifd.LONG, 8 + len(packed) + len(packed) % 2
    fields = ((256, wanted), (257, 1), (258, 8), (259, compression), (262, 1))
    fields += ((273, 8), (277, 1), (278, 1), (279, len(packed)))
    branch: ifd.Tree = {
        tag: ifd.value(long if tag in (256, 273, 279) else short, number) for tag, number in fields
    }
    start = b"II*\0" + at.to_bytes(4, "little") + packed + bytes(len(packed) % 2)
    with TiffImagePlugin.TiffImageFile(io.BytesIO(start + ifd.serialised(branch, at))) as image:
        return image.tobytes()


def _values(raw: NDArray[np.uint8], head: TiffHeader, piece: TiffPiece) -> Samples:
    """(h, w, c) numbers of a piece, in the machine's order, the predictor undone."""
    depth, channels = head.bits[0], _channels(head)
    shape = (piece.rect.height, piece.rect.width, channels)
    if head.predictor == 3:
        return _floats(raw, depth // 8, channels).reshape(shape)
    if depth not in (8, 16, 32, 64):
        bits = _bits(raw, depth, piece.rect.width * channels).reshape(shape)
        return _summed(bits, head) & np.uint32((1 << depth) - 1)
    found = np.frombuffer(raw.tobytes(), f"{head.order}u{depth // 8}").reshape(shape)
    values = _summed(found.astype(found.dtype.newbyteorder("=")), head)
    return values.view(f"f{depth // 8}") if head.sample_format == FLOAT else values


def _summed(values: NDArray[np.unsignedinteger], head: TiffHeader) -> NDArray[np.unsignedinteger]:
    """Predictor 2 undone: differences of whole numbers, of the bits of floats as well."""
    return np.cumsum(values, axis=1, dtype=values.dtype) if head.predictor == 2 else values


def _bits(raw: NDArray[np.uint8], depth: int, count: int) -> NDArray[np.uint32]:
    """Whole numbers that do not begin at bytes; rows do."""
    out = np.empty((raw.shape[0], count), np.uint32)
    weights = (1 << np.arange(depth - 1, -1, -1, dtype=np.uint64)).astype(np.uint32)
    for row, packed in zip(out, raw):
        bits = np.unpackbits(packed)[: count * depth].reshape(count, depth)
        row[:] = (bits * weights).sum(axis=1, dtype=np.uint32)
    return out


def _floats(raw: NDArray[np.uint8], size: int, channels: int) -> Samples:
    """Predictor 3 (Adobe TIFF Technical Note 3): differences of bytes, highest bytes first."""
    rows = raw.reshape(raw.shape[0], -1, channels)
    summed = np.cumsum(rows, axis=1, dtype=np.uint8).reshape(raw.shape[0], size, -1)
    return np.ascontiguousarray(np.moveaxis(summed, 1, 2)).view(f">f{size}").astype(f"=f{size}")


def _place(out: NDArray[np.uint16], values: Samples, piece: TiffPiece, depth: int) -> int:
    """Put the part within the picture in its place; how many samples were outside 0..1."""
    target = out[piece.rect.slices]
    if target.shape[2] > values.shape[2]:
        target = target[..., piece.plane : piece.plane + 1]
    part = values[: target.shape[0], : target.shape[1]]
    if part.dtype.kind == "f":
        floats = part.astype(np.float64)
        outside = ~((floats >= 0) & (floats <= 1))
        target[:] = np.rint(np.clip(np.nan_to_num(floats), 0, 1) * _TOP)
        return int(np.count_nonzero(outside))
    if depth == 64:
        part, depth = part.astype(np.uint64) >> np.uint64(32), 32
    target[:] = part if depth == 16 else scaled(part.astype(np.uint32), depth)
    return 0


def scaled(values: NDArray[np.uint32], depth: int) -> NDArray[np.uint16]:
    """(H, W, C) whole numbers of `depth` bits in 16: white is 65,535 and black is 0."""
    top = (1 << depth) - 1
    return ((values.astype(np.uint64) * _TOP + top // 2) // top).astype(np.uint16)
