"""Bit places of MCUs in the coded data of a JPEG without restart markers.

Huffman codes do not say where an MCU begins. A decoder is given the data up to a guess, in gray
and at an eighth of the size, where most of the work falls away; the MCUs that it could not reach
stay gray, which tells how many there were. Near the guess every bit is tried as the
start of an MCU soon behind, and taken where DC differences from there on agree with the pixels
that are known. Any place near enough serves: the MCUs between it and an edit are coded anew.
"""

from typing import NamedTuple

import numpy as np
import simplejpeg  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray

from engine.geometry import Native
from engine.image_io.encoding import jpeg_bits
from engine.image_io.encoding.jpeg_bits import Bytes, Walker
from engine.image_io.encoding.jpeg_scan import Scan, ScanUnsupported

_NEAR = 2_400  # blocks: coded anew in less time than another guess takes
_SHORT, _BEYOND = 0.04, 0.06  # shares of the way that a guess stays short of, or goes beyond
_AGREEING, _AT_END = 12, 96  # MCUs: looked at from a guess on; looked at at the end
_AHEAD, _FURTHEST = 12, 80  # MCUs: one of which is searched for; where few colours are known
_LEAST_KNOWN, _LEAST_APART = 12, 3  # blocks of those looked at; with a difference of their own
_MAX_MCU_BYTES = 10 * 64 * 27 // 8  # T.81: 10 blocks, codes of 16 bits and values of 11
_MOST_GUESSES = 6
_LEVELS, _STEPS = 0.4, 0.6  # means of known pixels come near to DC: in levels, and in its steps
_LEVELS_OF_FIRST = 0.15  # of the MCU searched for: most come as near, and fewer others do
_UNREACHED = 128

_WEIGHT = (0.12 + np.log2(1 + np.arange(256))).astype(np.float32)
_LUMA = np.array([0.299, 0.587, 0.114], np.float32)


class Place(NamedTuple):
    """Where an MCU begins."""

    mcu: int  # number of the MCU, row by row
    bit: int


class Places:
    """Finds MCUs in the `plain` data of one scan, from its decoded (H, W) or (H, W, 3) pixels."""

    def __init__(self, scan: Scan, data: Bytes, pixels: Native, luma_step: int) -> None:
        """`luma_step` is the step of the first component's DC."""
        self._scan, self._data, self._pixels = scan, data, pixels
        self._step = luma_step
        self._near = _LEVELS * 8 / luma_step + _STEPS
        self._near_first = _LEVELS_OF_FIRST * 8 / luma_step + _STEPS
        self._walker = Walker(data, scan.components)
        self._total = scan.rows * scan.columns
        per_mcu = sum(part.across * part.down for part in scan.components)
        self._near_mcus = min(_NEAR // per_mcu, self._total // 10)
        self._weights = np.concatenate([[0.0], np.cumsum(self._weight())])

    def before(self, start: Place, target: int) -> Place:
        """A place between `start` and the MCU `target`, near to it where one can be found."""
        share = 1 - _SHORT
        for _ in range(_MOST_GUESSES):
            left = target - start.mcu
            if left <= self._near_mcus:
                break
            found = self._guess(start, share * left, left)
            if found is None or found.mcu > target:
                share *= 0.75
            else:
                start, share = found, 1 - _SHORT
        return start

    def behind(self, start: Place, target: int) -> Place:
        """A place from the MCU `target` on, near to it where one can be found, else the end."""
        ahead = (target - start.mcu) * (1 + _BEYOND) + _AGREEING
        for _ in range(_MOST_GUESSES):
            if start.mcu + ahead + _FURTHEST >= self._total:
                break
            most = min(int(2 * ahead) + _FURTHEST, self._total - start.mcu)
            found = self._guess(start, ahead, most)
            if found is not None and found.mcu >= target:
                return found
            ahead += max(_FURTHEST, ahead * _BEYOND)
        return Place(self._total, 8 * len(self._data))

    def walked(self, start: Place) -> Place:
        """The place of the next MCU. Raises ScanUnsupported."""
        bit = self._walker.mcu(start.bit)
        if bit < 0:
            raise ScanUnsupported("place")
        return Place(start.mcu + 1, bit)

    def end(self) -> int:
        """The bit behind the last MCU: up to 7 ones fill the last byte. Raises ScanUnsupported."""
        known = self._differences(max(self._total - _AT_END, 1), min(_AT_END, self._total - 1))
        if not known:
            raise ScanUnsupported("place")
        at, bits = _rarest(known[::-1]), 8 * len(self._data)
        length = min((2 * at + 8) * (len(self._data) // self._total) + 64, len(self._data))
        sought = known[len(known) - 1 - at :]
        for bit in reversed(self._starts(bits - 8 * length, length, sought[0][0])):
            end = self._agrees(bit, sought)
            if bits - 7 <= end <= bits and self._is_filled(end):
                return end
        raise ScanUnsupported("place")

    def _starts(self, first: int, count: int, expected: float | None) -> list[int]:
        return self._walker.starts(first, count, expected, self._near_first)

    def _is_filled(self, bit: int) -> bool:
        rest = 8 * len(self._data) - bit
        return int(self._data[-1]) & ((1 << rest) - 1) == (1 << rest) - 1

    def _weight(self) -> NDArray[np.float64]:
        """How much each row of MCUs holds, by a row of its pixels: in no unit, for a share."""
        lines = self._pixels[self._scan.mcu[0] // 2 :: self._scan.mcu[0], ::2]
        values = (lines if lines.ndim == 2 else lines[..., 1]).astype(np.int16)
        found = _WEIGHT[np.abs(np.diff(values, axis=1))].sum(axis=1, dtype=np.float64)
        missing = self._scan.rows - len(found)
        return np.pad(found + 1, (0, missing), mode="edge")

    def _share(self, mcu: float) -> float:
        rows = np.arange(len(self._weights))
        return float(np.interp(mcu / self._scan.columns, rows, self._weights))

    def _guess(self, start: Place, ahead: float, most: int) -> Place | None:
        """A place about so many MCUs from `start`; None: `most` were reached, or in a flat part."""
        from_start, behind = self._share(start.mcu), self._share(self._total)
        part = (self._share(start.mcu + ahead) - from_start) / (behind - from_start)
        count = int(part * (len(self._data) - start.bit // 8))
        if count < 1:
            return None
        end = start.bit + 8 * count
        reached = self._reached(jpeg_bits.cut(self._data, start.bit, end), most)
        return None if reached is None else self._next(end, start.mcu + reached)

    def _reached(self, data: Bytes, most: int) -> int | None:
        """How many MCUs are in data that ends in the middle of one; None for `most` or more."""
        columns = self._scan.columns
        rows = -(-most // columns)
        content = self._scan.picture(jpeg_bits.stuffed(data), rows, columns)
        small = simplejpeg.decode_jpeg(
            content, "GRAY", strict=False, min_height=1, min_width=1, min_factor=8
        )
        high, wide = (side // 8 for side in self._scan.mcu)
        blocks = small.reshape(rows, high, columns, wide)
        seen = np.flatnonzero((blocks != _UNREACHED).any(axis=(1, 3)))
        found = int(seen[-1]) + 1 if len(seen) else 0
        return found if found < most else None

    def _next(self, bit: int, mcu: int) -> Place | None:
        """A place soon after the bit, behind which `mcu` or the next begins; None: not known."""
        known = self._enough(mcu)
        if known is None:
            return None
        at = _rarest(known[:-_AGREEING])
        length = (8 + 2 * at) * (len(self._data) // self._total) + 64
        for start in self._starts(bit, length, known[at][0]):
            end = self._agrees(start, known[at:])
            if end >= 0:  # codes fall into step: the end is surer than the start
                return Place(mcu + len(known), end)
        return None

    def _enough(self, mcu: int) -> list[list[float | None]] | None:
        """Differences from an MCU on, as many as tell it from others; None: too few are known."""
        for count in (_AHEAD + _AGREEING, _FURTHEST):
            if mcu + count > self._total:
                return None
            found = self._differences(mcu, count)
            values = [value for each in found for value in each if value is not None]
            apart = sum(abs(value) > 2 * self._near for value in values)
            if len(values) >= _LEAST_KNOWN and apart >= _LEAST_APART:
                return found
        return None

    def _agrees(self, bit: int, known: list[list[float | None]]) -> int:
        for expected in known:
            bit = self._walker.mcu(bit, expected, self._near)
            if bit < 0:
                break
        return bit

    def _differences(self, first: int, count: int) -> list[list[float | None]]:
        """Of each MCU, DC of its luma blocks less DC of the last before it, in steps."""
        means = self._means(first - 1, count + 1)
        per_mcu = means.shape[1]
        before = means[:-1, per_mcu - 1 :]
        apart = (means[1:] - before) * (8 / self._step)
        return [[None if np.isnan(value) else float(value) for value in each] for each in apart]

    def _means(self, first: int, count: int) -> NDArray[np.float32]:
        """(count, blocks): mean luma of each block; NaN where pixels are outside or clipped."""
        part, columns = self._scan.components[0], self._scan.columns
        found = np.full((count, part.down, part.across), np.nan, np.float32)
        at = max(0, -first)
        while at < count and first + at < self._total:
            row, column = divmod(first + at, columns)
            length = min(count - at, columns - column)
            blocks = self._row_means(row, column, length)
            down, across = blocks.shape
            known = np.full((part.down, length * part.across), np.nan, np.float32)
            known[:down, :across] = blocks
            apart = known.reshape(part.down, length, part.across)
            found[at : at + length] = apart.swapaxes(0, 1)
            at += length
        return found.reshape(count, -1)

    def _row_means(self, row: int, column: int, count: int) -> NDArray[np.float32]:
        """(down, across) of the blocks of MCUs in a row that are inside; NaN: clipped pixels."""
        part, (height, width) = self._scan.components[0], self._scan.mcu
        high, wide = height // part.down, width // part.across
        y, x = row * height, column * width
        area = self._pixels[y : y + height, x : x + count * width]
        down, across = area.shape[0] // high, area.shape[1] // wide
        samples = 1 if area.ndim == 2 else 3
        apart = area[: down * high, : across * wide].reshape(down, high, across, wide, samples)
        means = apart.mean(axis=(1, 3), dtype=np.float32)
        lowest, highest = apart.min(axis=(1, 3, 4)), apart.max(axis=(1, 3, 4))
        luma = means[..., 0] if samples == 1 else means @ _LUMA
        return np.where((lowest > 0) & (highest < 255), luma, np.float32(np.nan))


def _rarest(known: list[list[float | None]]) -> int:
    """The MCU, but for the first, whose first difference the fewest places agree with."""
    sizes = [
        -1.0 if each[0] is None else abs(each[0]) / (8 + 2 * at) for at, each in enumerate(known)
    ]
    return 1 + int(np.argmax(sizes[1:]))
