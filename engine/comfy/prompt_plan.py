"""The complete plan of one prompt: graph, uploads and result nodes; and its outputs."""

import hashlib
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Node: TypeAlias = dict[str, Any]
"""{"class_type": str, "inputs": {name: value, or [node id, slot]}}, and "_meta" with a title."""

Graph: TypeAlias = dict[str, Node]
"""ComfyUI's API format: nodes by id."""

FOLDER = "lacuna"  # of uploads, on the server


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Upload:
    """A picture for the server, named by its content: sent twice, it is there once."""

    content: bytes  # of a PNG file

    @property
    def name(self) -> str:
        """The file name for LoadImage, `lacuna/<hash>.png`."""
        return f"{FOLDER}/{hashlib.sha256(self.content).hexdigest()[:32]}.png"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """One job of a server. The same plan is the same work: a seed is in the graph."""

    graph: Graph
    wanted: tuple[str, ...]  # ids of the nodes whose pictures and texts are the result
    uploads: tuple[Upload, ...] = ()
    needs: tuple[tuple[str, str], ...] = ()  # (folder, file name) of the models it loads


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlanOutput:
    """The output of one node."""

    images: tuple[bytes, ...] = ()  # files, as the server sends them
    texts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlanOutputs:
    """The outputs of the wanted nodes."""

    of: dict[str, PlanOutput] = field(default_factory=dict[str, PlanOutput])
    server: str = ""  # who did it
    device: str = ""  # cpu, cuda: where
