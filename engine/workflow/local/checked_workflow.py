"""Checks a graph for this computer, and turns its nodes into values, before anything runs.

Looks at the graph and at which model files are installed; no model is asked.
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
from engine.workflow.local.nodes.table import NODES
from engine.workflow.local.origin import Origin
from engine.workflow.local.requirements import note_missing_models
from engine.workflow.local.values import (
    FoundInstances,
    LoadedAlpha,
    LoadedImage,
    LoadedMask,
    RemovedPicture,
    Sampled,
    Sink,
    SinkKind,
    Value,
)

MAX_DEPTH = 100  # of a chain of nodes: evaluation recurses into each


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CheckedWorkflow:
    """A graph whose nodes and models are all available on this computer."""

    sinks: tuple[Sink, ...]
    loads: tuple[LoadedImage | LoadedMask, ...]  # pictures that the caller has to give
    alphas: frozenset[str]  # ids of LoadImage nodes whose mask is used
    work: tuple[FoundInstances | RemovedPicture | Sampled, ...]  # values that need an engine

    def outputs(self, previews: bool) -> tuple[Sink, ...]:
        """The outputs to compute: without previews, unless asked for or nothing else is there."""
        kept = [sink for sink in self.sinks if sink.kind is not SinkKind.PREVIEW]
        return self.sinks if previews or not kept else tuple(kept)


def check_graph(graph: Graph, installed: Installed, path: Path | None = None) -> CheckedWorkflow:
    """Check every node; `path` is for errors.

    Raises WorkflowUnreadable, WorkflowUnsupported with all nodes that cannot be run here, else
    WorkflowIncomplete with all files and values that are missing.
    """
    order = _ordered(graph, path)
    problems = WorkflowProblems()
    values: dict[str, tuple[Value, ...]] = {}
    sinks: list[Sink] = []
    for node in order:
        inputs = NodeInputs(origin_of(node, graph[node]), graph[node]["inputs"], values, problems)
        try:
            values[node] = _built(inputs, sinks, problems)
        except UnknownValue:
            continue
    checked = _checked(graph, values, sinks)
    note_missing_models(checked.work, installed, problems)
    if problems.unsupported:
        raise WorkflowUnsupported(path, tuple(problems.unsupported))
    if problems.absent:
        raise WorkflowIncomplete(path, tuple(problems.absent))
    if not sinks:
        raise WorkflowUnreadable(path, "empty")
    return checked


def origin_of(node: str, raw: Mapping[str, Any]) -> Origin:
    """Id, class and title of a node; without a title its class."""
    kind: str = raw["class_type"]
    match raw.get("_meta"):
        case {"title": str() as title} if title:
            return Origin(node, kind, title)
        case _:
            return Origin(node, kind, kind)


def _built(inputs: NodeInputs, sinks: list[Sink], problems: WorkflowProblems) -> tuple[Value, ...]:
    if inputs.origin.type not in NODES:
        raise problems.add_unsupported(inputs.origin, "")
    made = NODES[inputs.origin.type].build(inputs)
    if not isinstance(made, Sink):
        return made
    sinks.append(made)
    return (made.pictures,)


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
    """Outputs in the order of the file, and the values that need a source or an engine."""
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
