"""Runs a workflow on this computer with our own engines in place of ComfyUI's nodes.

`check` finds everything that prevents a run, `run_local` runs. Pictures keep their depth, profile
and metadata, and pixels outside the masks do not change; engine_nodes says what else differs from
ComfyUI.
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
    """The pictures that reached an output node."""

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
    """Results in the order of the file, reports in the order of execution."""

    results: tuple[WorkflowResult, ...]
    reports: tuple[NodeReport, ...]


def check(graph: Graph, runner: Runner, path: Path | None = None) -> CheckedWorkflow:
    """Check the graph and that an engine exists for each need; none is started.

    Raises WorkflowErrors as `check_graph` does, EngineMissing.
    """
    checked = check_graph(graph, runner.installed, path)
    needs = {
        FoundInstances: Capability.FIND,
        Sampled: Capability.INPAINT,
        RemovedPicture: Capability.REMOVE,
    }
    for need in dict.fromkeys(needs[type(each)] for each in checked.work):
        chosen = runner.choose(need, PREFERRED_BACKENDS[need])
        if not chosen.backend:
            raise choice.trouble(need, chosen)
    return checked


def run_local(
    checked: CheckedWorkflow,
    sources: Mapping[str, Source],
    runner: Runner,
    job: JobContext,
    *,
    previews: bool = False,
) -> WorkflowRun:
    """Run the workflow with a source, by node id, for each of `checked.loads`.

    Raises WorkflowIncomplete where one is missing, EngineErrors, Cancelled; nothing has changed
    then.
    """
    if absent := missing_sources(checked, sources):
        raise WorkflowIncomplete(None, absent)
    evaluator = Evaluator(checked=checked, sources=sources, runner=runner, job=job)
    results = tuple(_result(evaluator, sink) for sink in checked.outputs(previews))
    return WorkflowRun(results=results, reports=tuple(evaluator.reports))


def missing_sources(checked: CheckedWorkflow, sources: Mapping[str, object]) -> tuple[Absent, ...]:
    """Nodes that load a picture without a source."""
    return tuple(
        Absent(load.origin.node, load.origin.title, "image", load.file, "input")
        for load in checked.loads
        if load.origin.node not in sources
    )


def _result(evaluator: Evaluator, sink: Sink) -> WorkflowResult:
    before = evaluator.pictures(sink.before) if sink.before is not None else ()
    return WorkflowResult(sink=sink, photos=evaluator.pictures(sink.pictures), before=before)
