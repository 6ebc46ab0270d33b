"""Runs the steps of a recipe on a document, one after the other, by the commands."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from app.commands import adjust, find, paint, remove, select
from app.commands.paint import PaintedVariants
from app.commands.writer import DirectWriter, DocumentWriter
from app.document.document import Document
from engine import tasks
from engine.dispatch import choice
from engine.dispatch.choice import Choice
from engine.dispatch.runner import Assignment, Runner
from engine.geometry import Image, Mask, Rect
from engine.jobs.backend import Capability, JobContext
from engine.jobs.progress import ProgressSlice
from engine.jobs.requests import (
    Candidate,
    FindResult,
    InpaintRequest,
    InpaintResult,
    Patch,
    RemoveResult,
    SegmentRequest,
    SegmentResult,
)
from engine.models.families import PROFILES
from engine.recipes.recipe import Recipe
from engine.recipes.steps import AdjustStep, FindStep, PaintStep, RemoveStep, SelectStep, Step
from engine.selection import masks

Facts = dict[str, Any]
Requests = tuple[InpaintRequest, ...]
Results = tuple[InpaintResult, ...]


@dataclass(slots=True, kw_only=True)
class StepReport:
    """What a step did, for the JSON report."""

    step: str
    facts: Facts = field(default_factory=dict[str, Any])


@dataclass(slots=True, eq=False)
class RecipeResult:
    """What became of a document, which shows the first variant."""

    reports: list[StepReport] = field(default_factory=list[StepReport])
    original: Image | None = None  # kept where it is to be compared
    removed: Image | None = None
    variants: PaintedVariants | None = None  # of the last painting
    patches: list[Patch] = field(default_factory=list[Patch])  # of all removals and paintings
    marked: list[tuple[Rect, Mask]] = field(default_factory=list[tuple[Rect, Mask]])  # for them

    def keep(self, mask: Mask, patches: Sequence[Patch]) -> None:
        """Remember what was marked, and where it may have changed the picture."""
        rect = masks.bounds(mask)
        self.marked.append((rect, mask[rect.slices].copy()))
        self.patches += patches


@dataclass(frozen=True, slots=True)
class StepContext:
    """A document under work, the runner, the progress, and a key that names its pixels."""

    writer: DocumentWriter
    runner: Runner
    job: JobContext
    key: str

    @property
    def document(self) -> Document:
        return self.writer.document


def apply(
    recipe: Recipe, document: Document, runner: Runner, job: JobContext, key: str
) -> RecipeResult:
    """Do all steps on the document. Raises EngineErrors; `key` names the document's content."""
    compares = recipe.output.compare
    result = RecipeResult(original=document.view.copy() if compares else None)
    count = len(recipe.steps)
    for number, step in enumerate(recipe.steps):
        part = ProgressSlice(job, number / count, 1 / count)
        context = StepContext(DirectWriter(document), runner, part, f"{key}#{document.revision}")
        result.reports.append(_step(step, context, result))
        if compares and isinstance(step, RemoveStep):
            result.removed = document.view.copy()
    return result


def _step(step: Step, context: StepContext, result: RecipeResult) -> StepReport:
    match step:
        case SelectStep():
            return StepReport(step="select", facts=_select(step, context))
        case FindStep():
            return StepReport(step="find", facts=_find(step, context))
        case AdjustStep():
            marked = adjust.apply(context.writer, step.adjustments)
            return StepReport(step="adjust", facts=asdict(marked))
        case RemoveStep():
            return StepReport(step="remove", facts=_remove(step, context, result))
        case PaintStep():
            result.variants, facts = _paint(step, context, result)
            return StepReport(step="paint", facts=facts)


def _select(step: SelectStep, context: StepContext) -> Facts:
    document = context.document
    whole = Rect.whole(document.size)
    if step.masks:
        part, paths, notes = select.masks_of_files(step, document)
        facts = {"mask": ", ".join(map(str, paths)), "notes": list(notes)}
        return facts | _combined(step, context, whole, part)
    requests = select.plan(step, document, context.key)
    answers = [_answer(step, request, context) for request in requests]
    union = find.union([best for best, _ in answers])
    facts = answers[0][1] | {"score": round(min(best.score for best, _ in answers), 4)}
    return facts | _combined(step, context, *union)


def _answer(
    step: SelectStep, request: SegmentRequest, context: StepContext
) -> tuple[Candidate, Facts]:
    def work(assigned: Assignment) -> tuple[SegmentResult, Facts]:
        result = tasks.segment(assigned.backend, request, context.job)
        return result, engine_facts(result.engine, assigned.choice)

    result, facts = context.runner.run(tasks.needed(request), work, wanted=step.engine)
    return select.picked(step, result), facts


def _combined(step: SelectStep | FindStep, context: StepContext, rect: Rect, part: Mask) -> Facts:
    if step.soft_edge:
        rect, part = select.softened(context.document, rect, part)
    return asdict(select.apply(context.writer, rect, part, step.mode))


def _find(step: FindStep, context: StepContext) -> Facts:
    request = find.plan(step, context.document, context.key)

    def work(assigned: Assignment) -> tuple[FindResult, Facts]:
        result = tasks.find(assigned.backend, request, context.job)
        return result, engine_facts(result.engine, assigned.choice)

    result, facts = context.runner.run(Capability.FIND, work)
    picked = find.picked(step, result.instances)
    facts |= {
        "text": step.text,
        "scores": [round(each.score, 4) for each in result.instances],
        "picked": len(picked),
    }
    return facts | _combined(step, context, *find.union(picked))


def _remove(step: RemoveStep, context: StepContext, kept: RecipeResult) -> Facts:
    document = context.document
    options = step.options(document.size)

    def work(assigned: Assignment) -> tuple[RemoveResult, Facts]:
        request = remove.plan(
            document.view,
            document.mask,
            options,
            assigned.choice,
            alpha=document.alpha,
            seed=step.seed,
        )
        result = tasks.remove(assigned.backend, request, context.job)
        return result, engine_facts(result.engine, assigned.choice)

    result, facts = context.runner.run(Capability.REMOVE, work, wanted=step.engine)
    kept.keep(document.mask, result.patches)
    written = remove.apply(context.writer, result, keep_mask=step.keep_selection)
    return facts | {
        "seed": result.seed,
        "grow_px": options.grow_px,
        "feather_px": options.feather_px,
        "holes": [patch.rect for patch in result.patches],
        **asdict(written),
        "notes": list(result.notes),
    }


def _paint(
    step: PaintStep, context: StepContext, kept: RecipeResult
) -> tuple[PaintedVariants, Facts]:
    """Paint each variant, and show the first; the mask is cleared."""

    def work(assigned: Assignment) -> tuple[Requests, Results, Facts]:
        requests = paint.requests(_planned(step, context, assigned.choice), step.variants)
        results = paint.run(assigned, requests, context.job)
        return requests, results, _paint_facts(requests[0], assigned)

    requests, results, facts = context.runner.run(
        Capability.INPAINT, work, model=step.draft.settings.checkpoint
    )
    for each in results:
        kept.keep(context.document.mask, each.patches)
    painted = PaintedVariants(context.writer, requests, results)
    variants = [_variant_facts(painted, number, result) for number, result in enumerate(results)]
    if painted.count > 1:
        painted.show(0)
    select.clear(context.writer)
    return painted, facts | {
        "holes": [patch.rect for patch in results[0].patches],
        "ring_px": tasks.ring_size(results[0].patches),
        "changed_outside_px": sum(variant["changed_outside_px"] for variant in variants),
        "variants": variants,
    }


def _planned(step: PaintStep, context: StepContext, chosen: Choice) -> InpaintRequest:
    """The request of the first variant, with all that the step leaves open."""
    model, document = chosen.model, context.document
    assert model is not None
    assert model.family is not None
    work = paint.PlanPainting(
        view=document.view,
        mask=document.mask,
        options=step.options(document.size),
        settings=replace(step.draft.completed(model.family), checkpoint=model.name),
        profile=PROFILES[model.family],
        seed=step.seed,
    )
    return work.run(context.job)


def _paint_facts(request: InpaintRequest, assigned: Assignment) -> Facts:
    settings, model = request.settings, assigned.choice.model
    return {
        "engine": assigned.backend.name,
        "model": model.name if model else "",
        "reason": assigned.choice.reason,
        "steps": settings.steps,
        "guidance": settings.guidance,
        "sampler": settings.sampler,
        "scheduler": settings.scheduler,
        "loras": [list(lora) for lora in settings.loras],
    }


def _variant_facts(painted: PaintedVariants, number: int, result: InpaintResult) -> Facts:
    return {
        "seed": result.seed,
        "sigmas": [len(record.sigmas) for record in result.paint_records],
        "models": sorted({record.model for record in result.paint_records}),
        "device": sorted({record.device for record in result.paint_records}),
        "precision": sorted({record.precision for record in result.paint_records}),
        "changed_outside_px": painted.show(number).changed_outside_px,
        "notes": list(result.notes),
    }


def engine_facts(engine: str, chosen: Choice) -> Facts:
    """The engine that did it, and a code that says why it was no better one."""
    model = chosen.model.name if chosen.backend in choice.HERE and chosen.model else ""
    return {"engine": engine, "model": model, "reason": chosen.reason}
