"""Marks and variants of a document as JSON and back."""

from typing import cast

import msgspec

from app.document.document import Option, UndoState, Variant
from app.document.named_masks import NamedMask
from app.serialization.blobs import BlobName, BlobReader, BlobWriter, Items, within
from app.serialization.painting import (
    StoredPainting,
    StoredPaintRecord,
    load_painting,
    load_record,
    store_painting,
    store_record,
)
from engine.geometry import Image, Mask, Rect, Size
from engine.jobs.requests import Click, Patch


class StoredMask(msgspec.Struct, frozen=True, kw_only=True):
    """A named mask."""

    name: str
    visible: bool
    mask: BlobName


class StoredMarks(msgspec.Struct, frozen=True, kw_only=True):
    """An UndoState."""

    clicks: Items[Click]
    box: Rect | None
    origin: str
    named: Items[StoredMask]
    options: dict[str, Option]
    applied: Items[int]


class StoredPatch(msgspec.Struct, frozen=True, kw_only=True):
    """New pixels for a rectangle."""

    rect: Rect
    pixels: BlobName
    blend: BlobName


class StoredVariant(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A Variant; `request` and `paint_records` are those of a painting."""

    number: int
    engine: str
    seed: int
    revision: int
    notes: Items[str]
    patches: Items[StoredPatch]
    request: StoredPainting | None = None
    paint_records: Items[StoredPaintRecord] = msgspec.field(default=(), name="makings")


def store_marks(marks: UndoState, put: BlobWriter) -> StoredMarks:
    return StoredMarks(
        clicks=marks.clicks,
        box=marks.box,
        origin=marks.origin,
        named=tuple(
            StoredMask(name=each.name, visible=each.visible, mask=put.mask(each.mask))
            for each in marks.named
        ),
        options=dict(marks.options),
        applied=marks.applied,
    )


def load_marks(stored: StoredMarks, size: Size, get: BlobReader) -> UndoState:
    """The marks in a picture of this size. Raises what `get` raises."""
    return UndoState(
        clicks=stored.clicks,
        box=stored.box,
        origin=stored.origin,
        named=tuple(
            NamedMask(each.name, get.mask(each.mask, size), each.visible) for each in stored.named
        ),
        options=stored.options,
        applied=stored.applied,
    )


def store_variant(variant: Variant, put: BlobWriter) -> StoredVariant:
    request = variant.request
    return StoredVariant(
        number=variant.number,
        engine=variant.engine,
        seed=variant.seed,
        revision=variant.revision,
        notes=variant.notes,
        patches=tuple(_store_patch(patch, put) for patch in variant.patches),
        request=None if request is None else store_painting(request, put),
        paint_records=tuple(store_record(record) for record in variant.paint_records),
    )


def load_variant(stored: StoredVariant, size: Size, get: BlobReader) -> Variant:
    """The variant of a picture of this size. Raises ValueError and what `get` raises."""
    request = stored.request
    return Variant(
        number=stored.number,
        patches=tuple(_patch(each, size, get) for each in stored.patches),
        engine=stored.engine,
        seed=stored.seed,
        revision=stored.revision,
        notes=stored.notes,
        request=None if request is None else load_painting(request, size, get),
        paint_records=tuple(load_record(each) for each in stored.paint_records),
    )


def _store_patch(patch: Patch, put: BlobWriter) -> StoredPatch:
    pixels, blend = put.pixels(patch.pixels), put.pixels(patch.blend)
    return StoredPatch(rect=patch.rect, pixels=pixels, blend=blend)


def _patch(stored: StoredPatch, size: Size, get: BlobReader) -> Patch:
    rect = within(stored.rect, size)
    pixels = cast(Image, get.pixels(stored.pixels, rect.size, 3))
    return Patch(rect=rect, pixels=pixels, blend=cast(Mask, get.pixels(stored.blend, rect.size, 1)))
