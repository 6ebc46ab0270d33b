"""Reading a log: the newest of each tile counts, and a torn last record is as good as none."""

import json
import os
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, cast

import numpy as np

from app.document.document import Document, Variant
from app.document.tiles import PackedMask, TileCell, unpack_tile
from app.journal.log import FRAME, MAGIC, TILE_FRAME, LogRecord, Place
from app.serialization import document as forms
from app.serialization.document import Form
from engine.geometry import Native, Size

MAX_HEADER = 64_000_000
BATCH = 8_000_000  # bytes of tiles in one record of a shortened log


@dataclass(frozen=True, slots=True)
class BlobReference:
    """Where bytes lie in the log."""

    at: int
    length: int


@dataclass(slots=True)
class MergedLog:
    """What a whole log comes to."""

    end: int = 0  # of the last whole record
    tiles: dict[Place, int | BlobReference] = field(
        default_factory=dict[Place, int | BlobReference]
    )
    marks: tuple[Form, list[BlobReference]] | None = None
    variants: dict[int, tuple[Form, list[BlobReference]]] = field(
        default_factory=dict[int, tuple[Form, list[BlobReference]]]
    )
    dropped: set[int] = field(default_factory=set[int])
    facts: Form = field(default_factory=Form)


def merge(file: BinaryIO) -> MergedLog:
    """Read a log up to its end or its first damage."""
    merged = MergedLog()
    for header, blobs, end in records(file):
        _take(merged, header, blobs)
        merged.end = end
    return merged


def records(file: BinaryIO) -> Iterator[tuple[Form, list[BlobReference], int]]:
    """The header, the blobs and the end of each whole record, up to the first damage."""
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
        form = cast(Form, json.loads(header))
        yield form, _placed(form["blobs"], body_at), end
        at = end


def _crc(file: BinaryIO, left: int, value: int) -> int:
    while left > 0:
        part = file.read(min(left, 1 << 20))
        value = zlib.crc32(part, value)
        left -= len(part) or left
    return value


def _placed(lengths: list[int], at: int) -> list[BlobReference]:
    blobs: list[BlobReference] = []
    for length in lengths:
        blobs.append(BlobReference(at, length))
        at += length
    return blobs


def _take(merged: MergedLog, header: Form, blobs: list[BlobReference]) -> None:
    blobs = list(blobs)
    for target, column, row, held in header.get("tiles", ()):
        place = target, TileCell(column, row)
        if isinstance(held, int):
            merged.tiles[place] = held
        else:
            index = forms.whole(held[0])
            merged.tiles[place] = blobs[index]
            blobs[index] = BlobReference(0, 0)  # of no use to what else is in the record
    if "marks" in header:
        merged.marks = header["marks"], blobs
    for number in header["dropped"]:
        merged.variants.pop(number, None)
        merged.dropped.add(number)
    for form in header["kept"]:
        merged.variants.pop(form["number"], None)
        merged.variants[form["number"]] = form, blobs
    merged.facts.update(header["facts"])


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
        form, blobs = merged.marks
        document.marks = forms.to_marks(form, document.size, getter(file, blobs))
    document.variants = _variants(merged, file, document)
    document.revision = merged.facts.get("revision", document.revision)


def _variants(merged: MergedLog, file: BinaryIO, document: Document) -> tuple[Variant, ...]:
    gone = merged.dropped | merged.variants.keys()
    old = [variant for variant in document.variants if variant.number not in gone]
    new = [
        forms.to_variant(form, document.size, getter(file, blobs))
        for form, blobs in merged.variants.values()
    ]
    return (*old, *new)


def shorten(file: BinaryIO, merged: MergedLog, into: BinaryIO) -> None:
    """Write a log that comes to the same."""
    record, held = LogRecord(), 0
    for place, content in merged.tiles.items():
        data = content if isinstance(content, int) else read_blob(file, content)
        record.tile(place, data)
        held += 64 if isinstance(data, int) else len(data)
        if held > BATCH:
            _finish(record, into)
            record, held = LogRecord(), 0
    _finish(record, into, dropped=sorted(merged.dropped))
    for form, blobs in merged.variants.values():
        _finish(_copied(file, blobs), into, kept=[form])
    if merged.marks is not None:
        form, blobs = merged.marks
        _finish(_copied(file, blobs), into, marks=form)
    _finish(LogRecord(), into, facts=merged.facts)


def _copied(file: BinaryIO, blobs: list[BlobReference]) -> LogRecord:
    record = LogRecord()
    for blob in blobs:
        record.add(read_blob(file, blob))
    return record


def _finish(record: LogRecord, into: BinaryIO, **fields: Any) -> None:
    record.header.update({"kept": [], "dropped": [], "facts": {}}, **fields)
    record.write(into)


def read_blob(file: BinaryIO, blob: BlobReference) -> bytes:
    file.seek(blob.at)
    return file.read(blob.length)


def getter(file: BinaryIO, blobs: list[BlobReference]) -> forms.BlobReader:
    def pixels(index: object, size: Size, channels: int) -> Native:
        flat = np.frombuffer(read_blob(file, blobs[forms.whole(index)]), np.uint8)
        shape = (size.height, size.width) if channels == 1 else (size.height, size.width, 3)
        return flat.reshape(shape)

    def mask(index: object, size: Size) -> PackedMask:
        return unflat_mask(read_blob(file, blobs[forms.whole(index)]), size)

    return forms.BlobReader(pixels=pixels, mask=mask)


def unflat_mask(data: bytes, size: Size) -> PackedMask:
    tiles: dict[TileCell, int | bytes] = {}
    at = 0
    while at < len(data):
        column, row, value, length = TILE_FRAME.unpack_from(data, at)
        at += TILE_FRAME.size
        tiles[TileCell(column, row)] = data[at : at + length] if value < 0 else value
        at += length
    return PackedMask(size, tiles)
