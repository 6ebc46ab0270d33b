"""Reads workflow files: the format of ComfyUI's window, the API format, and pictures with either.

The API format names every value; the window lists them by position, which only makes sense with the
node definitions that it was saved with: see engine.workflow.format.to_api.
"""

from pathlib import Path
from typing import Any, TypeAlias

from engine.comfy.errors import WorkflowUnreadable
from engine.comfy.prompt_plan import Graph
from engine.storage.foreign_file import FileTooLong, read_file
from engine.workflow.format import embedded, ui_reader
from engine.workflow.format.bounded_json import (
    MAX_BYTES,
    MAX_NODES,
    as_list,
    as_object,
    as_text,
    is_integer,
    is_object,
    parse_json,
)
from engine.workflow.format.ui_graph import Workflow

AnyWorkflow: TypeAlias = Graph | Workflow


def read_workflow(source: Path | bytes) -> AnyWorkflow:
    """The workflow of a .json file or of a PNG, WebP or JPEG picture.

    Of a picture with both formats the API format is read: it is the graph that ran. Raises
    WorkflowUnreadable: file, format, damaged, large, none, empty, link, cycle.
    """
    path = source if isinstance(source, Path) else None
    try:
        texts = embedded.embedded_texts(source)
        content = b"" if texts is not None else _content(source, path)
    except OSError as error:
        raise WorkflowUnreadable(path, "file", detail=error.strerror or "") from error
    if texts is None:
        return _parse(content, path)
    if not texts:
        raise WorkflowUnreadable(path, "none")
    return _from_texts(texts, path)


def _content(source: Path | bytes, path: Path | None) -> bytes:
    try:
        content = source if isinstance(source, bytes) else read_file(source, MAX_BYTES)
    except FileTooLong as error:
        raise WorkflowUnreadable(path, "large") from error
    if len(content) > MAX_BYTES:
        raise WorkflowUnreadable(path, "large")
    return content


def _from_texts(texts: dict[str, str], path: Path | None) -> AnyWorkflow:
    """The API format where it is readable: some packs store something else under its name."""
    try:
        return _parse(texts[embedded.PROMPT], path)
    except (KeyError, WorkflowUnreadable):
        if embedded.WORKFLOW not in texts:
            raise
    return _parse(texts[embedded.WORKFLOW], path)


def _parse(text: bytes | str, path: Path | None) -> AnyWorkflow:
    if len(text) > MAX_BYTES:
        raise WorkflowUnreadable(path, "large")
    try:
        found = parse_json(text)
    except ValueError as error:
        raise WorkflowUnreadable(path, _reason(text), detail=str(error)) from error
    if found == {}:
        raise WorkflowUnreadable(path, "empty")
    if ui_reader.is_ui_workflow(as_object(found)):
        return ui_reader.parse_ui(as_object(found), path)
    if not _is_graph(found):
        raise WorkflowUnreadable(path, "format")
    return check_links(parse_api(as_object(found), path), path)


def _reason(text: bytes | str) -> str:
    head = text[:64].lstrip() if isinstance(text, str) else text[:64].lstrip(b"\xef\xbb\xbf \r\n\t")
    return "damaged" if head[:1] in ("{", b"{") else "format"


def _is_graph(found: object) -> bool:
    return any("class_type" in as_object(each) for each in as_object(found).values())


def parse_api(found: dict[str, Any], path: Path | None) -> Graph:
    """The nodes of the API format with class, inputs and title only."""
    if len(found) > MAX_NODES:
        raise WorkflowUnreadable(path, "large")
    return {name: _node(name, as_object(raw), path) for name, raw in found.items()}


def _node(name: str, raw: dict[str, Any], path: Path | None) -> dict[str, Any]:
    type_, inputs = as_text(raw.get("class_type")), raw.get("inputs", {})
    if not type_ or not is_object(inputs):
        raise WorkflowUnreadable(path, "damaged", node=name)
    title = as_text(as_object(raw.get("_meta")).get("title"))
    node = {"class_type": type_, "inputs": inputs}
    return {**node, "_meta": {"title": title}} if title else node


def link_of(value: object) -> tuple[str, int] | None:
    """(node id, slot) of a link, else None; ComfyUI wraps literal lists."""
    parts = as_list(value)
    if len(parts) == 2 and isinstance(parts[0], str) and is_integer(parts[1]):
        return parts[0], parts[1]
    return None


def source_nodes(node: dict[str, Any]) -> list[str]:
    """Ids of the nodes that a node reads from."""
    links = [link_of(value) for value in node["inputs"].values()]
    return [link[0] for link in links if link]


def check_links(graph: Graph, path: Path | None = None) -> Graph:
    """The same graph. Raises WorkflowUnreadable: link (to a missing node), cycle."""
    for name, node in graph.items():
        lost = [each for each in source_nodes(node) if each not in graph]
        if lost:
            raise WorkflowUnreadable(path, "link", node=name, detail=lost[0])
    topological_order(graph, path)
    return graph


def topological_order(graph: Graph, path: Path | None = None) -> list[str]:
    """Ids, each after those it reads from. Raises WorkflowUnreadable: cycle."""
    readers: dict[str, list[str]] = {name: [] for name in graph}
    open_ = {name: len(source_nodes(node)) for name, node in graph.items()}
    for name, node in graph.items():
        for source in source_nodes(node):
            readers[source].append(name)
    order = [name for name, count in open_.items() if not count]
    for name in order:  # grows while it is walked
        for reader in readers[name]:
            open_[reader] -= 1
            if not open_[reader]:
                order.append(reader)
    if len(order) < len(graph):
        stuck = next(name for name, count in open_.items() if count)
        raise WorkflowUnreadable(path, "cycle", node=stuck)
    return order
