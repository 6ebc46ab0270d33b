"""What a command writes for one picture: a result, its variants, and what it was beside them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from app.cli.files import format_of
from app.commands.recipe import RecipeResult
from app.document.document import Document
from app.document.generation_text import with_text
from app.settings.export_options import BY_MODEL
from engine.geometry import Image
from engine.image_io.formats import of_extension
from engine.image_io.writer import ExportOptions, write, write_mask
from engine.picture import Picture
from engine.recipes.recipe import Recipe
from engine.recipes.steps import PaintStep

BY_HAND = "humanEdits"  # of IPTC: by a person with tools that generate nothing
GAP_PX = 8  # between the pictures that are compared

Finish = Callable[[Document, RecipeResult, Path], list[Path]]
"""Writes what became of a document; returns the files."""


@dataclass(frozen=True, slots=True)
class ResultWriter:
    """Writes pictures as the recipe says."""

    recipe: Recipe
    quality: int

    def __call__(self, document: Document, outcome: RecipeResult, target: Path) -> list[Path]:
        files = targets(target, self.recipe)
        for number, file in enumerate(files):
            if len(files) > 1 and outcome.variants is not None:
                outcome.variants.show(number)
            text = outcome.variants.parameters(number) if outcome.variants is not None else ""
            write(with_text(document.picture(), text), file, self._options(file))
            if outcome.original is not None:
                _write_beside(document, outcome, outcome.original, file)
        return files

    def _options(self, file: Path) -> ExportOptions:
        paints = any(isinstance(step, PaintStep) for step in self.recipe.steps)
        return ExportOptions(
            format=format_of(file),
            quality=self.quality,
            private=self.recipe.output.private,
            source_type=BY_MODEL if paints else BY_HAND,
        )


def mask_alone(document: Document, _: RecipeResult, target: Path) -> list[Path]:
    """What is marked, as a gray PNG."""
    write_mask(document.mask, target)
    return [target]


def targets(target: Path, recipe: Recipe) -> list[Path]:
    """One file for each variant: name-1.png, name-2.png..."""
    if recipe.variants == 1:
        return [target]
    numbers = range(1, recipe.variants + 1)
    return [target.with_name(f"{target.stem}-{number}{target.suffix}") for number in numbers]


def beside(file: Path) -> Path:
    """Where a result is compared with what it was made of."""
    return file.with_name(f"{file.stem}-compare.png")


def is_lossy(file: Path) -> bool:
    """Whether the format compresses the whole picture anew."""
    known = of_extension(file.suffix)
    return known is not None and known.has_quality


def _write_beside(document: Document, outcome: RecipeResult, original: Image, file: Path) -> None:
    """Original, removed and result in a row, as the screen shows them."""
    stages = (original, outcome.removed, document.view)
    shown = side_by_side([stage for stage in stages if stage is not None])
    write(shown, beside(file), ExportOptions())


def side_by_side(stages: Sequence[Image]) -> Picture:
    """Pictures in a row, on white where one is lower than another."""
    height = max(stage.shape[0] for stage in stages)
    gap = np.full((height, GAP_PX, 3), 255, np.uint8)
    row = [part for stage in stages for part in (gap, _taller(stage, height))][1:]
    return Picture(pixels=np.hstack(row))


def _taller(stage: Image, height: int) -> Image:
    missing = np.full((height - stage.shape[0], stage.shape[1], 3), 255, np.uint8)
    return np.vstack((stage, missing))
