"""Worker threads that take jobs from a queue, most often one; one worker for each backend."""

import atexit
import itertools
import logging
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine import errors
from engine.geometry import Image
from engine.jobs.backend import JobContext
from engine.jobs.events import Event, Failed, Finished, JobCancelled, Progress, Started
from engine.jobs.requests import Priority

logger = logging.getLogger(__name__)

PROGRESS_INTERVAL_S = 0.05
CLOSE_TIMEOUT_S = 10.0


@dataclass(slots=True, eq=False)
class _Job:
    """A submitted request, also the JobContext its execution sees."""

    job_id: int
    request: Any
    priority: Priority
    lane: str | None
    emit: Callable[[Event], None]
    stop: threading.Event = field(default_factory=threading.Event)
    reported_at_s: float = float("-inf")

    def report(self, fraction: float, note: str = "", preview: Image | None = None) -> None:
        if self.stop.is_set():
            raise errors.Cancelled
        now_s = time.monotonic()
        if now_s - self.reported_at_s >= PROGRESS_INTERVAL_S:
            self.reported_at_s = now_s
            self.emit(Progress(self.job_id, min(1.0, max(0.0, fraction)), note, preview))


class Worker:
    """Runs requests one at a time, clicks before edits before preparation.

    With more `threads`, so many at a time. `emit` gets every event, from this worker's threads;
    only the Cancelled of a job that had not started comes from the thread that cancelled it.
    """

    def __init__(
        self,
        execute: Callable[[Any, JobContext], Any],
        emit: Callable[[Event], None],
        name: str = "engine",
        threads: int = 1,
    ) -> None:
        self._execute = execute
        self._emit = emit
        self._ids = itertools.count(1)
        self._changed = threading.Condition()
        self._queue: list[_Job] = []
        self._running: list[_Job] = []
        self._closed = False
        self._name = name
        self._threads = [
            threading.Thread(target=self._loop, name=name, daemon=True) for _ in range(threads)
        ]
        for thread in self._threads:
            thread.start()
        # a thread that the interpreter stops inside OpenCV takes the process down with an abort
        atexit.register(self.close)

    def submit(
        self,
        request: Any,
        priority: Priority,
        replace: str | None = None,
        emit: Callable[[Event], None] | None = None,
    ) -> int:
        """Queue a job and return its id; with `replace`, cancel earlier ones of that lane.

        `emit` hears of this job instead of who hears of the others.
        """
        with self._changed:
            if self._closed:
                raise RuntimeError("the worker is closed")
            dropped = self._cancel_where(lambda job: replace is not None and job.lane == replace)
            job = _Job(next(self._ids), request, priority, replace, emit or self._emit)
            self._queue.append(job)
            self._changed.notify()
        self._announce(dropped)
        return job.job_id

    def cancel(self, job_id: int) -> None:
        """Stop a job, queued or running; nothing happens when it has ended."""
        with self._changed:
            dropped = self._cancel_where(lambda job: job.job_id == job_id)
        self._announce(dropped)

    def stop(self) -> None:
        """Cancel everything and take nothing more; does not wait."""
        with self._changed:
            self._closed = True
            dropped = self._cancel_where(lambda _: True)
            self._changed.notify_all()
        self._announce(dropped)

    @property
    def is_closed(self) -> bool:
        """Whether it takes nothing more."""
        return self._closed

    def join(self, timeout_s: float) -> bool:
        """Wait for the threads of a stopped worker; False when one still runs."""
        end_s = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, end_s - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def close(self) -> None:
        """Cancel everything and wait for the thread to end."""
        atexit.unregister(self.close)
        self.stop()
        if not self.join(CLOSE_TIMEOUT_S):
            logger.warning("worker %s did not end in %.0f s", self._name, CLOSE_TIMEOUT_S)

    def _cancel_where(self, matches: Callable[[_Job], bool]) -> list[_Job]:
        """Flag running jobs, take queued ones out; the lock is held by the caller."""
        for job in self._running:
            if matches(job):
                job.stop.set()
        dropped = [job for job in self._queue if matches(job)]
        self._queue = [job for job in self._queue if not matches(job)]
        return dropped

    def _announce(self, dropped: list[_Job]) -> None:
        """Outside the lock: a receiver may submit again."""
        for job in dropped:
            job.emit(JobCancelled(job.job_id))

    def _loop(self) -> None:
        while (job := self._next()) is not None:
            job.emit(Started(job.job_id))
            ending = self._ending(job)
            with self._changed:
                self._running.remove(job)
            job.emit(ending)

    def _next(self) -> _Job | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._queue)
            if not self._queue:
                return None
            job = min(self._queue, key=lambda queued: (queued.priority.value, queued.job_id))
            self._queue.remove(job)
            self._running.append(job)
            return job

    def _ending(self, job: _Job) -> Event:
        try:
            job.report(0.0)
            result = self._execute(job.request, job)
        except errors.Cancelled:
            return JobCancelled(job.job_id)
        except Exception as error:  # noqa: BLE001 the one place where a job's bug ends
            return Failed(job.job_id, expected(error))
        return JobCancelled(job.job_id) if job.stop.is_set() else Finished(job.job_id, result)


def expected(error: Exception) -> errors.EngineError:
    """The error as one that has words; a bug is logged here, once, with its traceback."""
    if isinstance(error, MemoryError):
        return errors.OutOfMemory(0, 0)
    if isinstance(error, errors.EngineError):
        error.__cause__ = error.__context__ = None  # their frames would keep pictures alive
        return error.with_traceback(None)
    logger.error("a job ended in a bug", exc_info=error)
    return errors.Bug(
        f"{type(error).__name__}: {error}", "".join(traceback.format_exception(error))
    )
