"""Plans `lacuna run workflow.json photos`: one workflow of ComfyUI on one picture after another."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from app.cli.exit_codes import UsageError
from app.cli.inputs import STREAM
from app.cli.output_check import check_outputs, reports_of
from app.cli.report import Console, FileReport
from app.cli.run import BatchPlan
from app.cli.workflow import local, server
from app.engines.runner import InlineRunner
from engine.workflow.format.reader import AnyWorkflow, read_workflow

ENDINGS = (".json", ".png", ".webp", ".jpg", ".jpeg")  # pictures may hold the workflow they show

Planner: TypeAlias = Callable[[argparse.Namespace, AnyWorkflow, InlineRunner, Console], BatchPlan]

PLANNERS: Mapping[str, Planner] = {"here": local.plan, "server": server.plan}
"""By --on. Each checks and reads all it can before the first picture."""


def is_workflow(path: Path) -> bool:
    """By its ending; recipes have others."""
    return path.suffix.lower() in ENDINGS


def plan(
    arguments: argparse.Namespace, runner: InlineRunner, console: Console
) -> tuple[BatchPlan, list[FileReport]]:
    """The pictures, and a report for each. Raises UsageError, EngineErrors."""
    if STREAM in (arguments.output, *map(Path, arguments.inputs)):
        raise UsageError("a workflow reads and writes files: - is for recipes")
    if arguments.report and arguments.on == "server":
        raise UsageError("--report is for what runs here: a server sends whole pictures, no ring")
    workflow = read_workflow(arguments.recipe)
    found = PLANNERS[arguments.on or "here"](arguments, workflow, runner, console)
    check_outputs(found, reads=[arguments.recipe], reports=reports_of(arguments))
    return found, [
        FileReport(input=str(pair.input), output=str(found.outputs(pair)[0]))
        for pair in found.pairs
    ]
