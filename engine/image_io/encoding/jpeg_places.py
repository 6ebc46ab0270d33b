"""Bit places of MCUs in the coded data of a JPEG without restart markers.

Huffman codes do not say where an MCU begins. A decoder is given the data up to a guess, in gray
and at an eighth of the size, where most of the work falls away; the MCUs that it could not reach
stay gray, which tells how many there were. Near the guess every bit is tried as the start of the
next MCU, and taken where DC differences from there on agree with the pixels that are known.
"""

from typing import NamedTuple

import numpy as np
import simplejpeg  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray

from engine.geometry import Native
from engine.image_io.encoding import jpeg_bits
from engine.image_io.encoding.jpeg_bits import Bytes, Walker
from engine.image_io.encoding.jpeg_scan import Scan, ScanUnsupported

_NEAR, _AT_END = 150, 3  # MCUs: walked one by one; looked at at the end
_AGREEING, _FURTHEST = 16, 80  # MCUs: looked at from a guess on; where colours are clipped
_WALKED = 1_000  # MCUs: walked where no guess comes nearer
_LEAST_KNOWN = 12  # blocks of those looked at
_MAX_MCU_BYTES = 10 * 64 * 27 // 8  # T.81: 10 blocks, codes of 16 bits and values of 11
_MOST_GUESSES = 10
_LEVELS, _STEPS = 0.4, 0.6  # means of known pixels come near to DC: in levels, and in its steps
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
        self._walker = Walker(data, scan.components)
        self._total = scan.rows * scan.columns
        self._weights = np.concatenate([[0.0], np.cumsum(self._weight())])

    def find(self, start: Place, target: int) -> Place:
        """The place of the MCU `target`, from one before it. Raises ScanUnsupported."""
        share = 1.0
        for _ in range(_MOST_GUESSES):
            if target - start.mcu <= _NEAR:
                return Place(target, self._walked(start, target - start.mcu))
            found = self._guess(start, target, share)
            share = share * 0.75 if found is None else 1.0
            start = found or start
        if target - start.mcu > _WALKED:
            raise ScanUnsupported("place")
        return Place(target, self._walked(start, target - start.mcu))

    def end(self) -> int:
        """The bit behind the last MCU: up to 7 ones fill the last byte. Raises ScanUnsupported."""
        first = self._total - _AT_END
        if first < 0:
            return self._walked(Place(0, 0), self._total)
        known = self._differences(first, _AT_END)
        bits = 8 * len(self._data)
        length = min(
            _AT_END * min(_MAX_MCU_BYTES, len(self._data) // self._total * 8 + 64), bits // 8
        )
        starts = self._walker.starts(bits - 8 * length, length, [known[0][0]], self._near)
        for bit in reversed(starts):
            at = self._agrees(bit, known)
            if bits - 7 <= at <= bits and self._is_filled(at):
                return at
        raise ScanUnsupported("place")

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

    def _guess(self, start: Place, target: int, share: float) -> Place | None:
        """A place between both; None where the guess was too far, or in a flat part."""
        ahead = share * 0.96 * (target - start.mcu)
        from_start, behind = self._share(start.mcu), self._share(self._total)
        part = (self._share(start.mcu + ahead) - from_start) / (behind - from_start)
        count = int(part * (len(self._data) - start.bit // 8))
        if count < 1:
            raise ScanUnsupported("place")
        end = start.bit + 8 * count
        reached = self._reached(jpeg_bits.cut(self._data, start.bit, end), target - start.mcu)
        return None if reached is None else self._next(end, start.mcu + reached, target)

    def _reached(self, data: Bytes, most: int) -> int | None:
        """How many MCUs are in data that ends in the middle of one; None for `most` or more."""
        rows = -(-most // self._scan.columns)
        content = self._scan.picture(jpeg_bits.stuffed(data), rows)
        small = simplejpeg.decode_jpeg(
            content, "GRAY", strict=False, min_height=1, min_width=1, min_factor=8
        )
        high, wide = (side // 8 for side in self._scan.mcu)
        blocks = small.reshape(rows, high, self._scan.columns, wide)
        seen = np.flatnonzero((blocks != _UNREACHED).any(axis=(1, 3)))
        found = int(seen[-1]) + 1 if len(seen) else 0
        return found if found < most else None

    def _next(self, bit: int, mcu: int, target: int) -> Place | None:
        """A place soon after the bit, where `mcu` or the next begins; None: not known."""
        known = self._enough(mcu)
        if known is None:
            return None
        count = len(known) - 1
        firsts = [expected[0] for expected in known[:2]]
        length = min(_MAX_MCU_BYTES, 8 * len(self._data) // self._total + 64)
        for at in self._walker.starts(bit, length, firsts, self._near):
            for step in (0, 1):
                end = self._agrees(at, known[step : step + count])
                if end >= 0:  # codes fall into step: the end is surer than the start
                    is_near = mcu + step + count > target
                    return Place(mcu + step, at) if is_near else Place(mcu + step + count, end)
        return None

    def _enough(self, mcu: int) -> list[list[float | None]] | None:
        """Differences from an MCU on, as many as tell it from others; None: too few are known."""
        found = self._differences(mcu, min(_FURTHEST, self._total - mcu - 1) + 1)
        total = np.cumsum([sum(value is not None for value in each) for each in found])
        enough = int(np.searchsorted(total, _LEAST_KNOWN))
        return None if enough == len(found) else found[: max(_AGREEING, enough + 1) + 1]

    def _agrees(self, bit: int, known: list[list[float | None]]) -> int:
        for expected in known:
            bit = self._walker.mcu(bit, expected, self._near)
            if bit < 0:
                break
        return bit

    def _walked(self, start: Place, count: int) -> int:
        bit = start.bit
        for _ in range(count):
            bit = self._walker.mcu(bit)
            if bit < 0:
                raise ScanUnsupported("place")
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
