"""From the parsed JSON of a saved workflow to its records, versions 0.4 and 1.0.

Version 1.0, and the subgraphs of either, write links as objects rather than as lists.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.comfy.errors import WorkflowUnreadable
from engine.workflow.format.bounded_json import (
    MAX_LINKS,
    MAX_NODES,
    form,
    is_form,
    is_row,
    is_whole,
    row,
    words,
)
from engine.workflow.format.ui_graph import UiGraph, UiLink, UiNode, UiSlot, Workflow


def is_workflow(found: dict[str, Any]) -> bool:
    """Whether an object looks like a saved workflow."""
    return isinstance(found.get("nodes"), list)


def workflow(found: dict[str, Any], path: Path | None) -> Workflow:
    """Its boxes and links. Raises WorkflowUnreadable: damaged, large, empty."""
    listed = list(_definitions(found, path))
    sheets = {words(each.get("id")): _sheet(each, path) for each in listed}
    sheet = _sheet(found, path)
    if not sheet.nodes:
        raise WorkflowUnreadable(path, "empty")
    return Workflow(sheet=sheet, subgraphs=sheets)


def _definitions(found: dict[str, Any], path: Path | None) -> Iterator[dict[str, Any]]:
    """All subgraphs, those that are defined inside of others too."""
    waiting, seen = [found], 0
    while waiting:
        for raw in row(form(waiting.pop().get("definitions")).get("subgraphs")):
            seen += 1
            if seen > MAX_NODES:
                raise WorkflowUnreadable(path, "large")
            waiting.append(form(raw))
            yield form(raw)


def _sheet(found: dict[str, Any], path: Path | None) -> UiGraph:
    raws, links = row(found.get("nodes")), row(found.get("links"))
    if len(raws) > MAX_NODES or len(links) > MAX_LINKS:
        raise WorkflowUnreadable(path, "large")
    nodes = [_node(form(raw), path) for raw in raws]
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
    return tuple(words(form(each).get("name")) for each in row(listed))


def _node(raw: dict[str, Any], path: Path | None) -> UiNode:
    id_, type_ = _id(raw.get("id")), words(raw.get("type"))
    if not id_ or not type_:
        raise WorkflowUnreadable(path, "damaged", detail="a node without id or type")
    mode, values = raw.get("mode"), raw.get("widgets_values")
    named = values if is_form(values) else form(raw.get("widgets_values_named"))
    return UiNode(
        id=id_,
        type=type_,
        title=words(raw.get("title")),
        mode=mode if is_whole(mode) else 0,
        inputs=tuple(_socket(form(each)) for each in row(raw.get("inputs"))),
        outputs=tuple(_type(form(each).get("type")) for each in row(raw.get("outputs"))),
        values=tuple(row(values)),
        named=named,
        is_named=is_form(values),
        promoted=tuple(_promoted(form(raw.get("properties")).get("proxyWidgets"))),
    )


def _promoted(listed: object) -> Iterator[tuple[str, str]]:
    for each in map(row, row(listed)):
        yield (words(each[0]), words(each[1])) if len(each) > 1 else ("", "")


def _socket(raw: dict[str, Any]) -> UiSlot:
    link = raw.get("link")
    return UiSlot(
        name=words(raw.get("name")),
        type=_type(raw.get("type")),
        link=link if is_whole(link) else None,
        widget=words(form(raw.get("widget")).get("name")),
    )


def _type(raw: object) -> str:
    """Very old files say 0 or -1 for anything; some packs list several."""
    if is_row(raw):
        return ",".join(words(each) for each in raw)
    return words(raw) or "*"


def _link(raw: object, path: Path | None) -> tuple[int, UiLink]:
    parts = raw[:5] if is_row(raw) else _parts(form(raw))
    if len(parts) < 5 or not is_whole(parts[0]):
        raise WorkflowUnreadable(path, "damaged", detail="a link")
    origin, target = _id(parts[1]), _id(parts[3])
    slots = [_slot(parts[2]), _slot(parts[4])]
    if not origin or not target or min(slots) < 0:
        raise WorkflowUnreadable(path, "damaged", detail="a link")
    return parts[0], UiLink(origin, slots[0], target, slots[1])


def _parts(raw: dict[str, Any]) -> list[Any]:
    return [raw.get(key) for key in ("id", "origin_id", "origin_slot", "target_id", "target_slot")]


def _slot(raw: object) -> int:
    if is_whole(raw):
        return raw
    return int(raw) if isinstance(raw, str) and raw.isdecimal() and len(raw) < 6 else -1


def _id(raw: object) -> str:
    return str(raw) if is_whole(raw) else words(raw)
