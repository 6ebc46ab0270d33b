"""Recipes: the steps of a job as a small YAML file.

    lacuna: 1
    steps:
      - select: {points: [[120, 340]], not: [[10, 10]]}
      - select: {box: ["10%", "10%", "30%", "20%"], mode: add}
      - adjust: {grow: 2, fill_holes: true}
      - remove: {grow: 6, feather: 4, seed: 1}
    output: {format: jpeg, quality: 90}

Places are pixels, or shares of the picture's width and height as "12.5%".
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import yaml

from engine.adjust import Adjustments
from engine.crops import RemoveOptions
from engine.errors import RecipeInvalid
from engine.fields import Fields, checked, is_list, is_mapping, shown
from engine.formats import FORMATS
from engine.geometry import Rect, Size
from engine.requests import Click

MAX_BYTES = 64_000
MAX_STEPS = 100
MAX_POINTS = 200
FAR_PX = 1_000_000.0
MODES = ("replace", "add", "subtract", "intersect")
WRITABLE = tuple(known.name for known in FORMATS if known.writable)


class Place(NamedTuple):
    """A coordinate or a length: pixels, or a share of the picture's side."""

    value: float
    is_share: bool = False

    def px(self, side_px: int) -> float:
        return self.value * side_px if self.is_share else self.value


class Point(NamedTuple):
    """A click to be made."""

    x: Place
    y: Place
    positive: bool = True

    def click(self, size: Size) -> Click:
        return Click(self.x.px(size.width), self.y.px(size.height), self.positive)


class Box(NamedTuple):
    """A rectangle to be drawn."""

    x: Place
    y: Place
    width: Place
    height: Place

    def rect(self, size: Size) -> Rect:
        """In pixels, cut to the picture; may be empty."""
        left, top = self.x.px(size.width), self.y.px(size.height)
        right, bottom = left + self.width.px(size.width), top + self.height.px(size.height)
        return Rect.between(round(left), round(top), round(right), round(bottom)).clamp(size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    """Mark something: by points, by a box, or from a mask file."""

    points: tuple[Point, ...] = ()
    box: Box | None = None
    mask: Path | None = None
    candidate: int = 1  # the n-th best answer
    mode: str = "replace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjust:
    """Change the mask as the sliders do."""

    adjustments: Adjustments


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    """Erase what is marked; None: by the size of the picture."""

    grow_px: int | None = None
    feather_px: int | None = None
    context_px: int | None = None
    match: float = 1.0
    seed: int = 0

    def options(self, size: Size) -> RemoveOptions:
        usual = RemoveOptions.for_size(size)
        return RemoveOptions(
            grow_px=usual.grow_px if self.grow_px is None else self.grow_px,
            feather_px=usual.feather_px if self.feather_px is None else self.feather_px,
            context_px=self.context_px,
            match=self.match,
        )


Step: TypeAlias = Select | Adjust | Remove


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """How results are written."""

    format: str | None = None  # None: as the source, PNG where that cannot be written
    quality: int = 92
    private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What to do with each picture."""

    steps: tuple[Step, ...]
    output: Output = field(default_factory=Output)


def load(path: Path) -> Recipe:
    """Read a recipe file; mask files are looked for beside it. Raises RecipeInvalid."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise RecipeInvalid(str(path), error.strerror or "it cannot be read") from error
    return parse(content, path.parent)


def parse(content: bytes, folder: Path) -> Recipe:
    """The recipe in these bytes. Raises RecipeInvalid, which names the step and what is allowed."""
    top = Fields(_yaml(content), "the recipe")
    if top.whole("lacuna", 1, 1) is None:
        raise RecipeInvalid("the recipe", "has no line 'lacuna: 1'")
    raw_steps = top.items("steps", MAX_STEPS)
    raw_output = top.take("output")
    top.end()
    steps = tuple(_step(raw, number, folder) for number, raw in enumerate(raw_steps, 1))
    _check_order(steps)
    return Recipe(steps=steps, output=Output() if raw_output is None else _output(raw_output))


def _yaml(content: bytes) -> Any:
    if len(content) > MAX_BYTES:
        raise RecipeInvalid("the recipe", f"is longer than {MAX_BYTES} bytes")
    try:
        return yaml.safe_load(content)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1} of the recipe" if mark else "the recipe"
        problem = getattr(error, "problem", None) or "not readable"
        raise RecipeInvalid(where, f"is no YAML: {problem}") from error


def _check_order(steps: tuple[Step, ...]) -> None:
    """A removal takes the mask with it: each needs a selection of its own."""
    if not steps:
        raise RecipeInvalid("the recipe", "has no steps")
    marked = False
    for number, step in enumerate(steps, 1):
        if not isinstance(step, Select) and not marked:
            raise RecipeInvalid(f"step {number}", "nothing is selected here; put a select before")
        marked = not isinstance(step, Remove)


def _step(raw: Any, number: int, folder: Path) -> Step:
    where = f"step {number}"
    if not is_mapping(raw) or len(raw) != 1:
        raise RecipeInvalid(where, "must be one of select, adjust, remove with its settings")
    name, settings = next(iter(raw.items()))
    where = f"{where} ({shown(name).strip(chr(39))})"
    fields = Fields({} if settings is None else settings, where)
    match name:
        case "select":
            step = _select(fields, where, folder)
        case "adjust":
            step = _adjust(fields)
        case "remove":
            step = _remove(fields)
        case _:
            raise RecipeInvalid(where, "is no step; allowed: select, adjust, remove")
    fields.end()
    return step


def _select(fields: Fields, where: str, folder: Path) -> Select:
    points = [_point(raw, fields.at("points"), True) for raw in fields.items("points", MAX_POINTS)]
    points += [_point(raw, fields.at("not"), False) for raw in fields.items("not", MAX_POINTS)]
    box, mask = fields.take("box"), fields.take("mask")
    if mask is not None and not isinstance(mask, str):
        raise RecipeInvalid(fields.at("mask"), f"must be a file name, found {shown(mask)}")
    if [bool(points), box is not None, mask is not None].count(True) != 1:
        raise RecipeInvalid(where, "needs exactly one of points, box, mask")
    if points and not any(point.positive for point in points):
        raise RecipeInvalid(where, "needs a point that is not under 'not'")
    return Select(
        points=tuple(points),
        box=None if box is None else Box(*_places(box, fields.at("box"), 4)),
        mask=None if mask is None else folder / mask,
        candidate=fields.whole("candidate", 1, 3) or 1,
        mode=fields.choice("mode", MODES, "replace"),
    )


def _point(raw: Any, where: str, positive: bool) -> Point:
    x, y = _places(raw, where, 2)
    return Point(x, y, positive)


def _places(raw: Any, where: str, count: int) -> list[Place]:
    if not is_list(raw) or len(raw) != count:
        raise RecipeInvalid(where, f"must be {count} numbers or percentages, found {shown(raw)}")
    return [place(value, where) for value in raw]


def place(raw: Any, where: str) -> Place:
    """A number of pixels, or a text like "12.5%". Raises RecipeInvalid."""
    if isinstance(raw, str) and raw.strip().endswith("%"):
        try:
            share = float(raw.strip()[:-1])
        except ValueError:
            raise RecipeInvalid(where, f"{shown(raw)} is no percentage") from None
        return Place(checked(share, where, -1000, 1000) / 100, True)
    return Place(checked(raw, where, -FAR_PX, FAR_PX))


def _adjust(fields: Fields) -> Adjust:
    return Adjust(
        adjustments=Adjustments(
            fill_holes=fields.flag("fill_holes"),
            min_island_px=fields.whole("min_island", 0, 10_000_000) or 0,
            smooth_px=fields.number("smooth", 0, 500) or 0.0,
            grow_px=fields.number("grow", -2000, 2000) or 0.0,
            feather_px=fields.number("feather", 0, 1000) or 0.0,
            invert=fields.flag("invert"),
        )
    )


def _remove(fields: Fields) -> Remove:
    match = fields.number("match", 0, 1)
    return Remove(
        grow_px=fields.whole("grow", 0, 500),
        feather_px=fields.whole("feather", 0, 500),
        context_px=fields.whole("context", 0, 10_000),
        match=1.0 if match is None else match,
        seed=fields.whole("seed", 0, 2**31 - 1) or 0,
    )


def _output(raw: Any) -> Output:
    fields = Fields(raw, "output")
    output = Output(
        format=fields.choice("format", WRITABLE, "") or None,
        quality=fields.whole("quality", 1, 100) or Output().quality,
        private=fields.flag("private"),
    )
    fields.end()
    return output
