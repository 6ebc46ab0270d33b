"""The command line: parses the words, runs the command, returns its exit code."""

import argparse
import sys
from collections.abc import Callable, Sequence

from app.cli import batch
from app.cli import run as running
from app.cli.exit_codes import DONE, SOME_FAILED, WRONG_USE, guarded, of_statuses
from app.cli.inputs import subfolder_lines
from app.cli.parser import attach_places, make_parser
from app.cli.report import Console, FileReport, write_report
from app.cli.run import BatchPlan
from app.commands.run_report.page import write_report as write_page
from app.engines.runner import InlineRunner, find_models, find_servers
from app.text.errors.terminal import terminal_sentence
from app.text.proof import proof_sentence
from app.version import own_version
from engine.errors import EngineError
from widgets.plain_text import plain


def run(
    words: Sequence[str],
    runner: InlineRunner | None = None,
    *,
    self_test: Callable[[str], int] | None = None,
) -> int:
    """Do what the words say, with this runner or the engines at hand; returns the exit code.

    `self_test` writes its report to the file of that name, and answers with an exit code.
    """
    try:
        arguments = make_parser().parse_args(attach_places(words))
    except SystemExit as stop:  # the parser has said all
        return DONE if stop.code is None else int(stop.code)
    if arguments.version:
        print(f"lacuna {own_version()}")
        return DONE
    if arguments.self_test is not None and self_test is not None:
        return self_test(arguments.self_test)
    if arguments.command is None or getattr(arguments, "verb", "") is None:
        arguments.parser.print_help(sys.stderr)
        return WRONG_USE
    return _command(arguments, runner)


def _command(arguments: argparse.Namespace, runner: InlineRunner | None) -> int:
    if arguments.command == "models":
        from app.cli import models

        return models.run(arguments)
    if arguments.command == "server":
        from app.cli import servers

        return servers.run(arguments)
    runner = runner or InlineRunner(find_models, servers=find_servers)
    runner.place = getattr(arguments, "on", None) or ""
    try:
        return _pictures(arguments, runner, Console(sys.stderr))
    finally:
        runner.close()


def _pictures(arguments: argparse.Namespace, runner: InlineRunner, console: Console) -> int:
    """Plan, run and report; an error while planning is a mistake in the arguments."""

    def work() -> int:
        plan, reports = _planned(arguments, runner, console)
        if arguments.command == "run" and not arguments.recursive:
            for line in subfolder_lines(arguments.inputs, arguments.output):
                console.say(plain(line))
        try:
            running.run(plan, reports, console)
        except KeyboardInterrupt:
            console.say("Interrupted.")
        return _reported(arguments, reports, console)

    return guarded(console, arguments.command, work, wrong_use=(EngineError,), hints=_hints)


def _planned(
    arguments: argparse.Namespace, runner: InlineRunner, console: Console
) -> tuple[BatchPlan, list[FileReport]]:
    """Raises UsageError, EngineErrors."""
    if arguments.command == "run":
        from app.cli.workflow import command as workflows  # the other commands do without

        if workflows.is_workflow(arguments.recipe):
            return workflows.plan(arguments, runner, console)
    return batch.plan(arguments, runner)


def _hints(error: EngineError) -> list[str]:
    from app.cli.workflow.inputs import hints

    return hints(error)


def _reported(arguments: argparse.Namespace, files: list[FileReport], console: Console) -> int:
    """Write the report; returns the exit code."""
    try:
        write_report(arguments.json, arguments.command, own_version(), files)
        if page := getattr(arguments, "report", None):
            write_page(page, [each for file in files for each in file.pages], proof_sentence)
    except EngineError as error:
        console.say(terminal_sentence(error))
        return SOME_FAILED
    return of_statuses({file.status for file in files})
