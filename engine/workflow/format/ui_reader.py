"""Reads a saved workflow, versions 0.4 and 1.0, from JSON into records.

Version 1.0, and the subgraphs of both, store links as objects instead of lists.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.comfy.errors import WorkflowUnreadable
from engine.workflow.format.bounded_json import (
    MAX_LINKS,
    MAX_NODES,
    as_list,
    as_object,
    as_text,
    is_integer,
    is_list,
    is_object,
)
from engine.workflow.format.ui_graph import UiGraph, UiLink, UiNode, UiSlot, Workflow


def is_ui_workflow(found: dict[str, Any]) -> bool:
    """Whether an object looks like a saved workflow."""
    return isinstance(found.get("nodes"), list)


def parse_ui(found: dict[str, Any], path: Path | None) -> Workflow:
    """The nodes, links and subgraphs. Raises WorkflowUnreadable: damaged, large, empty."""
    listed = list(_definitions(found, path))
    sheets = {as_text(each.get("id")): _graph(each, path) for each in listed}
    sheet = _graph(found, path)
    if not sheet.nodes:
        raise WorkflowUnreadable(path, "empty")
    return Workflow(root=sheet, subgraphs=sheets)


def _definitions(found: dict[str, Any], path: Path | None) -> Iterator[dict[str, Any]]:
    """All subgraphs, including those defined inside others."""
    waiting, seen = [found], 0
    while waiting:
        for raw in as_list(as_object(waiting.pop().get("definitions")).get("subgraphs")):
            seen += 1
            if seen > MAX_NODES:
                raise WorkflowUnreadable(path, "large")
            waiting.append(as_object(raw))
            yield as_object(raw)


def _graph(found: dict[str, Any], path: Path | None) -> UiGraph:
    raws, links = as_list(found.get("nodes")), as_list(found.get("links"))
    if len(raws) > MAX_NODES or len(links) > MAX_LINKS:
        raise WorkflowUnreadable(path, "large")
    nodes = [_node(as_object(raw), path) for raw in raws]
    by_id = {each.id: each for each in nodes}
    if len(by_id) < len(nodes):
        raise WorkflowUnreadable(path, "damaged", detail="the same id twice")
    return UiGraph(
        nodes=by_id,
        links=dict(_link(raw, path) for raw in links if raw is not None),
        inputs=_names(found.get("inputs")),
        outputs=_names(found.get("outputs")),
    )


def _names(listed: object) -> tuple[str, ...]:
    return tuple(as_text(as_object(each).get("name")) for each in as_list(listed))


def _node(raw: dict[str, Any], path: Path | None) -> UiNode:
    id_, type_ = _id(raw.get("id")), as_text(raw.get("type"))
    if not id_ or not type_:
        raise WorkflowUnreadable(path, "damaged", detail="a node without id or type")
    mode, values = raw.get("mode"), raw.get("widgets_values")
    named = values if is_object(values) else as_object(raw.get("widgets_values_named"))
    return UiNode(
        id=id_,
        type=type_,
        title=as_text(raw.get("title")),
        mode=mode if is_integer(mode) else 0,
        inputs=tuple(_ui_slot(as_object(each)) for each in as_list(raw.get("inputs"))),
        outputs=tuple(_type(as_object(each).get("type")) for each in as_list(raw.get("outputs"))),
        values=tuple(as_list(values)),
        values_by_name=named,
        has_names_only=is_object(values),
        promoted=tuple(_promoted(as_object(raw.get("properties")).get("proxyWidgets"))),
    )


def _promoted(listed: object) -> Iterator[tuple[str, str]]:
    for each in map(as_list, as_list(listed)):
        yield (as_text(each[0]), as_text(each[1])) if len(each) > 1 else ("", "")


def _ui_slot(raw: dict[str, Any]) -> UiSlot:
    link = raw.get("link")
    return UiSlot(
        name=as_text(raw.get("name")),
        type=_type(raw.get("type")),
        link=link if is_integer(link) else None,
        widget=as_text(as_object(raw.get("widget")).get("name")),
    )


def _type(raw: object) -> str:
    """The type of a slot: "*" for the 0 or -1 of very old files, several joined by commas."""
    if is_list(raw):
        return ",".join(as_text(each) for each in raw)
    return as_text(raw) or "*"


def _link(raw: object, path: Path | None) -> tuple[int, UiLink]:
    parts = raw[:5] if is_list(raw) else _parts(as_object(raw))
    if len(parts) < 5 or not is_integer(parts[0]):
        raise WorkflowUnreadable(path, "damaged", detail="a link")
    origin, target = _id(parts[1]), _id(parts[3])
    slots = [_slot_index(parts[2]), _slot_index(parts[4])]
    if not origin or not target or min(slots) < 0:
        raise WorkflowUnreadable(path, "damaged", detail="a link")
    return parts[0], UiLink(origin, slots[0], target, slots[1])


def _parts(raw: dict[str, Any]) -> list[Any]:
    return [raw.get(key) for key in ("id", "origin_id", "origin_slot", "target_id", "target_slot")]


def _slot_index(raw: object) -> int:
    if is_integer(raw):
        return raw
    return int(raw) if isinstance(raw, str) and raw.isdecimal() and len(raw) < 6 else -1


def _id(raw: object) -> str:
    return str(raw) if is_integer(raw) else as_text(raw)
