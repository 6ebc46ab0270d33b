"""Jobs of a stand-in server: what waits, what runs, what was; and a gate to hold the worker at."""

import heapq
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.engine.comfy.stand_in.graph import Graph


class Interrupted(Exception):
    """Somebody stopped the job."""


class Dead(Exception):
    """The server was killed under the worker."""


@dataclass(slots=True, kw_only=True, eq=False)
class Job:
    number: float
    id: str
    graph: Graph
    extra: dict[str, Any]
    outputs: list[str]
    is_cancelled: bool = False  # by its own id, atomically

    @property
    def client(self) -> str | None:
        return self.extra.get("client_id")

    def row(self) -> list[Any]:
        return [self.number, self.id, self.graph, self.extra, self.outputs]


@dataclass(slots=True, kw_only=True)
class Queue:
    """In order of number; every change is announced. All methods from any thread."""

    changed: Callable[[], None]
    lock: threading.Condition = field(default_factory=threading.Condition)
    pending: list[tuple[float, int, Job]] = field(default_factory=list)
    running: Job | None = None
    history: dict[str, dict[str, Any]] = field(default_factory=dict)
    counter: int = 0
    is_interrupted: bool = False
    is_dead: bool = False

    def put(self, job: Job) -> None:
        with self.lock:
            self.counter += 1
            heapq.heappush(self.pending, (job.number, self.counter, job))
            self.changed()
            self.lock.notify_all()

    def take(self) -> Job:
        """The next one, once there is one; Dead when the server is."""
        with self.lock:
            self.lock.wait_for(lambda: self.pending or self.is_dead)
            if self.is_dead:
                raise Dead
            self.running = heapq.heappop(self.pending)[2]
            self.changed()
            return self.running

    def done(self, job: Job, entry: dict[str, Any]) -> None:
        with self.lock:
            self.running = None
            self.history[job.id] = {"prompt": job.row(), **entry}
            self.changed()
            self.lock.notify_all()

    def remaining(self) -> int:
        return len(self.pending) + (self.running is not None)

    def rows(self) -> dict[str, list[Any]]:
        with self.lock:
            waiting = [job.row() for _, _, job in sorted(self.pending, key=lambda each: each[:2])]
            return {
                "queue_running": [self.running.row()] if self.running else [],
                "queue_pending": waiting,
            }

    def delete(self, ids: Iterable[str]) -> bool:
        """Whether one of them waited."""
        with self.lock:
            kept = [each for each in self.pending if each[2].id not in set(ids)]
            is_less = len(kept) < len(self.pending)
            self.pending = kept
            heapq.heapify(self.pending)
            if is_less:
                self.changed()
            return is_less

    def clear(self) -> None:
        self.delete([job.id for _, _, job in self.pending])

    def interrupt(self, job_id: str | None = None) -> None:
        """Of an id that does not run, nothing; without an id, whatever runs."""
        with self.lock:
            runs = self.running is not None and self.running.id == job_id
            if runs or job_id is None:
                self.is_interrupted = True
                self.lock.notify_all()

    def cancel(self, job_id: str) -> bool:
        """Takes it out of the queue, or stops it; whether there was something to do."""
        with self.lock:
            if self.delete([job_id]):
                return True
            if self.running is None or self.running.id != job_id:
                return False
            self.running.is_cancelled = True
            self.lock.notify_all()
            return True

    def start(self) -> None:
        """The flag is cleared as a job starts: an interrupt a moment earlier is lost."""
        with self.lock:
            self.is_interrupted = False

    def stops(self) -> bool:
        return self.is_interrupted or bool(self.running and self.running.is_cancelled)

    def check(self) -> None:
        """Dead, or Interrupted; clears the flag, as the server does when it is heard."""
        with self.lock:
            if self.is_dead:
                raise Dead
            if self.stops():
                self.is_interrupted = False
                raise Interrupted

    def die(self) -> None:
        with self.lock:
            self.is_dead = True
            self.lock.notify_all()


@dataclass(slots=True, kw_only=True)
class Gate:
    """Holds the worker where a test wants it; see StandIn.pause for the places.

    It shares the queue's lock: what happens to a job there may end the waiting.
    """

    queue: Queue
    place: str | None = None
    step: int = 0
    is_held: bool = False

    def close(self, place: str, step: int) -> None:
        with self.queue.lock:
            self.place, self.step = place, step

    def open(self) -> None:
        with self.queue.lock:
            self.place = None
            self.queue.lock.notify_all()

    def wait_held(self, timeout_s: float) -> None:
        with self.queue.lock:
            if not self.queue.lock.wait_for(lambda: self.is_held, timeout_s):
                raise TimeoutError(f"nothing ran into the gate at {self.place!r}")

    def pass_through(self, places: set[str], step: int = 0, *, wakes_on_stop: bool = False) -> None:
        """Wait here where it is closed, until it is open or the server dies.

        With `wakes_on_stop` an interrupt ends it, too: what a sampler hears between two steps.
        """
        queue = self.queue
        with queue.lock:
            if self.place not in places or self.step != step:
                return
            self.is_held = True
            queue.lock.notify_all()
            queue.lock.wait_for(
                lambda: self.place is None or queue.is_dead or (wakes_on_stop and queue.stops())
            )
            self.is_held = False
