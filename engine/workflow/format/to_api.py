"""From what a file holds to the graph that a server takes: all values named, all links direct."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from engine.comfy.errors import Unsupported, WorkflowUnreadable, WorkflowUnsupported
from engine.comfy.prompt_plan import Graph, Node
from engine.comfy.protocol.object_info import Nodes, NodeSpec
from engine.workflow.format.bounded_json import is_row
from engine.workflow.format.expanding import (
    VIRTUAL,
    Constant,
    LinkOrigin,
    NodePlace,
    Places,
    places,
    source,
)
from engine.workflow.format.reader import Read, checked, sources
from engine.workflow.format.repair import InputRepair, repaired, title_of
from engine.workflow.format.ui_graph import BYPASSED, MUTED, Workflow
from engine.workflow.format.widget_values import named

_VIEWERS = frozenset({"Image Comparer (rgthree)"})
"""Show two pictures in the window: where a server lacks them, nothing is lost."""


class ApiGraph(NamedTuple):
    """A graph for a server, and what of it had to be changed."""

    graph: Graph
    changes: tuple[InputRepair, ...] = ()


def ready(found: Read, nodes: Nodes, path: Path | None = None) -> ApiGraph:
    """The graph that these nodes can run, with names and values as in the file.

    What is missing among their choices (engine.workflow.edit.missing) is not looked at. Raises
    WorkflowUnsupported: nodes that are not there; WorkflowUnreadable: widgets, link, cycle, large,
    empty.
    """
    graph = _graph(found, nodes, path) if isinstance(found, Workflow) else found
    graph = _without_viewers(graph, nodes)
    unknown = [name for name, node in graph.items() if node["class_type"] not in nodes]
    if unknown:
        raise WorkflowUnsupported(path, tuple(_unknown(graph, name, nodes) for name in unknown))
    if not graph:
        raise WorkflowUnreadable(path, "empty")
    return ApiGraph(*repaired(checked(graph, path), nodes, path))


def _unknown(graph: Graph, name: str, nodes: Nodes) -> Unsupported:
    """Groups of nodes of before there were subgraphs are nodes that no server has."""
    type_ = graph[name]["class_type"]
    is_group = type_.startswith(("workflow/", "workflow>"))
    return Unsupported(name, type_, title_of(graph[name], nodes), "subgraph" if is_group else "")


def _without_viewers(graph: Graph, nodes: Nodes) -> Graph:
    read = {each for node in graph.values() for each in sources(node)}
    return {
        name: node
        for name, node in graph.items()
        if node["class_type"] in nodes or node["class_type"] not in _VIEWERS or name in read
    }


def _graph(workflow: Workflow, nodes: Nodes, path: Path | None) -> Graph:
    all_ = places(workflow, path)
    silent = _silent(all_)
    return {
        name: _node(place, nodes, dict(_links(all_, place, silent, path)), path)
        for name, place in all_.items()
        if name not in silent and place.inner is None and place.node.type not in VIRTUAL
    }


def _silent(all_: Places) -> set[str]:
    """Boxes that do not run: switched off, seen through, or inside of such a one."""
    off: set[str] = set()
    for name, place in all_.items():  # a box comes before all that it holds
        is_inside = place.host is not None and place.host.id in off
        if is_inside or place.node.mode in (MUTED, BYPASSED):
            off.add(name)
    return off


def _node(place: NodePlace, nodes: Nodes, links: dict[str, Any], path: Path | None) -> Node:
    node, spec = place.node, nodes.get(place.node.type)
    values = {} if spec is None else _wrapped(named(node, spec, path))
    title = node.title or _title(node.type, spec)
    return {"class_type": node.type, "inputs": values | links, "_meta": {"title": title}}


def _links(
    all_: Places, place: NodePlace, silent: set[str], path: Path | None
) -> Iterator[tuple[str, Any]]:
    """What links bring, to be put over the box's own values.

    One from a box that does not run brings nothing: version 1.49 of the window keeps the own value
    then, 1.37 leaves the input out, which every server refuses.
    """
    for slot, socket in enumerate(place.node.inputs):
        match source(all_, place, slot, path):
            case Constant(value):
                yield from _wrapped({socket.name: value}).items()
            case LinkOrigin(node, origin_slot) if node not in silent:
                yield socket.name, [node, origin_slot]
            case _:
                pass


def _title(type_: str, spec: NodeSpec | None) -> str:
    return spec.title if spec else type_


def _wrapped(values: dict[str, Any]) -> dict[str, Any]:
    """Lists would be taken for links."""
    return {
        name: {"__value__": value} if is_row(value) else value for name, value in values.items()
    }
