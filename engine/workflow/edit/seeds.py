"""The seeds of a graph: values of their own, which a run may draw anew."""

from collections.abc import Container, Iterable

from engine.comfy.prompt_plan import Graph
from engine.workflow.format.bounded_json import is_integer

SEED_INPUTS = ("seed", "noise_seed")


def seed_places(
    graph: Graph, nodes: Iterable[str], taken: Container[tuple[str, str]] = ()
) -> tuple[tuple[str, str], ...]:
    """(node, input) of each seed of these nodes that no link brings and that is not in `taken`."""
    return tuple(
        (node, input)
        for node in nodes
        for input in SEED_INPUTS
        if node in graph and is_integer(graph[node]["inputs"].get(input))
        if (node, input) not in taken
    )
