"""From a graph to what is to be done, all of it checked before anything is.

Nothing is run, and nothing is asked of a model: only what the graph says, and which files are here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from engine.comfy.errors import WorkflowIncomplete, WorkflowUnreadable, WorkflowUnsupported
from engine.comfy.prompt_plan import Graph
from engine.models.model_file import Installed
from engine.workflow.local.inputs import NodeInputs, UnknownValue, WorkflowProblems, link_of
from engine.workflow.local.nodes import NODES, SINKS
from engine.workflow.local.requirements import note_missing_models
from engine.workflow.local.values import (
    FoundInstances,
    LoadedAlpha,
    LoadedImage,
    LoadedMask,
    Origin,
    RemovedPicture,
    Sampled,
    Sink,
    SinkKind,
    Value,
)

MAX_DEPTH = 100  # nodes in a row: each is a call inside another while it is run


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CheckedWorkflow:
    """A checked workflow."""

    sinks: tuple[Sink, ...]
    loads: tuple[LoadedImage | LoadedMask, ...]  # pictures that somebody has to bring
    alphas: frozenset[str]  # ids of LoadImage nodes whose mask is used
    work: tuple[FoundInstances | RemovedPicture | Sampled, ...]  # what engines are needed for

    def outputs(self, previews: bool) -> tuple[Sink, ...]:
        """The outputs that are results: previews on request, or where nothing else is."""
        kept = [sink for sink in self.sinks if sink.kind is not SinkKind.PREVIEW]
        return self.sinks if previews or not kept else tuple(kept)


def check_graph(graph: Graph, installed: Installed, path: Path | None = None) -> CheckedWorkflow:
    """What the graph asks for; `path` is for errors.

    Raises WorkflowUnreadable, WorkflowUnsupported with all nodes that cannot be run here, else
    WorkflowIncomplete with all files and values that are not here.
    """
    order = _ordered(graph, path)
    trouble = WorkflowProblems()
    values: dict[str, tuple[Value, ...]] = {}
    sinks: list[Sink] = []
    for node in order:
        inputs = NodeInputs(origin_of(node, graph[node]), graph[node]["inputs"], values, trouble)
        try:
            values[node] = _built(inputs, sinks, trouble)
        except UnknownValue:
            continue
    program = _checked(graph, values, sinks)
    note_missing_models(program.work, installed, trouble)
    if trouble.unsupported:
        raise WorkflowUnsupported(path, tuple(trouble.unsupported))
    if trouble.absent:
        raise WorkflowIncomplete(path, tuple(trouble.absent))
    if not sinks:
        raise WorkflowUnreadable(path, "empty")
    return program


def origin_of(node: str, raw: Mapping[str, Any]) -> Origin:
    """Who a node is; without a title of its own it goes by its class."""
    kind: str = raw["class_type"]
    match raw.get("_meta"):
        case {"title": str() as title} if title:
            return Origin(node, kind, title)
        case _:
            return Origin(node, kind, kind)


def _built(inputs: NodeInputs, sinks: list[Sink], trouble: WorkflowProblems) -> tuple[Value, ...]:
    kind = inputs.origin.type
    if kind in SINKS:
        sink = SINKS[kind](inputs)
        sinks.append(sink)
        return (sink.pictures,)
    if kind not in NODES:
        raise trouble.add_unsupported(inputs.origin, "")
    return NODES[kind](inputs)


def _ordered(graph: Graph, path: Path | None) -> list[str]:
    """Ids, each after those it is linked to. Raises WorkflowUnreadable."""
    if not graph:
        raise WorkflowUnreadable(path, "empty")
    links = {node: _links(node, raw, path) for node, raw in graph.items()}
    for node, targets in links.items():
        if lost := [target for target in targets if target not in graph]:
            raise WorkflowUnreadable(path, "link", node, lost[0])
    try:
        order = list(TopologicalSorter(links).static_order())
    except CycleError as error:
        raise WorkflowUnreadable(path, "cycle", str(error.args[1][0])) from error
    _check_depth(order, links, path)
    return order


def _links(node: str, raw: Mapping[str, Any], path: Path | None) -> list[str]:
    match raw:
        case {"class_type": str(), "inputs": dict()}:
            found = (link_of(value) for value in raw["inputs"].values())
            return [link[0] for link in found if link is not None]
        case _:
            raise WorkflowUnreadable(path, "format", node)


def _check_depth(order: list[str], links: dict[str, list[str]], path: Path | None) -> None:
    depth: dict[str, int] = {}
    for node in order:
        depth[node] = 1 + max((depth[target] for target in links[node]), default=0)
    if max(depth.values()) > MAX_DEPTH:
        raise WorkflowUnreadable(path, "large")


def _checked(
    graph: Graph, values: dict[str, tuple[Value, ...]], sinks: list[Sink]
) -> CheckedWorkflow:
    """Outputs in the order of the file, and of all values those that need something."""
    places = {node: number for number, node in enumerate(graph)}
    made = list({id(value): value for outputs in values.values() for value in outputs}.values())
    return CheckedWorkflow(
        sinks=tuple(sorted(sinks, key=lambda sink: places[sink.origin.node])),
        loads=tuple(value for value in made if isinstance(value, LoadedImage | LoadedMask)),
        alphas=frozenset(_alphas(graph, values)),
        work=tuple(
            value for value in made if isinstance(value, FoundInstances | RemovedPicture | Sampled)
        ),
    )


def _alphas(graph: Graph, values: dict[str, tuple[Value, ...]]) -> Iterator[str]:
    for raw in graph.values():
        for link in map(link_of, raw["inputs"].values()):
            outputs = values.get(link[0], ()) if link else ()
            if link and link[1] < len(outputs) and isinstance(outputs[link[1]], LoadedAlpha):
                yield link[0]
