"""Converts a workflow file to the graph of the API: named values, direct links, repaired inputs."""

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
    InnerWidget,
    LinkOrigin,
    flatten,
    link_source,
)
from engine.workflow.format.reader import AnyWorkflow, check_links, source_nodes
from engine.workflow.format.repair import InputRepair, node_title, repair
from engine.workflow.format.ui_graph import BYPASSED, MUTED, UiNode, Workflow
from engine.workflow.format.widget_values import widget_values

_VIEWERS = frozenset({"Image Comparer (rgthree)"})
"""Nodes that only show pictures in the window: a server may lack them."""


class ApiGraph(NamedTuple):
    """A graph in API format, and the inputs that were repaired."""

    graph: Graph
    repairs: tuple[InputRepair, ...] = ()


def to_api(found: AnyWorkflow, nodes: Nodes, path: Path | None = None) -> ApiGraph:
    """The graph for these nodes, with the values of the file.

    Options are not checked (engine.workflow.edit.missing does). Raises WorkflowUnsupported:
    unknown nodes; WorkflowUnreadable: widgets, link, cycle, large, empty.
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
    """An unknown node; group nodes, which preceded subgraphs, are unknown everywhere."""
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
    flat_nodes = flatten(workflow, path)
    silent = _inactive(flat_nodes)
    return {
        name: _node(flat, nodes, dict(_links(flat_nodes, flat, silent, nodes, path)), path)
        for name, flat in flat_nodes.items()
        if name not in silent and flat.subgraph is None and flat.node.type not in VIRTUAL
    }


def _inactive(flat_nodes: FlatNodes) -> set[str]:
    """Ids of nodes that do not run: muted, bypassed, or inside such a node."""
    off: set[str] = set()
    for name, flat in flat_nodes.items():  # a subgraph node comes before its content
        is_inside = flat.parent is not None and flat.parent.id in off
        if is_inside or flat.node.mode in (MUTED, BYPASSED):
            off.add(name)
    return off


def _node(flat: FlatNode, nodes: Nodes, links: dict[str, Any], path: Path | None) -> Node:
    node, spec = flat.node, nodes.get(flat.node.type)
    values = _wrap_lists(_own_values(node, nodes, path))
    title = node.title or _title(node.type, spec)
    return {"class_type": node.type, "inputs": values | links, "_meta": {"title": title}}


def _own_values(node: UiNode, nodes: Nodes, path: Path | None) -> dict[str, Any]:
    spec = nodes.get(node.type)
    return {} if spec is None else widget_values(node, spec, path)


def _links(
    flat_nodes: FlatNodes, flat: FlatNode, silent: set[str], nodes: Nodes, path: Path | None
) -> Iterator[tuple[str, Any]]:
    """(input, link or value) for each link, to replace the node's own values.

    A link from an inactive node is dropped: version 1.49 of the window keeps the own value then,
    1.37 leaves the input out, which every server refuses.
    """
    for slot, socket in enumerate(flat.node.inputs):
        match link_source(flat_nodes, flat, slot, path):
            case Constant(value):
                yield from _wrap_lists({socket.name: value}).items()
            case LinkOrigin(node, origin_slot) if node not in silent:
                yield socket.name, [node, origin_slot]
            case InnerWidget(node, widget) if node not in silent:
                value = _own_values(flat_nodes[node].node, nodes, path).get(widget)
                yield from _wrap_lists({socket.name: value} if value is not None else {}).items()
            case _:
                pass


def _title(type_: str, spec: NodeSpec | None) -> str:
    return spec.title if spec else type_


def _wrap_lists(values: dict[str, Any]) -> dict[str, Any]:
    """Values with lists wrapped as ComfyUI does, so that they are not taken for links."""
    return {
        name: {"__value__": value} if is_list(value) else value for name, value in values.items()
    }
