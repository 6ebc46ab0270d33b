"""Changes the mask as the sliders do, or draws its outline to the edges of the picture."""

from dataclasses import dataclass

import numpy as np

from app.commands.select import MaskFacts, facts
from app.commands.writer import DocumentWriter
from app.document.uniform_tiles import MaskSnapshot
from engine.geometry import Image, Mask, Rect, Size
from engine.jobs.backend import JobContext
from engine.selection import masks
from engine.selection.adjust import Adjustments, adjust
from engine.selection.edge_snap import snap
from engine.selection.soft_edge import band_px, soften

NOWHERE = Rect(0, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MaskArea:
    """A part of a mask; nothing is marked outside of it."""

    rect: Rect
    mask: Mask  # (rect.height, rect.width)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AdjustWork:
    """Job: all sliders at once, at full size."""

    base: MaskSnapshot
    values: Adjustments

    def run(self, job: JobContext) -> MaskArea:
        job.report(0.0)
        rect = reach(self.base, self.values)
        mask = adjust(self.base.part(rect), self.values)
        return MaskArea(rect=rect, mask=mask)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SnapWork:
    """Job: draw the outline to the edges of the picture."""

    view: Image  # (H, W, 3)
    mask: Mask  # (H, W)
    radius_px: int

    def run(self, job: JobContext) -> MaskArea:
        job.report(0.0)
        rect = masks.bounds(self.mask).pad(2 * self.radius_px)
        rect = rect.clamp(Size.of(self.mask))
        view = np.ascontiguousarray(self.view[rect.slices])
        mask = np.ascontiguousarray(self.mask[rect.slices])
        return MaskArea(rect=rect, mask=snap(view, mask, self.radius_px))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SoftenWork:
    """Job: give the mask a soft edge along hair and fur."""

    view: Image  # (H, W, 3)
    mask: Mask  # (H, W)

    def run(self, job: JobContext) -> MaskArea:
        job.report(0.0)
        rect = masks.bounds(self.mask)
        found = soften(self.view, rect, self.mask[rect.slices], band_px(Size.of(self.mask)))
        return MaskArea(rect=found[0], mask=found[1])


def apply(writer: DocumentWriter, values: Adjustments) -> MaskFacts:
    """Adjust the whole mask at once."""
    whole = Rect.whole(writer.document.size)
    mask = adjust(writer.document.mask, values)
    writer.touch("mask", whole)
    writer.mask[whole.slices] = mask
    return facts(writer.document.mask)


def reach(base: MaskSnapshot, values: Adjustments) -> Rect:
    """The rectangle beyond which adjusting marks nothing."""
    if base.area.is_empty:
        return NOWHERE
    margin_px = max(values.grow_px, 0) + 3 * values.feather_px + 3 * values.smooth_px + 8
    return base.area.pad(int(margin_px)).clamp(base.size)
