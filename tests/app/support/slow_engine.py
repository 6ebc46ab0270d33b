"""A model's engine that answers when the test says so, and remembers what it was asked."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from engine.errors import EngineError, NothingFound
from engine.geometry import Rect
from engine.jobs.backend import JobContext
from engine.jobs.fake import FakeBackend
from engine.jobs.requests import (
    Candidate,
    FindRequest,
    FindResult,
    PrepareRequest,
    SegmentRequest,
    SegmentResult,
)

SIDE_PX = 30


class SlowEngine(FakeBackend):
    """Squares around the last click. `prepare` and `segment` wait until they are let go."""

    name = "local"

    def __init__(self) -> None:
        self.prepares, self.answers = threading.Event(), threading.Event()
        self.asked: list[SegmentRequest] = []
        self.drafts = 0
        self.looked_at: list[str] = []
        self.finds: list[FindRequest] = []
        self.error: EngineError | None = None
        self.freed = 0

    def prepare(self, request: PrepareRequest, job: JobContext) -> None:
        waited(self.prepares, job)
        self._fail()
        self.looked_at.append(request.key)

    def segment(self, request: SegmentRequest, job: JobContext) -> SegmentResult:
        if request.draft:
            self.drafts += 1
            return squares(request)
        self.asked.append(request)
        waited(self.answers, job)
        self._fail()
        return squares(request)

    def find(self, request: FindRequest, job: JobContext) -> FindResult:
        self.finds.append(request)
        self._fail()
        return replace(super().find(request, job), engine="local")

    def free_memory(self) -> None:
        self.freed += 1

    def _fail(self) -> None:
        if self.error is not None:
            raise self.error


def waited(event: threading.Event, job: JobContext) -> None:
    """Until it is set, or the job is cancelled."""
    until_s = time.monotonic() + 20
    while not event.wait(0.002):
        job.report(0.1)
        assert time.monotonic() < until_s
    job.report(0.1)  # cancelled before it was let go


def squares(request: SegmentRequest) -> SegmentResult:
    """Two candidates, the larger one first."""
    if not request.clicks:
        raise NothingFound
    click = request.clicks[-1]
    found = []
    for side in (SIDE_PX, SIDE_PX // 2):
        rect = Rect(int(click.x) - side // 2, int(click.y) - side // 2, side, side)
        mask = np.full((side, side), 255, np.uint8)
        found.append(Candidate(rect=rect, mask=mask, score=0.9))
    return SegmentResult(candidates=tuple(found), engine="local", revision=request.revision)


def until(condition: Callable[[], bool], timeout_s: float = 20) -> None:
    """For what a thread does."""
    end_s = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end_s
        time.sleep(0.002)
