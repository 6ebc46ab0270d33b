"""Flattens a saved workflow: opens its subgraphs, and follows each link to its real origin.

Node 3 in the subgraph of node 7 gets the id 7:3, as in ComfyUI's window. Links pass through
bypassed nodes, reroutes and primitives.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from engine.comfy.errors import WorkflowUnreadable
from engine.workflow.format.bounded_json import MAX_LINKS, MAX_NODES
from engine.workflow.format.ui_graph import BYPASSED, INPUTS, OUTPUTS, UiGraph, UiNode, Workflow

PRIMITIVE = "PrimitiveNode"
REROUTES = frozenset({"Reroute", "Reroute (rgthree)"})
_DECORATIONS = frozenset({
    "Note", "MarkdownNote", "Label (rgthree)", "Bookmark (rgthree)", "Fast Groups Muter (rgthree)",
    "Fast Groups Bypasser (rgthree)", "Fast Muter (rgthree)", "Fast Bypasser (rgthree)",
})  # fmt: skip
VIRTUAL = frozenset({PRIMITIVE}) | REROUTES | _DECORATIONS
"""Node types that exist in the window only."""

_MAX_STEPS = 100  # of one link through such nodes: foreign files may contain a maze


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FlatNode:
    """A node with the graph and the subgraph node that it lies in."""

    id: str  # with those of the nodes around it: 7:3
    node: UiNode
    graph: UiGraph
    prefix: str = ""  # of the ids in this graph: "7:"
    parent: "FlatNode | None" = None  # the subgraph node around it
    subgraph: UiGraph | None = None  # of a subgraph node: its content


class LinkOrigin(NamedTuple):
    """The output that a link comes from in the end."""

    node: str
    slot: int


class Constant(NamedTuple):
    """The value that a link comes from in the end."""

    value: Any


class InnerWidget(NamedTuple):
    """The widget, of a node in a subgraph, that a link of its subgraph comes from in the end."""

    node: str
    widget: str


Source: TypeAlias = LinkOrigin | Constant | InnerWidget
FlatNodes = Mapping[str, FlatNode]


def flatten(workflow: Workflow, path: Path | None = None) -> dict[str, FlatNode]:
    """All nodes by id. Raises WorkflowUnreadable: large, cycle (a subgraph inside itself)."""
    found: dict[str, FlatNode] = {}
    linked = 0
    for flat in _flatten(workflow, workflow.root, "", None, frozenset(), path):
        found[flat.id] = flat
        linked += sum(each.link is not None for each in flat.node.inputs)
        if len(found) > MAX_NODES or linked > MAX_LINKS:
            raise WorkflowUnreadable(path, "large")
    return found


def _flatten(
    workflow: Workflow,
    graph: UiGraph,
    prefix: str,
    parent: FlatNode | None,
    around: frozenset[str],
    path: Path | None,
) -> Iterator[FlatNode]:
    for node in graph.nodes.values():
        subgraph = workflow.subgraphs.get(node.type)
        id_ = prefix + node.id
        flat = FlatNode(
            id=id_, node=node, graph=graph, prefix=prefix, parent=parent, subgraph=subgraph
        )
        yield flat
        if subgraph is None:
            continue
        if node.type in around:
            raise WorkflowUnreadable(path, "cycle", node=id_)
        yield from _flatten(workflow, subgraph, f"{id_}:", flat, around | {node.type}, path)


class _Step(NamedTuple):
    """A position while following a link: at an input of a node, or at an output."""

    flat: FlatNode
    slot: int
    type: str
    is_input: bool


def link_source(
    nodes: FlatNodes, flat: FlatNode, slot: int, path: Path | None = None
) -> Source | None:
    """The origin of an input's link; None where it has none and its own value counts.

    Raises WorkflowUnreadable: link, cycle, large.
    """
    step: _Step | Source | None = _Step(flat, slot, "", is_input=True)
    seen: set[tuple[str, int, bool]] = set()
    while isinstance(step, _Step):
        mark = (step.flat.id, step.slot, step.is_input)
        if mark in seen:
            raise WorkflowUnreadable(path, "cycle", node=step.flat.id)
        if len(seen) > _MAX_STEPS:
            raise WorkflowUnreadable(path, "large", node=step.flat.id)
        seen.add(mark)
        try:
            step = _from_input(nodes, step) if step.is_input else _from_output(nodes, step)
        except (KeyError, IndexError) as error:
            raise WorkflowUnreadable(path, "link", node=flat.id, detail=str(error)) from error
    return step


def _from_input(nodes: FlatNodes, step: _Step) -> _Step | Constant | InnerWidget | None:
    flat = step.flat
    socket = flat.node.inputs[step.slot]
    if socket.link is None:
        return None
    link = flat.graph.links[socket.link]
    if link.origin == INPUTS and flat.parent:
        found = _from_parent(flat.parent, flat.graph, link.origin_slot)
        return found if found or socket.widget else _inner_widget(flat, link.origin_slot)
    origin = nodes[flat.prefix + link.origin]
    if origin.node.type == PRIMITIVE:
        return _primitive_value(flat.node, origin.node)
    return _Step(origin, link.origin_slot, step.type or socket.type, is_input=False)


def _inner_widget(flat: FlatNode, slot: int) -> InnerWidget | None:
    """The first widget beside the node that the same input of their subgraph stands for."""
    for link in flat.graph.links.values():
        if link.origin == INPUTS and link.origin_slot == slot and link.target in flat.graph.nodes:
            node = flat.graph.nodes[link.target]
            socket = node.inputs[link.target_slot] if link.target_slot < len(node.inputs) else None
            if socket and socket.widget:
                return InnerWidget(flat.prefix + link.target, socket.widget)
    return None


def _primitive_value(node: UiNode, primitive: UiNode) -> Constant | None:
    """The value of a primitive, muted or not; None behind a virtual or bypassed node.

    The window writes it into the nodes that it is linked to directly, and no further.
    """
    is_through = node.type in VIRTUAL or node.mode == BYPASSED
    return None if is_through or not primitive.values else Constant(primitive.values[0])


def _from_parent(parent: FlatNode, graph: UiGraph, slot: int) -> _Step | Constant | None:
    """The input of the subgraph node that stands for an input of its content."""
    name = graph.inputs[slot]
    for at, socket in enumerate(parent.node.inputs):
        if socket.name == name and socket.link is not None:
            return _Step(parent, at, "", is_input=True)
    return _promoted_value(parent.node, graph, name)


def _promoted_value(node: UiNode, graph: UiGraph, name: str) -> Constant | None:
    """The value that a subgraph node shows for one of its inputs; None: the subgraph one counts.

    Version 1.37 of the window lists the shown inputs; later ones show each input with a widget.
    """
    if name in node.values_by_name:
        return Constant(node.values_by_name[name])
    listed = [shown for subgraph, shown in node.promoted if subgraph == "-1"]
    if node.promoted:
        values = [
            value for (subgraph, _), value in zip(node.promoted, node.values) if subgraph == "-1"
        ]
    else:
        listed, values = [each.name for each in node.inputs if each.widget], list(node.values)
        listed = _shown_inputs(graph) if len(values) > len(listed) else listed
    found = dict(zip(listed, values)) if len(values) <= len(listed) else {}
    return None if found.get(name) is None else Constant(found[name])


def _shown_inputs(graph: UiGraph) -> list[str]:
    """Inputs of a subgraph that stand for a widget: a file may list fewer on the node around it."""
    shown: set[int] = set()
    for link in graph.links.values():
        node = graph.nodes.get(link.target)
        if link.origin == INPUTS and node and link.target_slot < len(node.inputs):
            shown |= {link.origin_slot} if node.inputs[link.target_slot].widget else set()
    return [name for slot, name in enumerate(graph.inputs) if slot in shown]


def _from_output(nodes: FlatNodes, step: _Step) -> _Step | Source | None:
    flat, node = step.flat, step.flat.node
    if node.mode == BYPASSED:
        at = _bypass_input(node, step.slot, step.type)
        return None if at is None else _Step(flat, at, "", is_input=True)
    if flat.subgraph is not None:
        return _from_subgraph(nodes, flat, flat.subgraph, step)
    if node.type in VIRTUAL:
        has_input = step.slot < len(node.inputs)
        return _Step(flat, step.slot, step.type, is_input=True) if has_input else None
    return LinkOrigin(flat.id, step.slot)


def _from_subgraph(
    nodes: FlatNodes, flat: FlatNode, subgraph: UiGraph, step: _Step
) -> _Step | Constant | None:
    """The origin of an output of a subgraph node, inside its content."""
    ends = (each for each in subgraph.links.values() if each.target == OUTPUTS)
    link = next((each for each in ends if each.target_slot == step.slot), None)
    if link is None:
        return None
    if link.origin == INPUTS:
        return _from_parent(flat, subgraph, link.origin_slot)
    return _Step(nodes[f"{flat.id}:{link.origin}"], link.origin_slot, step.type, is_input=False)


def _bypass_input(node: UiNode, slot: int, wanted: str) -> int | None:
    """The input that a bypassed node passes on: the same slot if it fits, else the first fit."""
    made = node.outputs[slot] if slot < len(node.outputs) else "*"
    types = [each.type for each in node.inputs]
    if wanted == "*":
        return slot if slot < len(types) else 0 if types else None
    fitting = [
        at
        for at, type_ in enumerate(types)
        if _types_match(type_, made) and _types_match(type_, wanted)
    ]
    exact = [at for at, type_ in enumerate(types) if type_ == wanted]
    return slot if slot in fitting else next(iter([*exact, *fitting]), None)


def _types_match(one: str, other: str) -> bool:
    if "*" in (one, other):
        return True
    return bool(set(one.lower().split(",")) & set(other.lower().split(",")))
