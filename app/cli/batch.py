"""Plans the commands that work by a recipe: remove, select, find, paint, and `run RECIPE`."""

import argparse
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

from app import paths
from app.cli import arguments as recipes
from app.cli.exit_codes import UsageError
from app.cli.inputs import STREAM, InputOutput, pictures_of, single_output, wanted_format
from app.cli.output_check import check_outputs, reports_of
from app.cli.report import Console, FileReport, tell_left_out
from app.cli.run import BatchPlan
from app.cli.streams import check_streams, open_input, write_to_stream
from app.commands import recipe as commands
from app.commands.mask_path import mask_path
from app.commands.outputs import (
    ResultWriter,
    WriteOutputs,
    comparison_file,
    format_of,
    variant_files,
    write_mask_alone,
)
from app.engines.runner import InlineRunner
from app.text.notes import note
from engine.errors import MaskInvalid
from engine.image_io.formats import named
from engine.image_io.limits import Limits
from engine.recipes.recipe import Recipe, load
from engine.recipes.steps import SelectStep


def plan(arguments: argparse.Namespace, runner: InlineRunner) -> tuple[BatchPlan, list[FileReport]]:
    """The pictures, and a report for each. Raises UsageError, RecipeInvalid."""
    if arguments.command == "run":
        recipe, pairs, write = _of_file(arguments)
    else:
        recipe, pairs, write = _of_arguments(arguments)
    check_streams(pairs[0].output, report=arguments.json, variants=recipe.variants)
    found = BatchPlan(
        pairs=pairs,
        outputs=partial(_outputs, recipe, compares=recipe.output.compare),
        work=partial(_work, recipe, write, runner, Limits(pixels=arguments.max_megapixels * 10**6)),
        force=arguments.force,
    )
    reads = [*_masks(recipe, pairs), *_recipe_file(arguments)]
    check_outputs(found, reads=reads, reports=reports_of(arguments))
    return found, [FileReport(input=str(pair.input), output=str(pair.output)) for pair in pairs]


def _outputs(recipe: Recipe, pair: InputOutput, *, compares: bool) -> list[Path]:
    if pair.output == STREAM:
        return []
    results = variant_files(pair.output, recipe.variants)
    return [*results, *(map(comparison_file, results) if compares else ())]


def _masks(recipe: Recipe, pairs: list[InputOutput]) -> Iterator[Path]:
    """All mask files that will be read, as far as they are known."""
    named = [mask for step in recipe.steps if isinstance(step, SelectStep) for mask in step.masks]
    for mask in named:
        for pair in pairs:
            with suppress(MaskInvalid):  # that picture will fail, in words
                yield mask_path(mask, None if pair.input == STREAM else pair.input)


def _recipe_file(arguments: argparse.Namespace) -> list[Path]:
    return [_file_of(arguments.recipe)] if arguments.command == "run" else []


def _of_file(arguments: argparse.Namespace) -> tuple[Recipe, list[InputOutput], WriteOutputs]:
    if arguments.settings or arguments.previews:
        raise UsageError("--set and --previews are for workflows")
    recipe = load(_file_of(arguments.recipe), arguments.masks)
    format = arguments.format or recipe.output.format
    pairs = pictures_of(arguments, format)
    return (
        recipe,
        pairs,
        ResultWriter(
            recipe, arguments.quality or recipe.output.quality, describes=bool(arguments.report)
        ),
    )


def _of_arguments(arguments: argparse.Namespace) -> tuple[Recipe, list[InputOutput], WriteOutputs]:
    recipe = recipes.recipe(arguments)
    is_mask = arguments.command not in ("remove", "paint")
    output = single_output(arguments.output, arguments.input, is_mask=is_mask)
    pairs = [InputOutput(arguments.input, output)]
    format = "png" if output == STREAM else wanted_format(output)
    if not is_mask:
        describes = bool(arguments.report)
        return recipe, pairs, ResultWriter(recipe, recipe.output.quality, describes=describes)
    if format != "png":
        raise UsageError(f"a mask is written as PNG: {output.name} must end in .png")
    return recipe, pairs, write_mask_alone


def _file_of(recipe: Path) -> Path:
    """A file, or by its name one that ships with the program."""
    shipped = paths.resource("recipes", f"{recipe.name.removesuffix('.yaml')}.yaml")
    is_name = recipe.parent == Path() and not recipe.exists()
    return shipped if is_name and shipped.exists() else recipe


def _work(
    recipe: Recipe,
    write: WriteOutputs,
    runner: InlineRunner,
    limits: Limits,
    pair: InputOutput,
    report: FileReport,
    console: Console,
) -> None:
    document = open_input(pair.input, limits)
    picture = document.picture()
    report.size, report.notes = list(document.size), [note(code) for code in picture.notes]
    result = commands.apply(recipe, document, runner, console, str(pair.input))
    report.steps = result.reports
    is_stream = pair.output == STREAM
    format = _stream_format(recipe, write, picture.format) if is_stream else None
    if isinstance(write, ResultWriter):
        lost = write.left_out(document, format or format_of(pair.output))
        tell_left_out(lost, report, console)
    if format is not None:
        written = write_to_stream(format, partial(write, document, result))
    else:
        written = write(document, result, pair.output)
    report.keep(written)


def _stream_format(recipe: Recipe, write: WriteOutputs, source: str) -> str:
    """As the recipe says, else as the source where that can be written; masks are PNG."""
    if write is write_mask_alone:
        return "png"
    wanted = recipe.output.format or source
    return wanted if named(wanted).writable else "png"
