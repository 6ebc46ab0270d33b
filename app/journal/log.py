"""The log of a journal: what each edit left behind, appended.

    record  = "LCJ1", length of header (u32) and body (u64), CRC-32 of both, header, body
    header  = JSON; the body holds the blobs it speaks of, one after the other

Every tile is written whole and by itself, so that the last of each counts whatever came before,
and undo is written like any other change.
"""

import json
import os
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO, TypeAlias, cast

import numpy as np

from app.document.document import Target, UndoState, Variant
from app.document.tiles import PackedMask, TileCell, pack_tile
from app.serialization import document as forms
from app.serialization.document import Form
from engine.geometry import Mask, Native

Place: TypeAlias = tuple[Target, TileCell]

MAGIC = b"LCJ1"
FRAME = struct.Struct("<4sIQI")
PART = 4 << 20  # bytes that are written without a pause
TILE_FRAME = struct.Struct("<HHhI")  # of a packed mask: column, row, value or -1, bytes


@dataclass(slots=True, kw_only=True, eq=False)
class LogEntry:
    """One change on its way to the log; what it holds stays as it is."""

    tiles: dict[Place, Native | int] = field(default_factory=dict[Place, Native | int])
    marks: UndoState | None = None
    kept: tuple[Variant, ...] = ()
    dropped: tuple[int, ...] = ()
    facts: Form = field(default_factory=Form)  # clean, revision, saved: the last of each counts

    def then(self, later: "LogEntry") -> "LogEntry":
        """Both in one."""
        numbers = {variant.number for variant in later.kept} | set(later.dropped)
        return LogEntry(
            tiles={**self.tiles, **later.tiles},
            marks=later.marks or self.marks,
            kept=(*(v for v in self.kept if v.number not in numbers), *later.kept),
            dropped=(*self.dropped, *later.dropped),
            facts={**self.facts, **later.facts},
        )


class LogRecord:
    """A header with its blobs, growing until it is written."""

    def __init__(self) -> None:
        self.header: Form = {}
        self.blobs: list[bytes | memoryview] = []

    def add(self, blob: bytes | memoryview) -> int:
        self.blobs.append(blob)
        return len(self.blobs) - 1

    def tile(self, place: Place, content: int | bytes) -> None:
        target, cell = place
        held = content if isinstance(content, int) else [self.add(content)]
        self.header.setdefault("tiles", []).append([target, *cell, held])

    def put(self) -> forms.BlobWriter:
        """Takes the pixels and masks of forms."""
        return forms.BlobWriter(
            pixels=lambda pixels: self.add(flat(pixels)),
            mask=lambda mask: self.add(flat_mask(mask)),
        )

    def write(self, file: BinaryIO) -> None:
        """At once, at the end of a file."""
        header, body = self._header(), b"".join(self.blobs)
        check = zlib.crc32(body, zlib.crc32(header))
        data = memoryview(FRAME.pack(MAGIC, len(header), len(body), check) + header + body)
        while data:  # unbuffered: what is written is the system's
            data = data[file.write(data) :]

    def stream(self, file: BinaryIO, check: Callable[[], None]) -> None:
        """As the only one of a file, in parts, its frame last: until then there is no record.

        `check` is called often and may raise to cancel.
        """
        header = self._header()
        file.write(bytes(FRAME.size) + header)
        crc = zlib.crc32(header)
        for blob in self.blobs:
            for at in range(0, len(blob), PART):
                check()
                part = blob[at : at + PART]
                crc = zlib.crc32(part, crc)
                file.write(part)
        length = sum(len(blob) for blob in self.blobs)
        file.seek(0)
        file.write(FRAME.pack(MAGIC, len(header), length, crc))

    def _header(self) -> bytes:
        self.header["blobs"] = [len(blob) for blob in self.blobs]
        return json.dumps(self.header).encode()


def append(file: BinaryIO, entry: LogEntry, end: int) -> int:
    """Write one record at `end` and return where it ends; what a failed one left there goes.

    Raises OSError or MemoryError; then the same `end` is right for the next.
    """
    record = _record(entry)
    if file.seek(0, os.SEEK_END) != end:
        file.truncate(end)
        file.seek(end)
    record.write(file)
    return file.tell()


def _record(entry: LogEntry) -> LogRecord:
    record = LogRecord()
    put = record.put()
    for place, pixels in entry.tiles.items():
        record.tile(place, pixels if isinstance(pixels, int) else _content(place[0], pixels))
    if entry.marks is not None:
        record.header["marks"] = forms.of_marks(entry.marks, put)
    record.header["kept"] = [forms.of_variant(variant, put) for variant in entry.kept]
    record.header["dropped"] = list(entry.dropped)
    record.header["facts"] = entry.facts
    return record


def _content(target: Target, pixels: Native) -> int | bytes:
    """Masks shrink to little; photographs hardly do, and time matters more."""
    return pack_tile(cast(Mask, pixels)) if target == "mask" else pixels.tobytes()


def flat(pixels: Native) -> memoryview:
    """The bytes of an array, copied only if they lie apart."""
    return np.ascontiguousarray(pixels).data.cast("B")


def flat_mask(mask: PackedMask) -> bytes:
    parts: list[bytes] = []
    for cell, tile in mask.tiles.items():
        value, data = (tile, b"") if isinstance(tile, int) else (-1, tile)
        parts += (TILE_FRAME.pack(*cell, value, len(data)), data)
    return b"".join(parts)
