"""Selects by points, boxes or mask files: plans requests, combines answers with the mask."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np

from app.commands.mask_path import mask_path
from app.commands.writer import DocumentWriter
from app.document.document import Document
from engine.errors import RecipeInvalid
from engine.geometry import Mask, Rect, Size
from engine.image_io.limits import Limits
from engine.image_io.mask_file import read_mask
from engine.jobs.requests import Candidate, Click, SegmentRequest, SegmentResult
from engine.recipes.steps import SelectStep
from engine.selection import masks
from engine.selection.masks import CombineMode
from engine.selection.soft_edge import band_px, soften

Notes: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskFacts:
    """What is marked after a change of the mask."""

    marked_px: int  # with any value above 0
    bounds: Rect  # of all of it


def plan(step: SelectStep, document: Document, key: str) -> list[SegmentRequest]:
    """Requests whose answers add up; `key` names the pixels. Raises PlaceOutside.

    Points go with the box that they lie in, and with the only box wherever they lie. Those of
    no box are a request of their own, and points that are not on the object go with each.
    """
    if step.subject:
        return [SegmentRequest(image=document.view, key=key, subject=True)]
    clicks = [point.click(document.size) for point in step.points]
    boxes = [box.rect(document.size) for box in step.boxes]
    groups: list[tuple[tuple[Click, ...], Rect | None]] = []
    if len(boxes) == 1:
        groups.append((tuple(clicks), boxes[0]))
    else:
        near = [(tuple(each for each in clicks if _concerns(each, box)), box) for box in boxes]
        free = [each for each in clicks if not any(_is_in(each, box) for box in boxes)]
        groups += near
        if any(each.positive for each in free):
            groups.append((tuple(e for e in clicks if not e.positive or e in free), None))
    return [
        SegmentRequest(image=document.view, key=key, clicks=clicks_of, box=box)
        for clicks_of, box in groups
    ]


def _concerns(click: Click, box: Rect) -> bool:
    return _is_in(click, box) or not click.positive


def _is_in(click: Click, box: Rect) -> bool:
    return box.x <= click.x < box.right and box.y <= click.y < box.bottom


def picked(step: SelectStep, result: SegmentResult) -> Candidate:
    """The candidate that the step wants, or the last one where there are fewer."""
    return result.candidates[min(step.candidate, len(result.candidates)) - 1]


def masks_of_files(step: SelectStep, document: Document) -> tuple[Mask, tuple[Path, ...], Notes]:
    """The step's mask files as one (H, W) uint8, their paths, and notes on how they were read.

    Raises FileErrors.
    """
    whole = masks.blank(document.size)
    paths = tuple(mask_path(source, document.path) for source in step.masks)
    notes: list[str] = []
    limits = Limits(pixels=max(Limits().pixels, document.size.pixels))
    for path in paths:
        found = read_mask(path, document.size, limits)
        np.maximum(whole, found.mask, out=whole)
        notes += found.notes
    return whole, paths, tuple(dict.fromkeys(notes))


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


def softened(document: Document, rect: Rect, part: Mask) -> tuple[Rect, Mask]:
    """The part of a mask that covers `rect`, with a soft edge along hair and fur.

    One that has a soft edge already keeps it.
    """
    if masks.is_soft(part):
        return rect, part
    return soften(document.view, rect, part, band_px(document.size))


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
