"""Marks and variants of a document as JSON and back."""

from collections.abc import Iterable, Iterator, Mapping
from typing import cast

import msgspec

from app.document.document import Option, UndoState, Variant
from app.document.named_masks import NamedMask
from app.document.points_base import PointsBase
from app.document.underlay import Underlay, UnderlayPart, VariantOrigin
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
from engine.selection.masks import CombineMode


class StoredMask(msgspec.Struct, frozen=True, kw_only=True):
    """A named mask."""

    name: str
    visible: bool
    mask: BlobName


class StoredUnderlayPart(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An UnderlayPart."""

    rect: Rect
    pixels: BlobName
    inside: BlobName
    alpha: BlobName | None = None


class StoredUnderlay(msgspec.Struct, frozen=True, kw_only=True):
    """An Underlay with its VariantOrigin, whose rectangles are those of the parts."""

    painting: bool
    revision: int
    parts: Items[StoredUnderlayPart]


class StoredOrigin(msgspec.Struct, frozen=True, kw_only=True):
    """The VariantOrigin of a discarded variant."""

    number: int
    painting: bool
    revision: int
    rects: Items[Rect]


class StoredPointsBase(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A PointsBase."""

    mode: CombineMode
    rect: Rect
    before: BlobName
    shown: BlobName
    shown_rect: Rect
    soft: BlobName | None = None
    soft_rect: Rect | None = None


class StoredMarks(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An UndoState."""

    clicks: Items[Click]
    box: Rect | None
    origin: str
    named: Items[StoredMask]
    options: dict[str, Option]
    applied: Items[int]
    underlays: Items[StoredUnderlay] = ()
    points_base: StoredPointsBase | None = None
    deselected: BlobName | None = None


class StoredPatch(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """New pixels for a rectangle."""

    rect: Rect
    pixels: BlobName
    blend: BlobName
    alpha: BlobName | None = None


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
        underlays=tuple(
            _store_underlay(origin, each, put) for origin, each in marks.underlays.items()
        ),
        points_base=None if marks.points_base is None else _store_base(marks.points_base, put),
        deselected=None if marks.deselected is None else put.mask(marks.deselected),
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
        underlays=dict(_underlay(each, size, get) for each in stored.underlays),
        points_base=None if stored.points_base is None else _base(stored.points_base, size, get),
        deselected=None if stored.deselected is None else get.mask(stored.deselected, size),
    )


def arrays_of(stored: StoredMarks) -> Iterator[BlobName]:
    """The names of all arrays of stored marks."""
    for each in stored.named:
        yield each.mask
    if stored.points_base is not None:
        base = stored.points_base
        yield from (base.before, base.shown, *(() if base.soft is None else (base.soft,)))
    if stored.deselected is not None:
        yield stored.deselected
    for underlay in stored.underlays:
        for part in underlay.parts:
            yield from (part.pixels, part.inside)
            if part.alpha is not None:
                yield part.alpha


def _store_base(base: PointsBase, put: BlobWriter) -> StoredPointsBase:
    return StoredPointsBase(
        mode=base.mode,
        rect=base.rect,
        before=put.mask(base.before),
        shown=put.mask(base.shown),
        shown_rect=base.shown_rect,
        soft=None if base.soft is None else put.mask(base.soft),
        soft_rect=base.soft_rect,
    )


def _base(stored: StoredPointsBase, size: Size, get: BlobReader) -> PointsBase:
    return PointsBase(
        mode=stored.mode,
        rect=within(stored.rect, size),
        before=get.mask(stored.before, size),
        shown=get.mask(stored.shown, size),
        shown_rect=within(stored.shown_rect, size),
        soft=None if stored.soft is None else get.mask(stored.soft, size),
        soft_rect=None if stored.soft_rect is None else within(stored.soft_rect, size),
    )


def store_origins(discarded: Mapping[int, VariantOrigin]) -> tuple[StoredOrigin, ...]:
    return tuple(
        StoredOrigin(
            number=number, painting=each.is_painting, revision=each.revision, rects=each.rects
        )
        for number, each in discarded.items()
    )


def load_origins(stored: Iterable[StoredOrigin]) -> dict[int, VariantOrigin]:
    return {each.number: VariantOrigin(each.painting, each.revision, each.rects) for each in stored}


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


def _store_underlay(origin: VariantOrigin, underlay: Underlay, put: BlobWriter) -> StoredUnderlay:
    return StoredUnderlay(
        painting=origin.is_painting,
        revision=origin.revision,
        parts=tuple(
            StoredUnderlayPart(
                rect=part.rect,
                pixels=put.pixels(part.pixels),
                inside=put.pixels(part.inside),
                alpha=None if part.alpha is None else put.pixels(part.alpha),
            )
            for part in underlay.parts
        ),
    )


def _underlay(
    stored: StoredUnderlay, size: Size, get: BlobReader
) -> tuple[VariantOrigin, Underlay]:
    parts = tuple(_underlay_part(part, size, get) for part in stored.parts)
    rects = tuple(part.rect for part in parts)
    return VariantOrigin(stored.painting, stored.revision, rects), Underlay(parts)


def _underlay_part(stored: StoredUnderlayPart, size: Size, get: BlobReader) -> UnderlayPart:
    rect = within(stored.rect, size)
    inside = cast(Mask, get.pixels(stored.inside, rect.size, 1))
    alpha = None if stored.alpha is None else get.plane(stored.alpha, rect.size)
    return UnderlayPart(rect, get.native(stored.pixels, rect.size), inside, alpha)


def _store_patch(patch: Patch, put: BlobWriter) -> StoredPatch:
    pixels, blend = put.pixels(patch.pixels), put.pixels(patch.blend)
    alpha = None if patch.alpha is None else put.pixels(patch.alpha)
    return StoredPatch(rect=patch.rect, pixels=pixels, blend=blend, alpha=alpha)


def _patch(stored: StoredPatch, size: Size, get: BlobReader) -> Patch:
    rect = within(stored.rect, size)
    pixels = cast(Image, get.pixels(stored.pixels, rect.size, 3))
    blend = cast(Mask, get.pixels(stored.blend, rect.size, 1))
    alpha = None if stored.alpha is None else get.pixels(stored.alpha, rect.size, 1)
    return Patch(rect=rect, pixels=pixels, blend=blend, alpha=cast(Mask | None, alpha))
