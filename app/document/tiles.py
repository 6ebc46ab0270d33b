"""Tiles of a picture: undo, the journal and named masks keep them instead of whole arrays."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Self, TypeAlias

import cv2
import numpy as np
from numpy.typing import DTypeLike

from engine.geometry import Mask, Native, Rect, Size

TILE = Size(512, 128)
"""64 kB of mask, as 256 x 256 is, but copied in half the time: fewer, longer rows of memory."""
_WIDTH, _HEIGHT = TILE

LEVEL = 1  # of zlib: masks shrink a hundredfold already, and it must keep up with a brush


class TileCell(NamedTuple):
    """Column and row of a tile, counted from the top left."""

    column: int
    row: int

    def rect(self, size: Size) -> Rect:
        """The rectangle of the tile in a picture of this size; the last ones are smaller.

        ValueError when it covers nothing. Written out: it is most of what a touch costs.
        """
        x, y = self.column * _WIDTH, self.row * _HEIGHT
        width, height = min(_WIDTH, size[0] - x), min(_HEIGHT, size[1] - y)
        if width <= 0 or height <= 0:
            raise ValueError("a tile outside the picture")
        return Rect(x, y, width, height)


def span(rect: Rect) -> tuple[int, int, int, int]:
    """First column, first row, last column, last row of the tiles that a rectangle meets."""
    return (
        rect.x // TILE.width,
        rect.y // TILE.height,
        (rect.x + rect.width - 1) // TILE.width,
        (rect.y + rect.height - 1) // TILE.height,
    )


def cells(rect: Rect) -> Iterator[TileCell]:
    """The tiles that a rectangle meets, row by row."""
    if rect.is_empty:
        return
    left, top, right, bottom = span(rect)
    for row in range(top, bottom + 1):
        for column in range(left, right + 1):
            yield TileCell(column, row)


def runs(rects: list[Rect]) -> tuple[Rect, ...]:
    """Rectangles in reading order, neighbours joined along rows, then down: less to repaint."""
    rows: list[Rect] = []
    for rect in rects:
        last = rows[-1] if rows else None
        if last and (last.right, last.y, last.height) == (rect.x, rect.y, rect.height):
            rows[-1] = last.union(rect)
        else:
            rows.append(rect)
    joined: dict[tuple[int, int, int], Rect] = {}
    for row in rows:
        above = joined.pop((row.x, row.right, row.y), row)
        joined[row.x, row.right, row.bottom] = above.union(row)
    return tuple(joined.values())


@dataclass(frozen=True, slots=True)
class _Deflated:
    data: bytes
    shape: tuple[int, ...]
    dtype: DTypeLike


@dataclass(frozen=True, slots=True)
class UniformBytes:
    """Bytes that are all the same."""

    value: int
    shape: tuple[int, ...]


class StoredBytes:
    """Pixels that never change again, raw or deflated; of bytes of one value only the value.

    `deflate` may run in one thread while another reads: the pixels stay the same.
    """

    __slots__ = ("_held",)

    def __init__(self, pixels: Native | UniformBytes) -> None:
        self._held: Native | _Deflated | UniformBytes = pixels

    @property
    def value(self) -> int | None:
        """The value of every pixel, if all are known to be equal."""
        return self._held.value if isinstance(self._held, UniformBytes) else None

    @property
    def nbytes(self) -> int:
        held = self._held
        if isinstance(held, UniformBytes):
            return 1
        return len(held.data) if isinstance(held, _Deflated) else held.nbytes

    def pixels(self) -> Native:
        """The pixels in their shape; read-only."""
        held = self._held
        if isinstance(held, _Deflated):
            flat = np.frombuffer(zlib.decompress(held.data), held.dtype)
            return flat.reshape(held.shape)
        if isinstance(held, UniformBytes):
            return np.broadcast_to(np.uint8(held.value), held.shape)
        return held

    def deflate(self) -> None:
        """Compress the pixels, if that saves a tenth."""
        held = self._held
        if isinstance(held, _Deflated | UniformBytes):
            return
        data = zlib.compress(np.ascontiguousarray(held).data, LEVEL)
        if len(data) < held.nbytes * 0.9:
            self._held = _Deflated(data, held.shape, held.dtype)


Packed: TypeAlias = dict[TileCell, int | bytes]
"""A tile of one value is that value; any other is deflated."""


@dataclass(frozen=True, slots=True, eq=False)
class PackedMask:
    """A mask compressed by tiles; empty tiles are absent."""

    size: Size
    tiles: Packed

    @classmethod
    def of(cls, mask: Mask, *, area: Rect | None = None) -> Self:
        """Pack a mask, (H, W) uint8; nothing is marked outside `area`."""
        size = Size.of(mask)
        wanted = Rect.whole(size) if area is None else area.clamp(size)
        packed = ((cell, pack_tile(mask[cell.rect(size).slices])) for cell in cells(wanted))
        return cls(size, {cell: tile for cell, tile in packed if tile != 0})

    @classmethod
    def placed(cls, part: Mask, rect: Rect, size: Size) -> Self:
        """Pack a part of a mask, (h, w) uint8, that lies at `rect`; nothing is marked elsewhere."""
        tiles: Packed = {}
        for cell in cells(rect):
            place = cell.rect(size)
            common = place.intersect(rect)
            tile = np.zeros((place.height, place.width), np.uint8)
            inside = part[common.moved(-rect.x, -rect.y).slices]
            tile[common.moved(-place.x, -place.y).slices] = inside
            if (packed := pack_tile(tile)) != 0:
                tiles[cell] = packed
        return cls(size, tiles)

    @property
    def nbytes(self) -> int:
        return sum(len(t) if isinstance(t, bytes) else 1 for t in self.tiles.values())

    @property
    def area(self) -> Rect:
        """The box of the tiles that are not empty."""
        area = Rect(0, 0, 0, 0)
        for cell in self.tiles:
            area = area.union(cell.rect(self.size))
        return area

    def parts(self) -> Iterator[tuple[Rect, Mask]]:
        """The tiles that are not empty, unpacked: rectangle and (h, w) uint8."""
        for cell, tile in self.tiles.items():
            rect = cell.rect(self.size)
            yield rect, unpack_tile(tile, rect)

    def unpack_part(self, rect: Rect) -> Mask:
        """The part in a rectangle that holds all of the mask, (h, w) uint8."""
        mask = np.zeros((rect.height, rect.width), np.uint8)
        for place, part in self.parts():
            common = place.intersect(rect)
            inside = part[common.moved(-place.x, -place.y).slices]
            mask[common.moved(-rect.x, -rect.y).slices] = inside
        return mask

    def unpack(self) -> Mask:
        """(H, W) uint8."""
        mask = np.zeros((self.size.height, self.size.width), np.uint8)
        for rect, part in self.parts():
            mask[rect.slices] = part
        return mask

    def mark(self, mask: Mask) -> None:
        """Union into a mask of the same size, in place."""
        for rect, part in self.parts():
            window = mask[rect.slices]
            np.maximum(window, part, out=window)


def pack_tile(tile: Mask) -> int | bytes:
    value = single_value(tile)
    return zlib.compress(np.ascontiguousarray(tile).data, LEVEL) if value is None else value


def single_value(tile: Native) -> int | None:
    """The value that every pixel has, if there is one."""
    first = int(tile.flat[0])
    if first != int(tile.flat[-1]):
        return None
    low, high, _, _ = cv2.minMaxLoc(tile)
    return int(low) if low == high else None


def unpack_tile(tile: int | bytes, rect: Rect) -> Mask:
    if isinstance(tile, int):
        return np.full((rect.height, rect.width), tile, np.uint8)
    # damaged data must not unfold beyond the tile
    data = zlib.decompressobj().decompress(tile, rect.size.pixels)
    return np.frombuffer(data, np.uint8).reshape(rect.height, rect.width)
