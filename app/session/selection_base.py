"""The selection before the first click, and the masks that later clicks corrected."""

from dataclasses import dataclass

import numpy as np

from app.document.document import Document
from app.document.points_base import PointsBase
from app.document.tiles import PackedMask
from engine.geometry import Mask, Rect, Size
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
    _packed: PackedMask | None = None  # of `mask`, once it was asked for

    @classmethod
    def of(
        cls, document: Document, first: Click | Rect | None, mode: CombineMode
    ) -> "SelectionBase":
        rect = masks.bounds(document.mask)
        return cls(first, mode, rect, document.mask[rect.slices].copy())

    @classmethod
    def of_kept(cls, kept: PointsBase, first: Click | Rect | None) -> "SelectionBase":
        """The same that `kept` was made from."""
        return cls(first, kept.mode, kept.rect, kept.before.unpack_part(kept.rect))

    def kept(self, size: Size, shown: Candidate) -> PointsBase:
        """For the document, whose size is given, with the candidate that is shown."""
        if self._packed is None:
            self._packed = PackedMask.placed(self.mask, self.rect, size)
        soft = shown.soft
        return PointsBase(
            mode=self.mode,
            rect=self.rect,
            before=self._packed,
            shown=PackedMask.placed(shown.mask, shown.rect, size),
            shown_rect=shown.rect,
            soft=None if soft is None else PackedMask.placed(soft.mask, soft.rect, size),
            soft_rect=None if soft is None else soft.rect,
        )

    def cover(self, document: Document, rect: Rect) -> None:
        """Also know what is under `rect`."""
        wider = self.rect.union(rect)
        if wider == self.rect:
            return
        mask = document.mask[wider.slices].copy()
        mask[self.rect.moved(-wider.x, -wider.y).slices] = self.mask
        self.rect, self.mask, self._packed = wider, mask, None

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
        if self.rect.union(candidate.shown.rect) != self.rect:
            return False  # it never was
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


def shown_candidate(kept: PointsBase) -> Candidate:
    """The answer that was shown when the base was kept."""
    mask, soft = kept.shown.unpack_part(kept.shown_rect), None
    if kept.soft is not None and kept.soft_rect is not None:
        soft = SoftMask(kept.soft_rect, kept.soft.unpack_part(kept.soft_rect))
    return Candidate(rect=kept.shown_rect, mask=mask, score=1.0, soft=soft)
