"""Which tiles of a mask are of one value: those need neither be read, copied nor compared."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from app.document.tiles import TILE, TileCell, single_value, span
from engine.geometry import Mask, Rect, Size
from engine.selection import masks

MIXED, UNKNOWN = -1, -2


class UniformTiles:
    """0..255, MIXED or UNKNOWN for each tile. Whoever writes to the mask says so here."""

    def __init__(self, size: Size) -> None:
        """Of an empty mask."""
        self._size = size
        columns, rows = -(-size.width // TILE.width), -(-size.height // TILE.height)
        self._grid = np.zeros((rows, columns), np.int16)

    def __getitem__(self, cell: TileCell) -> int | None:
        """The value of every pixel, if there is one and it is known."""
        value = int(self._grid[cell.row, cell.column])
        return value if value >= 0 else None

    def forget(self, rect: Rect) -> None:
        """Something is written there."""
        left, top, right, bottom = span(rect)
        self._grid[top : bottom + 1, left : right + 1] = UNKNOWN

    def note(self, rect: Rect, value: int) -> None:
        """The whole of a rectangle has this value now."""
        self.forget(rect)
        last_column, last_row = rect.right == self._size.width, rect.bottom == self._size.height
        left, right = -(-rect.x // TILE.width), rect.right // TILE.width + last_column
        top, bottom = -(-rect.y // TILE.height), rect.bottom // TILE.height + last_row
        self._grid[top:bottom, left:right] = value

    def snapshot(self, mask: Mask) -> "MaskSnapshot":
        """The mask of this moment, for a thread; also while an edit is open."""
        tiles: dict[TileCell, int | Mask] = {}
        for row, column in np.argwhere(self._grid).tolist():
            cell = TileCell(column, row)
            value = self[cell]
            tiles[cell] = mask[cell.rect(self._size).slices].copy() if value is None else value
        return MaskSnapshot(self._size, tiles)

    def copied(self, mask: Mask) -> Mask:
        """A copy, made of what is marked alone; rows of tiles that hold nothing take no time."""
        fresh = masks.blank(self._size)
        for row in np.flatnonzero(self._grid.any(1)).tolist():
            columns = np.flatnonzero(self._grid[row])
            first, last = TileCell(int(columns[0]), row), TileCell(int(columns[-1]), row)
            part = first.rect(self._size).union(last.rect(self._size)).slices
            np.copyto(fresh[part], mask[part])
        return fresh

    def read(self, mask: Mask) -> None:
        """Look at what is unknown; while nothing is being written."""
        for row, column in np.argwhere(self._grid == UNKNOWN).tolist():
            value = single_value(mask[TileCell(column, row).rect(self._size).slices])
            self._grid[row, column] = MIXED if value is None else value

    def bounds(self, mask: Mask) -> Rect:
        """The box of what is marked; of a mask that was read, only the rim of it is looked at."""
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
    """A mask at one moment. Taken in no time, but larger than a PackedMask."""

    size: Size
    tiles: Mapping[TileCell, int | Mask]

    @property
    def area(self) -> Rect:
        """Where it is marked, to the tile."""
        if not self.tiles:
            return Rect(0, 0, 0, 0)
        columns, rows = zip(*self.tiles)
        first, last = TileCell(min(columns), min(rows)), TileCell(max(columns), max(rows))
        return first.rect(self.size).union(last.rect(self.size))

    def part(self, rect: Rect, step: int = 1) -> Mask:
        """A rectangle; of `step` pixels each way one. Steps are powers of two up to 64."""
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
    """The outermost tiles of a box of tiles: what is marked reaches into all four sides."""
    right = (box.right - 1) // TILE.width * TILE.width
    bottom = (box.bottom - 1) // TILE.height * TILE.height
    return (
        Rect.between(box.x, box.y, box.right, min(box.y + TILE.height, box.bottom)),
        Rect.between(box.x, bottom, box.right, box.bottom),
        Rect.between(box.x, box.y, min(box.x + TILE.width, box.right), box.bottom),
        Rect.between(right, box.y, box.right, box.bottom),
    )
