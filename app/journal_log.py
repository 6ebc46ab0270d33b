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
from dataclasses import dataclass, field
from typing import BinaryIO, TypeAlias, cast

from app import forms
from app.document import Marks, Target, Variant
from app.forms import Form
from app.tiles import Cell, PackedMask, pack_tile
from engine.geometry import Mask, Native

Place: TypeAlias = tuple[Target, Cell]

MAGIC = b"LCJ1"
FRAME = struct.Struct("<4sIQI")
TILE_FRAME = struct.Struct("<HHhI")  # of a packed mask: column, row, value or -1, bytes


@dataclass(slots=True, kw_only=True, eq=False)
class Entry:
    """One change on its way to the log; what it holds stays as it is."""

    tiles: dict[Place, Native | int] = field(default_factory=dict[Place, Native | int])
    marks: Marks | None = None
    kept: tuple[Variant, ...] = ()
    dropped: tuple[int, ...] = ()
    facts: Form = field(default_factory=Form)  # clean, revision, saved: the last of each counts

    def then(self, later: "Entry") -> "Entry":
        """Both in one."""
        numbers = {variant.number for variant in later.kept} | set(later.dropped)
        return Entry(
            tiles={**self.tiles, **later.tiles},
            marks=later.marks or self.marks,
            kept=(*(v for v in self.kept if v.number not in numbers), *later.kept),
            dropped=(*self.dropped, *later.dropped),
            facts={**self.facts, **later.facts},
        )


class Record:
    """A header with its blobs, growing until it is written."""

    def __init__(self) -> None:
        self.header: Form = {}
        self.blobs: list[bytes] = []

    def add(self, blob: bytes) -> int:
        self.blobs.append(blob)
        return len(self.blobs) - 1

    def tile(self, place: Place, content: int | bytes) -> None:
        target, cell = place
        held = content if isinstance(content, int) else [self.add(content)]
        self.header.setdefault("tiles", []).append([target, *cell, held])

    def write(self, file: BinaryIO) -> None:
        self.header["blobs"] = [len(blob) for blob in self.blobs]
        header = json.dumps(self.header).encode()
        body = b"".join(self.blobs)
        check = zlib.crc32(body, zlib.crc32(header))
        data = memoryview(FRAME.pack(MAGIC, len(header), len(body), check) + header + body)
        while data:  # unbuffered: what is written is the system's
            data = data[file.write(data) :]


def append(file: BinaryIO, entry: Entry) -> None:
    """Write one record at the end; after an OSError the log is as it was."""
    end = file.seek(0, os.SEEK_END)
    try:
        _record(entry).write(file)
    except OSError:
        file.truncate(end)
        raise


def _record(entry: Entry) -> Record:
    record = Record()
    put = forms.Put(
        pixels=lambda pixels: record.add(pixels.tobytes()),
        mask=lambda mask: record.add(_flat(mask)),
    )
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


def _flat(mask: PackedMask) -> bytes:
    parts: list[bytes] = []
    for cell, tile in mask.tiles.items():
        value, data = (tile, b"") if isinstance(tile, int) else (-1, tile)
        parts += (TILE_FRAME.pack(*cell, value, len(data)), data)
    return b"".join(parts)
