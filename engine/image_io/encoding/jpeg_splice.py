"""An edited JPEG whose coded data is the source's, bit by bit, but for the runs of MCUs touched.

Only a run of MCUs around the changed pixels is decoded to coefficients and coded again, by the
source's own Huffman tables; what lies before and behind it is copied. Where the source has restart
markers these tell the places, else `jpeg_places` finds them. MCUs are numbered row by row; a run is
decoded as a picture of its own, of other sides.
"""

import re
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Native
from engine.image_io.encoding import jpeg_bits
from engine.image_io.encoding.jpeg_places import Place, Places
from engine.image_io.encoding.jpeg_run import Run, RunEdit
from engine.image_io.encoding.jpeg_scan import Scan, ScanUnsupported, parse
from engine.image_io.headers import jpeg

Changed: TypeAlias = NDArray[np.bool_]  # (rows, columns) of MCUs

_MARKER = re.compile(rb"\xff[\xd0-\xd7]")
_GAP, _MOST = 0.08, 0.5  # shares of all MCUs: what is not cut apart; beyond which nothing is cut
_MOST_WALKED = 40  # MCUs: until a run is as long as a picture can be


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
    runs = _runs(np.flatnonzero(changed), changed.size)
    edit = _Edit(scan, pixels, was, changed.ravel(), most_px)
    coded = source[scan.start : scan.end]
    parts = edit.by_markers(coded, runs) if scan.restart else edit.by_bits(coded, runs)
    return source[: scan.start] + parts + source[scan.end :]


def _runs(numbers: NDArray[np.intp], total: int) -> list[Run]:
    """The changed MCUs of these numbers, and what lies between near ones."""
    apart = np.flatnonzero(np.diff(numbers) > _GAP * total)
    parts = np.split(numbers, apart + 1)
    return [(int(part[0]), int(part[-1]) + 1) for part in parts]


class _Edit:
    """One picture, and what is changed in it."""

    def __init__(
        self, scan: Scan, pixels: Native, was: Native, changed: NDArray[np.bool_], most_px: int
    ) -> None:
        """`changed` holds the MCUs in order; `most_px` as in `spliced`."""
        self._scan, self._was, self._changed = scan, was, changed
        self._runs = RunEdit(scan, pixels, was, changed)
        self._most = min(_MOST * len(changed), most_px / (scan.mcu[0] * scan.mcu[1]))

    def by_markers(self, coded: bytes, runs: list[Run]) -> bytes:
        """The coded data of a file with restart markers, edited."""
        scan, total = self._scan, len(self._changed)
        marks = [found.start() for found in _MARKER.finditer(coded)]
        if len(marks) != -(-total // scan.restart) - 1:
            raise ScanUnsupported("place")
        starts, ends = [0, *(mark + 2 for mark in marks)], [*marks, len(coded)]
        out, copied = bytearray(), 0
        for first, last in self._intervals(runs):
            start, end = starts[first], ends[last - 1]
            run = first * scan.restart, min(last * scan.restart, total)
            piece = _numbered(coded[start:end], 0)
            again, _ = self._runs.coded(piece, run, bits=0, is_first=True)
            out += coded[copied:start] + _numbered(again, first)
            copied = end
        return bytes(out + coded[copied:])

    def _intervals(self, runs: list[Run]) -> list[Run]:
        """The runs in restart intervals, from 0 on. Raises ScanUnsupported for too many."""
        step, found = self._scan.restart, list[Run]()
        for first, last in ((first // step, -(-last // step)) for first, last in runs):
            if found and first <= found[-1][1]:
                first, last = found.pop()[0], last
            found.append((first, last))
        self._expect_few([(first * step, last * step) for first, last in found])
        return found

    def by_bits(self, coded: bytes, runs: list[Run]) -> bytes:
        """The coded data of a file without restart markers, edited."""
        self._expect_few(runs)
        data = jpeg_bits.plain(coded)
        places = Places(self._scan, data, self._was, _luma_step(self._scan))
        pieces: list[tuple[jpeg_bits.Bytes, int, int]] = []
        copied = 0
        for start, end in self._between_places(places, runs):
            again, bits = self._run(data, start, end)
            pieces += [(data, copied, start.bit), (again, 0, bits)]
            copied = end.bit
        if copied < 8 * len(data):
            before = sum(end - start for _, start, end in pieces)
            pieces.append((data, copied, _end(data, before - copied, places)))
        return jpeg_bits.stuffed(jpeg_bits.joined(pieces))

    def _between_places(self, places: Places, runs: list[Run]) -> list[tuple[Place, Place]]:
        """Runs to code anew. They end behind an MCU that stays: the next one's DC builds on it."""
        found: list[tuple[Place, Place]] = []
        for first, last in runs:
            if found and first < found[-1][1].mcu:
                start, end = found.pop()
            else:
                start = end = places.before(found[-1][1] if found else Place(0, 0), first)
            if last >= end.mcu:
                end = places.behind(end, last + 1)
            found.append(self._fitting(places, start, end, first))
        self._expect_few([(start.mcu, end.mcu) for start, end in found])
        return found

    def _fitting(self, places: Places, start: Place, end: Place, first: int) -> tuple[Place, Place]:
        """The run from `start` to `end`, longer or shorter by MCUs without an edit if need be.

        It may begin at the MCU `first` at the latest. Raises ScanUnsupported.
        """
        for _ in range(_MOST_WALKED):
            if self._scan.sides(end.mcu - start.mcu):
                return start, end
            if end.mcu < len(self._changed):
                end = places.walked(end)
            elif start.mcu < first:
                start = places.walked(start)
            else:
                break
        raise ScanUnsupported("place")

    def _expect_few(self, runs: list[Run]) -> None:
        if sum(last - first for first, last in runs) > self._most:
            raise ScanUnsupported("place")

    def _run(self, data: jpeg_bits.Bytes, start: Place, end: Place) -> tuple[jpeg_bits.Bytes, int]:
        """The MCUs between both, edited, and how many bits they have now."""
        piece = jpeg_bits.stuffed(jpeg_bits.cut(data, start.bit, end.bit))
        is_last = end.mcu == len(self._changed)  # up to 7 ones fill its last byte
        coded, bits = self._runs.coded(
            piece,
            (start.mcu, end.mcu),
            bits=None if is_last else end.bit - start.bit,
            is_first=start.mcu == 0,
        )
        again = jpeg_bits.plain(coded)
        if len(again) != -(-bits // 8):
            raise ScanUnsupported("check")
        return again, bits


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
