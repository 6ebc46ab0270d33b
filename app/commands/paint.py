"""The painting step of a recipe: variants of one place, of which a document shows one."""

from dataclasses import replace
from typing import Any

from app.document.document import Document
from engine import tasks
from engine.dispatch.runner import Assignment, Runner
from engine.geometry import Native, Rect
from engine.image_io.headers.a1111 import text_of
from engine.jobs.backend import Capability, JobContext
from engine.jobs.paint_settings import PaintSettings
from engine.jobs.progress import ProgressSlice
from engine.jobs.requests import InpaintRequest, InpaintResult, Patch
from engine.models.families import PROFILES
from engine.recipes.steps import PaintStep


class VariantSet:
    """The variants of one painting; the document shows one at a time."""

    def __init__(
        self, document: Document, results: tuple[InpaintResult, ...], settings: PaintSettings
    ) -> None:
        self._document, self._results, self._settings = document, results, settings
        rects = {patch.rect for result in results for patch in result.patches}
        self._below: list[tuple[Rect, Native]] = [
            (rect, document.native[rect.slices].copy()) for rect in rects
        ]

    @property
    def count(self) -> int:
        return len(self._results)

    def patches(self, number: int) -> tuple[Patch, ...]:
        return self._results[number].patches

    def parameters(self, number: int) -> str:
        """How a variant was made, in the words that other programs read."""
        result = self._results[number]
        making = result.makings[0]
        return text_of(self._settings, result.seed, making.fit.canvas, making.model)

    def show(self, number: int) -> int:
        """Put a variant in the place of another; returns what changed outside its ring: 0."""
        native = self._document.writable("image")
        for rect, before in self._below:
            native[rect.slices] = before
        self._document.refresh([rect for rect, _ in self._below])
        return sum(self._document.write(patch) for patch in self.patches(number))


def paint(
    step: PaintStep, document: Document, runner: Runner, job: JobContext
) -> tuple[VariantSet, dict[str, Any]]:
    """Paint what is marked, once for each seed; the mask goes with it. Raises EngineErrors."""

    def work(assigned: Assignment) -> tuple[tuple[InpaintResult, ...], dict[str, Any]]:
        model = assigned.choice.model
        request = _planned(step, document, assigned)
        results: list[InpaintResult] = []
        for number, seed in enumerate(step.seeds):
            part = ProgressSlice(job, number / step.variants, 1 / step.variants)
            result = tasks.run(assigned.backend, replace(request, seed=seed), part)
            assert isinstance(result, InpaintResult)
            results.append(result)
        settings = request.settings
        return tuple(results), {
            "settings": settings,
            "engine": assigned.backend.name,
            "model": model.name if model else "",
            "reason": assigned.choice.reason,
            "steps": settings.steps,
            "guidance": settings.guidance,
            "sampler": settings.sampler,
            "scheduler": settings.scheduler,
            "loras": [list(lora) for lora in settings.loras],
        }

    results, facts = runner.run(Capability.INPAINT, work, model=step.draft.settings.checkpoint)
    shown = VariantSet(document, results, facts.pop("settings"))
    variants = [_fact(shown, number, result) for number, result in enumerate(results)]
    if len(variants) > 1:
        shown.show(0)
    document.writable_mask()[:] = 0
    return shown, facts | {
        "holes": [list(patch.rect) for patch in results[0].patches],
        "ring_px": tasks.ring_size(results[0].patches),
        "changed_outside_px": sum(variant["changed_outside_px"] for variant in variants),
        "variants": variants,
    }


def _planned(step: PaintStep, document: Document, assigned: Assignment) -> InpaintRequest:
    model = assigned.choice.model
    assert model is not None
    assert model.family is not None
    settings = replace(step.draft.completed(model.family), checkpoint=model.name)
    return tasks.plan_inpaint(
        document.view,
        document.mask,
        step.options(document.size),
        settings,
        profile=PROFILES[model.family],
    )


def _fact(shown: VariantSet, number: int, result: InpaintResult) -> dict[str, Any]:
    return {
        "seed": result.seed,
        "sigmas": [len(making.sigmas) for making in result.makings],
        "models": sorted({making.model for making in result.makings}),
        "device": sorted({making.device for making in result.makings}),
        "precision": sorted({making.precision for making in result.makings}),
        "changed_outside_px": shown.show(number),
        "notes": list(result.notes),
    }
