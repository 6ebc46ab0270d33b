"""Variants of one place: each is mixed with what lay there before the first of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.commands.writer import PixelWriter, PreviewWriter
from app.document.document import Document, Variant
from app.document.underlay import Underlay, VariantOrigin
from engine.jobs.requests import InpaintRequest, InpaintResult, Patch, RemoveResult
from engine.tasks import ring_size


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteFacts:
    """How many pixels a write was allowed to change, and how many others it changed."""

    ring_px: int
    changed_outside_px: int  # 0, or something is broken


def record(
    document: Document,
    result: RemoveResult | InpaintResult,
    request: InpaintRequest | None = None,
) -> Variant:
    """A variant with the next free number; the document does not hold it yet."""
    return Variant(
        number=document.next_variant_number(),
        patches=result.patches,
        engine=result.engine,
        seed=result.seed,
        revision=result.revision,
        notes=result.notes,
        request=request,
        paint_records=result.paint_records if isinstance(result, InpaintResult) else (),
    )


def put(writer: PixelWriter, variant: Variant, *, after: Sequence[int] | None = None) -> WriteFacts:
    """Write a variant, in the place of one of its origin that is applied already.

    It becomes the last of the applied ones; with `after` these are the ones before it.
    """
    marks, origin = writer.document.marks, variant.origin
    for patch in variant.patches:
        writer.touch("image", patch.rect)
    if is_applied(writer.document, origin):
        underlay = _restored(writer, origin, variant.patches)
    else:
        underlay = Underlay.of(writer.document.native, writer.document.alpha, variant.patches)
    facts = write(writer, variant.patches)
    applied = (*(marks.applied if after is None else after), variant.number)
    kept = marks.underlays if underlay is None else {**marks.underlays, origin: underlay}
    origins = {origin, *(writer.document.origin(number) for number in applied)}
    writer.set("underlays", {each: kept[each] for each in kept if each in origins})
    writer.set("applied", applied)
    return facts


def write(writer: PixelWriter, patches: tuple[Patch, ...]) -> WriteFacts:
    """Write patches over what is there."""
    for patch in patches:
        writer.touch("image", patch.rect)
    outside_px = sum(writer.write(patch) for patch in patches)
    return WriteFacts(ring_px=ring_size(patches), changed_outside_px=outside_px)


def preview(document: Document, variant: Variant) -> tuple[Patch, ...]:
    """What `put` would give, as opaque patches of the view."""
    writer = PreviewWriter(document)
    put(writer, variant)
    return writer.patches()


def is_applied(document: Document, origin: VariantOrigin) -> bool:
    """Whether the picture shows a variant of this origin."""
    return any(document.origin(number) == origin for number in document.marks.applied)


def is_shown(document: Document, variant: Variant) -> bool:
    """Whether the picture shows this variant, and not another one in its place."""
    rivals = [n for n in document.marks.applied if document.origin(n) == variant.origin]
    return rivals[-1:] == [variant.number]


def _restored(
    writer: PixelWriter, origin: VariantOrigin, patches: tuple[Patch, ...]
) -> Underlay | None:
    """Bring back what lay below the variants of an origin; None where nobody knows it any more."""
    underlay = writer.document.marks.underlays.get(origin)
    if underlay is None:
        return None
    widened = underlay.widened(writer.document.native, writer.document.alpha, patches)
    for part in underlay.parts:
        writer.restore(part)
    return widened
