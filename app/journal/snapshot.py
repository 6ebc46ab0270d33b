"""A snapshot of a document: one record in the format of the log, its pixels not compressed.

It is on disk as quickly as the disk takes it, which matters for a picture that has no file yet.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Literal, cast

import msgspec
import numpy as np

from app.document.document import Document, Lease
from app.document.tiles import PackedMask, TileCell
from app.journal.log import FRAME, MAGIC, LogFacts, LogRecord, flat, flat_mask
from app.journal.reader import BlobReference, blob_reader, placed, read_blob, records, unflat_mask
from app.serialization.blobs import BlobName, Items
from app.serialization.document import (
    StoredMarks,
    StoredOrigin,
    StoredVariant,
    load_marks,
    load_origins,
    load_variant,
    store_marks,
    store_origins,
    store_variant,
)
from app.serialization.painting import StoredRemoval, load_removal, store_removal
from app.serialization.source import StoredSource, load_picture, raw_parts, store_source
from engine.geometry import Native, Size
from engine.image_io.limits import Limits
from engine.picture import Picture
from engine.storage.atomic_file import private_opener
from engine.storage.json_records import decode, encode


class StoredDocument(msgspec.Struct, frozen=True, kw_only=True):
    """A document; pixels, masks and raw parts are named by the indices of their blobs."""

    size: Size
    depth: Literal[8, 16]
    gray: bool
    pixels: BlobName
    alpha: BlobName | None
    mask: BlobName
    source: StoredSource
    parts: dict[str, BlobName]
    original: Items[tuple[int, int, BlobName]]  # column, row and pixels of a tile as opened
    marks: StoredMarks
    variants: Items[StoredVariant]
    discarded: Items[StoredOrigin] = ()
    last_removal: StoredRemoval | None = None
    revision: int


class SnapshotHeader(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON of the only record."""

    base: StoredDocument
    blobs: Items[int]
    kept: tuple[()] = ()  # a LogHeader's, for readers of 0.1.0
    dropped: tuple[()] = ()
    facts: LogFacts = LogFacts()


def write(path: Path, lease: Lease, check: Callable[[], None]) -> None:
    """Write the snapshot; `check` may raise to cancel. Raises OSError."""
    with open(path, "wb", opener=private_opener) as file:
        record = LogRecord()
        stored = _stored(record, lease)
        record.stream(file, encode(SnapshotHeader(base=stored, blobs=record.lengths)), check)
        file.flush()  # from here on nothing is lost if the program ends
        os.fsync(file.fileno())


def is_there(path: Path) -> bool:
    """Whether there is a snapshot that was written to its end."""
    try:
        with path.open("rb") as file:
            frame = file.read(FRAME.size)
    except OSError:
        return False
    return len(frame) == FRAME.size and frame.startswith(MAGIC)


def read(path: Path, limits: Limits) -> Document:
    """The document of a snapshot. Damage may raise anything."""
    with path.open("rb") as file:
        for head, body_at, _ in records(file):
            header = decode(head, SnapshotHeader)
            blobs = placed(header.blobs, body_at)
            return _Reader(file, header.base, blobs, limits=limits).document()
    raise ValueError("a base that is not whole")


def _stored(record: LogRecord, lease: Lease) -> StoredDocument:
    """The document as it is stored; its blobs are added to the record."""
    picture, put = lease.picture, record.blob_writer()
    alpha, removal = picture.alpha, lease.last_removal
    return StoredDocument(
        size=picture.size,
        depth=8 if picture.depth == 8 else 16,
        gray=picture.is_gray,
        pixels=record.add(flat(picture.pixels)),
        alpha=None if alpha is None else record.add(flat(alpha)),
        mask=record.add(flat_mask(PackedMask.of(lease.mask))),
        source=store_source(picture),
        parts={name: record.add(content) for name, content in raw_parts(picture).items()},
        original=tuple(
            (cell.column, cell.row, put.pixels(tile)) for cell, tile in lease.original_tiles.items()
        ),
        marks=store_marks(lease.marks, put),
        variants=tuple(store_variant(variant, put) for variant in lease.variants),
        discarded=store_origins(lease.discarded),
        last_removal=None if removal is None else store_removal(removal, put),
        revision=lease.revision,
    )


class _Reader:
    def __init__(
        self, file: BinaryIO, stored: StoredDocument, blobs: list[BlobReference], *, limits: Limits
    ) -> None:
        self._file, self._stored, self._blobs = file, stored, blobs
        limits.check_size(stored.size)
        self._dtype = np.dtype(np.uint16 if stored.depth == 16 else np.uint8)

    def document(self) -> Document:
        stored, size = self._stored, self._stored.size
        document = Document.from_picture(self._picture())
        unflat_mask(self._bytes(stored.mask), size).mark(document.writable_mask())
        get = blob_reader(self._file, self._blobs, document.native)
        document.marks = load_marks(stored.marks, size, get)
        document.variants = tuple(load_variant(each, size, get) for each in stored.variants)
        document.discarded = load_origins(stored.discarded)
        if stored.last_removal is not None:
            document.last_removal = load_removal(stored.last_removal, size, get)
        document.revision = stored.revision
        if stored.original:
            document.set_original(self._original(document.native))
        return document

    def _picture(self) -> Picture:
        stored = self._stored
        plane = (stored.size.height, stored.size.width)
        return load_picture(
            stored.source,
            self._array(stored.pixels, plane if stored.gray else (*plane, 3)),
            None if stored.alpha is None else self._array(stored.alpha, plane),
            part=lambda name: self._bytes(stored.parts[name]) if name in stored.parts else None,
        )

    def _original(self, pixels: Native) -> Native:
        original = pixels.copy()
        for column, row, index in self._stored.original:
            window = original[TileCell(column, row).rect(self._stored.size).slices]
            window[...] = self._array(index, window.shape)
        return original

    def _bytes(self, index: BlobName) -> bytes:
        return read_blob(self._file, self._blobs[int(index)])

    def _array(self, index: BlobName, shape: tuple[int, ...]) -> Native:
        blob = self._blobs[int(index)]
        self._file.seek(blob.at)
        pixels = np.fromfile(self._file, self._dtype, blob.length // self._dtype.itemsize)
        return cast(Native, pixels.reshape(shape))
