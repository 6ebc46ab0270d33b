"""The Paint panel as JSON, for presets and for the next start.

The keys are those of PaintSettings and three of the panel; null or "" leaves a setting open, and
a LoRA is [name, weight, is on]. Reading trusts nothing: an unknown key, a wrong type or a number
out of its range is a ValueMisfit.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, TypeAlias, get_type_hints

import msgspec

from app.settings.paint_choices import LIMITS, MAX_NAME, MAX_PROMPT, PaintChoices
from engine.jobs.paint_settings import (
    MAX_LORAS,
    OPEN,
    SAMPLERS,
    SCHEDULERS,
    Lora,
    PaintSettings,
    StartFrom,
)
from engine.models.families import Family

StoredLora: TypeAlias = tuple[str, float, bool]

PROMPTS = frozenset({"prompt", "negative_prompt"})
_PANEL: dict[str, Any] = {"family": str, "context_px": int | None, "variants": int}
_KINDS: dict[str, Any] = {
    **get_type_hints(PaintSettings),
    **_PANEL,
    "loras": tuple[StoredLora, ...],
    "start_from": str,
}
_LEFT_OPEN: dict[str, object] = {"steps": None, "guidance": None, "sampler": "", "scheduler": ""}
_CHOICES: dict[str, tuple[str, ...]] = {
    "sampler": SAMPLERS,
    "scheduler": SCHEDULERS,
    "start_from": tuple(each.value for each in StartFrom),
    "family": ("", *(family.value for family in Family)),
}


class ValueMisfit(ValueError):
    """A value that cannot be used: its key, and a code of engine.errors.PresetInvalid."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(key, reason)
        self.key, self.reason = key, reason


def store_choices(choices: PaintChoices, *, prompts: bool) -> dict[str, Any]:
    """The choices as plain values, without the seed, which belongs to a picture."""
    values: dict[str, Any] = msgspec.to_builtins(choices.settings)
    values |= {name: _LEFT_OPEN[name] for name in choices.left_open}
    values["loras"] = [
        [*lora, lora.name not in choices.loras_off] for lora in choices.settings.loras
    ]
    values |= {name: getattr(choices, name) for name in _PANEL}
    return values if prompts else {k: v for k, v in values.items() if k not in PROMPTS}


def load_choices(values: Mapping[str, Any], onto: PaintChoices) -> PaintChoices:
    """`onto` with these values. Raises ValueMisfit."""
    for key, value in values.items():
        onto = _with(onto, key, value)
    return onto


def load_usable(values: Mapping[str, Any], onto: PaintChoices) -> PaintChoices:
    """`onto` with the values that fit: our own settings may have been edited by hand."""
    for key, value in values.items():
        try:
            onto = _with(onto, key, value)
        except ValueMisfit:
            continue
    return onto


def _with(onto: PaintChoices, key: str, value: object) -> PaintChoices:
    if key not in _KINDS:
        raise ValueMisfit(key, "unknown")
    if key in OPEN and value == _LEFT_OPEN[key]:
        return onto.changed(**{key: None})
    try:
        read = msgspec.convert(value, _KINDS[key])
    except msgspec.ValidationError as error:
        raise ValueMisfit(key, "type") from error
    if key == "loras":
        return _with_loras(onto, read)
    _check(key, read)
    return onto.changed(**{key: StartFrom(read) if key == "start_from" else read})


def _with_loras(onto: PaintChoices, loras: tuple[StoredLora, ...]) -> PaintChoices:
    if len(loras) > MAX_LORAS:
        raise ValueMisfit("loras", "long")
    for name, weight, _ in loras:
        _check("loras", name)
        _check("weight", weight)
    off = frozenset(name for name, _, is_on in loras if not is_on)
    settings = replace(onto.settings, loras=tuple(Lora(name, w) for name, w, _ in loras))
    return replace(onto, settings=settings, loras_off=off)


def _check(key: str, value: object) -> None:
    """Checks length, choice and range. Raises ValueMisfit."""
    if isinstance(value, str):
        if len(value) > (MAX_PROMPT if key in PROMPTS else MAX_NAME):
            raise ValueMisfit(key, "long")
        if any(
            "\ud800" <= letter <= "\udfff" for letter in value
        ):  # half pairs: no file takes them
            raise ValueMisfit(key, "type")
        if value not in _CHOICES.get(key, (value,)):
            raise ValueMisfit(key, "choice")
    elif key in LIMITS and isinstance(value, int | float):
        low, high = LIMITS[key]
        if not low <= value <= high:  # nor is NaN
            raise ValueMisfit(key, "range")
