"""The progress of a prompt, from the events of its websocket.

Notes are codes with words in app/text/notes.py: upload, queued:N (N prompts come before,
anybody's), loading (a model: no server says how far), sampling, working, polling (the same, but
the socket is closed: nothing is known until it is done), fetching, server_gone, stopping.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from engine.comfy.prompt_plan import Graph
from engine.geometry import Image
from engine.jobs.backend import JobContext

UPLOAD, FETCHING, GONE, STOPPING = "upload", "fetching", "server_gone", "stopping"
LOADING, SAMPLING, WORKING, POLLING = "loading", "sampling", "working", "polling"

UPLOADED = 0.05  # of the whole, when the server has all it needs
RAN = 0.95  # when it is done, and the results are to be fetched

_SHARES = {LOADING: 0.1, WORKING: 0.1, SAMPLING: 0.8}
_LOADER = re.compile(r"Load(?!Image)|Loader")
_HEAVY = re.compile(r"Sampler(?!Select)|SAM3|Lama|LaMa|Upscale.*Model")


def queued(before: int) -> str:
    """The note of a job that waits for others."""
    return f"queued:{max(1, before)}"


def kind_of(class_type: str) -> str:
    """The kind of work of a node: LOADING, SAMPLING or WORKING."""
    if _LOADER.search(class_type):
        return LOADING
    return SAMPLING if _HEAVY.search(class_type) else WORKING


@dataclass(slots=True, eq=False)
class MonotonicProgress:
    """A job seen by several servers, one after the other: it never goes backwards."""

    job: JobContext
    furthest: float = 0.0

    def report(self, fraction: float, note: str = "", preview: Image | None = None) -> None:
        self.furthest = max(self.furthest, fraction)
        self.job.report(self.furthest, note, preview)


class PromptProgress:
    """Of one prompt. Loading is a tenth, small nodes another, samplers and networks the rest.

    It never goes backwards, also when the prompt is sent again.
    """

    def __init__(self, graph: Graph) -> None:
        self._kinds = {node: kind_of(str(each["class_type"])) for node, each in graph.items()}
        self._weights = _weights(self._kinds)
        self._furthest = 0.0
        self.restart()

    def restart(self) -> None:
        """Nothing of the prompt is done any more; what was shown stays."""
        self._done: set[str] = set()
        self._node = ""
        self._share = 0.0
        self._loading: frozenset[str] = frozenset()

    def at_least(self, fraction: float) -> None:
        self._furthest = max(self._furthest, fraction)

    def finish(self, nodes: Iterable[str]) -> None:
        self._done.update(nodes)

    def load(self, nodes: Iterable[str]) -> None:
        """Note the nodes that load a model at present: samplers do so before their first step."""
        self._loading = frozenset(nodes)

    def enter(self, node: str) -> None:
        """The server runs one node after the other: that before is finished."""
        self._done.add(self._node)
        self._done.discard(node)
        self._node, self._share = node, 0.0

    def step(self, node: str, share: float) -> None:
        """Note the progress of a node, 0..1; some begin again, for a second pass."""
        if node and node != self._node:
            self.enter(node)
        self._share = max(self._share, share)

    @property
    def fraction(self) -> float:
        """Of the whole, 0..1."""
        done = sum(self._weights.get(node, 0.0) for node in self._done - {self._node})
        done += self._weights.get(self._node, 0.0) * self._share
        if self._done or self._node:
            self.at_least(UPLOADED + (RAN - UPLOADED) * min(1.0, done))
        return self._furthest

    @property
    def note(self) -> str:
        """The kind of work of the running node; loading, where the server says so."""
        if self._node in self._loading:
            return LOADING
        return self._kinds.get(self._node, WORKING)


def _weights(kinds: dict[str, str]) -> dict[str, float]:
    """Of each node, together 1: kinds that are not in the graph leave their share to the others."""
    present = list(kinds.values())
    whole = sum(share for kind, share in _SHARES.items() if kind in present)
    return {node: _SHARES[kind] / (whole * present.count(kind)) for node, kind in kinds.items()}
