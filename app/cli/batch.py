"""Plans the commands that work by a recipe: remove, select, find, paint, and `run RECIPE`."""

import argparse
from functools import partial
from pathlib import Path

from app import paths
from app.cli import arguments as recipes
from app.cli.exit_codes import UsageError
from app.cli.inputs import InputOutput, make_folder, wanted_format, with_outputs
from app.cli.report import Console, FileReport
from app.cli.run import BatchPlan
from app.commands import recipe as commands
from app.commands.files import open_picture
from app.commands.outputs import ResultWriter, WriteOutputs, variant_files, write_mask_alone
from app.engines.runner import InlineRunner
from app.text.notes import note
from engine.recipes.recipe import Recipe, load


def plan(arguments: argparse.Namespace, runner: InlineRunner) -> tuple[BatchPlan, list[FileReport]]:
    """The pictures, and a report for each. Raises UsageError, RecipeInvalid."""
    if arguments.command == "run":
        recipe, pairs, write = _of_file(arguments)
    else:
        recipe, pairs, write = _of_arguments(arguments)
    found = BatchPlan(
        pairs=pairs,
        outputs=lambda pair: variant_files(pair.output, recipe.variants),
        work=partial(_work, recipe, write, runner),
        force=arguments.force,
    )
    return found, [FileReport(input=str(pair.input), output=str(pair.output)) for pair in pairs]


def _of_file(arguments: argparse.Namespace) -> tuple[Recipe, list[InputOutput], WriteOutputs]:
    if arguments.settings or arguments.previews:
        raise UsageError("--set and --previews are for workflows")
    recipe = load(_file_of(arguments.recipe), arguments.masks)
    format = arguments.format or recipe.output.format
    pairs = with_outputs(arguments.inputs, arguments.output, format)
    make_folder(arguments.output)
    return recipe, pairs, ResultWriter(recipe, arguments.quality or recipe.output.quality)


def _of_arguments(arguments: argparse.Namespace) -> tuple[Recipe, list[InputOutput], WriteOutputs]:
    recipe = recipes.recipe(arguments)
    pairs = [InputOutput(arguments.input, arguments.output)]
    format = wanted_format(arguments.output)
    if arguments.command in ("remove", "paint"):
        return recipe, pairs, ResultWriter(recipe, recipe.output.quality)
    if format != "png":
        raise UsageError(f"a mask is written as PNG: {arguments.output.name} must end in .png")
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
    pair: InputOutput,
    report: FileReport,
    console: Console,
) -> None:
    document = open_picture(pair.input)
    report.size = list(document.size)
    report.notes = [note(code) for code in document.picture().notes]
    result = commands.apply(recipe, document, runner, console, str(pair.input))
    report.steps = result.reports
    written = write(document, result, pair.output)
    report.outputs = [str(file.path) for file in written]
    report.proofs = [file.proof for file in written]
