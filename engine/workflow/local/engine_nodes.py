"""Nodes that need an engine: find, remove and paint in crops, and compositing.

ComfyUI removes and paints in the whole picture, in 8 bits, at whatever size it has, and every pixel
passes through the model. Here crops around the masks are scaled to the model, and nothing changes
outside the masks and their soft edge. Intent and numbers are those of the graph, the pixels are
not: each report says so.
"""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from engine import tasks
from engine.dispatch import choice
from engine.dispatch.runner import Assignment, Runner
from engine.errors import NothingFound
from engine.geometry import Mask, Rect, Size
from engine.inpaint.crops import RemoveOptions
from engine.jobs.backend import Backend, Capability, JobContext
from engine.jobs.paint_settings import MAX_SEED, Lora, PaintSettings
from engine.jobs.progress import ProgressSlice
from engine.jobs.requests import Candidate, FindRequest, Hole, Patch
from engine.models.model_file import Installed, ModelFile
from engine.workflow.local.mask_nodes import painted_area, removed_area, resized_mask
from engine.workflow.local.origin import Origin
from engine.workflow.local.photo import Photo, PhotoStep, apply_step
from engine.workflow.local.requirements import base_model, posix_name
from engine.workflow.local.values import (
    Composite,
    FoundInstances,
    Phrase,
    RemovedPicture,
    Sampled,
)

FLUX_GUIDANCE = 3.5  # without a FluxGuidance node
PREFERRED_BACKENDS = {
    Capability.FIND: choice.LOCAL,
    Capability.REMOVE: choice.AUTO,  # the built-in engine will do
    Capability.INPAINT: choice.LOCAL,
}
"""No server is asked: the workflow runs on this computer."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NodeReport:
    """The facts of one executed node, for messages and `--json`."""

    origin: Origin
    verb: str  # find, remove, paint, lay
    facts: dict[str, Any] = field(default_factory=dict[str, Any])


def find(found: FoundInstances, photo: Photo, runner: Runner, job: JobContext) -> tuple[
    tuple[Mask, ...], NodeReport
]:  # fmt: skip
    """A mask `(H, W) uint8` for each instance. Raises NothingFound; ComfyUI would go on."""

    def work(assigned: Assignment) -> tuple[list[Candidate], dict[str, Any]]:
        picked: list[Candidate] = []
        for number, phrase in enumerate(found.phrases):
            part = ProgressSlice(job, number / len(found.phrases), 1 / len(found.phrases))
            picked += _instances(assigned.backend, photo, phrase, found.threshold, part)
        return picked, _engine_facts(assigned)

    picked, facts = runner.run(Capability.FIND, work, wanted=PREFERRED_BACKENDS[Capability.FIND])
    if not picked:
        raise NothingFound
    facts |= {
        "text": ", ".join(phrase.text for phrase in found.phrases),
        "scores": [round(each.score, 4) for each in picked],
        "picked": len(picked),
    }
    masks = tuple(_full_mask(each, photo.size) for each in picked)
    return masks, NodeReport(origin=found.origin, verb="find", facts=facts)


def _instances(
    backend: Backend, photo: Photo, phrase: Phrase, threshold: float, job: JobContext
) -> list[Candidate]:
    request = FindRequest(image=photo.view, key=photo.content_key, prompt=phrase.text)
    try:
        result = backend.find(request, job)
    except NothingFound:
        return []
    likely = [each for each in result.instances if each.score >= threshold]
    return likely[: phrase.limit]


def _full_mask(candidate: Candidate, size: Size) -> Mask:
    mask = np.zeros((size.height, size.width), np.uint8)
    mask[candidate.rect.slices] = candidate.mask
    return mask


def remove(
    removal: RemovedPicture, photo: Photo, mask: Mask, runner: Runner, job: JobContext
) -> tuple[Photo, NodeReport]:
    """Remove the area that the node would have filled; `mask` is `(h, w) uint8`.

    Raises EngineErrors.
    """
    area = removed_area(
        resized_mask(mask, photo.size),
        radius_px=removal.radius_px,
        threshold=removal.threshold,
        inverted=removal.inverted,
    )

    def work(assigned: Assignment) -> tuple[PhotoStep, dict[str, Any]]:
        options = replace(_options(photo), profile=choice.profile(assigned.choice))
        request = tasks.plan_remove(photo.view, area, options, alpha=photo.picture.alpha)
        result = tasks.remove(assigned.backend, request, job)
        step = PhotoStep(
            origin=removal.origin, verb="remove", patches=result.patches, result=result
        )
        notes = {"notes": list(result.notes)}
        return step, _engine_facts(assigned) | notes | _crop_facts(request.holes, options)

    return _applied(
        photo, *runner.run(Capability.REMOVE, work, wanted=PREFERRED_BACKENDS[Capability.REMOVE])
    )


def paint(
    sampled: Sampled, photo: Photo, mask: Mask | None, number: int, runner: Runner,
    job: JobContext,
) -> tuple[Photo, NodeReport]:  # fmt: skip
    """Paint the (H, W) area the node would have painted; `number` counts within a batch.

    Each picture of a batch has the next seed; ComfyUI continues one stream of noise. Raises
    EngineErrors.
    """
    area = _area(sampled, photo, mask)
    named = base_model(sampled.model, runner.installed)

    def work(assigned: Assignment) -> tuple[PhotoStep, dict[str, Any]]:
        model = assigned.choice.model
        options = replace(_options(photo), profile=choice.profile(assigned.choice))
        settings = _settings(sampled, model, runner.installed)
        seed = (sampled.seed + number) & MAX_SEED
        request = tasks.plan_inpaint(
            photo.view, area, options, settings, profile=options.profile, seed=seed
        )
        result = tasks.inpaint(assigned.backend, request, job)
        step = PhotoStep(
            origin=sampled.origin, verb="paint", patches=result.patches, result=result,
            request=request,
        )  # fmt: skip
        facts = (
            _engine_facts(assigned)
            | _crop_facts(request.holes, options)
            | _settings_facts(settings, seed)
        )
        devices = sorted({record.device for record in result.paint_records})
        facts |= {"device": devices, "notes": [*result.notes, *_differences(sampled, model)]}
        return step, facts

    wanted, name = PREFERRED_BACKENDS[Capability.INPAINT], named.name if named is not None else ""
    return _applied(photo, *runner.run(Capability.INPAINT, work, wanted=wanted, model=name))


def _area(sampled: Sampled, photo: Photo, mask: Mask | None) -> Mask:
    if mask is None:
        return np.full((photo.size.height, photo.size.width), 255, np.uint8)
    mask, growth_px = resized_mask(mask, photo.size), sampled.latent.growth_px
    return mask if growth_px is None else painted_area(mask, growth_px)


def _settings(sampled: Sampled, model: ModelFile | None, installed: Installed) -> PaintSettings:
    """The settings of our painting; FLUX takes its guidance from the prompt alone."""
    guidance = sampled.guidance
    if _is_flux(model):
        said = sampled.positive.guidance
        guidance = FLUX_GUIDANCE if said is None else said
    return PaintSettings(
        prompt=sampled.positive.text,
        negative_prompt=sampled.negative.text,
        checkpoint=model.name if model is not None else sampled.model.name,
        loras=tuple(Lora(posix_name(u.name), u.weight) for u in sampled.model.loras if u.weight),
        steps=sampled.steps,
        guidance=guidance,
        sampler=sampled.sampler,
        scheduler=sampled.scheduler,
        strength=sampled.strength,
        start_from=sampled.latent.start,
    )


def _differences(sampled: Sampled, model: ModelFile | None) -> list[str]:
    """Codes for settings of the graph that our engines do not have."""
    is_flux = _is_flux(model)
    loras = [lora for lora in sampled.model.loras if lora.weight]
    found = {
        "workflow_lora_weights": not is_flux and any(u.weight != u.clip_weight for u in loras),
        "workflow_vae": not is_flux and bool(sampled.latent.vae.name),
        "workflow_zero": not is_flux and sampled.negative.is_zero and sampled.guidance > 1,
        "workflow_flux_cfg": is_flux and sampled.guidance > 1,
    }
    return [*dict.fromkeys(sampled.notes), *(code for code, is_so in found.items() if is_so)]


def _is_flux(model: ModelFile | None) -> bool:
    return model is not None and model.family is not None and model.family.is_flux


def composite(composite: Composite, below: Photo, patch: Patch) -> tuple[Photo, NodeReport]:
    """Lay a patch onto a picture; needs no engine."""
    step = PhotoStep(origin=composite.origin, verb="lay", patches=(patch,))
    return _applied(below, step, {})


def _applied(photo: Photo, step: PhotoStep, facts: dict[str, Any]) -> tuple[Photo, NodeReport]:
    changed, outside_px = apply_step(photo, step)
    facts |= {
        "ring_px": tasks.ring_size(step.patches),
        "changed_outside_px": outside_px,
        "size": list(photo.size),
    }
    return changed, NodeReport(origin=step.origin, verb=step.verb, facts=facts)


def _options(photo: Photo) -> RemoveOptions:
    """Options without growing, which the graph does; feather as usual for this size."""
    return replace(RemoveOptions.for_size(photo.size), grow_px=0)


def _crop_facts(holes: tuple[Hole, ...], options: RemoveOptions) -> dict[str, Any]:
    rects: list[Rect] = [hole.rect for hole in holes]
    return {"crops": [list(rect) for rect in rects], "feather_px": options.feather_px}


def _settings_facts(settings: PaintSettings, seed: int) -> dict[str, Any]:
    return {
        "seed": seed,
        "steps": settings.steps,
        "guidance": settings.guidance,
        "sampler": settings.sampler,
        "scheduler": settings.scheduler,
        "strength": settings.strength,
        "loras": [list(lora) for lora in settings.loras],
    }


def _engine_facts(assigned: Assignment) -> dict[str, Any]:
    """Engine and model, and the code of the choice between them."""
    model = assigned.choice.model
    is_used = assigned.choice.backend in choice.HERE and model is not None
    name = model.name if is_used and model is not None else ""
    return {"engine": assigned.backend.name, "model": name, "reason": assigned.choice.reason}
