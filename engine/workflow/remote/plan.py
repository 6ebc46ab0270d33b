"""A workflow for a server: what is sent in, what is fetched, where the graph stays as it is.

What SaveImage would leave in the server's folder for ever is fetched through PreviewImage instead,
and a comparison is fetched as the two pictures that it compares.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.comfy.prompt_plan import Graph, Node, Plan, Upload
from engine.comfy.protocol.object_info import Nodes
from engine.workflow.format.reader import link_of, source_nodes
from engine.workflow.format.repair import node_title
from engine.workflow.local.values import SinkKind

SAVE, PREVIEW, COMPARE = "SaveImage", "PreviewImage", "Image Comparer (rgthree)"
LOADERS = ("LoadImage", "LoadImageMask")
_SIDES = ("image_a", "image_b")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedOutput:
    """Pictures that a workflow gives: those of `node`, and of a comparison those before them."""

    kind: SinkKind
    title: str  # of the node in the file
    node: str  # id of who answers with the pictures
    before: str = ""
    prefix: str = ""  # of SAVE: what files are to be called


def image_loaders(graph: Graph, nodes: Nodes) -> dict[str, tuple[str, str]]:
    """Nodes that read a picture from the server's folder: (title, name of the picture) by id."""
    return {
        name: (node_title(node, nodes), str(node["inputs"].get("image", "")))
        for name, node in graph.items()
        if node["class_type"] in LOADERS
    }


def plan_job(
    graph: Graph, nodes: Nodes, uploads: Mapping[str, Upload], *, previews: bool = False
) -> tuple[Plan, tuple[PlannedOutput, ...]]:
    """The whole job, with the pictures of `uploads` at these nodes, and what it will show.

    What the file only previews is left out unless it is asked for, or all there is.
    """
    sent = {name: _reading(node, uploads.get(name)) for name, node in graph.items()}
    shown = list(_shown(sent, nodes))
    kept = [each for each in shown if previews or each.kind is not SinkKind.PREVIEW] or shown
    wanted = [id_ for each in kept for id_ in (each.before, each.node) if id_]
    whole = _with_views(sent, wanted)
    plan = Plan(
        graph=_needed(whole, wanted, nodes),
        wanted=tuple(wanted),
        uploads=tuple({upload.name: upload for upload in uploads.values()}.values()),
    )
    return plan, tuple(kept)


def _reading(node: Node, upload: Upload | None) -> Node:
    if upload is None:
        return node
    return {**node, "inputs": {**node["inputs"], "image": upload.name}}


def _shown(graph: Graph, nodes: Nodes) -> Iterator[PlannedOutput]:
    """In the order of the file."""
    for name, node in graph.items():
        title, inputs = node_title(node, nodes), node["inputs"]
        match node["class_type"]:
            case str(type_) if type_ == SAVE:
                prefix = inputs.get("filename_prefix", "")
                yield PlannedOutput(
                    kind=SinkKind.SAVE, title=title, node=name,
                    prefix=prefix if isinstance(prefix, str) else "",
                )  # fmt: skip
            case str(type_) if type_ == PREVIEW:
                yield PlannedOutput(kind=SinkKind.PREVIEW, title=title, node=name)
            case str(type_) if type_ == COMPARE and all(link_of(inputs.get(s)) for s in _SIDES):
                yield PlannedOutput(
                    kind=SinkKind.COMPARE, title=title, node=f"{name}:b", before=f"{name}:a"
                )  # fmt: skip
            case _:
                pass


def _with_views(graph: Graph, wanted: list[str]) -> Graph:
    """SaveImage shows, and so does each side of a comparison."""
    whole: Graph = {}
    for name, node in graph.items():
        match node["class_type"]:
            case str(type_) if type_ == SAVE:
                whole[name] = _view(node["inputs"].get("images"), node)
            case str(type_) if type_ == COMPARE:
                for mark, side in zip("ab", _SIDES):
                    if f"{name}:{mark}" in wanted:
                        whole[f"{name}:{mark}"] = _view(node["inputs"][side], node)
            case _:
                whole[name] = node
    return whole


def _view(images: Any, node: Node) -> Node:
    meta = {"_meta": node["_meta"]} if "_meta" in node else {}
    return {"class_type": PREVIEW, "inputs": {"images": images}, **meta}


def _needed(graph: Graph, wanted: list[str], nodes: Nodes) -> Graph:
    """Without previews that nobody wants; other nodes that show or write something stay."""
    found: set[str] = set()
    waiting = [
        name
        for name, node in graph.items()
        if name in wanted or (node["class_type"] != PREVIEW and _is_output(node, nodes))
    ]
    while waiting:
        name = waiting.pop()
        if name not in found and name in graph:
            found.add(name)
            waiting.extend(source_nodes(graph[name]))
    return {name: node for name, node in graph.items() if name in found}


def _is_output(node: Node, nodes: Nodes) -> bool:
    spec = nodes.get(node["class_type"])
    return spec is not None and spec.is_output
