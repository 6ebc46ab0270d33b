"""Workflows from files: what ComfyUI's window saves, what its server takes, pictures with either.

The server's form ("API format") names every value; the window's lists them by position and can
only be understood beside the table of nodes that it was made with: engine.workflow.format.to_api.
"""

from pathlib import Path
from typing import Any, TypeAlias

from engine.comfy.errors import WorkflowUnreadable
from engine.comfy.prompt_plan import Graph
from engine.workflow.format import embedded
from engine.workflow.format import ui_reader as ui_reading
from engine.workflow.format.bounded_json import (
    MAX_BYTES,
    MAX_NODES,
    form,
    is_form,
    is_whole,
    parsed,
    row,
    words,
)
from engine.workflow.format.ui_graph import Workflow

Read: TypeAlias = Graph | Workflow


def read(source: Path | bytes) -> Read:
    """The workflow of a .json file or of a PNG, WebP or JPEG picture.

    A picture that holds both forms gives the server's: it is what really ran. Raises
    WorkflowUnreadable: file, format, damaged, large, none, empty, link, cycle.
    """
    path = source if isinstance(source, Path) else None
    try:
        texts = embedded.texts_of(source)
        content = b"" if texts is not None else _content(source, path)
    except OSError as error:
        raise WorkflowUnreadable(path, "file", detail=error.strerror or "") from error
    if texts is None:
        return _read(content, path)
    if not texts:
        raise WorkflowUnreadable(path, "none")
    return _best(texts, path)


def _content(source: Path | bytes, path: Path | None) -> bytes:
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size > MAX_BYTES:
        raise WorkflowUnreadable(path, "large")
    return source if isinstance(source, bytes) else source.read_bytes()


def _best(texts: dict[str, str], path: Path | None) -> Read:
    """The server's form where it can be read; some packs write something else by that name."""
    try:
        return _read(texts[embedded.PROMPT], path)
    except (KeyError, WorkflowUnreadable):
        if embedded.WORKFLOW not in texts:
            raise
    return _read(texts[embedded.WORKFLOW], path)


def _read(text: bytes | str, path: Path | None) -> Read:
    if len(text) > MAX_BYTES:
        raise WorkflowUnreadable(path, "large")
    try:
        found = parsed(text)
    except ValueError as error:
        raise WorkflowUnreadable(path, _reason(text), detail=str(error)) from error
    if found == {}:
        raise WorkflowUnreadable(path, "empty")
    if ui_reading.is_workflow(form(found)):
        return ui_reading.workflow(form(found), path)
    if not _is_graph(found):
        raise WorkflowUnreadable(path, "format")
    return checked(graph(form(found), path), path)


def _reason(text: bytes | str) -> str:
    head = text[:64].lstrip() if isinstance(text, str) else text[:64].lstrip(b"\xef\xbb\xbf \r\n\t")
    return "damaged" if head[:1] in ("{", b"{") else "format"


def _is_graph(found: object) -> bool:
    return any("class_type" in form(each) for each in form(found).values())


def graph(found: dict[str, Any], path: Path | None) -> Graph:
    """The nodes of a server's form, nothing but what runs and the titles."""
    if len(found) > MAX_NODES:
        raise WorkflowUnreadable(path, "large")
    return {name: _node(name, form(raw), path) for name, raw in found.items()}


def _node(name: str, raw: dict[str, Any], path: Path | None) -> dict[str, Any]:
    type_, inputs = words(raw.get("class_type")), raw.get("inputs", {})
    if not type_ or not is_form(inputs):
        raise WorkflowUnreadable(path, "damaged", node=name)
    title = words(form(raw.get("_meta")).get("title"))
    node = {"class_type": type_, "inputs": inputs}
    return {**node, "_meta": {"title": title}} if title else node


def link_of(value: object) -> tuple[str, int] | None:
    """(node id, slot) where an input's value is a link; a literal list is wrapped by ComfyUI."""
    parts = row(value)
    if len(parts) == 2 and isinstance(parts[0], str) and is_whole(parts[1]):
        return parts[0], parts[1]
    return None


def sources(node: dict[str, Any]) -> list[str]:
    """Ids of the nodes that one reads from."""
    links = [link_of(value) for value in node["inputs"].values()]
    return [link[0] for link in links if link]


def checked(graph: Graph, path: Path | None = None) -> Graph:
    """The same graph. Raises WorkflowUnreadable: link (to nowhere), cycle."""
    for name, node in graph.items():
        lost = [each for each in sources(node) if each not in graph]
        if lost:
            raise WorkflowUnreadable(path, "link", node=name, detail=lost[0])
    in_order(graph, path)
    return graph


def in_order(graph: Graph, path: Path | None = None) -> list[str]:
    """Ids, each after all that it reads from. Raises WorkflowUnreadable: cycle."""
    readers: dict[str, list[str]] = {name: [] for name in graph}
    open_ = {name: len(sources(node)) for name, node in graph.items()}
    for name, node in graph.items():
        for source in sources(node):
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
