"""A workflow as ComfyUI's window saves it: nodes with slots, links, and subgraphs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

INPUTS, OUTPUTS = "-10", "-20"
"""Ids, inside a subgraph, of the pseudo-nodes for its inputs and outputs."""

MUTED, BYPASSED = 2, 4  # values of UiNode.mode; with any other a node runs


class UiSlot(NamedTuple):
    """An input of a node."""

    name: str
    type: str
    link: int | None
    widget: str = ""  # the widget whose value a link replaces


class UiLink(NamedTuple):
    """A link from an output to an input; slots count from 0."""

    origin: str
    origin_slot: int
    target: str
    target_slot: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UiNode:
    """A node as it is saved."""

    id: str
    type: str  # a class, or the id of a subgraph
    title: str = ""  # "" = the class's own
    mode: int = 0
    inputs: tuple[UiSlot, ...] = ()
    outputs: tuple[str, ...] = ()  # types
    values: tuple[Any, ...] = ()  # of its widgets, by position
    values_by_name: Mapping[str, Any] = field(
        default_factory=dict[str, Any]
    )  # the same by name, if known
    has_names_only: bool = False  # the file has no values by position
    promoted: tuple[tuple[str, str], ...] = ()  # (inner node, widget) shown on a subgraph node


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UiGraph:
    """Nodes and links of the file or of one subgraph."""

    nodes: Mapping[str, UiNode]
    links: Mapping[int, UiLink]
    inputs: tuple[str, ...] = ()  # names of a subgraph's inputs
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Workflow:
    """A saved workflow."""

    root: UiGraph
    subgraphs: Mapping[str, UiGraph] = field(default_factory=dict[str, UiGraph])  # by id
