"""Recipes: the steps of a job as a small YAML file.

    lacuna: 1
    steps:
      - select: {points: [[120, 340]], not: [[10, 10]]}
      - select: {box: ["10%", "10%", "30%", "20%"], mode: add}
      - select: {mask: "masks/{name}.png", mode: add}
      - find: {text: plate with food, threshold: 0.2, pick: all, mode: add}
      - adjust: {grow: 2, fill_holes: true}
      - remove: {grow: 6, feather: 4, seed: 1, engine: auto, keep_selection: true}
      - paint: {prompt: piece of meat, avoid: "watermark, text", steps: 20, variants: 4}
    output: {format: jpeg, quality: 90, compare: true}

Points and boxes of a step add up, and so do the files of `mask: [a.png, b.png]`. {name} is the
picture's name, and a folder as `mask` holds one for each picture. A recipe reads no file outside
its own folder. Places are pixels, or shares of the picture's width and height as "12.5%".
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from engine.errors import RecipeInvalid
from engine.image_io.formats import FORMATS
from engine.recipes.parse import step
from engine.recipes.steps import FindStep, PaintStep, RemoveStep, SelectStep, Step
from engine.recipes.yaml_fields import Fields
from engine.storage.foreign_file import FileTooLong, read_file

MAX_BYTES = 64_000
MAX_STEPS = 100
WRITABLE = tuple(known.name for known in FORMATS if known.writable)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputOptions:
    """How results are written."""

    format: str | None = None  # None: as the source, PNG where that cannot be written
    quality: int | None = None  # 1 to 100; None: as the source
    private: bool = False
    compare: bool = False  # beside each result: original, removed and result in one picture


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """The steps for each picture, and how results are written."""

    steps: tuple[Step, ...]
    output: OutputOptions = field(default_factory=OutputOptions)

    @property
    def variants(self) -> int:
        """The number of results for each picture."""
        last = self.steps[-1]
        return last.variants if isinstance(last, PaintStep) else 1


def load(path: Path, masks: Path | None = None) -> Recipe:
    """Read a recipe file. Mask files are looked for beside it, or in `masks`, never elsewhere.

    Raises RecipeInvalid.
    """
    try:
        content = read_file(path, MAX_BYTES)
    except FileTooLong as error:
        raise RecipeInvalid("the recipe", f"is longer than {MAX_BYTES} bytes") from error
    except OSError as error:
        raise RecipeInvalid(str(path), error.strerror or "it cannot be read") from error
    return parse(content, masks or path.parent)


def parse(content: bytes, folder: Path) -> Recipe:
    """The recipe in these bytes. Raises RecipeInvalid, which names the step and what is allowed."""
    top = Fields(_yaml(content), "the recipe")
    if top.whole("lacuna", 1, 1) is None:
        raise RecipeInvalid("the recipe", "has no line 'lacuna: 1'")
    raw_steps = top.items("steps", MAX_STEPS)
    raw_output = top.take("output")
    top.end()
    steps = tuple(step(raw, number, folder) for number, raw in enumerate(raw_steps, 1))
    _check_order(steps)
    return Recipe(
        steps=steps, output=OutputOptions() if raw_output is None else _output(raw_output)
    )


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
    """A removal or painting clears the mask, unless the removal keeps the selection."""
    if not steps:
        raise RecipeInvalid("the recipe", "has no steps")
    marked = False
    for number, each in enumerate(steps, 1):
        marks = isinstance(each, SelectStep | FindStep)
        if not marks and not marked:
            hint = "put a select or find before, or keep_selection into the removal"
            raise RecipeInvalid(f"step {number}", f"nothing is selected here; {hint}")
        if isinstance(each, PaintStep) and each.variants > 1 and number < len(steps):
            raise RecipeInvalid(f"step {number}", "only the last step can have variants")
        is_kept = isinstance(each, RemoveStep) and each.keep_selection
        marked = is_kept or not isinstance(each, RemoveStep | PaintStep)


def _output(raw: Any) -> OutputOptions:
    fields = Fields(raw, "output")
    output = OutputOptions(
        format=fields.choice("format", WRITABLE, "") or None,
        quality=fields.whole("quality", 1, 100),
        private=fields.flag("private"),
        compare=fields.flag("compare"),
    )
    fields.end()
    return output
