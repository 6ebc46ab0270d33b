"""A workflow file, in either form, as a graph of the nodes of this computer."""

from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from engine.comfy.prompt_plan import Graph
from engine.workflow.format.bounded_json import is_integer
from engine.workflow.format.flatten import flatten
from engine.workflow.format.reader import AnyWorkflow
from engine.workflow.format.to_api import to_api
from engine.workflow.format.ui_graph import UiNode, Workflow
from engine.workflow.local.nodes.table import LOCAL_NODES

_RANDOMIZE = "randomize"


class LocalWorkflowFile(NamedTuple):
    """A graph, and the nodes whose seed is drawn for each run."""

    graph: Graph
    randomised: tuple[str, ...]


def for_local(found: AnyWorkflow, path: Path | None = None) -> LocalWorkflowFile:
    """The graph for the nodes of this computer.

    Raises WorkflowUnsupported with all nodes that do not run here, WorkflowUnreadable.
    """
    graph = to_api(found, LOCAL_NODES, path).graph
    return LocalWorkflowFile(
        graph, tuple(node for node in randomised_nodes(found, path) if node in graph)
    )


def randomised_nodes(found: AnyWorkflow, path: Path | None = None) -> tuple[str, ...]:
    """Nodes whose seed ComfyUI's window randomizes for each run; none in the API form."""
    if not isinstance(found, Workflow):
        return ()
    nodes = flatten(found, path)
    return tuple(name for name, flat in nodes.items() if _is_randomised(flat.node))


def _is_randomised(node: UiNode) -> bool:
    """Early in 2023 the entry beside a seed was true for a random one."""
    spec = LOCAL_NODES.get(node.type)
    has_seed = spec is not None and any(each.has_control for each in spec.inputs)
    beside = [after for value, after in pairwise(node.values) if is_integer(value)]
    return _RANDOMIZE in node.values or (has_seed and any(each is True for each in beside))
