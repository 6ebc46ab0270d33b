"""A workflow file as a graph for this computer, whichever form it was saved in."""

from pathlib import Path
from typing import NamedTuple

from engine.comfy.plan import Graph
from engine.workflow.convert import ready
from engine.workflow.expanding import places
from engine.workflow.here_specs import HERE
from engine.workflow.reading import Read
from engine.workflow.ui import Workflow

RANDOM = "randomize"


class Here(NamedTuple):
    """A graph, and the nodes whose seed is drawn anew for each run."""

    graph: Graph
    random: tuple[str, ...]


def for_here(found: Read, path: Path | None = None) -> Here:
    """What `engine.workflow.reading.read` found, as this computer's nodes want it.

    Raises WorkflowUnsupported with all nodes that are not known here, WorkflowUnreadable.
    """
    graph = ready(found, HERE, path).graph
    return Here(graph, tuple(node for node in randomised(found, path) if node in graph))


def randomised(found: Read, path: Path | None = None) -> tuple[str, ...]:
    """Nodes that ComfyUI's window gives another seed each time; a server's form knows of none."""
    if not isinstance(found, Workflow):
        return ()
    boxes = places(found, path)
    return tuple(name for name, place in boxes.items() if RANDOM in place.node.values)
