"""Plans a workflow on a server: its uploads, and the outputs that are fetched.

SaveImage, which leaves files on the server, is replaced by PreviewImage; a comparison is fetched as
its two pictures. The rest of the graph stays as it is.
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
    """Pictures of one output: those of `node`, and of a comparison also those of `before`."""

    kind: SinkKind
    title: str  # of the node in the file
    node: str  # id of the node whose pictures are fetched
    before: str = ""
    prefix: str = ""  # of SAVE: begins the file names


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
    """The job, with `uploads` by node id, and its outputs in the order of the file.

    Previews are left out unless asked for, or unless there is nothing else.
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
    """The graph with PreviewImage for SaveImage and for each side of a comparison."""
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
    """The graph without unwanted previews; other output nodes stay."""
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
