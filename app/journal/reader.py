"""Reads a log: the newest of each tile counts, and a torn last record is left out."""

import os
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, TypeAlias, cast

import numpy as np

from app.document.document import Document, Variant
from app.document.tiles import PackedMask, TileCell, unpack_tile
from app.journal.log import FRAME, MAGIC, TILE_FRAME, LogFacts, LogHeader, LogRecord, Place
from app.serialization.blobs import BlobName, BlobReader
from app.serialization.document import StoredMarks, StoredVariant, load_marks, load_variant
from engine.geometry import Native, Size
from engine.storage.json_records import decode_with_paths

MAX_HEADER = 64_000_000
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
        if magic != MAGIC or header_bytes > MAX_HEADER or end > length:
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
    if header.marks is not None:
        merged.marks = header.marks, blobs
    for number in header.dropped:
        merged.variants.pop(number, None)
        merged.dropped.add(number)
    for variant in header.kept:
        merged.variants.pop(variant.number, None)
        merged.variants[variant.number] = variant, blobs
    merged.facts = merged.facts.then(header.facts)


def apply(merged: MergedLog, file: BinaryIO, document: Document) -> None:
    """Bring a document from the base to the end of the log. Damage may raise anything."""
    for (target, cell), content in merged.tiles.items():
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
        document.marks = load_marks(marks, document.size, blob_reader(file, blobs))
    document.variants = _variants(merged, file, document)
    if merged.facts.revision is not None:
        document.revision = merged.facts.revision


def _variants(merged: MergedLog, file: BinaryIO, document: Document) -> tuple[Variant, ...]:
    gone = merged.dropped | merged.variants.keys()
    old = [variant for variant in document.variants if variant.number not in gone]
    new = [
        load_variant(variant, document.size, blob_reader(file, blobs))
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
    record.write(into, record.header(dropped=sorted(merged.dropped)))
    for variant, blobs in merged.variants.values():
        record = _copied(file, blobs)
        record.write(into, record.header(kept=[variant]))
    if merged.marks is not None:
        marks, blobs = merged.marks
        record = _copied(file, blobs)
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


def blob_reader(file: BinaryIO, blobs: Blobs) -> BlobReader:
    """Reads the arrays of one record, whose names are indices."""

    def pixels(index: BlobName, size: Size, channels: int) -> Native:
        flat = np.frombuffer(read_blob(file, blobs[int(index)]), np.uint8)
        shape = (size.height, size.width) if channels == 1 else (size.height, size.width, 3)
        return flat.reshape(shape)

    def mask(index: BlobName, size: Size) -> PackedMask:
        return unflat_mask(read_blob(file, blobs[int(index)]), size)

    return BlobReader(pixels=pixels, mask=mask)


def unflat_mask(data: bytes, size: Size) -> PackedMask:
    tiles: dict[TileCell, int | bytes] = {}
    at = 0
    while at < len(data):
        column, row, value, length = TILE_FRAME.unpack_from(data, at)
        at += TILE_FRAME.size
        tiles[TileCell(column, row)] = data[at : at + length] if value < 0 else value
        at += length
    return PackedMask(size, tiles)
