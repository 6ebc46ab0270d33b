"""Selects by points, a box or a mask file: makes the request, combines its answer with the mask."""

from dataclasses import dataclass

import cv2
import numpy as np

from app.commands.writer import DocumentWriter
from app.document.document import Document
from engine.colour.convert import view_of
from engine.errors import NothingFound, RecipeInvalid
from engine.geometry import Mask, Rect, Size
from engine.image_io.reader import read
from engine.jobs.backend import Capability
from engine.jobs.requests import Candidate, SegmentRequest, SegmentResult
from engine.recipes.steps import SelectStep
from engine.selection import masks
from engine.selection.masks import CombineMode


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskFacts:
    """What is marked after a change of the mask."""

    marked_px: int  # with any value above 0
    bounds: Rect  # of all of it


def needed(step: SelectStep) -> Capability:
    """What an engine must be able to do for the step."""
    return Capability.BOX if step.box is not None else Capability.CLICK


def plan(step: SelectStep, document: Document, key: str) -> SegmentRequest:
    """The request of points or a box; `key` names the pixels. Raises NothingFound."""
    clicks = tuple(point.click(document.size) for point in step.points)
    box = step.box.rect(document.size) if step.box is not None else None
    if box is not None and box.is_empty:
        raise NothingFound
    return SegmentRequest(image=document.view, key=key, clicks=clicks, box=box)


def picked(step: SelectStep, result: SegmentResult) -> Candidate:
    """The candidate that the step wants, or the last one where there are fewer."""
    return result.candidates[min(step.candidate, len(result.candidates)) - 1]


def mask_of_file(step: SelectStep, size: Size) -> Mask:
    """The step's mask file, (H, W) uint8. Raises FileErrors, RecipeInvalid for another size."""
    assert step.mask is not None
    picture = read(step.mask)
    check_size(picture.size, size, f"mask {step.mask.name}")
    return np.asarray(cv2.cvtColor(view_of(picture), cv2.COLOR_RGB2GRAY), np.uint8)


def check_size(found: Size, wanted: Size, what: str) -> None:
    """Raises RecipeInvalid where a mask is not as large as the picture."""
    if found != wanted:
        raise RecipeInvalid(
            what,
            f"it is {found.width} x {found.height}, the picture {wanted.width} x {wanted.height}",
        )


def apply(writer: DocumentWriter, rect: Rect, part: Mask, mode: CombineMode) -> MaskFacts:
    """Combine `part`, which covers `rect`, with the mask of the document."""
    area, values = masks.combine(writer.document.mask, rect, part, mode)
    write(writer, area, values)
    return facts(writer.document.mask)


def write(writer: DocumentWriter, rect: Rect, values: Mask) -> None:
    """Replace a part of the mask."""
    writer.touch("mask", rect)
    writer.mask[rect.slices] = values


def clear(writer: DocumentWriter) -> None:
    """Mark nothing."""
    rect = masks.bounds(writer.document.mask)
    if not rect.is_empty:
        writer.touch("mask", rect)
        writer.mask[rect.slices] = 0


def facts(mask: Mask) -> MaskFacts:
    """Count what an (H, W) mask marks."""
    return MaskFacts(marked_px=cv2.countNonZero(mask), bounds=masks.bounds(mask))
