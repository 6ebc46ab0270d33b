"""Parses the steps of a YAML recipe into records; every complaint says what is allowed."""

from pathlib import Path
from typing import Any

from engine.dispatch.choice import AUTO, WANTED
from engine.errors import RecipeInvalid
from engine.jobs.paint_settings import (
    LIMITS,
    MAX_LORAS,
    MAX_SEED,
    MAX_STEPS,
    MAX_VARIANTS,
    SAMPLERS,
    SCHEDULERS,
    Lora,
    PaintDraft,
    PaintSettings,
    StartFrom,
)
from engine.jobs.requests import FIND_FLOOR, MAX_INSTANCES
from engine.recipes.coordinates import Example, box, point
from engine.recipes.steps import (
    ALL,
    BEST,
    AdjustStep,
    FindStep,
    MaskPath,
    PaintStep,
    RemoveStep,
    SelectStep,
    Step,
)
from engine.recipes.yaml_fields import Fields, checked, is_list, is_mapping, shown
from engine.selection.adjust import Adjustments
from engine.selection.masks import CombineMode

MAX_POINTS = 200
MAX_TEXT = 10_000
MODES = tuple(mode.value for mode in CombineMode)
NAMES = ("select", "find", "adjust", "remove", "paint")


def step(raw: Any, number: int, folder: Path) -> Step:
    """One step; mask files are looked for in `folder`. Raises RecipeInvalid."""
    where = f"step {number}"
    if not is_mapping(raw) or len(raw) != 1:
        raise RecipeInvalid(where, f"must be one of {', '.join(NAMES)} with its settings")
    name, settings = next(iter(raw.items()))
    where = f"{where} ({shown(name).strip(chr(39))})"
    if name not in NAMES:
        raise RecipeInvalid(where, f"is no step; allowed: {', '.join(NAMES)}")
    fields = Fields({} if settings is None else settings, where)
    match name:
        case "select":
            found = _select(fields, where, folder)
        case "find":
            found = _find(fields, where)
        case "adjust":
            found = _adjust(fields)
        case "remove":
            found = _remove(fields)
        case _:
            found = _paint(fields)
    fields.end()
    return found


def _select(fields: Fields, where: str, folder: Path) -> SelectStep:
    points = [point(raw, fields.at("points"), True) for raw in fields.items("points", MAX_POINTS)]
    points += [point(raw, fields.at("not"), False) for raw in fields.items("not", MAX_POINTS)]
    boxes = [box(raw, fields.at("boxes")) for raw in fields.items("boxes", MAX_POINTS)]
    if (raw_box := fields.take("box")) is not None:
        boxes.append(box(raw_box, fields.at("box")))
    masks, subject = _masks(fields, folder), fields.flag("subject")
    if (bool(masks), bool(points or boxes), subject).count(True) != 1:
        raise RecipeInvalid(where, "needs exactly one of points or boxes, mask, subject")
    if not masks and not boxes and not subject and not any(each.positive for each in points):
        raise RecipeInvalid(where, "needs a box, or a point that is not under 'not'")
    return SelectStep(
        points=tuple(points),
        boxes=tuple(boxes),
        masks=masks,
        subject=subject,
        candidate=fields.whole("candidate", 1, 3) or 1,
        mode=CombineMode(fields.choice("mode", MODES, MODES[0])),
        soft_edge=fields.flag("soft_edge"),
        engine=fields.choice("engine", WANTED, AUTO),
    )


def _masks(fields: Fields, folder: Path) -> tuple[MaskPath, ...]:
    """One name or a list of them."""
    raw = fields.take("mask")
    names = raw if is_list(raw) else [] if raw is None else [raw]
    for name in names:
        if not isinstance(name, str):
            raise RecipeInvalid(fields.at("mask"), f"must be a file name, found {shown(name)}")
    return tuple(MaskPath(name=name, folder=folder) for name in names)


def _find(fields: Fields, where: str) -> FindStep:
    text = fields.text("text", MAX_TEXT).strip()
    examples = [
        Example(box(raw, fields.at(name)), positive)
        for name, positive in (("boxes", True), ("not", False))
        for raw in fields.items(name, MAX_POINTS)
    ]
    if not text and not any(example.positive for example in examples):
        raise RecipeInvalid(where, "needs a text, or boxes around examples")
    threshold = fields.number("threshold", FIND_FLOOR, 1)
    return FindStep(
        text=text,
        examples=tuple(examples),
        threshold=FindStep().threshold if threshold is None else threshold,
        pick=_pick(fields),
        mode=CombineMode(fields.choice("mode", MODES, MODES[0])),
        soft_edge=fields.flag("soft_edge"),
    )


def _pick(fields: Fields) -> str | tuple[int, ...]:
    raw = fields.take("pick")
    if raw is None or raw in (ALL, BEST):
        return raw or ALL
    if not is_list(raw) or not raw:
        allowed = f"must be {ALL}, {BEST}, or a list of numbers"
        raise RecipeInvalid(fields.at("pick"), f"{allowed}, found {shown(raw)}")
    numbers = [checked(number, fields.at("pick"), 1, MAX_INSTANCES) for number in raw]
    return tuple(int(number) for number in numbers)


def _adjust(fields: Fields) -> AdjustStep:
    return AdjustStep(
        adjustments=Adjustments(
            fill_holes=fields.flag("fill_holes"),
            min_island_px=fields.whole("min_island", 0, 10_000_000) or 0,
            smooth_px=fields.number("smooth", 0, 500) or 0.0,
            grow_px=fields.number("grow", -2000, 2000) or 0.0,
            feather_px=fields.number("feather", 0, 1000) or 0.0,
            invert=fields.flag("invert"),
        )
    )


def _remove(fields: Fields) -> RemoveStep:
    return RemoveStep(
        **_reach(fields),
        seed=fields.whole("seed", 0, 2**31 - 1) or 0,
        engine=fields.choice("engine", WANTED, AUTO),
        keep_selection=fields.flag("keep_selection"),
    )


def _paint(fields: Fields) -> PaintStep:
    return PaintStep(
        **_reach(fields),
        draft=_draft(fields),
        seed=fields.exact("seed", 0, MAX_SEED) or 0,
        variants=fields.whole("variants", 1, MAX_VARIANTS) or 1,
    )


def _draft(fields: Fields) -> PaintDraft:
    usual = PaintSettings()
    strength = fields.number("strength", *LIMITS["strength"])
    starts = [start.value for start in StartFrom]
    return PaintDraft().changed(
        prompt=fields.text("prompt", MAX_TEXT),
        negative_prompt=fields.text("avoid", MAX_TEXT),
        checkpoint=fields.text("model", MAX_TEXT),
        loras=tuple(_lora(raw, fields.at("loras")) for raw in fields.items("loras", MAX_LORAS)),
        steps=fields.whole("steps", 1, MAX_STEPS),
        guidance=fields.number("guidance", *LIMITS["guidance"]),
        sampler=fields.choice("sampler", SAMPLERS, "") or None,
        scheduler=fields.choice("scheduler", SCHEDULERS, "") or None,
        strength=usual.strength if strength is None else strength,
        start_from=StartFrom(fields.choice("start_from", starts, usual.start_from.value)),
        refine=fields.flag("refine", usual.refine),
    )


def _lora(raw: Any, where: str) -> Lora:
    """A name, or a name with its weight."""
    fields = Fields({"name": raw} if isinstance(raw, str) else raw, where)
    name, weight = fields.text("name", MAX_TEXT), fields.number("weight", -10, 10)
    fields.end()
    if not name:
        raise RecipeInvalid(where, "a LoRA needs a name")
    return Lora(name, 1.0 if weight is None else weight)


def _reach(fields: Fields) -> dict[str, Any]:
    match = fields.number("match", 0, 1)
    return {
        "grow_px": fields.whole("grow", 0, 500),
        "feather_px": fields.whole("feather", 0, 500),
        "context_px": fields.whole("context", 0, 10_000),
        "match": 1.0 if match is None else match,
        "soft_edge": fields.flag("soft_edge"),
    }
