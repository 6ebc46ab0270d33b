"""Repairs a graph that was made for other versions of the nodes: renames, drops, adds inputs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from engine.comfy.errors import Unsupported, WorkflowUnsupported
from engine.comfy.prompt_plan import Graph, Node
from engine.comfy.protocol.object_info import InputSpec, Nodes, NodeSpec
from engine.workflow.format.reader import link_of
from engine.workflow.format.renamed_inputs import NODE_VERSIONS, NodeVersions

_UNCHANGED = NodeVersions(())
"""Of a node whose inputs kept their names."""


class InputRepair(NamedTuple):
    """The repair of one input, to be shown to the user."""

    node: str
    title: str
    input: str  # its name in the file; of an added input, its new name
    kind: str  # a code: renamed, dropped, added
    value: Any = None  # the new name; the dropped value; the added value


def repair(
    graph: Graph, nodes: Nodes, path: Path | None = None
) -> tuple[Graph, tuple[InputRepair, ...]]:
    """The graph with the input names of these nodes; unknown inputs stay as they are.

    Raises WorkflowUnsupported (link) where a linked input has no counterpart.
    """
    changes: list[InputRepair] = []
    found: Graph = {}
    for name, node in graph.items():
        spec = nodes.get(node["class_type"])
        if spec is None:
            found[name] = node
            continue
        inputs, done = _inputs(node, spec, NODE_VERSIONS.get(spec.name, _UNCHANGED))
        lost = [each for each in done if each.kind == "dropped" and link_of(each.value)]
        title = node_title(node, nodes)
        if lost:
            raise WorkflowUnsupported(path, (Unsupported(name, spec.name, title, "link"),))
        found[name] = {**node, "inputs": inputs}
        changes += [each._replace(node=name, title=title) for each in done]
    return found, tuple(changes)


def node_title(node: Node, nodes: Nodes) -> str:
    """The title of the node as the window shows it."""
    spec = nodes.get(node["class_type"])
    said = node.get("_meta", {}).get("title", "")
    return said or (spec.title if spec else node["class_type"])


def _inputs(
    node: Node, spec: NodeSpec, known: NodeVersions
) -> tuple[dict[str, Any], list[InputRepair]]:
    inputs: dict[str, Any] = {}
    done: list[InputRepair] = []
    for name, value in node["inputs"].items():
        new = _new_name(name, spec, known)
        if new == name or name not in known.names:
            inputs[name] = value
        elif new:
            inputs[new] = value
            done.append(InputRepair("", "", name, "renamed", new))
        else:
            done.append(InputRepair("", "", name, "dropped", value))
    added = {each.name: each.default for each in _open_inputs(spec, inputs)}
    return inputs | added, [
        *done,
        *(InputRepair("", "", name, "added", value) for name, value in added.items()),
    ]


def _open_inputs(spec: NodeSpec, inputs: dict[str, Any]) -> Iterator[InputSpec]:
    """Widgets that a server requires and the graph lacks, with a default.

    Those of a node that changed its names are all set.
    """
    for each in spec.inputs_with(inputs):
        is_asked = each.required or spec.name in NODE_VERSIONS
        if is_asked and each.is_widget and each.name not in inputs and each.default is not None:
            yield each


def _new_name(name: str, spec: NodeSpec, known: NodeVersions) -> str:
    """The name of the input in this version; "" where it is gone."""
    return next((each for each in (name, *sorted(known.aliases_of(name))) if spec.input(each)), "")
