"""A workflow as ComfyUI's window saves it: boxes with sockets, links, sheets inside of boxes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

INPUTS, OUTPUTS = "-10", "-20"
"""Ids, inside a subgraph, of the two ends at which its links meet those of the box around it."""

MUTED, BYPASSED = 2, 4  # of UiNode.mode; all else runs


class UiSlot(NamedTuple):
    """Where a link ends."""

    name: str
    type: str
    link: int | None
    widget: str = ""  # the widget that the link overrides


class UiLink(NamedTuple):
    """From an output to an input; slots count from 0."""

    origin: str
    origin_slot: int
    target: str
    target_slot: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UiNode:
    """One box."""

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
    has_names_only: bool = False  # the file gives them by name alone
    promoted: tuple[tuple[str, str], ...] = ()  # (inner node, widget) that a subgraph's box shows


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UiGraph:
    """Boxes and their links: of the file, or of one subgraph."""

    nodes: Mapping[str, UiNode]
    links: Mapping[int, UiLink]
    inputs: tuple[str, ...] = ()  # names of a subgraph's own sockets
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Workflow:
    """One file."""

    root: UiGraph
    subgraphs: Mapping[str, UiGraph] = field(default_factory=dict[str, UiGraph])  # by id
