"""Sources of what a saved workflow needs, for the tools of others that fetch it.

ComfyUI's window and its managers read them from a node's properties: `cnr_id` names the pack in the
registry, `models` the files, with the folder and the address of each.
"""

from collections.abc import Iterator
from typing import Any

from engine.comfy.graphs.node_packs import address_of_file, base, pack_of_node
from engine.comfy.prompt_plan import Graph, Node
from engine.comfy.protocol.object_info import Nodes
from engine.workflow.edit.missing import INPUT, folder_of

CORE = "comfy-core"  # of ComfyUI's own nodes


def with_sources(drawing: dict[str, Any], graph: Graph, nodes: Nodes) -> dict[str, Any]:
    """The saved workflow of the graph, with the sources of its nodes and files.

    A file without a known address, and a node of an unknown pack, get none.
    """
    placed = [_placed(each, graph[str(each["id"])], nodes) for each in drawing["nodes"]]
    return {**drawing, "nodes": placed}


def _placed(drawn: dict[str, Any], node: Node, nodes: Nodes) -> dict[str, Any]:
    properties = dict(drawn["properties"])
    pack, spec = pack_of_node(node["class_type"]), nodes.get(node["class_type"])
    if pack is not None:
        properties["cnr_id"] = pack.registry_id
    elif spec is not None and not spec.pack:
        properties["cnr_id"] = CORE
    if models := list(_models(node, nodes)):
        properties["models"] = models
    return {**drawn, "properties": properties}


def _models(node: Node, nodes: Nodes) -> Iterator[dict[str, str]]:
    for input, value in node["inputs"].items():
        folder = folder_of(node["class_type"], input, nodes.input(node["class_type"], input))
        address = address_of_file(value) if folder and isinstance(value, str) else ""
        if address and folder != INPUT:
            yield {"name": base(value), "url": address, "directory": folder}
