"""Graphs for the server at hand, though they were made for one whose nodes had other inputs."""

from pathlib import Path
from typing import Any, NamedTuple

from engine.comfy.errors import Unsupported, WorkflowUnsupported
from engine.comfy.prompt_plan import Graph, Node
from engine.comfy.protocol.object_info import InputSpec, Nodes, NodeSpec
from engine.workflow.format.reader import link_of
from engine.workflow.format.renamed_inputs import NODE_VERSIONS, NodeVersions


class InputRepair(NamedTuple):
    """What was done to one input, to be told to the user."""

    node: str
    title: str
    input: str  # as the file calls it; of what was added, as the server does
    kind: str  # a code: renamed, dropped, added
    value: Any = None  # the new name; what was lost; what it is now


def repair(
    graph: Graph, nodes: Nodes, path: Path | None = None
) -> tuple[Graph, tuple[InputRepair, ...]]:
    """The graph with the names that these nodes have; what is not understood stays as it is.

    Raises WorkflowUnsupported (link) where a link has no counterpart here.
    """
    changes: list[InputRepair] = []
    found: Graph = {}
    for name, node in graph.items():
        spec, known = nodes.get(node["class_type"]), NODE_VERSIONS.get(node["class_type"])
        if spec is None or known is None:
            found[name] = node
            continue
        inputs, done = _inputs(node, spec, known)
        lost = [each for each in done if each.kind == "dropped" and link_of(each.value)]
        title = node_title(node, nodes)
        if lost:
            raise WorkflowUnsupported(path, (Unsupported(name, spec.name, title, "link"),))
        found[name] = {**node, "inputs": inputs}
        changes += [each._replace(node=name, title=title) for each in done]
    return found, tuple(changes)


def node_title(node: Node, nodes: Nodes) -> str:
    """What the user sees over the box."""
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
    added = [each for each in spec.inputs if each.name not in inputs and _is_open(each)]
    inputs |= {each.name: each.default for each in added}
    return inputs, [
        *done,
        *(InputRepair("", "", each.name, "added", each.default) for each in added),
    ]


def _new_name(name: str, spec: NodeSpec, known: NodeVersions) -> str:
    """What the input is called here; "": there is none of its kind."""
    return next((each for each in (name, *sorted(known.aliases_of(name))) if spec.input(each)), "")


def _is_open(spec: InputSpec) -> bool:
    return spec.is_widget and spec.default is not None
