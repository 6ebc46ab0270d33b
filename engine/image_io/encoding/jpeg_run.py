"""A run of MCUs of a sequential JPEG: decoded to coefficients, edited, and coded again.

MCUs are numbered row by row. A run is decoded as a picture of its own, of other sides; where it
begins in the middle of coded data, the DC before it is found from samples that are known.
"""

import tempfile
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import simplejpeg  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray

from engine.geometry import Native
from engine.image_io.encoding import jpeg_bits, jpeg_scan
from engine.image_io.encoding import jpeg_coefficients as coefficients
from engine.image_io.encoding.jpeg_scan import Scan, ScanUnsupported

Run: TypeAlias = tuple[int, int]  # of MCUs: the first, and the one behind the last

_LOOKED_AT = 32  # MCUs
_LEVELS = 3.0  # decoders round, and pixels are rounded again
"""Largest difference of a luma sample that a coefficient may stand for."""


class RunEdit:
    """Codes runs of one picture anew."""

    def __init__(self, scan: Scan, pixels: Native, was: Native, changed: NDArray[np.bool_]) -> None:
        """(H, W) or (H, W, 3) `pixels` for `was` in the MCUs `changed`, which come in order."""
        self._scan, self._pixels, self._was, self._changed = scan, pixels, was, changed

    def coded(
        self, piece: bytes, run: Run, *, bits: int | None, is_first: bool
    ) -> tuple[bytes, int]:
        """Coded data of the run in `piece`, edited, and how many bits it has.

        `bits`: how many the piece has, where that is known. `is_first`: DC is predicted from 0, not
        from what comes before the run. Raises ScanUnsupported.
        """
        sides = self._scan.sides(run[1] - run[0])
        if sides is None:
            raise ScanUnsupported("scan")
        content = self._scan.picture(piece, *sides)
        _expect_exact(content)
        with tempfile.TemporaryDirectory(prefix="lacuna-jpeg-") as folder:
            file = Path(folder) / "run.jpg"
            file.write_bytes(content)
            opened = coefficients.read(file)
            more = self._edited(opened, run, sides[1], is_first=is_first)
            bits = (
                self._bits(coefficients.components(opened), None) if bits is None else bits + more
            )
            coefficients.write(opened, file, optimize=False)
            return jpeg_scan.coded(file.read_bytes()), bits

    def _edited(self, opened: Any, run: Run, columns: int, *, is_first: bool) -> int:
        """Edit the coefficients, which stand in `columns` of MCUs; how many bits they have more."""
        parts = coefficients.components(opened)
        numbers = np.flatnonzero(self._changed[run[0] : run[1]])
        at = np.divmod(numbers, columns)
        old, before = self._bits(parts, at), [0, 0, 0]
        if not is_first:
            looked_at = self._looked_at(parts, run, columns)
            before = [_dc_before(*each) for each in looked_at]
            _check(*looked_at[0], before[0])
        for part, dc in zip(parts, before):
            part.coefficients[::8, ::8] += dc
        coefficients.put_mcus(opened, parts, self._gathered(self._pixels, numbers + run[0]), at)
        for part, dc in zip(parts, before):
            part.coefficients[::8, ::8] -= dc
        try:
            return self._bits(parts, at) - old
        except ScanUnsupported:  # the source's tables hold only what the source needs
            self._make_codable(parts, at)
            return self._bits(parts, at) - old

    def _make_codable(self, parts: list[coefficients.Component], at: coefficients.At) -> None:
        for part, known in zip(parts, self._scan.components, strict=True):
            blocks = jpeg_bits.codable(_in_order(part, at), known)
            shape = (len(at[0]), part.down, part.across, 8, 8)
            _grid(part)[at[0], :, :, at[1]] = blocks.reshape(shape).transpose(0, 1, 3, 2, 4)

    def _bits(self, parts: list[coefficients.Component], at: coefficients.At | None) -> int:
        """Of all DC, and of AC of the MCUs at these rows and columns, or of all."""
        both = zip(parts, self._scan.components, strict=True)
        return sum(
            jpeg_bits.dc_bits(_dc_in_order(part), known)
            + jpeg_bits.ac_bits(_in_order(part, at), known)
            for part, known in both
        )

    def _gathered(self, pixels: Native, numbers: NDArray[np.intp]) -> NDArray[np.uint8]:
        """(n, height, width, C): the MCUs of these numbers."""
        return coefficients.gathered(pixels, self._scan.mcu, np.divmod(numbers, self._scan.columns))

    def _looked_at(
        self, parts: list[coefficients.Component], run: Run, columns: int
    ) -> list[tuple[coefficients.Component, NDArray[np.int32], NDArray[np.float32]]]:
        """By component: blocks (n, down, across, 8, 8), and samples (n, down, 8, across, 8).

        Of MCUs that are untouched, inside the picture and of no clipped colour.
        """
        numbers = self._untouched(run)
        mcus = self._gathered(self._was, numbers)
        flat = mcus.reshape(len(mcus), -1)
        plain = np.flatnonzero((flat.min(axis=1) > 0) & (flat.max(axis=1) < 255))[:_LOOKED_AT]
        if not len(plain):
            raise ScanUnsupported("check")
        samples = coefficients.samples(mcus[plain], len(parts))
        y, x = np.divmod(numbers[plain] - run[0], columns)
        found: list[tuple[coefficients.Component, NDArray[np.int32], NDArray[np.float32]]] = []
        for index, part in enumerate(parts):
            want = coefficients.subsampled(samples[..., index], part, self._scan.mcu)
            want = want.reshape(len(plain), part.down, 8, part.across, 8)
            found.append((part, _grid(part)[y, :, :, x].transpose(0, 1, 3, 2, 4), want))
        return found

    def _untouched(self, run: Run) -> NDArray[np.intp]:
        """Numbers of some MCUs of the run that are so, and inside the picture."""
        height, width = self._scan.mcu
        numbers = np.flatnonzero(~self._changed[run[0] : run[1]]) + run[0]
        y, x = np.divmod(numbers, self._scan.columns)
        is_inside = (y < self._was.shape[0] // height) & (x < self._was.shape[1] // width)
        numbers = numbers[is_inside]
        if not len(numbers):
            raise ScanUnsupported("check")
        count = min(2 * _LOOKED_AT, len(numbers))
        return numbers[np.linspace(0, len(numbers) - 1, count).astype(int)]


def _dc_before(
    part: coefficients.Component, have: NDArray[np.int32], want: NDArray[np.float32]
) -> int:
    """DC before blocks that were decoded without it, from their samples: what is missing in all."""
    gap = want.mean(axis=(2, 4)) * 8 / part.steps[0, 0] - have[..., 0, 0]
    return round(float(np.median(gap)))


def _check(
    part: coefficients.Component,
    have: NDArray[np.int32],
    want: NDArray[np.float32],
    before: int,
) -> None:
    """Raise ScanUnsupported unless the coefficients are those of the samples."""
    values = (have * part.steps).astype(np.float32)
    values[..., 0, 0] += before * part.steps[0, 0]
    now = coefficients.DCT.T @ values @ coefficients.DCT
    if np.abs(now.swapaxes(2, 3) - want).max(initial=0) > _LEVELS:
        raise ScanUnsupported("check")


def _expect_exact(content: bytes) -> None:
    """Raise ScanUnsupported for a byte too few or too many; pyjpegio would print it."""
    try:
        simplejpeg.decode_jpeg(content, "GRAY", min_height=1, min_width=1, min_factor=8)
    except ValueError as error:
        raise ScanUnsupported("check") from error


def _grid(part: coefficients.Component) -> NDArray[np.int32]:
    """(rows, down, 8, columns, across, 8): a view of the coefficients by MCU."""
    high, wide = part.coefficients.shape
    return part.coefficients.reshape(
        high // (8 * part.down), part.down, 8, wide // (8 * part.across), part.across, 8
    )


def _in_order(part: coefficients.Component, at: coefficients.At | None = None) -> NDArray[np.int32]:
    """(n, 8, 8): the blocks in the order of an interleaved scan; of all MCUs, or of those `at`."""
    if at is None:
        return _grid(part).transpose(0, 3, 1, 4, 2, 5).reshape(-1, 8, 8)
    return _grid(part)[at[0], :, :, at[1]].transpose(0, 1, 3, 2, 4).reshape(-1, 8, 8)


def _dc_in_order(part: coefficients.Component) -> NDArray[np.int32]:
    """(n,): DC of all blocks, in the order of an interleaved scan."""
    return _grid(part)[:, :, 0, :, :, 0].transpose(0, 2, 1, 3).ravel()
