"""A workflow file as a graph for this computer, whichever form it was saved in."""

from pathlib import Path
from typing import NamedTuple

from engine.comfy.prompt_plan import Graph
from engine.workflow.format.flatten import flatten
from engine.workflow.format.reader import AnyWorkflow
from engine.workflow.format.to_api import to_api
from engine.workflow.format.ui_graph import Workflow
from engine.workflow.local.node_specs import LOCAL_NODES

_RANDOMIZE = "randomize"


class LocalWorkflowFile(NamedTuple):
    """A graph, and the nodes whose seed is drawn anew for each run."""

    graph: Graph
    randomised: tuple[str, ...]


def for_local(found: AnyWorkflow, path: Path | None = None) -> LocalWorkflowFile:
    """What `engine.workflow.format.reader.read` found, as this computer's nodes want it.

    Raises WorkflowUnsupported with all nodes that are not known here, WorkflowUnreadable.
    """
    graph = to_api(found, LOCAL_NODES, path).graph
    return LocalWorkflowFile(
        graph, tuple(node for node in randomised_nodes(found, path) if node in graph)
    )


def randomised_nodes(found: AnyWorkflow, path: Path | None = None) -> tuple[str, ...]:
    """Nodes that ComfyUI's window gives another seed each time; a server's form knows of none."""
    if not isinstance(found, Workflow):
        return ()
    boxes = flatten(found, path)
    return tuple(name for name, place in boxes.items() if _RANDOMIZE in place.node.values)
