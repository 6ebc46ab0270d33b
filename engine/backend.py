"""The plug point for engines: what every backend can be asked."""

from enum import Enum
from typing import Protocol

from engine.geometry import Image
from engine.requests import Hole, PrepareRequest, SegmentRequest, SegmentResult


class Capability(Enum):
    """What a backend may be able to do."""

    CLICK = "click"
    BOX = "box"
    REMOVE = "remove"


class JobContext(Protocol):
    """A running job, seen from inside."""

    def report(self, fraction: float, note: str = "") -> None:
        """Say how far the job is, 0..1. Raises Cancelled when the user stopped: call it often."""
        ...


class Backend(Protocol):
    """An engine. All calls come from one thread, one at a time; errors are EngineErrors."""

    @property
    def name(self) -> str: ...

    def capabilities(self) -> frozenset[Capability]: ...

    def prepare(self, request: PrepareRequest, job: JobContext) -> None:
        """Do ahead what a click on this picture will need, and keep it under the request's key."""
        ...

    def segment(self, request: SegmentRequest, job: JobContext) -> SegmentResult: ...

    def fill(self, hole: Hole, seed: int, job: JobContext) -> Image:
        """New pixels (h, w, 3) for the crop; outside `hole.mask` the caller ignores them."""
        ...

    def close(self) -> None: ...
