"""Variants of one place: each is mixed with what lay there before the first of them."""

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from app.commands.writer import DocumentWriter
from app.document.document import Document, Variant
from engine.geometry import Native, Rect
from engine.jobs.requests import InpaintRequest, InpaintResult, Patch, RemoveResult
from engine.tasks import ring_size


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteFacts:
    """How many pixels a write was allowed to change, and how many others it changed."""

    ring_px: int
    changed_outside_px: int  # 0, or something is broken


class UnderlayPart(NamedTuple):
    """The pixels in the rectangle of one patch, and where the patch covers them."""

    rect: Rect
    pixels: Native  # (h, w) or (h, w, 3), as in the document
    inside: NDArray[np.bool_]  # (h, w)


@dataclass(frozen=True, slots=True, eq=False)
class Underlay:
    """The pixels under the patches of a variant, as they were before it was written."""

    parts: tuple[UnderlayPart, ...]

    @classmethod
    def of(cls, document: Document, patches: tuple[Patch, ...]) -> Self:
        """Copied from the document of now."""
        native = document.native
        return cls(
            tuple(UnderlayPart(p.rect, native[p.rect.slices].copy(), p.blend > 0) for p in patches)
        )

    def patches(self, document: Document) -> tuple[Patch, ...]:
        """Patches that would bring these pixels back, for the screen."""
        return tuple(
            Patch(
                rect=part.rect,
                pixels=document.to_view(part.pixels),
                blend=np.where(part.inside, np.uint8(255), np.uint8(0)),
            )
            for part in self.parts
        )

    def restore(self, writer: DocumentWriter) -> None:
        """Bring the pixels back; the view follows with the next write to the same places."""
        for part in self.parts:
            writer.touch("image", part.rect)
        for part in self.parts:
            window = writer.document.writable("image")[part.rect.slices]
            inside = part.inside if window.ndim == 2 else part.inside[..., None]
            np.copyto(window, part.pixels, where=inside)


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


def put(
    writer: DocumentWriter, patches: tuple[Patch, ...], underlay: Underlay | None = None
) -> WriteFacts:
    """Write the patches of a variant; with `underlay` in the place of another of its origin."""
    for patch in patches:
        writer.touch("image", patch.rect)
    if underlay is not None:
        underlay.restore(writer)
    outside_px = sum(writer.write(patch) for patch in patches)
    return WriteFacts(ring_px=ring_size(patches), changed_outside_px=outside_px)
