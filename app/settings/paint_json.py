"""The choices of the Paint panel as JSON, for presets and for the next start.

Reading trusts nothing: an unknown key, a wrong type or a number out of its range is a Misfit.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, cast

from app.settings.paint_choices import (
    LIMITS,
    MAX_LORAS,
    MAX_NAME,
    MAX_PROMPT,
    LoraChoice,
    PaintChoices,
)
from engine.jobs.paint_settings import SAMPLERS, SCHEDULERS, StartFrom
from engine.models.families import Family

PROMPTS = ("prompt", "negative_prompt")
KEPT = (
    "checkpoint", "family", "loras", "steps", "guidance", "sampler", "scheduler", "strength",
    "start_from", "refine", "context_px", "variants",
)  # fmt: skip
"""What is kept without the prompts; a seed belongs to a picture."""


class ValueMisfit(ValueError):
    """A value that cannot be used: its key, and a code of engine.errors.PresetInvalid."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(key, reason)
        self.key, self.reason = key, reason


def of_choices(choices: PaintChoices, *, prompts: bool) -> dict[str, Any]:
    form: dict[str, Any] = {name: getattr(choices, name) for name in KEPT}
    form["loras"] = [[lora.name, lora.weight, lora.is_on] for lora in choices.loras]
    form["start_from"] = choices.start_from.value
    if prompts:
        form |= {name: getattr(choices, name) for name in PROMPTS}
    return form


def to_choices(form: Mapping[str, Any], onto: PaintChoices) -> PaintChoices:
    """`onto` with what the form says. Raises Misfit."""
    read: dict[str, Any] = {}
    for key, value in form.items():
        if key not in _READERS:
            raise ValueMisfit(key, "unknown")
        read[key] = _READERS[key](key, value)
    return replace(onto, **read)


def usable(form: Mapping[str, Any], onto: PaintChoices) -> PaintChoices:
    """The same, leaving out whatever does not fit: settings of our own, perhaps edited by hand."""
    for key, value in form.items():
        try:
            onto = to_choices({key: value}, onto)
        except ValueMisfit:
            continue
    return onto


def _text(limit: int) -> Callable[[str, object], str]:
    def read(key: str, value: object) -> str:
        if not isinstance(value, str):
            raise ValueMisfit(key, "type")
        if len(value) > limit:
            raise ValueMisfit(key, "long")
        if any(
            "\ud800" <= letter <= "\udfff" for letter in value
        ):  # half pairs: no file takes them
            raise ValueMisfit(key, "type")
        return value

    return read


def _number(key: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueMisfit(key, "type")
    low, high = LIMITS[key]
    if not low <= value <= high:  # nor is NaN
        raise ValueMisfit(key, "range")
    return value


def _whole(key: str, value: object) -> int:
    found = _number(key, value)
    if not isinstance(found, int):
        raise ValueMisfit(key, "type")
    return found


def _or_none(read: Callable[[str, object], Any]) -> Callable[[str, object], Any]:
    return lambda key, value: None if value is None else read(key, value)


def _one_of(*known: str) -> Callable[[str, object], str]:
    def read(key: str, value: object) -> str:
        if _text(MAX_NAME)(key, value) not in known:
            raise ValueMisfit(key, "choice")
        return str(value)

    return read


def _truth(key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueMisfit(key, "type")
    return value


def _start(key: str, value: object) -> StartFrom:
    return StartFrom(_one_of(*(each.value for each in StartFrom))(key, value))


def _loras(key: str, value: object) -> tuple[LoraChoice, ...]:
    if not isinstance(value, list):
        raise ValueMisfit(key, "type")
    entries = cast("list[object]", value)
    if len(entries) > MAX_LORAS:
        raise ValueMisfit(key, "long")
    return tuple(_lora(key, entry) for entry in entries)


def _lora(key: str, value: object) -> LoraChoice:
    entry = cast("list[object]", value) if isinstance(value, list) else []
    if len(entry) != 3:
        raise ValueMisfit(key, "type")
    name, weight, is_on = entry
    return LoraChoice(_text(MAX_NAME)(key, name), _number("weight", weight), _truth(key, is_on))


_READERS: dict[str, Callable[[str, object], Any]] = {
    "prompt": _text(MAX_PROMPT),
    "negative_prompt": _text(MAX_PROMPT),
    "checkpoint": _text(MAX_NAME),
    "family": _one_of("", *(family.value for family in Family)),
    "loras": _loras,
    "steps": _or_none(_whole),
    "guidance": _or_none(_number),
    "sampler": _one_of("", *SAMPLERS),
    "scheduler": _one_of("", *SCHEDULERS),
    "strength": _number,
    "start_from": _start,
    "refine": _truth,
    "context_px": _or_none(_whole),
    "variants": _whole,
}
