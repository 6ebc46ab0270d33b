"""The edits that a report tells of: steps, the ring that they may change, and what was marked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.commands.export import ring_of
from app.commands.recipe import RecipeResult, StepReport
from app.document.document import Lease, Variant
from engine.geometry import Mask, Rect, Size
from engine.jobs.requests import Patch


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Edits:
    """What was done to one picture; each mask is (H, W) uint8."""

    steps: tuple[StepReport, ...]
    ring: Mask  # 255 where something may have changed
    marked: Mapping[
        str, Mask
    ]  # by what it is: "mask", or "blend": how much each pixel was replaced


def of_recipe(result: RecipeResult, size: Size) -> Edits:
    """The edits of a recipe, which knows the masks that were removed or painted over."""
    return Edits(
        steps=tuple(result.reports),
        ring=ring_of_patches(result.patches, size),
        marked={"mask": _mask_of(result.marked, size)},
    )


def of_document(lease: Lease) -> Edits:
    """The edits that the document shows: its applied variants."""
    shown = _shown(lease)
    patches = [patch for each in shown for patch in each.patches]
    return Edits(
        steps=tuple(_step(each) for each in shown),
        ring=ring_of(lease),
        marked={"blend": blend_of_patches(patches, lease.picture.size)},
    )


def ring_of_patches(patches: Sequence[Patch], size: Size) -> Mask:
    """(H, W) uint8: 255 where any of the patches may change something."""
    ring = np.zeros((size.height, size.width), np.uint8)
    for patch in patches:
        ring[patch.rect.slices][patch.blend > 0] = 255
    return ring


def blend_of_patches(patches: Sequence[Patch], size: Size) -> Mask:
    """(H, W) uint8: how much each pixel was replaced, 255 = wholly."""
    blend = np.zeros((size.height, size.width), np.uint8)
    for patch in patches:
        np.maximum(blend[patch.rect.slices], patch.blend, out=blend[patch.rect.slices])
    return blend


def _mask_of(marked: Sequence[tuple[Rect, Mask]], size: Size) -> Mask:
    """(H, W) uint8: all that was removed or painted over."""
    mask = np.zeros((size.height, size.width), np.uint8)
    for rect, part in marked:
        np.maximum(mask[rect.slices], part, out=mask[rect.slices])
    return mask


def _shown(lease: Lease) -> list[Variant]:
    """The last applied variant of each origin: the others are no longer to be seen."""
    by_number = {variant.number: variant for variant in lease.variants}
    applied = [by_number[number] for number in lease.marks.applied if number in by_number]
    return list({variant.origin: variant for variant in applied}.values())


def _step(variant: Variant) -> StepReport:
    facts = {
        "engine": variant.engine,
        "seed": variant.seed,
        "holes": [patch.rect for patch in variant.patches],
        "notes": list(variant.notes),
        **dict(_paint_facts(variant)),
    }
    return StepReport(step="remove" if variant.request is None else "paint", facts=facts)


def _paint_facts(variant: Variant) -> Iterator[tuple[str, Any]]:
    if variant.request is None:
        return
    settings = variant.request.settings
    yield "model", settings.checkpoint
    for name in ("prompt", "steps", "guidance", "sampler", "scheduler"):
        yield name, getattr(settings, name)
    yield "loras", [list(lora) for lora in settings.loras]
    for name in ("device", "precision"):
        yield name, sorted({getattr(record, name) for record in variant.paint_records})
