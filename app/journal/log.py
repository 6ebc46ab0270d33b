"""Records of a journal's log: one for each edit, appended.

    record  = "LCJ1", length of header (u32) and body (u64), CRC-32 of both, header, body
    header  = JSON, a LogHeader; the body holds its blobs, one after the other

Every tile is written whole and by itself, so that the last of each counts whatever came before,
and undo is written like any other change.
"""

import os
import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, NamedTuple, TypeAlias, TypeVar, cast

import msgspec
import numpy as np

from app.document.document import Target, UndoState, Variant
from app.document.file_stamp import FileStamp
from app.document.tiles import PackedMask, TileCell, pack_tile
from app.document.underlay import VariantOrigin
from app.serialization.blobs import BlobWriter, Items
from app.serialization.document import (
    StoredMarks,
    StoredOrigin,
    StoredVariant,
    store_marks,
    store_origins,
    store_variant,
)
from app.serialization.painting import StoredRemoval, store_removal
from engine.geometry import Mask, Native
from engine.jobs.requests import RemoveRequest
from engine.storage.json_records import encode

Place: TypeAlias = tuple[Target, TileCell]
Blob: TypeAlias = bytes | memoryview
Array = TypeVar("Array")

MAGIC = b"LCJ1"
SHARED = "a"
FRAME = struct.Struct("<4sIQI")
PART = 4 << 20  # bytes that are written between two calls of `check`
TILE_FRAME = struct.Struct("<HHhI")  # of a packed mask: column, row, value or -1, bytes


class LogFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Facts about the document; None: not said here. The last of each in a log counts."""

    clean: bool | None = None
    edits: int | None = None  # since it was opened or saved
    revision: int | None = None
    saved: str | None = None  # path of the project it was last saved to
    stamp: FileStamp | None = None  # of that project

    def then(self, later: "LogFacts") -> "LogFacts":
        """Both in one."""
        said = {name: getattr(later, name) for name in later.__struct_fields__}
        return msgspec.structs.replace(self, **{k: v for k, v in said.items() if v is not None})


class StoredTile(NamedTuple):
    """A tile of the picture or mask: one value everywhere, or the index of its blob."""

    target: Target
    column: int
    row: int
    content: int | tuple[int]


class LogHeader(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The JSON of a record; `blobs` are the lengths of what the body holds.

    `arrays` are keys and indices of blobs that the marks of this and later records name.
    """

    blobs: Items[int]
    arrays: Items[tuple[int, int]] = ()
    tiles: tuple[StoredTile, ...] = ()
    marks: StoredMarks | None = None
    kept: Items[StoredVariant]
    dropped: Items[int]
    discarded: Items[StoredOrigin] = ()  # of all that were discarded, where one was
    last_removal: StoredRemoval | None = None  # where it is another one
    facts: LogFacts


@dataclass(slots=True, kw_only=True, eq=False)
class LogEntry:
    """One change on its way to the log; what it holds stays as it is."""

    tiles: dict[Place, Native | int] = field(default_factory=dict[Place, Native | int])
    marks: UndoState | None = None
    kept: tuple[Variant, ...] = ()
    dropped: tuple[int, ...] = ()
    discarded: Mapping[int, VariantOrigin] = field(default_factory=dict[int, VariantOrigin])
    last_removal: RemoveRequest | None = None
    facts: LogFacts = field(default_factory=LogFacts)

    def then(self, later: "LogEntry") -> "LogEntry":
        """Both in one."""
        numbers = {variant.number for variant in later.kept} | set(later.dropped)
        return LogEntry(
            tiles={**self.tiles, **later.tiles},
            marks=later.marks or self.marks,
            kept=(*(v for v in self.kept if v.number not in numbers), *later.kept),
            dropped=(*self.dropped, *later.dropped),
            discarded=later.discarded or self.discarded,
            last_removal=later.last_removal or self.last_removal,
            facts=self.facts.then(later.facts),
        )


class KnownArrays:
    """The arrays of the last marks in a log: the next marks name them instead of writing them."""

    def __init__(self, next_key: int) -> None:
        self._next_key = next_key
        self._known: dict[int, tuple[object, int]] = {}  # by identity, which they keep alive
        self._used: dict[int, tuple[object, int]] = {}

    def blob_writer(self, record: "LogRecord") -> BlobWriter:
        """Writes to a record what is not known."""
        return BlobWriter(
            pixels=lambda pixels: self._name(record, pixels, flat),
            mask=lambda mask: self._name(record, mask, flat_mask),
        )

    def keep(self) -> None:
        """The record is in the log."""
        self._known, self._used = self._used or self._known, {}

    def forget(self) -> None:
        """The record is not in the log."""
        self._used = {}

    def _name(self, record: "LogRecord", array: Array, flat: Callable[[Array], Blob]) -> str:
        _, key = self._known.get(id(array)) or self._used.get(id(array)) or (None, None)
        if key is None:
            key, self._next_key = self._next_key, self._next_key + 1
            record.arrays.append((key, record.add(flat(array))))
        self._used[id(array)] = array, key
        return array_name(key)


def array_name(key: int) -> str:
    """The name of an array that this or an earlier record holds."""
    return f"{SHARED}{key}"


class LogRecord:
    """The blobs of a record, growing until it is written with its header."""

    def __init__(self) -> None:
        self.blobs: list[Blob] = []
        self.tiles: list[StoredTile] = []
        self.arrays: list[tuple[int, int]] = []

    def add(self, blob: Blob) -> int:
        """Returns the index of the blob."""
        self.blobs.append(blob)
        return len(self.blobs) - 1

    def add_tile(self, place: Place, content: int | bytes) -> None:
        target, cell = place
        held = content if isinstance(content, int) else (self.add(content),)
        self.tiles.append(StoredTile(target, *cell, held))

    def blob_writer(self) -> BlobWriter:
        return BlobWriter(
            pixels=lambda pixels: self.add(flat(pixels)),
            mask=lambda mask: self.add(flat_mask(mask)),
        )

    @property
    def lengths(self) -> tuple[int, ...]:
        return tuple(len(blob) for blob in self.blobs)

    def header(
        self,
        *,
        marks: StoredMarks | None = None,
        kept: Sequence[StoredVariant] = (),
        dropped: Sequence[int] = (),
        discarded: Sequence[StoredOrigin] = (),
        last_removal: StoredRemoval | None = None,
        facts: LogFacts | None = None,
    ) -> LogHeader:
        """The header of these blobs and tiles, with what else the record says."""
        return LogHeader(
            blobs=self.lengths,
            arrays=tuple(self.arrays),
            tiles=tuple(self.tiles),
            marks=marks,
            kept=tuple(kept),
            dropped=tuple(dropped),
            discarded=tuple(discarded),
            last_removal=last_removal,
            facts=facts or LogFacts(),
        )

    def write(self, file: BinaryIO, header: LogHeader) -> None:
        """Write header and blobs at once, at the end of a file."""
        head, body = encode(header), b"".join(self.blobs)
        check = zlib.crc32(body, zlib.crc32(head))
        content = memoryview(FRAME.pack(MAGIC, len(head), len(body), check) + head + body)
        while content:  # unbuffered: what is written is the system's
            content = content[file.write(content) :]

    def stream(self, file: BinaryIO, header: bytes, check: Callable[[], None]) -> None:
        """Write the only record of a file in parts, its frame last: until then there is none.

        `check` is called often and may raise to cancel.
        """
        file.write(bytes(FRAME.size) + header)
        crc = zlib.crc32(header)
        for blob in self.blobs:
            for at in range(0, len(blob), PART):
                check()
                part = blob[at : at + PART]
                crc = zlib.crc32(part, crc)
                file.write(part)
        file.seek(0)
        file.write(FRAME.pack(MAGIC, len(header), sum(self.lengths), crc))


def append(file: BinaryIO, entry: LogEntry, end: int, *, known: KnownArrays) -> int:
    """Write one record at `end` over what a failed one left there; returns where it ends.

    Raises OSError or MemoryError; then the same `end` is right for the next.
    """
    known.forget()
    record = LogRecord()
    header = _header(record, entry, known)
    if file.seek(0, os.SEEK_END) != end:
        file.truncate(end)
        file.seek(end)
    record.write(file, header)
    known.keep()
    return file.tell()


def _header(record: LogRecord, entry: LogEntry, known: KnownArrays) -> LogHeader:
    """The header of an entry; its blobs are added to the record."""
    put = record.blob_writer()
    for place, pixels in entry.tiles.items():
        record.add_tile(place, pixels if isinstance(pixels, int) else _content(place[0], pixels))
    marks = None
    if entry.marks is not None:
        marks = store_marks(entry.marks, known.blob_writer(record))
    kept = [store_variant(variant, put) for variant in entry.kept]
    removal = None if entry.last_removal is None else store_removal(entry.last_removal, put)
    return record.header(
        marks=marks,
        kept=kept,
        dropped=entry.dropped,
        discarded=store_origins(entry.discarded),
        last_removal=removal,
        facts=entry.facts,
    )


def _content(target: Target, pixels: Native) -> int | bytes:
    """Masks shrink to little; photographs hardly do, and time matters more."""
    return pack_tile(cast(Mask, pixels)) if target == "mask" else pixels.tobytes()


def flat(pixels: Native) -> memoryview:
    """The bytes of an array, copied only if they lie apart."""
    return np.ascontiguousarray(pixels).data.cast("B")


def flat_mask(mask: PackedMask) -> bytes:
    """The tiles of a mask, each behind a TILE_FRAME."""
    parts: list[bytes] = []
    for cell, tile in mask.tiles.items():
        value, data = (tile, b"") if isinstance(tile, int) else (-1, tile)
        parts += (TILE_FRAME.pack(*cell, value, len(data)), data)
    return b"".join(parts)
