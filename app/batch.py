"""Runs a recipe on a document: the same tasks as in the window, one after the other."""

from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np

from app.document import Document
from engine import masks, tasks
from engine.adjust import adjust
from engine.backend import Backend, JobContext
from engine.colour import view_of
from engine.errors import NothingFound, RecipeInvalid
from engine.geometry import Mask, Rect, Size
from engine.reading import read
from engine.recipe import Adjust, Recipe, Remove, Select, Step
from engine.requests import Candidate, RemoveResult, SegmentRequest, SegmentResult

COMBINE = {
    "replace": masks.replace,
    "add": masks.union,
    "subtract": masks.subtract,
    "intersect": masks.intersect,
}


@dataclass(slots=True, kw_only=True)
class StepReport:
    """What a step did, for the JSON report."""

    step: str
    facts: dict[str, Any] = field(default_factory=dict)


def apply(
    recipe: Recipe, document: Document, backend: Backend, job: JobContext, key: str
) -> list[StepReport]:
    """Do all steps on the document. Raises EngineErrors; `key` names the document's content."""
    reports: list[StepReport] = []
    count = len(recipe.steps)
    for number, step in enumerate(recipe.steps):
        part = tasks.Part(job, number / count, 1 / count)
        reports.append(_step(step, document, backend, part, f"{key}#{document.revision}"))
    return reports


def _step(
    step: Step, document: Document, backend: Backend, job: JobContext, key: str
) -> StepReport:
    match step:
        case Select():
            rect, mask, facts = _selected(step, document, backend, job, key)
            region, values = COMBINE[step.mode](document.mask, mask, rect)
            document.writable_mask()[region.slices] = values
            return StepReport(step="select", facts=facts | _marked(document.mask))
        case Adjust():
            document.writable_mask()[:] = adjust(document.mask, step.adjustments)
            return StepReport(step="adjust", facts=_marked(document.mask))
        case Remove():
            return StepReport(step="remove", facts=_remove(step, document, backend, job))


def _marked(mask: Mask) -> dict[str, Any]:
    return {"marked_px": cv2.countNonZero(mask), "bounds": list(masks.bounds(mask))}


def _selected(
    step: Select, document: Document, backend: Backend, job: JobContext, key: str
) -> tuple[Rect, Mask, dict[str, Any]]:
    """What the step marks, without regard to what was marked before."""
    if step.mask is not None:
        mask = _mask_file(step, document.size)
        return Rect.whole(document.size), mask, {"mask": str(step.mask)}
    chosen, engine = _candidate(step, document, backend, job, key)
    return chosen.rect, chosen.mask, {"engine": engine, "score": round(chosen.score, 4)}


def _mask_file(step: Select, size: Size) -> Mask:
    assert step.mask is not None
    picture = read(step.mask)
    if picture.size != size:
        found, wanted = picture.size, size
        raise RecipeInvalid(
            f"mask {step.mask.name}",
            f"it is {found.width} x {found.height}, the picture {wanted.width} x {wanted.height}",
        )
    return np.asarray(cv2.cvtColor(view_of(picture), cv2.COLOR_RGB2GRAY), np.uint8)


def _candidate(
    step: Select, document: Document, backend: Backend, job: JobContext, key: str
) -> tuple[Candidate, str]:
    clicks = tuple(point.click(document.size) for point in step.points)
    box = step.box.rect(document.size) if step.box is not None else None
    if box is not None and box.is_empty:
        raise NothingFound
    request = SegmentRequest(image=document.view, key=key, clicks=clicks, box=box)
    result = tasks.run(backend, request, job)
    assert isinstance(result, SegmentResult)
    return result.candidates[min(step.candidate, len(result.candidates)) - 1], result.engine


def _remove(step: Remove, document: Document, backend: Backend, job: JobContext) -> dict[str, Any]:
    """Fill what is marked; the mask goes with it, as in the window."""
    options = step.options(document.size)
    request = tasks.plan_remove(document.view, document.mask, options, seed=step.seed)
    result = tasks.run(backend, request, job)
    assert isinstance(result, RemoveResult)
    outside_px = sum(document.write(patch) for patch in result.patches)
    document.writable_mask()[:] = 0
    return {
        "engine": result.engine,
        "seed": result.seed,
        "grow_px": options.grow_px,
        "feather_px": options.feather_px,
        "holes": [list(patch.rect) for patch in result.patches],
        "ring_px": tasks.ring_size(result.patches),
        "changed_outside_px": outside_px,
        "notes": list(result.notes),
    }
