"""From what a file holds to the graph that a server takes: all values named, all links direct."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from engine.comfy.errors import Unsupported, WorkflowUnreadable, WorkflowUnsupported
from engine.comfy.prompt_plan import Graph, Node
from engine.comfy.protocol.object_info import Nodes, NodeSpec
from engine.workflow.format.bounded_json import is_list
from engine.workflow.format.flatten import (
    VIRTUAL,
    Constant,
    FlatNode,
    FlatNodes,
    LinkOrigin,
    flatten,
    link_source,
)
from engine.workflow.format.reader import AnyWorkflow, check_links, source_nodes
from engine.workflow.format.repair import InputRepair, node_title, repair
from engine.workflow.format.ui_graph import BYPASSED, MUTED, Workflow
from engine.workflow.format.widget_values import widget_values

_VIEWERS = frozenset({"Image Comparer (rgthree)"})
"""Show two pictures in the window: where a server lacks them, nothing is lost."""


class ApiGraph(NamedTuple):
    """A graph for a server, and what of it had to be changed."""

    graph: Graph
    repairs: tuple[InputRepair, ...] = ()


def to_api(found: AnyWorkflow, nodes: Nodes, path: Path | None = None) -> ApiGraph:
    """The graph that these nodes can run, with names and values as in the file.

    What is missing among their choices (engine.workflow.edit.missing) is not looked at. Raises
    WorkflowUnsupported: nodes that are not there; WorkflowUnreadable: widgets, link, cycle, large,
    empty.
    """
    graph = _from_ui(found, nodes, path) if isinstance(found, Workflow) else found
    graph = _without_viewers(graph, nodes)
    unknown = [name for name, node in graph.items() if node["class_type"] not in nodes]
    if unknown:
        raise WorkflowUnsupported(path, tuple(_unknown(graph, name, nodes) for name in unknown))
    if not graph:
        raise WorkflowUnreadable(path, "empty")
    return ApiGraph(*repair(check_links(graph, path), nodes, path))


def _unknown(graph: Graph, name: str, nodes: Nodes) -> Unsupported:
    """Groups of nodes of before there were subgraphs are nodes that no server has."""
    type_ = graph[name]["class_type"]
    is_group = type_.startswith(("workflow/", "workflow>"))
    return Unsupported(name, type_, node_title(graph[name], nodes), "subgraph" if is_group else "")


def _without_viewers(graph: Graph, nodes: Nodes) -> Graph:
    read = {each for node in graph.values() for each in source_nodes(node)}
    return {
        name: node
        for name, node in graph.items()
        if node["class_type"] in nodes or node["class_type"] not in _VIEWERS or name in read
    }


def _from_ui(workflow: Workflow, nodes: Nodes, path: Path | None) -> Graph:
    all_ = flatten(workflow, path)
    silent = _inactive(all_)
    return {
        name: _node(place, nodes, dict(_links(all_, place, silent, path)), path)
        for name, place in all_.items()
        if name not in silent and place.subgraph is None and place.node.type not in VIRTUAL
    }


def _inactive(all_: FlatNodes) -> set[str]:
    """Boxes that do not run: switched off, seen through, or inside of such a one."""
    off: set[str] = set()
    for name, place in all_.items():  # a box comes before all that it holds
        is_inside = place.parent is not None and place.parent.id in off
        if is_inside or place.node.mode in (MUTED, BYPASSED):
            off.add(name)
    return off


def _node(place: FlatNode, nodes: Nodes, links: dict[str, Any], path: Path | None) -> Node:
    node, spec = place.node, nodes.get(place.node.type)
    values = {} if spec is None else _wrap_lists(widget_values(node, spec, path))
    title = node.title or _title(node.type, spec)
    return {"class_type": node.type, "inputs": values | links, "_meta": {"title": title}}


def _links(
    all_: FlatNodes, place: FlatNode, silent: set[str], path: Path | None
) -> Iterator[tuple[str, Any]]:
    """What links bring, to be put over the box's own values.

    One from a box that does not run brings nothing: version 1.49 of the window keeps the own value
    then, 1.37 leaves the input out, which every server refuses.
    """
    for slot, socket in enumerate(place.node.inputs):
        match link_source(all_, place, slot, path):
            case Constant(value):
                yield from _wrap_lists({socket.name: value}).items()
            case LinkOrigin(node, origin_slot) if node not in silent:
                yield socket.name, [node, origin_slot]
            case _:
                pass


def _title(type_: str, spec: NodeSpec | None) -> str:
    return spec.title if spec else type_


def _wrap_lists(values: dict[str, Any]) -> dict[str, Any]:
    """Lists would be taken for links."""
    return {
        name: {"__value__": value} if is_list(value) else value for name, value in values.items()
    }
