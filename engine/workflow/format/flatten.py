"""Boxes of a saved workflow without what only its drawing needs: where does each link come from?

Subgraphs are opened: the box 3 in the subgraph of box 7 is called 7:3, as ComfyUI's own window
calls it. Bypassed boxes, reroutes and primitives are seen through.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

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
"""Boxes that no server knows."""

_MAX_STEPS = 100  # steps through boxes that are seen through: a file of strangers may hold a maze


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FlatNode:
    """A box where it stands."""

    id: str  # with the boxes it lies in: 7:3
    node: UiNode
    graph: UiGraph
    prefix: str = ""  # of its neighbours' ids
    parent: "FlatNode | None" = None  # the box around
    subgraph: UiGraph | None = None  # of a box that is a subgraph


class LinkOrigin(NamedTuple):
    """The output that a link really comes from."""

    node: str
    slot: int


class Constant(NamedTuple):
    """A link that turned out to be a value."""

    value: Any


FlatNodes = Mapping[str, FlatNode]


def flatten(workflow: Workflow, path: Path | None = None) -> dict[str, FlatNode]:
    """All boxes, by id. Raises WorkflowUnreadable: large, cycle (a subgraph inside of itself)."""
    found: dict[str, FlatNode] = {}
    linked = 0
    for place in _flatten(workflow, workflow.root, "", None, frozenset(), path):
        found[place.id] = place
        linked += sum(each.link is not None for each in place.node.inputs)
        if len(found) > MAX_NODES or linked > MAX_LINKS:
            raise WorkflowUnreadable(path, "large")
    return found


def _flatten(
    workflow: Workflow,
    sheet: UiGraph,
    prefix: str,
    host: FlatNode | None,
    around: frozenset[str],
    path: Path | None,
) -> Iterator[FlatNode]:
    for node in sheet.nodes.values():
        inner = workflow.subgraphs.get(node.type)
        id_ = prefix + node.id
        place = FlatNode(id=id_, node=node, graph=sheet, prefix=prefix, parent=host, subgraph=inner)
        yield place
        if inner is None:
            continue
        if node.type in around:
            raise WorkflowUnreadable(path, "cycle", node=id_)
        yield from _flatten(workflow, inner, f"{id_}:", place, around | {node.type}, path)


class _Step(NamedTuple):
    """Where following a link has arrived: at an input of a box, or at an output."""

    flat: FlatNode
    slot: int
    type: str
    is_input: bool


def link_source(
    all_: FlatNodes, place: FlatNode, slot: int, path: Path | None = None
) -> LinkOrigin | Constant | None:
    """Where an input's value comes from, by its link. None: nowhere, its own value counts.

    Raises WorkflowUnreadable: link, cycle, large.
    """
    step: _Step | LinkOrigin | Constant | None = _Step(place, slot, "", is_input=True)
    seen: set[tuple[str, int, bool]] = set()
    while isinstance(step, _Step):
        mark = (step.flat.id, step.slot, step.is_input)
        if mark in seen:
            raise WorkflowUnreadable(path, "cycle", node=step.flat.id)
        if len(seen) > _MAX_STEPS:
            raise WorkflowUnreadable(path, "large", node=step.flat.id)
        seen.add(mark)
        try:
            step = _from_input(all_, step) if step.is_input else _from_output(all_, step)
        except (KeyError, IndexError) as error:
            raise WorkflowUnreadable(path, "link", node=place.id, detail=str(error)) from error
    return step


def _from_input(all_: FlatNodes, step: _Step) -> _Step | Constant | None:
    place = step.flat
    socket = place.node.inputs[step.slot]
    if socket.link is None:
        return None
    link = place.graph.links[socket.link]
    if link.origin == INPUTS and place.parent:
        return _from_parent(place.parent, place.graph, link.origin_slot)
    origin = all_[place.prefix + link.origin]
    if origin.node.type == PRIMITIVE:
        return _primitive_value(place.node, origin.node)
    return _Step(origin, link.origin_slot, step.type or socket.type, is_input=False)


def _primitive_value(node: UiNode, primitive: UiNode) -> Constant | None:
    """A primitive's value, also of one that is switched off; through other boxes it goes nowhere:
    the window writes it into the boxes that it is linked to, and nothing else.
    """
    is_through = node.type in VIRTUAL or node.mode == BYPASSED
    return None if is_through or not primitive.values else Constant(primitive.values[0])


def _from_parent(host: FlatNode, sheet: UiGraph, slot: int) -> _Step | Constant | None:
    """The input of the box around that stands for one of its subgraph's own."""
    name = sheet.inputs[slot]
    for at, socket in enumerate(host.node.inputs):
        if socket.name == name and socket.link is not None:
            return _Step(host, at, "", is_input=True)
    return _promoted_value(host.node, name)


def _promoted_value(node: UiNode, name: str) -> Constant | None:
    """The value that a subgraph's box shows for one of its inputs; None: the one inside counts.

    Version 1.37 of the window lists what it shows; later ones show each input with a widget.
    """
    if name in node.values_by_name:
        return Constant(node.values_by_name[name])
    listed = [shown for inner, shown in node.promoted if inner == "-1"]
    if node.promoted:
        values = [value for (inner, _), value in zip(node.promoted, node.values) if inner == "-1"]
    else:
        listed, values = [each.name for each in node.inputs if each.widget], list(node.values)
    found = dict(zip(listed, values)) if len(values) <= len(listed) else {}
    return None if found.get(name) is None else Constant(found[name])


def _from_output(all_: FlatNodes, step: _Step) -> _Step | LinkOrigin | Constant | None:
    place, node = step.flat, step.flat.node
    if node.mode == BYPASSED:
        at = _bypass_input(node, step.slot, step.type)
        return None if at is None else _Step(place, at, "", is_input=True)
    if place.subgraph is not None:
        return _from_subgraph(all_, place, place.subgraph, step)
    if node.type in VIRTUAL:
        has_input = step.slot < len(node.inputs)
        return _Step(place, step.slot, step.type, is_input=True) if has_input else None
    return LinkOrigin(place.id, step.slot)


def _from_subgraph(
    all_: FlatNodes, place: FlatNode, inner: UiGraph, step: _Step
) -> _Step | Constant | None:
    """What a subgraph puts out at a slot."""
    ends = (each for each in inner.links.values() if each.target == OUTPUTS)
    link = next((each for each in ends if each.target_slot == step.slot), None)
    if link is None:
        return None
    if link.origin == INPUTS:
        return _from_parent(place, inner, link.origin_slot)
    return _Step(all_[f"{place.id}:{link.origin}"], link.origin_slot, step.type, is_input=False)


def _bypass_input(node: UiNode, slot: int, wanted: str) -> int | None:
    """The input that a bypassed box passes through: the same slot if it fits, else the first."""
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
