"""The Paint panel as one frozen record: a draft of settings and the fields of the panel alone."""

from dataclasses import dataclass, replace

from engine.jobs import paint_settings
from engine.jobs.paint_settings import (
    FLUX_SCHEDULER,
    MAX_VARIANTS,
    SAMPLERS,
    SCHEDULERS,
    PaintDraft,
    PaintSettings,
)
from engine.models.families import Family

LIMITS: dict[str, tuple[float, float]] = {
    **paint_settings.LIMITS,
    "weight": (-2.0, 2.0),
    "variants": (1, MAX_VARIANTS),
    "context_px": (16, 2048),
}
MAX_PROMPT = 10_000  # characters
MAX_NAME = 255
FLUX_SCHEDULERS = (FLUX_SCHEDULER, "normal", "beta")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaintChoices(PaintDraft):
    """All but grow and feather, which follow the size of the picture."""

    family: str = ""  # whose first checkpoint is taken when the named one is not at hand
    loras_off: frozenset[str] = frozenset()  # in the settings' list with their weights, unused
    context_px: int | None = None
    variants: int = 4
    seed: int = 0
    is_seed_fixed: bool = False

    def lora_switched(self, name: str, *, is_on: bool) -> "PaintChoices":
        """With a LoRA of the list on or off."""
        off = self.loras_off - {name} if is_on else self.loras_off | {name}
        return replace(self, loras_off=off)


def samplers_of(family: Family | None) -> tuple[str, ...]:
    """The samplers offered for a family; for FLUX Euler alone."""
    return ("euler",) if family is not None and family.is_flux else SAMPLERS


def schedulers_of(family: Family | None) -> tuple[str, ...]:
    """The schedulers offered for a family."""
    return FLUX_SCHEDULERS if family is not None and family.is_flux else SCHEDULERS


def settings_of(choices: PaintChoices, family: Family | None) -> PaintSettings:
    """The choices with nothing left open; a sampler the family lacks becomes its first."""
    settings = choices.settings
    if settings.sampler not in samplers_of(family):
        choices = choices.changed(sampler=None)
    if settings.scheduler not in schedulers_of(family):
        choices = choices.changed(scheduler=None)
    on = tuple(lora for lora in settings.loras if lora.name not in choices.loras_off)
    return replace(choices.completed(family), loras=on)


def changed_family(choices: PaintChoices, old: Family | None, new: Family | None) -> PaintChoices:
    """The choices under another base model: everything stays, but between FLUX and others.

    FLUX has samplers and a scale of guidance of its own: these are left open then.
    """
    if old is None or new is None or old.is_flux == new.is_flux:
        return choices
    return choices.changed(guidance=None, sampler=None, scheduler=None)


def choices_of(settings: PaintSettings, seed: int, onto: PaintChoices) -> PaintChoices:
    """The choices that ask for these settings again; the LoRAs that are off stay in the list."""
    names = {lora.name for lora in settings.loras}
    off = tuple(
        lora
        for lora in onto.settings.loras
        if lora.name in onto.loras_off and lora.name not in names
    )
    return replace(
        onto,
        settings=replace(settings, loras=(*settings.loras, *off)),
        left_open=frozenset(),
        loras_off=frozenset(lora.name for lora in off),
        seed=seed,
        is_seed_fixed=True,
    )
