"""A whole document as one record like those of the log, its pixels as they are.

Nothing is packed: it is on disk as quickly as the disk takes it, which matters for a picture
that has no file yet.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from app.document.document import Document, Lease
from app.document.tiles import PackedMask, TileCell
from app.journal.log import FRAME, MAGIC, LogRecord, flat, flat_mask
from app.journal.reader import BlobReference, getter, read_blob, records, unflat_mask
from app.serialization import document as forms
from app.serialization import source as forms_source
from app.serialization.document import Form
from engine.geometry import Native, Size
from engine.image_io.limits import Limits
from engine.picture import Picture

_EMPTY: Form = {"kept": [], "dropped": [], "facts": {}}


def write(path: Path, lease: Lease, check: Callable[[], None]) -> None:
    """Write it; `check` may raise to cancel. Raises OSError."""
    with path.open("wb") as file:
        _record(lease).stream(file, check)
        file.flush()  # from here on nothing is lost if the program ends
        os.fsync(file.fileno())


def is_there(path: Path) -> bool:
    """Whether it was written to its end."""
    try:
        with path.open("rb") as file:
            frame = file.read(FRAME.size)
    except OSError:
        return False
    return len(frame) == FRAME.size and frame.startswith(MAGIC)


def read(path: Path, limits: Limits) -> Document:
    """The document; damage may raise anything."""
    with path.open("rb") as file:
        for header, blobs, _ in records(file):
            return _Reader(file, header["base"], blobs, limits).document()
    raise ValueError("a base that is not whole")


def _record(lease: Lease) -> LogRecord:
    record, picture = LogRecord(), lease.picture
    put = record.put()
    parts = forms_source.parts(picture)
    alpha = picture.alpha
    record.header = _EMPTY | {
        "base": {
            "size": list(picture.size),
            "depth": picture.depth,
            "gray": picture.is_gray,
            "pixels": record.add(flat(picture.pixels)),
            "alpha": None if alpha is None else record.add(flat(alpha)),
            "mask": record.add(flat_mask(PackedMask.of(lease.mask))),
            "source": forms_source.of_source(picture),
            "parts": {name: record.add(content) for name, content in parts.items()},
            "original": [[*cell, put.pixels(tile)] for cell, tile in lease.original_tiles.items()],
            "marks": forms.of_marks(lease.marks, put),
            "variants": [forms.of_variant(variant, put) for variant in lease.variants],
            "revision": lease.revision,
        }
    }
    return record


class _Reader:
    def __init__(
        self, file: BinaryIO, form: object, blobs: list[BlobReference], limits: Limits
    ) -> None:
        self._file, self._form, self._blobs = file, forms.mapping(form), blobs
        width, height = (forms.whole(each) for each in forms.listed(self._form["size"]))
        self._size = Size(width, height)
        limits.check_size(self._size)
        self._dtype = np.dtype(np.uint16 if self._form["depth"] == 16 else np.uint8)

    def document(self) -> Document:
        form, size = self._form, self._size
        document = Document.from_picture(self._picture())
        unflat_mask(self._bytes(form["mask"]), size).mark(document.writable_mask())
        get = getter(self._file, self._blobs)
        document.marks = forms.to_marks(form["marks"], size, get)
        variants = forms.listed(form["variants"])
        document.variants = tuple(forms.to_variant(each, size, get) for each in variants)
        document.revision = forms.whole(form["revision"])
        if tiles := forms.listed(form["original"]):
            document.take_original(self._original(document.native, tiles))
        return document

    def _picture(self) -> Picture:
        form, plane = self._form, (self._size.height, self._size.width)
        shape = plane if forms.truth(form["gray"]) else (*plane, 3)
        parts = forms.mapping(form["parts"])
        return forms_source.to_picture(
            form["source"],
            self._array(form["pixels"], shape),
            None if form["alpha"] is None else self._array(form["alpha"], plane),
            lambda name: self._bytes(parts[name]) if name in parts else None,
        )

    def _original(self, pixels: Native, tiles: list[list[int]]) -> Native:
        original = pixels.copy()
        for column, row, index in tiles:
            window = original[TileCell(column, row).rect(self._size).slices]
            window[...] = self._array(index, window.shape)
        return original

    def _bytes(self, index: object) -> bytes:
        return read_blob(self._file, self._blobs[forms.whole(index)])

    def _array(self, index: object, shape: tuple[int, ...]) -> Native:
        blob = self._blobs[forms.whole(index)]
        self._file.seek(blob.at)
        pixels = np.fromfile(self._file, self._dtype, blob.length // self._dtype.itemsize)
        return cast(Native, pixels.reshape(shape))
