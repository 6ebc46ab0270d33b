"""Huffman-coded data of a sequential JPEG as bits: cut, joined, measured, walked (T.81, annex F).

Coded data is `plain` here: (n,) uint8 without the zeros that follow 0xFF in a file, and without
restart markers. Places are counted in bits.
"""

import numpy as np
from numpy.typing import NDArray

from engine.image_io.encoding.jpeg_scan import ScanComponent, ScanUnsupported

Bytes = NDArray[np.uint8]

_ZIGZAG = np.array(
    [
        *(0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5),
        *(12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28),
        *(35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51),
        *(58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63),
    ]
)
_AC = 63
_ZEROS, _END_OF_BLOCK = 0xF0, 0x00
_MOST_LOST = 16  # squared steps of a block: what rounding to whole steps loses at most
_VALUES = np.arange(1 << 16).astype(np.uint16).view(np.int16)
_SIZES = np.frexp(np.abs(_VALUES.astype(np.float32)))[1].astype(np.intp)
"""Bits of each 16-bit magnitude, by its two's complement."""


def plain(coded: bytes) -> Bytes:
    """Coded data of a file, without restart markers, as `plain`."""
    found = np.frombuffer(coded, np.uint8)
    behind = np.flatnonzero(found[:-1] == 0xFF) + 1
    keep = np.ones(len(found), bool)
    keep[behind[found[behind] == 0]] = False  # three times as fast as bytes.replace
    return found[keep]


def stuffed(data: Bytes) -> bytes:
    """The other way."""
    return data.tobytes().replace(b"\xff", b"\xff\x00")


def cut(data: Bytes, start: int, end: int) -> Bytes:
    """Bits `start` to `end`, the last byte filled with ones."""
    first, shift = divmod(start, 8)
    count = -(-(end - start) // 8)
    found = data[first : first + count].copy()
    if shift:
        behind = np.zeros(count, np.uint8)
        tail = data[first + 1 : first + 1 + count]
        behind[: len(tail)] = tail
        found <<= shift
        found |= behind >> (8 - shift)
    return _filled(found, end - start)


def joined(pieces: list[tuple[Bytes, int, int]]) -> Bytes:
    """Bits of each piece from one place up to another, one piece after the other.

    The last byte is filled with ones.
    """
    total = sum(end - start for _, start, end in pieces)
    out = np.zeros(-(-total // 8) + 1, np.uint8)
    at = 0
    for data, start, end in pieces:
        if end == start:
            continue
        first, shift = divmod(at, 8)
        if start < shift:
            data, start, end = np.concatenate([data[:1], data]), start + 8, end + 8
        found = cut(data, start - shift, end)  # its bytes lie as those of the whole will
        at += end - start
        found[0] &= 0xFF >> shift
        if at % 8:
            found[-1] &= 0xFF00 >> at % 8 & 0xFF
        out[first] |= found[0]
        out[first + 1 : first + len(found)] = found[1:]
    return _filled(out[: -(-total // 8)], total)


def _filled(data: Bytes, bits: int) -> Bytes:
    if bits % 8 and len(data):
        data[-1] |= 0xFF >> bits % 8
    return data


def dc_bits(values: NDArray[np.int32], part: ScanComponent) -> int:
    """How many bits (n,) DC of blocks in the order of a scan is coded with.

    The first is predicted from 0. Raises ScanUnsupported where a code is missing.
    """
    counts = np.bincount(_sizes(np.diff(values, prepend=0)), minlength=17)
    lengths = part.dc.lengths[: len(counts)].astype(np.int64)
    if (counts[lengths == 0] > 0).any():
        raise ScanUnsupported("codes")
    return int((counts * (lengths + np.arange(len(counts)))).sum())


def ac_bits(blocks: NDArray[np.int32], part: ScanComponent) -> int:
    """How many bits all but DC of (n, 8, 8) blocks is coded with. Raises as `dc_bits`."""
    flat = _zigzag(blocks)
    places, runs, sizes = _symbols(flat)
    counts = np.bincount((runs & 15) << 4 | sizes, minlength=256)
    counts[_ZEROS] += int((runs >> 4).sum())
    counts[_END_OF_BLOCK] += len(flat) - int(np.count_nonzero(places & _AC == _AC))
    lengths = part.ac.lengths.astype(np.int64)
    if len(counts) > 256 or (counts[lengths == 0] > 0).any():
        raise ScanUnsupported("codes")
    return int((counts * (lengths + (np.arange(256) & 15))).sum())


def codable(blocks: NDArray[np.int32], part: ScanComponent) -> NDArray[np.int32]:
    """(n, 8, 8) blocks whose AC the tables have codes for, as near as can be to those given.

    Magnitudes that lack a code become smaller. Raises ScanUnsupported for more than a little.
    """
    wanted = _zigzag(blocks)
    flat, smaller = wanted.copy(), _smaller(part.ac.lengths)
    for _ in range(_AC):
        places, runs, sizes = _symbols(flat)
        least = smaller[np.minimum(runs >> 4, 1), runs & 15, sizes]
        if (least == sizes).all():
            break
        flat.ravel()[places] = _limited(flat.ravel()[places], least)
    lost = (flat - wanted).astype(np.float32)
    if (lost * lost).sum(axis=1).max(initial=0) > _MOST_LOST:
        raise ScanUnsupported("codes")
    found = np.empty_like(blocks.reshape(-1, 64))
    found[:, _ZIGZAG] = flat
    return found.reshape(blocks.shape)


def _smaller(lengths: NDArray[np.uint8]) -> NDArray[np.intp]:
    """(2, 16, 17): the largest size up to each that has a code, by whether zeros come, and run."""
    coded = np.zeros((16, 17), bool)
    coded[:, :16] = lengths.reshape(16, 16) > 0
    coded[:, 0] = True  # no symbol at all
    found = np.maximum.accumulate(np.where(coded, np.arange(17), 0), axis=1)
    return np.stack([found, found if lengths[_ZEROS] else np.zeros_like(found)])


def _limited(values: NDArray[np.int16], sizes: NDArray[np.intp]) -> NDArray[np.int16]:
    """The values, no magnitude of more bits than its size."""
    most = (1 << sizes) - 1
    return np.clip(values, -most, most).astype(np.int16)


def _zigzag(blocks: NDArray[np.int32]) -> NDArray[np.int16]:
    """(n, 64) in the order of the coded data."""
    return blocks.reshape(-1, 64).astype(np.int16).take(_ZIGZAG, axis=1)


def _symbols(
    flat: NDArray[np.int16],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """Of (n, 64) blocks, all AC that is not 0: places, zeros before each, and bits of each."""
    seen = flat != 0
    seen[:, 0] = True  # each block's runs begin behind its DC
    places = np.flatnonzero(seen)
    is_ac = places & _AC > 0
    runs = np.diff(places, prepend=0)[is_ac] - 1
    places = places[is_ac]
    return places, runs, _sizes(flat.ravel()[places])


def _sizes(values: NDArray[np.int32] | NDArray[np.int16]) -> NDArray[np.intp]:
    """Bits of each magnitude, which has no more than 15."""
    return _SIZES[values.astype(np.int16).view(np.uint16)]


class Walker:
    """Walks from block to block through coded data."""

    def __init__(self, data: Bytes, parts: tuple[ScanComponent, ...]) -> None:
        self._data, self._bytes = data, data.tobytes() + b"\xff\xff\xff"
        self._end = 8 * len(data)
        self._dc_codes = parts[0].dc.codes
        self._tables = [(part.dc.first, part.ac.first) for part in parts]
        pairs = [(part.dc, part.ac) for part in parts]
        self._order = [
            (pairs.index(pairs[index]), index)
            for index, part in enumerate(parts)
            for _ in range(part.down * part.across)
        ]
        self._known: list[dict[int, tuple[int, int]]] = [{} for _ in parts]
        # by tables: walks from different bits soon come to the same blocks

    def starts(self, first: int, count: int, expected: float | None, near: float) -> list[int]:
        """Bits at which DC is coded that is `near` to what is expected; None: to anything.

        They are looked for in `count` bytes from the bit `first` on.
        """
        found = self._data[first // 8 : first // 8 + count]
        wide = np.concatenate([found, np.full(4, 255, np.uint8)]).astype(np.int64)
        joined = (wide[:-3] << 24 | wide[1:-2] << 16 | wide[2:-1] << 8 | wide[3:])[: len(found)]
        shifted = ((joined[:, None] << np.arange(8)) & 0xFFFFFFFF).ravel()[first % 8 :]
        codes = self._dc_codes[shifted >> 16]  # of up to 16 bits, and then the value
        length, size = codes >> 8, codes & 255
        values = ((shifted << length) & 0xFFFFFFFF) >> (32 - size)
        steps = np.where(
            (size > 0) & (values < 1 << (size - 1).clip(0)), values + 1 - (1 << size), values
        )
        agrees = (length + size > 24) | (expected is None)  # not all of the value is at hand
        if expected is not None:
            agrees |= np.abs(steps - expected) <= near
        return (np.flatnonzero(agrees & (codes > 0)) + first).tolist()

    def mcu(self, at: int, expected: list[float | None] | None = None, near: float = 0.0) -> int:
        """The bit behind the MCU that begins at bit `at`; -1: there is none.

        `expected` are sums of DC differences of the first component, by block, where they are
        known; the MCU's may be `near` to them, else it is not the one.
        """
        total = 0
        for block, (tables, component) in enumerate(self._order):
            known = self._known[tables]
            found = known.get(at)
            if found is None:
                found = known[at] = self._block(at, *self._tables[tables])
            at, step = found
            if at < 0:
                return -1
            if expected is not None and component == 0:
                total += step
                wanted = expected[block]
                if wanted is not None and abs(total - wanted) > near:
                    return -1
        return at

    def _window(self, at: int) -> int:
        """The next 16 bits."""
        first, found = at >> 3, self._bytes
        wide = found[first] << 16 | found[first + 1] << 8 | found[first + 2]
        return wide >> (8 - (at & 7)) & 0xFFFF

    def _block(self, at: int, dc: memoryview, ac: memoryview) -> tuple[int, int]:
        """The bit behind a block, and its DC difference."""
        found, end = self._bytes, self._end
        code = dc[self._window(at)] if at < end else 0
        size = code & 255
        at += code >> 8
        if not code or size > 11 or at >= end:
            return -1, 0
        step = self._window(at) >> (16 - size)
        if size and step < 1 << (size - 1):
            step -= (1 << size) - 1
        at += size
        count = 0
        while count < _AC:
            first = at >> 3  # as in _window, which would be called here for each symbol
            if at >= end:
                return -1, 0
            wide = found[first] << 16 | found[first + 1] << 8 | found[first + 2]
            code = ac[wide >> (8 - (at & 7)) & 0xFFFF]
            symbol = code & 255
            at += (code >> 8) + (symbol & 15)
            if not code:
                return -1, 0
            if symbol == _END_OF_BLOCK:
                break
            count += (symbol >> 4) + 1
        return (at, step) if count <= _AC and at <= end else (-1, 0)
