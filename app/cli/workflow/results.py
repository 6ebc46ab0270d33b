"""What a workflow leaves: pictures in their photo's own depth and profile, pairs, masks."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from app.cli.files import wanted_format
from app.commands.outputs import BY_HAND, side_by_side
from app.document.generation_text import with_text
from app.settings.export_options import BY_MODEL
from engine.image_io.headers.a1111 import text_of
from engine.image_io.writer import ExportOptions, write
from engine.jobs.requests import InpaintResult
from engine.picture import Picture
from engine.recipes.recipe import OutputOptions
from engine.workflow.local.photo import PhotoStep
from engine.workflow.local.runner import WorkflowResult
from engine.workflow.local.values import SinkKind


def written(
    results: Sequence[WorkflowResult], files: Sequence[Path], *, quality: int | None, force: bool
) -> list[Path]:
    """Write each result to its file, more of one result beside it; returns all files.

    Raises DiskFull, ImageUnwritable.
    """
    taken = {file.name.casefold() for file in files}
    done: list[Path] = []
    for result, file in zip(results, files):
        source_type = _source_type(result)
        for number, picture in enumerate(_pictures(result)):
            target = file if number == 0 else beside(file, taken, force)
            options = ExportOptions(
                format=wanted_format(target),
                quality=quality or OutputOptions().quality,
                source_type=source_type,
            )
            write(picture, target, options)
            done.append(target)
    return done


def _pictures(result: WorkflowResult) -> Iterator[Picture]:
    """Comparisons in a row, as the screen shows them; all else as it is."""
    if result.sink.kind is SinkKind.COMPARE:
        for before, after in zip(result.before, result.photos):
            yield side_by_side((before.view, after.view))
        return
    for photo in result.photos:
        painted = [step for step in photo.steps if step.verb == "paint"]
        yield with_text(photo.picture, _parameters(painted[-1]) if painted else "")


def _source_type(result: WorkflowResult) -> str | None:
    """Who made it: that a model painted is said, of comparisons too."""
    steps = [step for photo in (*result.photos, *result.before) for step in photo.steps]
    if any(step.verb == "paint" for step in steps):
        return BY_MODEL
    return BY_HAND if result.kind == "image" else None


def _parameters(step: PhotoStep) -> str:
    """How it was painted, in the words that other programs read."""
    assert step.request is not None
    assert isinstance(step.result, InpaintResult)
    record = step.result.paint_records[0]
    return text_of(step.request.settings, step.result.seed, record.fit.canvas, record.model)


def beside(file: Path, taken: set[str], force: bool) -> Path:
    """The next free name for one more picture of a result."""
    number = 2
    while True:
        target = file.with_name(f"{file.stem}-{number}{file.suffix}")
        if target.name.casefold() not in taken and (force or not target.exists()):
            taken.add(target.name.casefold())
            return target
        number += 1
