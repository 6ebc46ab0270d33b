"""Reads a log: the newest of each tile counts, and a torn last record is left out."""

import os
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, TypeAlias, cast

import numpy as np

from app.document.document import Document, Variant
from app.document.tiles import PackedMask, TileCell, unpack_tile
from app.journal.log import (
    FRAME,
    MAGIC,
    SHARED,
    TILE_FRAME,
    LogFacts,
    LogHeader,
    LogRecord,
    Place,
)
from app.project.reader import Report
from app.serialization.blobs import BlobName, BlobReader
from app.serialization.document import (
    StoredMarks,
    StoredOrigin,
    StoredVariant,
    arrays_of,
    load_marks,
    load_origins,
    load_variant,
)
from app.serialization.painting import StoredRemoval, load_removal, removal_arrays
from engine.geometry import Native, Size
from engine.storage.json_records import decode_with_paths

BATCH = 8_000_000  # bytes of tiles in one record of a compacted log


@dataclass(frozen=True, slots=True)
class BlobReference:
    """The place of bytes in the log."""

    at: int
    length: int


Blobs: TypeAlias = list[BlobReference]


@dataclass(slots=True)
class MergedLog:
    """The last state of everything that a log tells."""

    end: int = 0  # of the last whole record
    tiles: dict[Place, int | BlobReference] = field(
        default_factory=dict[Place, int | BlobReference]
    )
    marks: tuple[StoredMarks, Blobs] | None = None
    variants: dict[int, tuple[StoredVariant, Blobs]] = field(
        default_factory=dict[int, tuple[StoredVariant, Blobs]]
    )
    dropped: set[int] = field(default_factory=set[int])
    discarded: tuple[StoredOrigin, ...] = ()
    last_removal: tuple[StoredRemoval, Blobs] | None = None
    arrays: dict[int, BlobReference] = field(default_factory=dict[int, BlobReference])
    facts: LogFacts = field(default_factory=LogFacts)


def merge(file: BinaryIO) -> MergedLog:
    """Read a log up to its end or its first damage."""
    merged = MergedLog()
    for head, body_at, end in records(file):
        header = decode_with_paths(head, LogHeader)
        _take(merged, header, placed(header.blobs, body_at))
        merged.end = end
    return merged


def records(file: BinaryIO) -> Iterator[tuple[bytes, int, int]]:
    """The header, the start of the body and the end of each record, up to the first damage."""
    at = 0
    length = file.seek(0, os.SEEK_END)
    while True:
        file.seek(at)
        frame = file.read(FRAME.size)
        if len(frame) < FRAME.size:
            return
        magic, header_bytes, body_bytes, check = FRAME.unpack(frame)
        body_at = at + FRAME.size + header_bytes
        end = body_at + body_bytes
        if magic != MAGIC or end > length:
            return
        header = file.read(header_bytes)
        if _crc(file, body_bytes, zlib.crc32(header)) != check:
            return
        yield header, body_at, end
        at = end


def _crc(file: BinaryIO, left: int, value: int) -> int:
    while left > 0:
        part = file.read(min(left, 1 << 20))
        value = zlib.crc32(part, value)
        left -= len(part) or left
    return value


def placed(lengths: Sequence[int], at: int) -> Blobs:
    """Blobs of these lengths, one after the other."""
    blobs: Blobs = []
    for length in lengths:
        blobs.append(BlobReference(at, length))
        at += length
    return blobs


def _take(merged: MergedLog, header: LogHeader, blobs: Blobs) -> None:
    for target, column, row, content in header.tiles:
        place = target, TileCell(column, row)
        if isinstance(content, int):
            merged.tiles[place] = content
        else:
            merged.tiles[place] = blobs[content[0]]
            blobs[content[0]] = BlobReference(0, 0)  # of no use to what else is in the record
    for key, index in header.arrays:
        merged.arrays[key] = blobs[index]
        blobs[index] = BlobReference(0, 0)
    if header.marks is not None:
        merged.marks = header.marks, blobs
    merged.discarded = header.discarded or merged.discarded
    if header.last_removal is not None:
        names = (int(name) for name in removal_arrays(header.last_removal))
        merged.last_removal = header.last_removal, _taken(blobs, names)
    for number in header.dropped:
        merged.variants.pop(number, None)
        merged.dropped.add(number)
    for variant in header.kept:
        merged.variants.pop(variant.number, None)
        merged.variants[variant.number] = variant, blobs
    merged.facts = merged.facts.then(header.facts)


def _taken(blobs: Blobs, indices: Iterable[int]) -> Blobs:
    """These blobs at their places; they are of no use to what else is in the record."""
    taken = [BlobReference(0, 0)] * len(blobs)
    for index in indices:
        taken[index], blobs[index] = blobs[index], BlobReference(0, 0)
    return taken


def apply(
    merged: MergedLog, file: BinaryIO, document: Document, *, report: Report | None = None
) -> None:
    """Bring a document from the base to the end of the log. Damage may raise anything."""
    for number, ((target, cell), content) in enumerate(merged.tiles.items()):
        if report is not None:
            report(number / len(merged.tiles), "read")
        rect = cell.rect(document.size)
        if target == "image":
            document.keep_original(rect)
        window = document.writable(target)[rect.slices]
        if target == "mask":
            packed = content if isinstance(content, int) else read_blob(file, content)
            window[...] = unpack_tile(packed, rect)
        else:
            raw = np.frombuffer(read_blob(file, cast(BlobReference, content)), window.dtype)
            window[...] = raw.reshape(window.shape)
            document.refresh((rect,))
    if merged.marks is not None:
        marks, blobs = merged.marks
        get = blob_reader(file, blobs, document.native, merged.arrays)
        document.marks = load_marks(marks, document.size, get)
    document.discarded = {**document.discarded, **load_origins(merged.discarded)}
    document.variants = _variants(merged, file, document)
    if merged.last_removal is not None:
        removal, blobs = merged.last_removal
        get = blob_reader(file, blobs, document.native)
        document.last_removal = load_removal(removal, document.size, get)
    if merged.facts.revision is not None:
        document.revision = merged.facts.revision


def _variants(merged: MergedLog, file: BinaryIO, document: Document) -> tuple[Variant, ...]:
    gone = merged.dropped | merged.variants.keys()
    old = [variant for variant in document.variants if variant.number not in gone]
    new = [
        load_variant(variant, document.size, blob_reader(file, blobs, document.native))
        for variant, blobs in merged.variants.values()
    ]
    return (*old, *new)


def compact(file: BinaryIO, merged: MergedLog, into: BinaryIO) -> None:
    """Write a log with the same last state, without what was replaced."""
    record, held = LogRecord(), 0
    for place, content in merged.tiles.items():
        tile = content if isinstance(content, int) else read_blob(file, content)
        record.add_tile(place, tile)
        held += 64 if isinstance(tile, int) else len(tile)
        if held > BATCH:
            record.write(into, record.header())
            record, held = LogRecord(), 0
    gone = record.header(dropped=sorted(merged.dropped), discarded=merged.discarded)
    record.write(into, gone)
    for variant, blobs in merged.variants.values():
        record = _copied(file, blobs)
        record.write(into, record.header(kept=[variant]))
    if merged.last_removal is not None:
        removal, blobs = merged.last_removal
        record = _copied(file, blobs)
        record.write(into, record.header(last_removal=removal))
    if merged.marks is not None:
        marks, blobs = merged.marks
        record = _copied(file, blobs)
        keys = {shared_key(name) for name in arrays_of(marks)}
        for key in sorted(key for key in keys if key is not None):
            blob = read_blob(file, merged.arrays[key])
            record.arrays.append((key, record.add(blob)))
        record.write(into, record.header(marks=marks))
    record = LogRecord()
    record.write(into, record.header(facts=merged.facts))


def _copied(file: BinaryIO, blobs: Blobs) -> LogRecord:
    record = LogRecord()
    for blob in blobs:
        record.add(read_blob(file, blob))
    return record


def read_blob(file: BinaryIO, blob: BlobReference) -> bytes:
    file.seek(blob.at)
    return file.read(blob.length)


def blob_reader(
    file: BinaryIO,
    blobs: Blobs,
    like: Native,
    shared: Mapping[int, BlobReference] | None = None,
) -> BlobReader:
    """Reads the arrays of one record, whose names are indices, or keys of shared ones.

    Those of the document have the depth and the channels of `like`.
    """

    def content(name: BlobName) -> bytes:
        key = shared_key(name)
        found = blobs[int(name)] if key is None else (shared or {})[key]
        return read_blob(file, found)

    def pixels(name: BlobName, size: Size, channels: int) -> Native:
        flat = np.frombuffer(content(name), np.uint8)
        shape = (size.height, size.width) if channels == 1 else (size.height, size.width, 3)
        return flat.reshape(shape)

    def native(name: BlobName, size: Size) -> Native:
        flat = np.frombuffer(content(name), like.dtype)
        return cast(Native, flat.reshape(size.height, size.width, *like.shape[2:]))

    def mask(name: BlobName, size: Size) -> PackedMask:
        return unflat_mask(content(name), size)

    def plane(name: BlobName, size: Size) -> Native:
        flat = np.frombuffer(content(name), like.dtype)
        return cast(Native, flat.reshape(size.height, size.width))

    return BlobReader(pixels=pixels, mask=mask, native=native, plane=plane)


def shared_key(name: BlobName) -> int | None:
    """The key of an array that this or an earlier record holds; None for an index."""
    return int(name[len(SHARED) :]) if isinstance(name, str) else None


def unflat_mask(data: bytes, size: Size) -> PackedMask:
    tiles: dict[TileCell, int | bytes] = {}
    at = 0
    while at < len(data):
        column, row, value, length = TILE_FRAME.unpack_from(data, at)
        at += TILE_FRAME.size
        tiles[TileCell(column, row)] = data[at : at + length] if value < 0 else value
        at += length
    return PackedMask(size, tiles)
