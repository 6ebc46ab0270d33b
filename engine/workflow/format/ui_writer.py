"""Writes a graph as a workflow for ComfyUI's window (version 0.4), laid out left to right."""

import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple

from engine.comfy.errors import Unsupported, WorkflowUnsupported
from engine.comfy.prompt_plan import Graph, Node
from engine.comfy.protocol.object_info import InputSpec, Nodes, NodeSpec
from engine.workflow.format.bounded_json import as_object
from engine.workflow.format.reader import check_links, link_of, source_nodes, topological_order
from engine.workflow.format.repair import node_title

_WIDTH, _GAP, _ROW, _HEAD, _TEXT = 320, 80, 26, 60, 90  # px
_OPTIONAL = 7  # the shape of an optional input
_LONG = frozenset({"text", "text_prompt", "prompt"})


class _UiLink(NamedTuple):
    id: int
    origin: str
    origin_slot: int
    target: str
    input: str
    type: str


def to_ui(graph: Graph, nodes: Nodes) -> dict[str, Any]:
    """The graph as a saved workflow, which reads back as the same graph.

    Ids that are whole numbers are written as numbers, as by the window. Raises
    WorkflowUnsupported for unknown classes, whose values have no order; WorkflowUnreadable: link,
    cycle.
    """
    unknown = [name for name, node in graph.items() if node["class_type"] not in nodes]
    if unknown:
        listed = ((name, graph[name]["class_type"]) for name in unknown)
        raise WorkflowUnsupported(None, tuple(Unsupported(*each, each[1]) for each in listed))
    order = topological_order(check_links(graph))
    ui_links = _ui_links(graph, nodes, order)
    places = _positions(graph, nodes, order)
    ids = [int(name) for name in graph if _is_number(name)]
    ui_nodes = _ui_nodes(graph, nodes, ui_links)
    return {
        "id": str(uuid.uuid4()),
        "revision": 0,
        "last_node_id": max(ids, default=0),
        "last_link_id": len(ui_links),
        "nodes": [
            {**ui_nodes[name], "pos": places[name], "order": at} for at, name in enumerate(order)
        ],
        "links": [_link(ui_link, ui_nodes) for ui_link in ui_links],
        "groups": [],
        "config": {},
        "extra": {},
        "version": 0.4,
    }


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit() and str(int(name)) == name and int(name) < 2**31


def _id(name: str) -> int | str:
    return int(name) if _is_number(name) else name


def _ui_links(graph: Graph, nodes: Nodes, order: Sequence[str]) -> list[_UiLink]:
    found: list[_UiLink] = []
    for target in order:
        for input, value in graph[target]["inputs"].items():
            link = link_of(value)
            if link:
                outputs = nodes[graph[link[0]]["class_type"]].outputs
                type_ = outputs[link[1]].type if link[1] < len(outputs) else "*"
                found.append(_UiLink(len(found) + 1, *link, target, input, type_))
    return found


def _ui_nodes(graph: Graph, nodes: Nodes, ui_links: Sequence[_UiLink]) -> dict[str, dict[str, Any]]:
    ins: dict[str, list[_UiLink]] = {name: [] for name in graph}
    outs: dict[str, list[_UiLink]] = {name: [] for name in graph}
    for ui_link in ui_links:
        ins[ui_link.target].append(ui_link)
        outs[ui_link.origin].append(ui_link)
    return {name: _ui_node(name, graph[name], nodes, ins[name], outs[name]) for name in graph}


def _ui_node(
    name: str, node: Node, nodes: Nodes, ins: Sequence[_UiLink], outs: Sequence[_UiLink]
) -> dict[str, Any]:
    spec = nodes[node["class_type"]]
    values = _values(spec, node["inputs"])
    title = node_title(node, nodes)
    ui_node = {
        "id": _id(name),
        "type": spec.name,
        "size": [_WIDTH, _height(spec)],
        "flags": {},
        "mode": 0,
        "inputs": _inputs(spec, node["inputs"], ins),
        "outputs": _outputs(spec, outs),
        "properties": {"Node name for S&R": spec.name},
        "widgets_values": [value for _, value in values],
        "widgets_values_named": dict(each for each in values if each[0]),
    }
    return ui_node if title == spec.title else {**ui_node, "title": title}


def _values(spec: NodeSpec, inputs: dict[str, Any]) -> list[tuple[str, Any]]:
    """(name, value) in the order of a file; entries without a name are for the window only."""
    found: list[tuple[str, Any]] = []
    for each in spec.inputs_with(inputs):
        if each.is_widget:
            found.append((each.name, _value(each, inputs.get(each.name))))
            found += [("", "fixed")] if each.has_control else []
    return found + [("", "image") for each in spec.inputs if each.is_upload]


def _value(spec: InputSpec, value: Any) -> Any:
    if value is None or link_of(value):
        return spec.default
    return as_object(value).get("__value__", value)


def _inputs(
    spec: NodeSpec, inputs: dict[str, Any], ui_links: Sequence[_UiLink]
) -> list[dict[str, Any]]:
    by_input = {ui_link.input: ui_link for ui_link in ui_links}
    found: list[dict[str, Any]] = []
    for each in spec.inputs_with(inputs):
        ui_link = by_input.pop(each.name, None)
        if ui_link or not each.is_widget:
            found.append(_input(each, ui_link))
    more = (InputSpec(name=name, type=ui_link.type) for name, ui_link in by_input.items())
    return found + [_input(each, by_input[each.name]) for each in more]


def _input(spec: InputSpec, ui_link: _UiLink | None) -> dict[str, Any]:
    socket: dict[str, Any] = {
        "name": spec.name,
        "type": spec.type,
        "link": ui_link.id if ui_link else None,
    }
    if spec.is_widget:
        socket["widget"] = {"name": spec.name}
    elif not spec.required:
        socket["shape"] = _OPTIONAL
    return socket


def _outputs(spec: NodeSpec, ui_links: Sequence[_UiLink]) -> list[dict[str, Any]]:
    count = max([len(spec.outputs), *(ui_link.origin_slot + 1 for ui_link in ui_links)])
    found: list[dict[str, Any]] = []
    for slot in range(count):
        name, type_ = (
            (spec.outputs[slot].name, spec.outputs[slot].type)
            if slot < len(spec.outputs)
            else ("", "*")
        )
        links = [ui_link.id for ui_link in ui_links if ui_link.origin_slot == slot]
        found.append({"name": name, "type": type_, "links": links or None})
    return found


def _link(ui_link: _UiLink, ui_nodes: dict[str, dict[str, Any]]) -> list[Any]:
    slot = [each["name"] for each in ui_nodes[ui_link.target]["inputs"]].index(ui_link.input)
    return [
        ui_link.id,
        _id(ui_link.origin),
        ui_link.origin_slot,
        _id(ui_link.target),
        slot,
        ui_link.type,
    ]


def _height(spec: NodeSpec) -> int:
    sockets = [each for each in spec.inputs if not each.is_widget]
    widgets = [each for each in spec.inputs if each.is_widget]
    long = sum(each.type == "STRING" and each.name in _LONG for each in widgets)
    return _HEAD + _ROW * (max(len(sockets), len(spec.outputs)) + len(widgets)) + _TEXT * long


def _positions(graph: Graph, nodes: Nodes, order: Sequence[str]) -> dict[str, list[int]]:
    """[x, y] px by id: columns by the longest path from a source, filled from the top."""
    depths: dict[str, int] = {}
    for name in order:
        depths[name] = max((depths[each] + 1 for each in source_nodes(graph[name])), default=0)
    tops: dict[int, int] = {}
    found: dict[str, list[int]] = {}
    for name in order:
        depth = depths[name]
        top = tops.get(depth, 0)
        found[name] = [depth * (_WIDTH + _GAP), top]
        tops[depth] = top + _height(nodes[graph[name]["class_type"]]) + _GAP
    return found
