"""Keeps which tiles of a mask are uniform: those need not be read, copied or compared."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.document.tiles import TILE, PackedMask, TileCell, pack_tile, single_value, span
from engine.geometry import Mask, Rect, Size
from engine.selection import masks

MIXED, UNKNOWN = -1, -2


class UniformTiles:
    """0..255, MIXED or UNKNOWN for each tile; every write to the mask is reported here."""

    def __init__(self, size: Size) -> None:
        """Begins with an empty mask of this size."""
        self._size = size
        columns, rows = -(-size.width // TILE.width), -(-size.height // TILE.height)
        self._grid = np.zeros((rows, columns), np.int16)

    def __getitem__(self, cell: TileCell) -> int | None:
        """The value of every pixel of a tile; None where they differ or it is unknown."""
        value = int(self._grid[cell.row, cell.column])
        return value if value >= 0 else None

    def mark_unknown(self, rect: Rect) -> None:
        """The tiles of a rectangle are written to."""
        left, top, right, bottom = span(rect)
        self._grid[top : bottom + 1, left : right + 1] = UNKNOWN

    def set_uniform(self, rect: Rect, value: int) -> None:
        """All pixels of a rectangle have this value now."""
        self.mark_unknown(rect)
        last_column, last_row = rect.right == self._size.width, rect.bottom == self._size.height
        left, right = -(-rect.x // TILE.width), rect.right // TILE.width + last_column
        top, bottom = -(-rect.y // TILE.height), rect.bottom // TILE.height + last_row
        self._grid[top:bottom, left:right] = value

    def snapshot(self, mask: Mask) -> "MaskSnapshot":
        """The mask as it is now, for a thread; also while an edit is open."""
        tiles: dict[TileCell, int | Mask] = {}
        for row, column in np.argwhere(self._grid).tolist():
            cell = TileCell(column, row)
            value = self[cell]
            tiles[cell] = mask[cell.rect(self._size).slices].copy() if value is None else value
        return MaskSnapshot(self._size, tiles)

    def copied(self, mask: Mask) -> Mask:
        """A copy of the mask, (H, W) uint8; empty tiles are not read."""
        fresh = masks.blank(self._size)
        for row in np.flatnonzero(self._grid.any(1)).tolist():
            columns = np.flatnonzero(self._grid[row])
            first, last = TileCell(int(columns[0]), row), TileCell(int(columns[-1]), row)
            part = first.rect(self._size).union(last.rect(self._size)).slices
            np.copyto(fresh[part], mask[part])
        return fresh

    def update(self, mask: Mask) -> None:
        """Read the unknown tiles of the mask, (H, W) uint8; not while it is written to."""
        for row, column in np.argwhere(self._grid == UNKNOWN).tolist():
            value = single_value(mask[TileCell(column, row).rect(self._size).slices])
            self._grid[row, column] = MIXED if value is None else value

    def bounds(self, mask: Mask) -> Rect:
        """The bounding box of the marked pixels; reads only the outermost tiles after `update`."""
        rows, columns = np.nonzero(self._grid)
        if not rows.size:
            return Rect(0, 0, 0, 0)
        first = TileCell(int(columns.min()), int(rows.min()))
        last = TileCell(int(columns.max()), int(rows.max()))
        box = first.rect(self._size).union(last.rect(self._size))
        found = Rect(0, 0, 0, 0)
        for side in _rim(box):
            inside = masks.bounds(mask[side.slices])
            if not inside.is_empty:
                found = found.union(inside.moved(side.x, side.y))
        return found


@dataclass(frozen=True, slots=True, eq=False)
class MaskSnapshot:
    """A mask at one moment, not compressed: quick to take, but larger than a PackedMask."""

    size: Size
    tiles: Mapping[TileCell, int | Mask]

    @property
    def area(self) -> Rect:
        """The box of the tiles that are not empty."""
        if not self.tiles:
            return Rect(0, 0, 0, 0)
        columns, rows = zip(*self.tiles)
        first, last = TileCell(min(columns), min(rows)), TileCell(max(columns), max(rows))
        return first.rect(self.size).union(last.rect(self.size))

    def packed(self) -> PackedMask:
        """The same mask, compressed."""
        packed = (
            (cell, tile if isinstance(tile, int) else pack_tile(tile))
            for cell, tile in self.tiles.items()
        )
        return PackedMask(self.size, {cell: tile for cell, tile in packed if tile != 0})

    def part(self, rect: Rect, step: int = 1) -> Mask:
        """Every `step`-th pixel of a rectangle, (h, w) uint8; steps are powers of two up to 64."""
        left, top = rect.x // step * step, rect.y // step * step
        shape = (-(-(rect.bottom - top) // step), -(-(rect.right - left) // step))
        mask = np.zeros(shape, np.uint8)
        for cell, tile in self.tiles.items():
            place = cell.rect(self.size)
            common = place.intersect(Rect.between(left, top, rect.right, rect.bottom))
            if common.is_empty:
                continue
            into = mask[
                (common.y - top) // step : -(-(common.bottom - top) // step),
                (common.x - left) // step : -(-(common.right - left) // step),
            ]
            if isinstance(tile, int):
                into[...] = tile
            else:
                inside = common.moved(-place.x, -place.y)
                into[...] = tile[inside.y : inside.bottom : step, inside.x : inside.right : step]
        return mask


def _rim(box: Rect) -> tuple[Rect, ...]:
    """The four sides of a box of tiles, each one tile thick."""
    right = (box.right - 1) // TILE.width * TILE.width
    bottom = (box.bottom - 1) // TILE.height * TILE.height
    return (
        Rect.between(box.x, box.y, box.right, min(box.y + TILE.height, box.bottom)),
        Rect.between(box.x, bottom, box.right, box.bottom),
        Rect.between(box.x, box.y, min(box.x + TILE.width, box.right), box.bottom),
        Rect.between(right, box.y, box.right, box.bottom),
    )
