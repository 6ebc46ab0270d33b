"""Runs a recipe on a document: the same tasks as in the window, one after the other."""

from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np

from app.commands import paint as batch_paint
from app.commands.paint import VariantSet
from app.document.document import Document
from engine import tasks
from engine.colour.convert import view_of
from engine.dispatch import choice
from engine.dispatch.choice import Choice
from engine.dispatch.runner import Assignment, Runner
from engine.errors import NothingFound, RecipeInvalid
from engine.geometry import Image, Mask, Rect, Size
from engine.image_io.reader import read
from engine.jobs.backend import Capability, JobContext
from engine.jobs.progress import ProgressSlice
from engine.jobs.requests import (
    Candidate,
    FindRequest,
    FindResult,
    RemoveResult,
    SegmentRequest,
    SegmentResult,
)
from engine.recipes.recipe import Recipe
from engine.recipes.steps import BEST, AdjustStep, FindStep, PaintStep, RemoveStep, SelectStep, Step
from engine.selection import masks
from engine.selection.adjust import adjust
from engine.selection.masks import CombineMode


@dataclass(slots=True, kw_only=True)
class StepReport:
    """What a step did, for the JSON report."""

    step: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class RecipeResult:
    """What became of a document, which shows the first variant."""

    reports: list[StepReport] = field(default_factory=list)
    original: Image | None = None  # kept where it is to be compared
    removed: Image | None = None
    variants: VariantSet | None = None  # of the last painting


@dataclass(frozen=True, slots=True)
class StepContext:
    """A document under work: who works, how far it is, and what names its pixels."""

    document: Document
    runner: Runner
    job: JobContext
    key: str


def apply(
    recipe: Recipe, document: Document, runner: Runner, job: JobContext, key: str
) -> RecipeResult:
    """Do all steps on the document. Raises EngineErrors; `key` names the document's content."""
    compares = recipe.output.compare
    outcome = RecipeResult(original=document.view.copy() if compares else None)
    count = len(recipe.steps)
    for number, step in enumerate(recipe.steps):
        part = ProgressSlice(job, number / count, 1 / count)
        context = StepContext(document, runner, part, f"{key}#{document.revision}")
        outcome.reports.append(_step(step, context, outcome))
        if compares and isinstance(step, RemoveStep):
            outcome.removed = document.view.copy()
    return outcome


def _step(step: Step, context: StepContext, outcome: RecipeResult) -> StepReport:
    document = context.document
    match step:
        case SelectStep():
            rect, mask, facts = _selected(step, context)
            return StepReport(step="select", facts=facts | _mark(step.mode, document, rect, mask))
        case FindStep():
            rect, mask, facts = _found(step, context)
            return StepReport(step="find", facts=facts | _mark(step.mode, document, rect, mask))
        case AdjustStep():
            document.writable_mask()[:] = adjust(document.mask, step.adjustments)
            return StepReport(step="adjust", facts=_marked(document.mask))
        case RemoveStep():
            return StepReport(step="remove", facts=_remove(step, context))
        case PaintStep():
            outcome.variants, facts = batch_paint.paint(step, document, context.runner, context.job)
            return StepReport(step="paint", facts=facts)


def _mark(mode: CombineMode, document: Document, rect: Rect, mask: Mask) -> dict[str, Any]:
    region, values = masks.combine(document.mask, rect, mask, mode)
    document.writable_mask()[region.slices] = values
    return _marked(document.mask)


def _marked(mask: Mask) -> dict[str, Any]:
    return {"marked_px": cv2.countNonZero(mask), "bounds": list(masks.bounds(mask))}


def _selected(step: SelectStep, context: StepContext) -> tuple[Rect, Mask, dict[str, Any]]:
    """What the step marks, without regard to what was marked before."""
    size = context.document.size
    if step.mask is not None:
        return Rect.whole(size), _mask_file(step, size), {"mask": str(step.mask)}
    need = Capability.BOX if step.box is not None else Capability.CLICK
    chosen, facts = context.runner.run(
        need, lambda assigned: _candidate(step, context, assigned), wanted=step.engine
    )
    return chosen.rect, chosen.mask, facts | {"score": round(chosen.score, 4)}


def _mask_file(step: SelectStep, size: Size) -> Mask:
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
    step: SelectStep, context: StepContext, assigned: Assignment
) -> tuple[Candidate, dict[str, Any]]:
    document = context.document
    clicks = tuple(point.click(document.size) for point in step.points)
    box = step.box.rect(document.size) if step.box is not None else None
    if box is not None and box.is_empty:
        raise NothingFound
    request = SegmentRequest(image=document.view, key=context.key, clicks=clicks, box=box)
    result = tasks.run(assigned.backend, request, context.job)
    assert isinstance(result, SegmentResult)
    candidate = result.candidates[min(step.candidate, len(result.candidates)) - 1]
    return candidate, who(result.engine, assigned.choice)


def _found(step: FindStep, context: StepContext) -> tuple[Rect, Mask, dict[str, Any]]:
    """The union of the instances that the step picks. Raises NothingFound."""
    document = context.document
    request = FindRequest(
        image=document.view,
        key=context.key,
        prompt=step.text,
        exemplars=tuple(example.exemplar(document.size) for example in step.examples),
    )

    def work(assigned: Assignment) -> tuple[FindResult, dict[str, Any]]:
        result = tasks.run(assigned.backend, request, context.job)
        assert isinstance(result, FindResult)
        return result, who(result.engine, assigned.choice)

    result, facts = context.runner.run(Capability.FIND, work)
    picked = picked_of(step, result.instances)
    if not picked:
        raise NothingFound
    mask = masks.blank(document.size)
    for each in picked:
        window = mask[each.rect.slices]
        np.maximum(window, each.mask, out=window)
    return (
        Rect.whole(document.size),
        mask,
        facts
        | {
            "text": step.text,
            "scores": [round(each.score, 4) for each in result.instances],
            "picked": len(picked),
        },
    )


def picked_of(step: FindStep, instances: tuple[Candidate, ...]) -> list[Candidate]:
    """Those from the threshold up that the step names; numbers count from the most likely."""
    likely = [each for each in instances if each.score >= step.threshold]
    if step.pick == BEST:
        return likely[:1]
    if isinstance(step.pick, str):
        return likely
    return [each for number, each in enumerate(likely, 1) if number in step.pick]


def _remove(step: RemoveStep, context: StepContext) -> dict[str, Any]:
    """Fill what is marked; the mask goes with it, as in the window, unless it is to stay."""
    document = context.document
    options = step.options(document.size)

    def work(assigned: Assignment) -> tuple[RemoveResult, dict[str, Any]]:
        fitting = replace(options, profile=choice.profile(assigned.choice))
        request = tasks.plan_remove(document.view, document.mask, fitting, seed=step.seed)
        result = tasks.run(assigned.backend, request, context.job)
        assert isinstance(result, RemoveResult)
        return result, who(result.engine, assigned.choice)

    result, facts = context.runner.run(Capability.REMOVE, work, wanted=step.engine)
    outside_px = sum(document.write(patch) for patch in result.patches)
    if not step.keep_selection:
        document.writable_mask()[:] = 0
    return facts | {
        "seed": result.seed,
        "grow_px": options.grow_px,
        "feather_px": options.feather_px,
        "holes": [list(patch.rect) for patch in result.patches],
        "ring_px": tasks.ring_size(result.patches),
        "changed_outside_px": outside_px,
        "notes": list(result.notes),
    }


def who(engine: str, chosen: Choice) -> dict[str, Any]:
    """Who did it, and a code that says why it was no better one."""
    model = chosen.model.name if chosen.backend == choice.LOCAL and chosen.model else ""
    return {"engine": engine, "model": model, "reason": chosen.reason}
