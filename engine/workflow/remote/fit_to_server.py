"""Fits a workflow to one server: its nodes, the names of their inputs, the user's settings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.comfy.errors import (
    Lack,
    Unsupported,
    WorkflowIncomplete,
    WorkflowUnreadable,
    WorkflowUnsupported,
)
from engine.comfy.graphs.node_packs import lack_of_node
from engine.comfy.prompt_plan import Graph
from engine.comfy.protocol.object_info import Nodes
from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.workflow.edit.addressing import parse_setting
from engine.workflow.edit.missing import absent_values, with_values
from engine.workflow.edit.seeds import seed_places
from engine.workflow.format.reader import AnyWorkflow, link_of
from engine.workflow.format.repair import InputRepair, node_title
from engine.workflow.format.to_api import to_api
from engine.workflow.remote.plan import image_loaders

UNFIT = Lack("workflow", "")  # of a server that the workflow was not fitted to


@dataclass(frozen=True, slots=True, kw_only=True)
class FittedGraph:
    """The graph for one server."""

    graph: Graph
    nodes: Nodes
    repairs: tuple[InputRepair, ...]  # inputs changed for its versions of the nodes
    set_images: frozenset[str]  # nodes whose picture the user named


def fit_to_server(
    found: AnyWorkflow,
    nodes: Nodes,
    settings: Sequence[str],
    seeds: Mapping[str, int],
    path: Path | None = None,
) -> FittedGraph:
    """The graph with `settings` (NODE.INPUT=VALUE) and, where none is set, `seeds` by node.

    Raises WorkflowUnsupported, WorkflowUnreadable, WorkflowSetting.
    """
    graph, changes = to_api(found, nodes, path)
    _check_slots(graph, nodes, path)
    values = dict(parse_setting(graph, nodes, text) for text in settings)
    drawn = {place: seeds[place[0]] for place in seed_places(graph, seeds, values)}
    return FittedGraph(
        graph=with_values(graph, {**drawn, **values}),
        nodes=nodes,
        repairs=changes,
        set_images=frozenset(node for node, input in values if input == "image"),
    )


def _check_slots(graph: Graph, nodes: Nodes, path: Path | None) -> None:
    """Refuse links to outputs that do not exist: servers only report an index error."""
    for node in graph.values():
        for link in filter(None, map(link_of, node["inputs"].values())):
            if link[1] >= len(nodes[graph[link[0]]["class_type"]].outputs):
                raise WorkflowUnreadable(path, "link", node_title(node, nodes), link[0])


def lacks_of(error: WorkflowUnsupported) -> tuple[Lack, ...]:
    """What to install on a server, each once; () where not only nodes are missing."""
    if any(node.why for node in error.nodes):
        return ()
    return tuple(dict.fromkeys(map(_lack, error.nodes)))


def _lack(node: Unsupported) -> Lack:
    """The pack of a node; an unknown node by its title as well."""
    found = lack_of_node(node.type)
    is_titled = found.kind == "node" and node.title not in ("", node.type)
    return found._replace(name=f"{node.type} ({node.title})") if is_titled else found


def check_files(way: FittedGraph, is_sent: Callable[[str], bool], path: Path | None = None) -> None:
    """Raises WorkflowIncomplete for files that the server lacks and that are not uploaded."""
    pictures = image_loaders(way.graph, way.nodes)
    missing = tuple(
        each
        for each in absent_values(way.graph, way.nodes)
        if not (each.node in pictures and each.input == "image" and is_sent(each.node))
    )
    if missing:
        raise WorkflowIncomplete(path, missing)


def fit_lacks(ways: Mapping[str, FittedGraph], snapshot: ServerSnapshot) -> tuple[Lack, ...]:
    """() for a server that the workflow was fitted to, else UNFIT."""
    return () if snapshot.server in ways else (UNFIT,)
