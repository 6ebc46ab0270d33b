"""Plans `lacuna run workflow.json photos`: one workflow of ComfyUI on one picture after another."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from app.cli.exit_codes import UsageError
from app.cli.inputs import make_folder
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
    workflow = read_workflow(arguments.recipe)
    found = PLANNERS[arguments.on or "here"](arguments, workflow, runner, console)
    _check_apart(found)
    make_folder(arguments.output)
    return found, [
        FileReport(input=str(pair.input), output=str(found.outputs(pair)[0]))
        for pair in found.pairs
    ]


def _check_apart(plan: BatchPlan) -> None:
    """Two pictures of one name may differ in their ending alone. Raises UsageError."""
    seen: dict[Path, Path] = {}
    for pair in plan.pairs:
        for output in plan.outputs(pair):
            other = seen.setdefault(output, pair.input)
            if other != pair.input:
                raise UsageError(f"{other} and {pair.input} would both be written to {output}")
