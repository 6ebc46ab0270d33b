"""Turns a network's logits into a mask of the picture: cleaned, enlarged, drawn to its edges.

A cell of the logits covers up to 21 pixels of a large photo. Logits are enlarged rather than masks
(the outline runs between cells), and only tiles that the outline crosses are looked at: there a
guided filter moves it to the picture's own edge, by no more than a cell.
"""

from collections.abc import Iterator, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.builtin.select.outline import mask_bounds, scaled
from engine.geometry import Image, Mask, Rect, Size
from engine.jobs.operations import Floats
from engine.jobs.requests import Candidate, Click
from engine.selection.guided_filter import applied, guided_lines

SURE = 10.0  # the logit of what is filled, and minus that of what is dropped
_SPECK_SHARE = 0.002  # of the mask: components below are noise
_HOLE_CELLS = 256 / 288**2  # of all cells, as the official network's own cleaning has it
_HOLE_SHARE = 0.1  # of the mask: a larger hole is a shape
_TILE_PX = 256
_MARGIN = 2  # cells around a tile that its outline may come from

Bools = NDArray[np.bool_]
Ints = NDArray[np.int32]


def cleaned(logits: Floats, clicks: Sequence[Click], size: Size) -> Floats:
    """(s, s) logits without specks and small holes, except where a click wants them."""
    result = logits.copy()
    spots = [(*cell_of(click, size, len(logits)), click.positive) for click in clicks]
    mask = logits > 0
    labels, areas = _components(mask, 8)
    specks = areas < _SPECK_SHARE * mask.sum()
    specks[[0, *(labels[y, x] for y, x, positive in spots if positive)]] = False
    result[specks[labels]] = -SURE
    mask = result > 0
    labels, areas = _components(~mask, 4)
    holes = areas <= min(_HOLE_CELLS * mask.size, _HOLE_SHARE * mask.sum())
    holes[[0, *(labels[y, x] for y, x, positive in spots if not positive)]] = False
    holes[np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])] = False
    result[holes[labels]] = SURE
    return result


def _components(mask: Bools, connectivity: int) -> tuple[Ints, NDArray[np.int64]]:
    """(s, s) numbers from 1 on, and the area of each number; 0 is what is not marked."""
    count, labels = cv2.connectedComponents(mask.astype(np.uint8), connectivity=connectivity)
    numbers = np.asarray(labels, np.int32)
    return numbers, np.bincount(numbers.ravel(), minlength=count)


def cell_of(click: Click, size: Size, side: int) -> tuple[int, int]:
    """Row and column of the cell that a click lies in; one outside counts to the border."""
    column = min(max(int(click.x * side / size.width), 0), side - 1)
    return min(max(int(click.y * side / size.height), 0), side - 1), column


def coarse(logits: Floats, score: float, size: Size) -> Candidate | None:
    """The (s, s) cells as a mask smaller than its rectangle. None where nothing is marked."""
    mask = logits > 0
    small = mask_bounds(mask)
    if small.is_empty:
        return None
    cells = mask[small.slices] * np.uint8(255)
    return Candidate(rect=scaled(small, Size.of(mask), size), mask=cells, score=score)


def fine(logits: Floats, score: float, image: Image) -> Candidate | None:
    """The mask of (s, s) logits at full size, 0 or 255, along the edges of the (H, W, 3) image.

    None where nothing is marked.
    """
    small, size = mask_bounds(logits > 0), Size.of(image)
    if small.is_empty:
        return None
    rect = scaled(small.pad(_MARGIN).clamp(Size.of(logits)), Size.of(logits), size)
    mask = _Enlarging(logits, image).mask(rect)
    inner = Rect(*cv2.boundingRect(mask))
    if inner.is_empty:  # less than the middle of one pixel
        return None
    found = np.ascontiguousarray(mask[inner.slices])
    return Candidate(rect=inner.moved(rect.x, rect.y), mask=found, score=score)


class _Enlarging:
    """One set of logits over one picture."""

    def __init__(self, logits: Floats, image: Image) -> None:
        self._image, self._size = image, Size.of(image)
        self._logits = np.clip(logits, -SURE, SURE).astype(np.float32)
        mask, kernel = (logits > 0).astype(np.float32), np.ones((3, 3), np.uint8)
        self._core = np.asarray(cv2.erode(mask, kernel), np.float32)
        self._reach = np.asarray(cv2.dilate(mask, kernel), np.float32)
        self._x, self._y = (length / len(logits) for length in self._size)
        self._radius = int(np.ceil(max(self._x, self._y)))

    def mask(self, rect: Rect) -> Mask:
        full = np.zeros((rect.height, rect.width), np.uint8)
        for tile in _tiles(rect):
            cells = self._logits[self._cells(tile)]
            if cells.max() > 0:
                inner = tile.moved(-rect.x, -rect.y)
                full[inner.slices] = 255 if cells.min() > 0 else self._crossed(tile)
        return full

    def _cells(self, tile: Rect) -> tuple[slice, slice]:
        """Those that decide a tile."""
        small = scaled(tile, self._size, Size.of(self._logits)).pad(_MARGIN)
        return small.clamp(Size.of(self._logits)).slices

    def _crossed(self, tile: Rect) -> Mask:
        wide = tile.pad(2 * self._radius).clamp(self._size)
        soft = self._warped(self._logits, wide, cv2.INTER_LINEAR)
        inner = tile.moved(-wide.x, -wide.y).slices
        if self._radius < 2:
            return (soft[inner] > 0) * np.uint8(255)
        share = np.asarray(1 / (1 + np.exp(-soft)), np.float32)
        guide = self._image[wide.slices]
        moved = applied(guide, guided_lines(guide, share, self._radius))[inner]
        core = self._warped(self._core, tile, cv2.INTER_NEAREST) > 0
        reach = self._warped(self._reach, tile, cv2.INTER_NEAREST) > 0
        return (((moved >= 0.5) | core) & reach) * np.uint8(255)

    def _warped(self, cells: Floats, rect: Rect, how: int) -> Floats:
        """Cells at the pixels of a rectangle of the picture."""
        matrix = np.array(
            [
                [1 / self._x, 0, (rect.x + 0.5) / self._x - 0.5],
                [0, 1 / self._y, (rect.y + 0.5) / self._y - 0.5],
            ]
        )
        return np.asarray(
            cv2.warpAffine(
                cells,
                matrix,
                rect.size,
                flags=how | cv2.WARP_INVERSE_MAP,
                borderMode=cv2.BORDER_REPLICATE,
            ),
            np.float32,
        )


def _tiles(rect: Rect) -> Iterator[Rect]:
    for y in range(rect.y, rect.bottom, _TILE_PX):
        for x in range(rect.x, rect.right, _TILE_PX):
            yield Rect(x, y, _TILE_PX, _TILE_PX).intersect(rect)
