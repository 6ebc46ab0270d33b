"""A workflow file as a graph for this computer, whichever form it was saved in."""

from pathlib import Path
from typing import NamedTuple

from engine.comfy.prompt_plan import Graph
from engine.workflow.format.expanding import places
from engine.workflow.format.reader import Read
from engine.workflow.format.to_api import ready
from engine.workflow.format.ui_graph import Workflow
from engine.workflow.local.node_specs import HERE

RANDOM = "randomize"


class LocalWorkflowFile(NamedTuple):
    """A graph, and the nodes whose seed is drawn anew for each run."""

    graph: Graph
    random: tuple[str, ...]


def for_here(found: Read, path: Path | None = None) -> LocalWorkflowFile:
    """What `engine.workflow.format.reader.read` found, as this computer's nodes want it.

    Raises WorkflowUnsupported with all nodes that are not known here, WorkflowUnreadable.
    """
    graph = ready(found, HERE, path).graph
    return LocalWorkflowFile(
        graph, tuple(node for node in randomised(found, path) if node in graph)
    )


def randomised(found: Read, path: Path | None = None) -> tuple[str, ...]:
    """Nodes that ComfyUI's window gives another seed each time; a server's form knows of none."""
    if not isinstance(found, Workflow):
        return ()
    boxes = places(found, path)
    return tuple(name for name, place in boxes.items() if RANDOM in place.node.values)
