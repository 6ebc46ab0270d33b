"""The selection before the first click, and the masks that later clicks corrected."""

from dataclasses import dataclass

import numpy as np

from app.document.document import Document
from app.document.tiles import PackedMask
from engine.geometry import Mask, Rect
from engine.jobs.requests import Candidate, Click, Prior, SoftMask
from engine.selection import masks
from engine.selection.masks import CombineMode, combine


@dataclass(slots=True, eq=False)
class SelectionBase:
    """The selection as it was before the first point, wherever the points have changed it."""

    first: Click | Rect | None
    mode: CombineMode
    rect: Rect
    mask: Mask

    @classmethod
    def of(
        cls, document: Document, first: Click | Rect | None, mode: CombineMode
    ) -> "SelectionBase":
        rect = masks.bounds(document.mask)
        return cls(first, mode, rect, document.mask[rect.slices].copy())

    def cover(self, document: Document, rect: Rect) -> None:
        """Also know what is under `rect`."""
        wider = self.rect.union(rect)
        if wider == self.rect:
            return
        mask = document.mask[wider.slices].copy()
        mask[self.rect.moved(-wider.x, -wider.y).slices] = self.mask
        self.rect, self.mask = wider, mask

    def with_candidate(self, document: Document, candidate: Candidate) -> tuple[Rect, Mask]:
        shown = candidate.shown
        self.cover(document, shown.rect)
        inside = shown.rect.moved(-self.rect.x, -self.rect.y)
        area, part = combine(self.mask, inside, shown.mask, self.mode)
        result = self.mask.copy()
        if self.mode in (CombineMode.REPLACE, CombineMode.INTERSECT):
            result = np.zeros_like(self.mask)
        result[area.slices] = part
        return self.rect, result

    def shows(self, document: Document, candidate: Candidate, bounds: Rect) -> bool:
        """Whether the selection, which lies in `bounds`, is what this candidate makes of it."""
        rect, mask = self.with_candidate(document, candidate)
        return bounds.intersect(rect) == bounds and np.array_equal(document.mask[rect.slices], mask)


@dataclass(frozen=True, slots=True, eq=False)
class PackedPrior:
    """A mask that was shown, packed."""

    rect: Rect
    mask: PackedMask
    soft: "PackedPrior | None"

    @classmethod
    def of(cls, prior: Prior | SoftMask) -> "PackedPrior":
        soft = prior.soft if isinstance(prior, Prior) else None
        packed = cls.of(soft) if soft is not None else None
        return cls(prior.rect, PackedMask.of(prior.mask), packed)

    def candidate(self) -> Candidate:
        return Candidate(rect=self.rect, mask=self.mask.unpack(), score=1.0, soft=self._soft())

    def _soft(self) -> SoftMask | None:
        return None if self.soft is None else SoftMask(self.soft.rect, self.soft.mask.unpack())
