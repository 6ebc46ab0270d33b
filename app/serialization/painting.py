"""Requests of paintings and removals, and records of how they were made, as JSON and back.

With them a painting can be made again.
"""

from collections.abc import Iterator
from typing import Annotated, cast

import msgspec

from app.serialization.blobs import BlobName, BlobReader, BlobWriter, Items, within
from engine.geometry import Image, Mask, Rect, Size
from engine.jobs.paint_settings import MAX_SEED, Fit, PaintRecord, PaintSettings
from engine.jobs.requests import Hole, InpaintRequest, RemoveRequest

Seed = Annotated[int, msgspec.Meta(ge=0)]  # msgspec knows no upper limit beyond 63 bits


class StoredHole(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A crop to fill, its arrays by name."""

    rect: Rect
    image: BlobName
    mask: BlobName
    blend: BlobName
    alpha: BlobName | None = None


class StoredRemoval(msgspec.Struct, frozen=True, kw_only=True):
    """A RemoveRequest."""

    seed: Seed
    match: float
    revision: int
    holes: Items[StoredHole]


class StoredPainting(StoredRemoval, frozen=True, kw_only=True):
    """An InpaintRequest."""

    settings: PaintSettings


class StoredPaintRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A PaintRecord; `fit` is scale x, scale y, left, top, width and height of the canvas."""

    fit: tuple[float, float, int, int, int, int]
    sigmas: Items[float]
    model: str
    model_sha256: str
    device: str
    precision: str
    versions: Items[str]


def store_painting(request: InpaintRequest, put: BlobWriter) -> StoredPainting:
    return StoredPainting(
        settings=request.settings,
        seed=request.seed,
        match=request.match,
        revision=request.revision,
        holes=tuple(_store_hole(hole, put) for hole in request.holes),
    )


def load_painting(stored: StoredPainting, size: Size, get: BlobReader) -> InpaintRequest:
    """The request for a picture of this size. Raises ValueError and what `get` raises."""
    return InpaintRequest(
        holes=tuple(_hole(each, size, get) for each in stored.holes),
        settings=stored.settings,
        seed=_checked(stored.seed),
        match=stored.match,
        revision=stored.revision,
    )


def store_removal(request: RemoveRequest, put: BlobWriter) -> StoredRemoval:
    return StoredRemoval(
        seed=request.seed,
        match=request.match,
        revision=request.revision,
        holes=tuple(_store_hole(hole, put) for hole in request.holes),
    )


def load_removal(stored: StoredRemoval, size: Size, get: BlobReader) -> RemoveRequest:
    """The request for a picture of this size. Raises ValueError and what `get` raises."""
    return RemoveRequest(
        holes=tuple(_hole(each, size, get) for each in stored.holes),
        seed=_checked(stored.seed),
        match=stored.match,
        revision=stored.revision,
    )


def removal_arrays(stored: StoredRemoval) -> Iterator[BlobName]:
    """The names of all arrays of a stored removal."""
    for hole in stored.holes:
        yield from (hole.image, hole.mask, hole.blend)
        if hole.alpha is not None:
            yield hole.alpha


def store_record(record: PaintRecord) -> StoredPaintRecord:
    fit, (width, height) = record.fit, record.fit.canvas
    return StoredPaintRecord(
        fit=(fit.scale_x, fit.scale_y, fit.left_px, fit.top_px, width, height),
        sigmas=record.sigmas,
        model=record.model,
        model_sha256=record.model_sha256,
        device=record.device,
        precision=record.precision,
        versions=record.versions,
    )


def load_record(stored: StoredPaintRecord) -> PaintRecord:
    scale_x, scale_y, left, top, width, height = stored.fit
    return PaintRecord(
        fit=Fit(scale_x, scale_y, left, top, Size(width, height)),
        sigmas=stored.sigmas,
        model=stored.model,
        model_sha256=stored.model_sha256,
        device=stored.device,
        precision=stored.precision,
        versions=stored.versions,
    )


def _checked(seed: int) -> int:
    if seed > MAX_SEED:
        raise ValueError("no seed is so large")
    return seed


def _store_hole(hole: Hole, put: BlobWriter) -> StoredHole:
    return StoredHole(
        rect=hole.rect,
        image=put.pixels(hole.image),
        mask=put.pixels(hole.mask),
        blend=put.pixels(hole.blend),
        alpha=None if hole.alpha is None else put.pixels(hole.alpha),
    )


def _hole(stored: StoredHole, size: Size, get: BlobReader) -> Hole:
    rect = within(stored.rect, size)
    return Hole(
        rect=rect,
        image=cast(Image, get.pixels(stored.image, rect.size, 3)),
        mask=cast(Mask, get.pixels(stored.mask, rect.size, 1)),
        blend=cast(Mask, get.pixels(stored.blend, rect.size, 1)),
        alpha=None if stored.alpha is None else cast(Mask, get.pixels(stored.alpha, rect.size, 1)),
    )
