"""The Backend protocol: the calls that every engine answers."""

from enum import Enum
from typing import Protocol

from engine.geometry import Image
from engine.jobs.paint_settings import Painted, PaintSettings
from engine.jobs.requests import (
    FindRequest,
    FindResult,
    Hole,
    PrepareRequest,
    SegmentRequest,
    SegmentResult,
)


class Capability(Enum):
    """What a backend may be able to do."""

    CLICK = "click"
    BOX = "box"
    FIND = "find"
    SUBJECT = "subject"
    REMOVE = "remove"
    INPAINT = "inpaint"


class JobContext(Protocol):
    """A running job: takes its progress, and raises where it was cancelled."""

    def report(self, fraction: float, note: str = "", preview: Image | None = None) -> None:
        """Say how far the job is, 0..1. Raises Cancelled when the user stopped: call it often.

        `preview` is a small (h, w, 3) uint8 picture of the crop as it stands, of any size.
        """
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

    def find(self, request: FindRequest, job: JobContext) -> FindResult:
        """Raises NothingFound when no instance reaches FIND_FLOOR."""
        ...

    def fill(self, hole: Hole, seed: int, job: JobContext) -> Image:
        """New pixels (h, w, 3) for the crop; outside `hole.mask` the caller ignores them."""
        ...

    def inpaint(self, hole: Hole, settings: PaintSettings, seed: int, job: JobContext) -> Painted:
        """Paint the crop by the prompt; outside `hole.mask` the caller ignores the pixels."""
        ...

    def close(self) -> None: ...
