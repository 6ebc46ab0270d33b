"""An edited JPEG whose coded data is the source's, bit by bit, outside the rows of MCUs touched.

Only the rows of MCUs that hold a changed pixel are decoded to coefficients and coded again, by the
source's own Huffman tables; what lies before and behind them is copied. Where the source has
restart markers these tell the places, else `jpeg_places` finds them.
"""

import re
import tempfile
from pathlib import Path
from typing import TypeAlias

import numpy as np
import simplejpeg  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray

from engine.geometry import Native
from engine.image_io.encoding import jpeg_bits, jpeg_scan
from engine.image_io.encoding import jpeg_coefficients as coefficients
from engine.image_io.encoding.jpeg_places import Place, Places
from engine.image_io.encoding.jpeg_scan import Scan, ScanUnsupported, parse
from engine.image_io.headers import jpeg

Changed: TypeAlias = NDArray[np.bool_]  # (rows, columns) of MCUs
Rows: TypeAlias = tuple[int, int]  # of MCUs: the first, and the one behind the last

_MARKER = re.compile(rb"\xff[\xd0-\xd7]")
_GAP, _MOST = 0.08, 0.5  # shares of all rows: what is not cut apart; beyond which nothing is cut
_LOOKED_AT = 64  # MCUs
_LEVELS = 3.0  # decoders round, and pixels are rounded again
"""Largest difference of a luma sample that a coefficient may stand for."""


def spliced(
    source: bytes,
    pixels: Native,
    was: Native,
    changed: Changed,
    *,
    most_px: int,
    least_px: int = 0,
) -> bytes:
    """The JPEG `source` with (H, W) or (H, W, 3) `pixels` for `was` in the MCUs `changed`.

    Raises ScanUnsupported where the data cannot be cut, more than `most_px` would be coded, or
    places would have to be found in fewer than `least_px`.
    """
    scan = parse(source)
    if changed.shape != (scan.rows, scan.columns):
        raise ScanUnsupported("scan")
    if not scan.restart and pixels.shape[0] * pixels.shape[1] < least_px:
        raise ScanUnsupported("small")
    stretches = _stretches(changed, scan)
    rows = sum(end - start for start, end in stretches)
    if rows > _MOST * scan.rows or rows * scan.columns * np.prod(scan.mcu) > most_px:
        raise ScanUnsupported("place")
    edit = _Edit(scan, pixels, was, changed)
    coded = source[scan.start : scan.end]
    parts = edit.by_markers(coded, stretches) if scan.restart else edit.by_bits(coded, stretches)
    return source[: scan.start] + parts + source[scan.end :]


def _stretches(changed: Changed, scan: Scan) -> list[Rows]:
    """Rows to code anew. They end behind an MCU that stays, as the next one's DC builds on it."""
    found: list[Rows] = []
    for row in np.flatnonzero(changed.any(axis=1)).tolist():
        end = row + 1
        while end < scan.rows and changed[end - 1, -1] and not scan.restart:
            end += 1
        step = scan.row_step
        start, end = row // step * step, min(-(-end // step) * step, scan.rows)
        if found and start - found[-1][1] <= _GAP * scan.rows:
            start, end = found[-1][0], max(end, found.pop()[1])
        found.append((start, end))
    return found


class _Edit:
    """One picture, and what is changed in it."""

    def __init__(self, scan: Scan, pixels: Native, was: Native, changed: Changed) -> None:
        self._scan, self._pixels, self._was, self._changed = scan, pixels, was, changed

    def by_markers(self, coded: bytes, stretches: list[Rows]) -> bytes:
        """The coded data of a file with restart markers, edited."""
        scan = self._scan
        marks = [found.start() for found in _MARKER.finditer(coded)]
        if len(marks) != -(-scan.rows * scan.columns // scan.restart) - 1:
            raise ScanUnsupported("place")
        starts, ends = [0, *(mark + 2 for mark in marks)], [*marks, len(coded)]
        out, copied = bytearray(), 0
        for rows in stretches:
            first, last = (-(-row * scan.columns // scan.restart) for row in rows)
            start, end = starts[first], ends[last - 1]
            content = scan.picture(_numbered(coded[start:end], 0), rows[1] - rows[0])
            with tempfile.TemporaryDirectory(prefix="lacuna-jpeg-") as folder:
                again, _ = self._coded(content, rows, Path(folder), is_first=True)
            out += coded[copied:start] + _numbered(again, first)
            copied = end
        return bytes(out + coded[copied:])

    def by_bits(self, coded: bytes, stretches: list[Rows]) -> bytes:
        """The coded data of a file without restart markers, edited."""
        data = jpeg_bits.plain(coded)
        places = Places(self._scan, data, self._was, _luma_step(self._scan))
        pieces: list[tuple[jpeg_bits.Bytes, int]] = []
        place, copied = Place(0, 0), 0
        for rows in stretches:
            start = place = places.find(place, rows[0] * self._scan.columns)
            is_last = rows[1] == self._scan.rows
            if not is_last:
                place = places.find(place, rows[1] * self._scan.columns)
            end = 8 * len(data) if is_last else place.bit
            pieces += [
                (jpeg_bits.cut(data, copied, start.bit), start.bit - copied),
                self._stretch(data, rows, (start.bit, end), is_last=is_last),
            ]
            copied = end
        if copied < 8 * len(data):
            before = sum(bits for _, bits in pieces)
            end = _end(data, before - copied, places)
            pieces.append((jpeg_bits.cut(data, copied, end), end - copied))
        return jpeg_bits.stuffed(jpeg_bits.joined(pieces))

    def _stretch(
        self, data: jpeg_bits.Bytes, rows: Rows, bits: tuple[int, int], *, is_last: bool
    ) -> tuple[jpeg_bits.Bytes, int]:
        """The rows that lie in these bits, edited, and how many bits they have now."""
        piece = jpeg_bits.stuffed(jpeg_bits.cut(data, *bits))
        content = self._scan.picture(piece, rows[1] - rows[0])
        with tempfile.TemporaryDirectory(prefix="lacuna-jpeg-") as folder:
            coded, (old, new) = self._coded(content, rows, Path(folder), is_first=rows[0] == 0)
        again = jpeg_bits.plain(coded)
        rest = bits[1] - bits[0] - old
        if not (0 <= rest < 8 if is_last else rest == 0) or len(again) != -(-new // 8):
            raise ScanUnsupported("check")
        return again, new

    def _coded(
        self, content: bytes, rows: Rows, folder: Path, *, is_first: bool
    ) -> tuple[bytes, tuple[int, int]]:
        """Coded data of the rows in `content`, edited; its bits before and after.

        `is_first`: DC is predicted from 0, not from what comes before the rows.
        """
        _expect_whole(content)
        file = folder / "rows.jpg"
        file.write_bytes(content)
        opened = coefficients.read(file)
        parts = coefficients.components(opened)
        at = np.nonzero(self._changed[rows[0] : rows[1]])
        all_ac, gone = self._ac_bits(parts, None), self._ac_bits(parts, at)
        old = all_ac + self._dc_bits(parts)
        before = [0, 0, 0]
        if not is_first:
            looked_at = self._looked_at(parts, rows)
            before = [_dc_before(*each) for each in looked_at]
            for part, dc in zip(parts, before):
                part.coefficients[::8, ::8] += dc
            _check(*looked_at[0], before[0])
        mcus = coefficients.gathered(self._pixels, self._scan.mcu, (at[0] + rows[0], at[1]))
        coefficients.put_mcus(opened, parts, mcus, at)
        for part, dc in zip(parts, before):
            part.coefficients[::8, ::8] -= dc
        new = all_ac - gone + self._ac_bits(parts, at) + self._dc_bits(parts)
        opened.optimize_coding = False
        opened.write(str(file))
        return jpeg_scan.coded(file.read_bytes()), (old, new)

    def _dc_bits(self, parts: list[coefficients.Component]) -> int:
        both = zip(parts, self._scan.components, strict=True)
        return sum(jpeg_bits.dc_bits(_dc_in_order(part), known) for part, known in both)

    def _ac_bits(self, parts: list[coefficients.Component], at: coefficients.At | None) -> int:
        """Of the MCUs at these rows and columns, or of all."""
        both = zip(parts, self._scan.components, strict=True)
        return sum(jpeg_bits.ac_bits(_in_order(part, at), known) for part, known in both)

    def _looked_at(
        self, parts: list[coefficients.Component], rows: Rows
    ) -> list[tuple[coefficients.Component, NDArray[np.int32], NDArray[np.float32]]]:
        """By component: blocks (n, down, across, 8, 8), and samples (n, down, 8, across, 8).

        Of MCUs that are untouched, inside the picture and of no clipped colour.
        """
        height, width = self._scan.mcu
        kept = ~self._changed[rows[0] : rows[1], : self._was.shape[1] // width]
        kept[self._was.shape[0] // height - rows[0] :] = False
        y, x = np.nonzero(kept)
        if not len(y):
            raise ScanUnsupported("check")
        chosen = np.linspace(0, len(y) - 1, min(2 * _LOOKED_AT, len(y))).astype(int)
        y, x = y[chosen], x[chosen]
        mcus = coefficients.gathered(self._was, self._scan.mcu, (y + rows[0], x))
        flat = mcus.reshape(len(mcus), -1)
        plain = np.flatnonzero((flat.min(axis=1) > 0) & (flat.max(axis=1) < 255))[:_LOOKED_AT]
        if not len(plain):
            raise ScanUnsupported("check")
        samples = coefficients.samples(mcus[plain], len(parts))
        found: list[tuple[coefficients.Component, NDArray[np.int32], NDArray[np.float32]]] = []
        for index, part in enumerate(parts):
            want = coefficients.subsampled(samples[..., index], part, (height, width))
            want = want.reshape(len(plain), part.down, 8, part.across, 8)
            grid = _grid(part)[y[plain], :, :, x[plain]]
            found.append((part, grid.transpose(0, 1, 3, 2, 4), want))
        return found


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


def _expect_whole(content: bytes) -> None:
    """Raise ScanUnsupported unless the data is as long as the picture; pyjpegio would print it."""
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


def _luma_step(scan: Scan) -> int:
    """The step of the first component's DC."""
    wanted = scan.frame[12]
    for marker, at, end in jpeg.parts(scan.before + scan.frame + scan.between):
        if marker != 0xDB:
            continue
        body = (scan.before + scan.frame + scan.between)[at + 4 : end]
        while body:
            wide = 2 if body[0] >> 4 else 1
            if body[0] & 15 == wanted:
                return int.from_bytes(body[1 : 1 + wide], "big")
            body = body[1 + 64 * wide :]
    raise ScanUnsupported("tables")


def _end(data: jpeg_bits.Bytes, moved: int, places: Places) -> int:
    """The bit up to which data is copied that moves by so many bits.

    The ones that fill the last byte go along, unless they alone would make one byte more.
    """
    bits = 8 * len(data)
    over = (bits + moved) % 8
    last = int(data[-1]) & ((1 << over) - 1)
    return places.end() if over and last == (1 << over) - 1 else bits


def _numbered(coded: bytes, first: int) -> bytes:
    """Restart markers numbered from `first` on."""
    found = np.frombuffer(coded, np.uint8).copy()
    marks = np.array([each.start() + 1 for each in _MARKER.finditer(coded)], np.intp)
    found[marks] = 0xD0 + (first + np.arange(len(marks))) % 8
    return found.tobytes()
