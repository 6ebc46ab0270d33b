"""Writes what a recipe made of one picture: the result, its variants, a comparison beside them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from app.commands.export import export
from app.commands.recipe import RecipeResult
from app.commands.run_report.describe import Change, PictureReport, describe
from app.commands.run_report.edits import of_recipe
from app.document.document import Document
from app.settings.export_options import BY_MODEL
from engine.errors import ImageUnwritable
from engine.geometry import Image
from engine.image_io.formats import of_extension
from engine.image_io.limits import Limits
from engine.image_io.proof import Proof
from engine.image_io.writer import Embedded, ExportOptions, embedded, write, write_mask
from engine.picture import Picture
from engine.recipes.recipe import Recipe
from engine.recipes.steps import PaintStep

BY_HAND = "humanEdits"  # of IPTC: by a person with tools that generate nothing
GAP_PX = 8  # between the pictures that are compared


@dataclass(frozen=True, slots=True)
class WrittenFile:
    """A file, and what comparing it with the source found."""

    path: Path
    proof: Proof | None = None  # None: it was not compared, or could not be read again
    report: PictureReport | None = None  # where it is wanted
    is_compared: bool = False


WriteOutputs = Callable[[Document, RecipeResult, Path], list[WrittenFile]]
"""Writes what became of a document to the path of its output; returns all results."""


@dataclass(frozen=True, slots=True)
class ResultWriter:
    """Writes pictures as the recipe says. Raises ImageUnwritable, DiskFull."""

    recipe: Recipe
    quality: int | None  # 1 to 100; None: as the source
    describes: bool = False  # whether a report is wanted of each file

    def __call__(self, document: Document, result: RecipeResult, output: Path) -> list[WrittenFile]:
        written: list[WrittenFile] = []
        files = variant_files(output, self.recipe.variants)
        for number, file in enumerate(files):
            if len(files) > 1 and result.variants is not None:
                result.variants.show(number)
            written.append(self._written(document, result, file))
            if result.original is not None:
                _write_comparison(document, result, result.original, file)
        return written

    def left_out(self, document: Document, format: str) -> list[Embedded]:
        """What a file of this format will not hold of the source, known before it is written."""
        return left_out(document.picture(), self._options(Path(f"picture.{format}")))

    def _written(self, document: Document, result: RecipeResult, file: Path) -> WrittenFile:
        options = self._options(file)
        with document.lease() as lease:
            proof = export(lease, file, options, source=document.path)
            if not self.describes:
                return WrittenFile(file, proof, is_compared=True)
            report = describe(
                Change.of(lease),
                file,
                options,
                source=document.path,
                edits=of_recipe(result, document.size),
                proof=proof,
            )
            return WrittenFile(file, proof, report, is_compared=True)

    def _options(self, file: Path) -> ExportOptions:
        paints = any(isinstance(step, PaintStep) for step in self.recipe.steps)
        return ExportOptions(
            format=format_of(file),
            quality=self.quality,
            private=self.recipe.output.private,
            source_type=BY_MODEL if paints else BY_HAND,
        )


def left_out(picture: Picture, options: ExportOptions) -> list[Embedded]:
    """What a file written by these options will not hold of the picture."""
    return [item for item in embedded(picture, options) if not item.kept]


def write_mask_alone(document: Document, _: RecipeResult, output: Path) -> list[WrittenFile]:
    """The mask as a gray PNG. Raises ImageUnwritable, DiskFull."""
    write_mask(document.mask, output, source=document.path)
    return [WrittenFile(output)]


def format_of(output: Path) -> str:
    """The format that the ending of a file stands for. Raises ImageUnwritable."""
    known = of_extension(output.suffix)
    if known is None or not known.writable:
        raise ImageUnwritable(output, "format")
    return known.name


def variant_files(output: Path, count: int) -> list[Path]:
    """One file for each variant: name-1.png, name-2.png; the output itself where there is one."""
    if count == 1:
        return [output]
    numbers = range(1, count + 1)
    return [output.with_name(f"{output.stem}-{number}{output.suffix}") for number in numbers]


def comparison_file(output: Path) -> Path:
    """The file beside an output that compares it with what it was made of."""
    return output.with_name(f"{output.stem}-compare.png")


def _write_comparison(
    document: Document, result: RecipeResult, original: Image, file: Path
) -> None:
    """Original, removed and result in a row, as the screen shows them."""
    stages = (original, result.removed, document.view)
    shown = side_by_side([stage for stage in stages if stage is not None])
    write(shown, comparison_file(file), ExportOptions(), source=document.path)


def side_by_side(stages: Sequence[Image], limits: Limits | None = None) -> Picture:
    """(H, W, 3) uint8 pictures in a row, on white where one is lower than another.

    Reduced, all by one scale, where the row would be larger than a file that can be opened.
    """
    limits = limits or Limits()
    height = max(stage.shape[0] for stage in stages)
    gaps_px = GAP_PX * (len(stages) - 1)
    width = sum(stage.shape[1] for stage in stages)
    scale = min(
        1.0,
        (limits.side - gaps_px) / width,
        limits.side / height,
        max(0.0, limits.pixels / height - gaps_px) ** 0.5 / width**0.5,
    )
    shown = stages if scale == 1 else [_reduced(stage, scale) for stage in stages]
    height = max(stage.shape[0] for stage in shown)
    gap = np.full((height, GAP_PX, 3), 255, np.uint8)
    row = [part for stage in shown for part in (gap, _taller(stage, height))][1:]
    return Picture(pixels=np.hstack(row))


def _reduced(stage: Image, scale: float) -> Image:
    height, width = stage.shape[:2]
    size = max(1, int(width * scale)), max(1, int(height * scale))
    return np.asarray(cv2.resize(stage, size, interpolation=cv2.INTER_AREA), np.uint8)


def _taller(stage: Image, height: int) -> Image:
    missing = np.full((height - stage.shape[0], stage.shape[1], 3), 255, np.uint8)
    return np.vstack((stage, missing))
