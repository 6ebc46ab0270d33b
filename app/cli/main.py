"""The command line: `lacuna remove`, `find`, `paint`, `run`... and the self-test. No Qt."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from app import paths
from app.cli import arguments as cli_arguments
from app.cli import run as cli_work
from app.cli.arguments import UsageError
from app.cli.exit_codes import DONE, INTERRUPTED, SOME_FAILED, WRONG_USE, helped, parsed
from app.cli.files import InputOutput, make_folder, wanted_format, with_outputs
from app.cli.report import Console, FileReport, count, write_report
from app.cli.run import BatchPlan
from app.cli.workflow import command as cli_workflow
from app.cli.workflow.missing import ways_out
from app.commands.outputs import ResultWriter, write_mask_alone
from app.engines.runner import InlineRunner, find_models, find_servers
from app.text.errors.explain import explain
from app.version import own_version
from engine.errors import EngineError
from engine.recipes import recipe as recipes


def run(argv: Sequence[str], runner: InlineRunner | None = None) -> int:
    """Do what the arguments say, with these engines or those at hand; returns the exit code."""
    if list(argv[:1]) == ["models"]:
        from app.cli import models as cli_models

        return cli_models.run(argv[1:])
    if list(argv[:1]) == ["server"]:
        from app.cli import servers as cli_servers

        return cli_servers.run(argv[1:])
    parser = cli_arguments.parser()
    arguments, code = parsed(parser, argv)
    if arguments is None:
        return code
    if arguments.version:
        print(f"lacuna {own_version()}")
        return DONE
    if arguments.self_test is not None:
        from app import selftest

        return selftest.run(arguments.self_test)
    if arguments.command is None:
        return helped(parser)
    runner = runner or InlineRunner(find_models, servers=find_servers)
    runner.place = getattr(arguments, "on", None) or ""
    return _command(arguments, runner)


def _command(arguments: argparse.Namespace, runner: InlineRunner) -> int:
    console = Console(sys.stderr)
    try:
        files, work = _plan(arguments, runner, console)
    except (UsageError, EngineError) as error:
        is_usage = isinstance(error, UsageError)
        text = f"lacuna {arguments.command}: {error}" if is_usage else explain(error).sentence
        for line in (text, *ways_out(error)):
            console.say(line)
        runner.close()
        return WRONG_USE
    except KeyboardInterrupt:
        console.say("Interrupted.")
        runner.close()
        return INTERRUPTED
    try:
        work()
    except KeyboardInterrupt:
        console.say("Interrupted.")
    finally:
        runner.close()
    return _close(arguments, files, console)


def _plan(
    arguments: argparse.Namespace, runner: InlineRunner, console: Console
) -> tuple[list[FileReport], Callable[[], None]]:
    """A report for each picture, and what fills them in. Raises UsageError, EngineErrors."""
    if arguments.command == "run" and cli_workflow.is_workflow(arguments.recipe):
        return cli_workflow.plan(arguments, runner, console)
    order = _order(arguments)
    files = order.reports()
    return files, lambda: cli_work.each(order, files, runner, console)


def _order(arguments: argparse.Namespace) -> BatchPlan:
    """What to do, with which files, and what to write. Raises UsageError, RecipeInvalid."""
    if arguments.command == "run":
        cli_workflow.check_recipe(arguments)
        recipe = recipes.load(_file_of(arguments.recipe))
        todo = with_outputs(
            arguments.inputs, arguments.output, arguments.format or recipe.output.format
        )
        make_folder(arguments.output)
        results = ResultWriter(recipe, arguments.quality or recipe.output.quality)
        return BatchPlan(recipe, todo, results, arguments.force)
    recipe = cli_arguments.recipe(arguments)
    todo = [InputOutput(arguments.input, arguments.output)]
    found = wanted_format(arguments.output)
    if arguments.command in ("remove", "paint"):
        return BatchPlan(recipe, todo, ResultWriter(recipe, recipe.output.quality), arguments.force)
    if found != "png":
        raise UsageError(f"a mask is written as PNG: {arguments.output.name} must end in .png")
    return BatchPlan(recipe, todo, write_mask_alone, arguments.force)


def _file_of(recipe: Path) -> Path:
    """A file, or by its name one that ships with the program."""
    shipped = paths.resource("recipes", f"{recipe.name.removesuffix('.yaml')}.yaml")
    is_name = recipe.parent == Path() and not recipe.exists()
    return shipped if is_name and shipped.exists() else recipe


def _close(arguments: argparse.Namespace, files: list[FileReport], console: Console) -> int:
    """The report, and the exit code."""
    try:
        write_report(arguments.json, arguments.command, own_version(), files)
    except EngineError as error:
        console.say(explain(error).sentence)
        return SOME_FAILED
    if count(files, "interrupted"):
        return INTERRUPTED
    return SOME_FAILED if count(files, "failed") else DONE
