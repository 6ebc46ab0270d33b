"""What the Paint panel says, as one frozen record, and what a family of models makes of it."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from engine.jobs.paint_settings import (
    MAX_VARIANTS,
    SAMPLERS,
    SCHEDULERS,
    Lora,
    PaintSettings,
    StartFrom,
)
from engine.models.families import PROFILES, Family, Profile

LIMITS: dict[str, tuple[float, float]] = {
    "steps": (1, 150),
    "guidance": (0.0, 50.0),
    "strength": (0.01, 1.0),
    "weight": (-2.0, 2.0),
    "variants": (1, MAX_VARIANTS),
    "context_px": (16, 2048),
}
MAX_PROMPT = 10_000  # characters
MAX_NAME = 255
MAX_LORAS = 64
FLUX_SCHEDULERS = ("simple", "normal", "beta")


class LoraChoice(NamedTuple):
    """A LoRA in the list; one that is off keeps its weight."""

    name: str  # of a ModelFile
    weight: float = 1.0
    is_on: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PaintChoices:
    """All but grow and feather, which follow the size of the picture.

    None and "" in steps, guidance, sampler and scheduler: as the base model's family wants.
    """

    prompt: str = ""
    negative_prompt: str = ""
    checkpoint: str = ""  # "" = the best at hand
    family: str = ""  # whose first checkpoint is taken when the named one is not at hand
    loras: tuple[LoraChoice, ...] = ()
    steps: int | None = None
    guidance: float | None = None
    sampler: str = ""
    scheduler: str = ""
    strength: float = 1.0
    start_from: StartFrom = StartFrom.ORIGINAL
    refine: bool = True
    context_px: int | None = None
    variants: int = 4
    seed: int = 0
    is_seed_fixed: bool = False


def profile_of(family: Family | None) -> Profile:
    """How a family was trained; without one, as most are."""
    return PROFILES[family if family in PROFILES and family else Family.SD15]


def samplers_of(family: Family | None) -> tuple[str, ...]:
    """What there is; FLUX is walked down by Euler alone."""
    return ("euler",) if family is not None and family.is_flux else SAMPLERS


def schedulers_of(family: Family | None) -> tuple[str, ...]:
    return FLUX_SCHEDULERS if family is not None and family.is_flux else SCHEDULERS


def settings_of(choices: PaintChoices, family: Family | None) -> PaintSettings:
    """The choices with nothing left open; what the family does not have becomes its first."""
    profile = profile_of(family)
    samplers, schedulers = samplers_of(family), schedulers_of(family)
    return PaintSettings(
        prompt=choices.prompt,
        negative_prompt=choices.negative_prompt,
        checkpoint=choices.checkpoint,
        loras=tuple(Lora(each.name, each.weight) for each in choices.loras if each.is_on),
        steps=profile.steps if choices.steps is None else choices.steps,
        guidance=profile.guidance if choices.guidance is None else choices.guidance,
        sampler=choices.sampler if choices.sampler in samplers else samplers[0],
        scheduler=choices.scheduler if choices.scheduler in schedulers else schedulers[0],
        strength=choices.strength,
        start_from=choices.start_from,
        refine=choices.refine,
    )


def moved(choices: PaintChoices, old: Family | None, new: Family | None) -> PaintChoices:
    """The choices under another base model: what the user set stays.

    But FLUX is guided on a scale of its own and has its own samplers: a value is not carried
    over that border.
    """
    if old is None or new is None or old.is_flux == new.is_flux:
        return choices
    return replace(choices, guidance=None, sampler="", scheduler="")


def chosen(settings: PaintSettings, seed: int, onto: PaintChoices) -> PaintChoices:
    """The panel as it was when these settings were asked for; the LoRAs that are off stay."""
    on = tuple(LoraChoice(lora.name, lora.weight) for lora in settings.loras)
    names = {lora.name for lora in on}
    off = tuple(each for each in onto.loras if not each.is_on and each.name not in names)
    return replace(
        onto,
        prompt=settings.prompt,
        negative_prompt=settings.negative_prompt,
        checkpoint=settings.checkpoint,
        loras=(*on, *off),
        steps=settings.steps,
        guidance=settings.guidance,
        sampler=settings.sampler,
        scheduler=settings.scheduler,
        strength=settings.strength,
        start_from=settings.start_from,
        refine=settings.refine,
        seed=seed,
        is_seed_fixed=True,
    )
