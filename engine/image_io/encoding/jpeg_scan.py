"""The one scan of a sequential JPEG: Huffman tables, grid of MCUs, and coded data (ITU-T T.81).

Scans are kept where every component is in the one scan of a frame SOF0 or SOF1 with 8-bit samples,
gray or YCC, as cameras write them; all others are `ScanUnsupported`.
"""

import struct
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from engine.image_io.headers import jpeg

_SEQUENTIAL, _OTHER_FRAMES = (0xC0, 0xC1), frozenset({*range(0xC2, 0xD0)} - {0xC4, 0xC8})
_HUFFMAN, _SCAN, _RESTART, _END = 0xC4, 0xDA, 0xDD, 0xD9
_ADOBE = 0xEE
_METADATA = frozenset({*range(0xE1, 0xEE), 0xEF, 0xFE})
_BLOCK = 8
_MAX_SIDE = 65_500  # of libjpeg
_MOST_ROWS = 40  # tried for a picture of as many MCUs as a run of them has


class ScanUnsupported(ValueError):
    """A JPEG whose coded data cannot be cut; its code.

    scan, tables, place, codes, check, or small.
    """


@dataclass(frozen=True, slots=True, eq=False)
class HuffmanTable:
    """One Huffman table, by symbol and by what comes next."""

    lengths: NDArray[np.uint8]  # (256,) bits of each symbol's code; 0: it has none
    codes: NDArray[np.int32]  # (65536,) by the next 16 bits: 256 * length + symbol; 0: no code
    first: memoryview  # the same, for one look-up at a time


@dataclass(frozen=True, slots=True, eq=False)
class ScanComponent:
    """One component: its blocks across and down in an MCU, and its tables."""

    across: int
    down: int
    dc: HuffmanTable
    ac: HuffmanTable


@dataclass(frozen=True, slots=True, eq=False)
class Scan:
    """A sequential JPEG in parts; MCUs are counted row by row."""

    before: bytes  # from the start marker to the frame
    frame: bytes
    between: bytes  # from the frame to the coded data
    start: int  # offset of the coded data in the file
    end: int
    components: tuple[ScanComponent, ...]
    rows: int  # of MCUs
    columns: int
    restart: int  # MCUs between two restart markers; 0: none

    @property
    def mcu(self) -> tuple[int, int]:
        """Height and width in pixels."""
        high = max(part.down for part in self.components)
        return _BLOCK * high, _BLOCK * max(part.across for part in self.components)

    @property
    def is_gray(self) -> bool:
        return len(self.components) == 1

    def sides(self, count: int) -> tuple[int, int] | None:
        """Rows and columns of a picture of so many MCUs; None: there is none that libjpeg takes."""
        height, width = self.mcu
        least = -(-count * width // _MAX_SIDE)
        for rows in range(max(least, 1), least + _MOST_ROWS):
            if count % rows == 0 and rows * height <= _MAX_SIDE:
                return rows, count // rows
        return None

    def picture(self, coded: bytes, rows: int, columns: int) -> bytes:
        """A JPEG of so many rows and columns of MCUs, of coded data of that many MCUs.

        Raises ScanUnsupported where a side is too long.
        """
        height, width = rows * self.mcu[0], columns * self.mcu[1]
        if max(height, width) > _MAX_SIDE:
            raise ScanUnsupported("scan")
        frame = bytearray(self.frame)
        struct.pack_into(">HH", frame, 5, height, width)
        if self.is_gray:
            frame[11] = 0x11  # the blocks of a scan of one component stand row by row
        return self.before + bytes(frame) + self.between + coded + b"\xff\xd9"


def parse(content: bytes) -> Scan:
    """The scan of a whole file. Raises ScanUnsupported."""
    header, found = _Header(), None
    for marker, at, end in jpeg.parts(content):
        if found is not None:
            if marker != _END:
                raise ScanUnsupported("scan")
            return found
        if marker == _SCAN:
            start = at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
            found = header.scan(content[at:start], start, end)
        else:
            header.take(marker, content[at:end])
    raise ScanUnsupported("scan")


def coded(content: bytes) -> bytes:
    """The coded data of a file with one scan."""
    for marker, at, end in jpeg.parts(content):
        if marker == _SCAN:
            return content[at + 2 + int.from_bytes(content[at + 2 : at + 4], "big") : end]
    raise ScanUnsupported("scan")


class _Header:
    """What stands before the scan."""

    def __init__(self) -> None:
        self._before, self._between, self._frame = bytearray(b"\xff\xd8"), bytearray(), b""
        self._tables: dict[int, HuffmanTable] = {}
        self._restart = 0

    def take(self, marker: int, part: bytes) -> None:
        """One segment. Raises ScanUnsupported."""
        is_rgb = marker == _ADOBE and part[4:9] == b"Adobe" and part[15:16] == b"\0"
        if is_rgb or marker in _OTHER_FRAMES or (marker in _SEQUENTIAL and self._frame):
            raise ScanUnsupported("scan")
        if marker in _SEQUENTIAL:
            self._frame = part
        elif marker not in _METADATA:
            (self._between if self._frame else self._before).extend(part)
        if marker == _HUFFMAN:
            self._tables |= _tables(part[4:])
        elif marker == _RESTART:
            self._restart = int.from_bytes(part[4:6], "big")

    def scan(self, part: bytes, start: int, end: int) -> Scan:
        """The scan whose header is `part`, with its coded data at an offset of the file."""
        components = _components(self._frame, part[4:], self._tables)
        height, width = struct.unpack_from(">HH", self._frame, 5)
        found = Scan(
            before=bytes(self._before),
            frame=self._frame,
            between=bytes(self._between + part),
            start=start,
            end=end,
            components=components,
            rows=0,
            columns=0,
            restart=self._restart,
        )
        high, wide = found.mcu
        return replace(found, rows=-(-height // high), columns=-(-width // wide))


def _components(
    frame: bytes, scan: bytes, tables: dict[int, HuffmanTable]
) -> tuple[ScanComponent, ...]:
    """Those of a scan that holds all of them, in order."""
    count = frame[9] if len(frame) > 9 else 0
    if count not in (1, 3) or len(frame) != 10 + 3 * count or frame[4] != _BLOCK:
        raise ScanUnsupported("scan")
    if len(scan) != 4 + 2 * count or scan[0] != count or scan[-3:] != b"\x00\x3f\x00":
        raise ScanUnsupported("scan")
    if frame[10::3] == b"RGB":
        raise ScanUnsupported("scan")
    found: list[ScanComponent] = []
    for at in range(count):
        name, factors = frame[10 + 3 * at : 12 + 3 * at]
        if scan[1 + 2 * at] != name:
            raise ScanUnsupported("scan")
        dc, ac = scan[2 + 2 * at] >> 4, 0x10 | scan[2 + 2 * at] & 15
        if dc not in tables or ac not in tables:
            raise ScanUnsupported("tables")
        across, down = (1, 1) if count == 1 else (factors >> 4, factors & 15)
        found.append(ScanComponent(across, down, tables[dc], tables[ac]))
    return tuple(found)


def _tables(body: bytes) -> dict[int, HuffmanTable]:
    """By class (0 of DC, 0x10 of AC) and number."""
    found: dict[int, HuffmanTable] = {}
    at = 0
    while at + 17 <= len(body):
        counts = body[at + 1 : at + 17]
        symbols = body[at + 17 : at + 17 + sum(counts)]
        found[body[at]] = _table(counts, symbols)
        at += 17 + sum(counts)
    return found


@lru_cache(maxsize=16)  # most files hold the tables of T.81, annex K
def _table(counts: bytes, symbols: bytes) -> HuffmanTable:
    """T.81, annex C: codes of one length follow each other, then one bit is appended."""
    lengths = np.zeros(256, np.uint8)
    codes = np.zeros(1 << 16, np.int32)
    place = at = 0
    for length, count in enumerate(counts, 1):
        for symbol in symbols[at : at + count]:
            span = 1 << (16 - length)
            if place + span > 1 << 16 or lengths[symbol]:
                raise ScanUnsupported("tables")
            lengths[symbol] = length
            codes[place : place + span] = length << 8 | symbol
            place += span
        at += count
    if at != len(symbols):
        raise ScanUnsupported("tables")
    return HuffmanTable(lengths, codes, codes.data)
