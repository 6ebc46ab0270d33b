"""`lacuna run workflow.json photos`: one workflow of ComfyUI on one picture after the other."""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from app.cli.arguments import UsageError
from app.cli.files import InputOutput, make_folder
from app.cli.report import Console, FileReport
from app.cli.run import attempt, line
from app.cli.workflow import local as cli_workflow_here
from app.cli.workflow import server as cli_workflow_there
from app.cli.workflow.job import WorkflowJob
from app.engines.runner import InlineRunner
from engine.workflow.format.reader import AnyWorkflow, read_workflow
from widgets.plain_text import plain

ENDINGS = (".json", ".png", ".webp", ".jpg", ".jpeg")  # pictures may hold the workflow they show

Plan: TypeAlias = Callable[[argparse.Namespace, AnyWorkflow, InlineRunner, Console], WorkflowJob]

PLANS: Mapping[str, Plan] = {"here": cli_workflow_here.plan, "server": cli_workflow_there.plan}
"""By where it is run: what is checked and read before the first picture."""


def is_workflow(path: Path) -> bool:
    """Recipes have other endings."""
    return path.suffix.lower() in ENDINGS


def check_recipe(arguments: argparse.Namespace) -> None:
    """What only workflows know was not asked of a recipe. Raises UsageError."""
    if arguments.settings or arguments.previews:
        raise UsageError("--set and --previews are for workflows")


def plan(
    arguments: argparse.Namespace, runner: InlineRunner, console: Console
) -> tuple[list[FileReport], Callable[[], None]]:
    """A report for each picture, and what fills them in. Raises UsageError, EngineErrors."""
    found = read_workflow(arguments.recipe)
    job = PLANS[arguments.on or "here"](arguments, found, runner, console)
    _check_apart(job)
    make_folder(arguments.output)
    files = [_report(pair, job) for pair in job.todo]
    return files, lambda: _each(job, files, console)


def _report(pair: InputOutput, job: WorkflowJob) -> FileReport:
    return FileReport(input=str(pair.input), output=str(job.outputs(pair)[0]))


def _check_apart(job: WorkflowJob) -> None:
    """Two pictures of one name may differ in their ending alone. Raises UsageError."""
    seen: dict[Path, Path] = {}
    for pair in job.todo:
        for output in job.outputs(pair):
            other = seen.setdefault(output, pair.input)
            if other != pair.input:
                raise UsageError(f"{other} and {pair.input} would both be written to {output}")


def _each(job: WorkflowJob, files: Sequence[FileReport], console: Console) -> None:
    """Do all of them; each one's trouble ends with it."""
    count = len(job.todo)
    for number, (pair, report) in enumerate(zip(job.todo, files), 1):
        console.start(f"[{number}/{count}] {plain(pair.input.name)}")
        if not job.force and any(file.exists() for file in job.outputs(pair)):
            report.status, report.message = "skipped", "The output exists; --force replaces it."
        else:
            attempt(report, _Task(job, pair, report, console))
        console.say(f"[{number}/{count}] {line(report)}")


@dataclass(frozen=True, slots=True)
class _Task:
    """One picture's work."""

    job: WorkflowJob
    pair: InputOutput
    report: FileReport
    console: Console

    def __call__(self) -> None:
        self.job.do(self.pair, self.report, self.console)
