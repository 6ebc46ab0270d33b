"""Runs a workflow on this computer: what ComfyUI's nodes ask for, done by our own engines.

`check` says what is in the way before anything is done; `run_here` does it. A picture keeps its
depth, profile and metadata, and nothing changes outside what was masked: see engine_nodes for what
differs from ComfyUI.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.comfy.errors import Absent, WorkflowIncomplete
from engine.comfy.prompt_plan import Graph
from engine.dispatch import choice
from engine.dispatch.runner import Runner
from engine.jobs.backend import Capability, JobContext
from engine.workflow.local.checked_workflow import CheckedWorkflow, check_graph
from engine.workflow.local.engine_nodes import PREFERRED_BACKENDS, NodeReport
from engine.workflow.local.evaluate import Evaluator
from engine.workflow.local.photo import Photo, Source
from engine.workflow.local.values import FoundInstances, RemovedPicture, Sampled, Sink, SinkKind

__all__ = [
    "CheckedWorkflow",
    "NodeReport",
    "Source",
    "WorkflowResult",
    "WorkflowRun",
    "check",
    "run_local",
]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WorkflowResult:
    """What arrived at an output node."""

    sink: Sink
    photos: tuple[Photo, ...]
    before: tuple[Photo, ...] = ()  # of a comparison

    @property
    def title(self) -> str:
        return self.sink.origin.title

    @property
    def kind(self) -> str:
        """image, comparison or mask."""
        if self.sink.kind is SinkKind.COMPARE:
            return "comparison"
        return "mask" if all(photo.is_mask for photo in self.photos) else "image"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WorkflowRun:
    """Results in the order of the file, reports in the order of work."""

    results: tuple[WorkflowResult, ...]
    reports: tuple[NodeReport, ...]


def check(graph: Graph, runner: Runner, path: Path | None = None) -> CheckedWorkflow:
    """What the workflow asks for. Nothing is run, no engine is started.

    Raises WorkflowErrors as `read_program` does, EngineMissing.
    """
    program = check_graph(graph, runner.installed, path)
    needs = {
        FoundInstances: Capability.FIND,
        Sampled: Capability.INPAINT,
        RemovedPicture: Capability.REMOVE,
    }
    for need in dict.fromkeys(needs[type(each)] for each in program.work):
        chosen = runner.choose(need, PREFERRED_BACKENDS[need])
        if not chosen.backend:
            raise choice.trouble(need, chosen)
    return program


def run_local(
    program: CheckedWorkflow,
    sources: Mapping[str, Source],
    runner: Runner,
    job: JobContext,
    *,
    previews: bool = False,
) -> WorkflowRun:
    """Do it, with a source for each of `program.loads` by the id of its node.

    Raises WorkflowIncomplete where one is missing, EngineErrors and Cancelled: then nothing is
    changed anywhere.
    """
    if absent := missing_sources(program, sources):
        raise WorkflowIncomplete(None, absent)
    evaluator = Evaluator(checked=program, sources=sources, runner=runner, job=job)
    results = tuple(_result(evaluator, sink) for sink in program.outputs(previews))
    return WorkflowRun(results=results, reports=tuple(evaluator.reports))


def missing_sources(program: CheckedWorkflow, sources: Mapping[str, object]) -> tuple[Absent, ...]:
    """Nodes that load a picture which nobody brings."""
    return tuple(
        Absent(load.origin.node, load.origin.title, "image", load.file, "input")
        for load in program.loads
        if load.origin.node not in sources
    )


def _result(evaluator: Evaluator, sink: Sink) -> WorkflowResult:
    before = evaluator.pictures(sink.before) if sink.before is not None else ()
    return WorkflowResult(sink=sink, photos=evaluator.pictures(sink.pictures), before=before)
