"""Runs work of a thread on the backends of a window, each of which stays in its own thread."""

import queue
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from app.journal.pending_tasks import BackendCall
from app.services.engines import QUEUES, Engines
from app.services.jobs import Jobs
from engine import errors
from engine.dispatch import choice
from engine.dispatch.choice import AUTO, Choice
from engine.dispatch.runner import Assignment
from engine.geometry import Image
from engine.jobs.backend import Backend, Capability, JobContext
from engine.jobs.events import Event, Failed, Finished, JobCancelled, Progress, Started
from engine.jobs.paint_settings import Painted, PaintSettings
from engine.jobs.requests import (
    FindRequest,
    FindResult,
    Hole,
    PrepareRequest,
    Priority,
    SegmentRequest,
    SegmentResult,
)
from engine.jobs.worker import Worker
from engine.models.model_file import Installed

Answer = TypeVar("Answer")
POLL_S = 0.1  # how often the waiting job may be cancelled


class WorkerRunner:
    """A Runner for one job of a window: it blocks until the backend's own thread has answered."""

    def __init__(self, engines: Engines, jobs: Jobs, place: str = "") -> None:
        """Reads the user's wishes: to be made in the window's thread.

        `place`: here, server, or "" = as the user wants it for each need.
        """
        self._available, self._place = engines.available, place
        self._wanted = {need: engines.wanted(need) for need in Capability}
        self._workers = {name: jobs.worker(queue) for name, queue in QUEUES.items()}

    @property
    def installed(self) -> Installed:
        where = {"server": choice.SERVER, "here": choice.LOCAL}
        return choice.at_hand(self._available, where.get(self._place, choice.AUTO))

    def choose(self, need: Capability, wanted: str = AUTO, model: str = "") -> Choice:
        """`wanted` counts here alone: elsewhere the user's own wish does."""
        wish = {"server": choice.SERVER, "here": wanted}.get(self._place) or self._wanted[need]
        return choice.choose(need, self._available, wish, model)

    def run(
        self,
        need: Capability,
        work: Callable[[Assignment], Answer],
        *,
        wanted: str = AUTO,
        model: str = "",
    ) -> Answer:
        """Call `work` with the best backend. Raises EngineErrors."""
        chosen = self.choose(need, wanted, model)
        if not chosen.backend:
            raise choice.trouble(need, chosen, self._available.servers)
        return work(
            Assignment(BorrowedBackend(chosen.backend, self._workers[chosen.backend]), chosen)
        )


@dataclass(slots=True, eq=False)
class BorrowedBackend:
    """A backend in another thread: every call waits for its turn in that worker's queue."""

    name: str
    _worker: Worker

    def capabilities(self) -> frozenset[Capability]:
        return frozenset(Capability)

    def prepare(self, request: PrepareRequest, job: JobContext) -> None:
        self._ask(lambda backend, part: backend.prepare(request, part), job)

    def segment(self, request: SegmentRequest, job: JobContext) -> SegmentResult:
        return self._ask(lambda backend, part: backend.segment(request, part), job)

    def find(self, request: FindRequest, job: JobContext) -> FindResult:
        return self._ask(lambda backend, part: backend.find(request, part), job)

    def fill(self, hole: Hole, seed: int, job: JobContext) -> Image:
        return self._ask(lambda backend, part: backend.fill(hole, seed, part), job)

    def inpaint(self, hole: Hole, settings: PaintSettings, seed: int, job: JobContext) -> Painted:
        return self._ask(lambda backend, part: backend.inpaint(hole, settings, seed, part), job)

    def close(self) -> None:
        """Nothing: the backend belongs to the window."""

    def _ask(self, ask: Callable[[Backend, JobContext], Answer], job: JobContext) -> Answer:
        events: queue.Queue[Event] = queue.Queue()
        number = self._worker.submit(BackendCall(ask), Priority.EDIT, emit=events.put)
        try:
            return self._answer(events, job)
        finally:
            self._worker.cancel(number)

    def _answer(self, events: queue.Queue[Event], job: JobContext) -> Any:
        """Passes progress on and waits for the end. Raises the backend's error, or Cancelled."""
        fraction = 0.0
        while True:
            try:
                event = events.get(timeout=POLL_S)
            except queue.Empty:
                job.report(fraction)
                continue
            match event:
                case Progress(fraction=fraction, note=note, preview=preview):
                    job.report(fraction, note, preview)
                case Finished(result=result):
                    return result
                case Failed(error=error):
                    raise error
                case JobCancelled():
                    raise errors.Cancelled
                case Started():
                    job.report(fraction)
