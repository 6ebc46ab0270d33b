"""Small changes to a graph before it is posted: names of uploads, and fresh result files."""

from collections.abc import Mapping, Sequence

from engine.comfy.prompt_plan import Graph, Node

_PREFIX = "filename_prefix"


def with_upload_names(graph: Graph, names: Mapping[str, str]) -> Graph:
    """With the names that the server gave to uploads; `names` by those that the graph uses."""
    changed = {old: new for old, new in names.items() if old != new}
    if not changed:
        return graph
    return {
        node: {**each, "inputs": {k: _renamed(v, changed) for k, v in each["inputs"].items()}}
        for node, each in graph.items()
    }


def _renamed(value: object, names: Mapping[str, str]) -> object:
    return names.get(value, value) if isinstance(value, str) else value


def with_fresh_outputs(graph: Graph, wanted: Sequence[str], mark: str) -> Graph:
    """The same work, with results that the server has to write again.

    It keeps what nodes answered, also when the files are gone. The name of the files is an input
    like any other, and an input that a node does not know still makes it another node.
    """
    return {node: _marked(each, mark) if node in wanted else each for node, each in graph.items()}


def _marked(node: Node, mark: str) -> Node:
    prefix = str(node["inputs"].get(_PREFIX, "lacuna"))
    return {**node, "inputs": {**node["inputs"], _PREFIX: f"{prefix}_{mark}"}}
