"""The line to the engine's process: starts it when it is needed, notices when it is gone."""

import itertools
import logging
import queue
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine import errors
from engine.backend import JobContext
from engine.geometry import Image
from engine.local.child import Child
from engine.local.messages import Answer, Device, Operation
from engine.local.wire import Beat, Do, Done, Gone, Hello, Report, Stop, Trouble, Up

logger = logging.getLogger(__name__)

POLL_S = 0.05
GRACE_S = 5.0  # for a job that is cancelled to notice; a step of sampling may take longer
DEAF_S = 60.0  # a living process beats every half second, also while it computes
KILLED = -9


@dataclass(slots=True)
class _Last:
    """What the job said last: said again, it is where a cancel is noticed."""

    fraction: float = 0.0
    note: str = "start"
    preview: Image | None = None


class Link:
    """One process at a time. Calls come from one thread; `free` and `close` from any."""

    def __init__(
        self,
        python: str = sys.executable,
        arguments: Sequence[str] = (),
        *,
        grace_s: float = GRACE_S,
        deaf_s: float = DEAF_S,
    ) -> None:
        """`arguments` for the host; `grace_s` is what a cancelled job has to end by itself."""
        self._python, self._arguments = python, arguments
        self._grace_s, self._deaf_s = grace_s, deaf_s
        self._numbers = itertools.count(1)
        self._guard = threading.Lock()
        self._child: Child | None = None
        self.device: Device | None = None
        self.on_device: Callable[[Device], None] = lambda _: None

    @property
    def is_running(self) -> bool:
        child = self._child
        return child is not None and child.is_alive

    @property
    def pid(self) -> int:
        """Of the process, or 0."""
        child = self._child
        return child.pid if child is not None else 0

    def __call__(self, operation: Operation, job: JobContext) -> Answer:
        """Perform it there. Raises as `Ask` says; after BackendStopped the next starts anew."""
        job.report(0.0, "start" if not self.is_running else "")
        child, number = self._started(), next(self._numbers)
        block = child.send(Do(number, operation))
        try:
            return self._wait(child, number, job)
        except errors.Cancelled:
            self._stop(child, number)
            raise
        finally:
            child.let_go(block)

    def free(self) -> None:
        """End the process: all its memory is given back. A running job fails."""
        with self._guard:
            child, self._child = self._child, None
        if child is not None:
            child.end()

    close = free

    def _started(self) -> Child:
        with self._guard:
            if self._child is None or not self._child.is_alive:
                if self._child is not None:
                    self._child.end()
                self._child = Child(self._python, self._arguments)
            return self._child

    def _wait(self, child: Child, number: int, job: JobContext) -> Answer:
        last = _Last()
        while True:
            message = self._next(child)
            match message:
                case Done(job=done, answer=answer) if done == number:
                    return answer
                case Trouble(job=failed, error=error) if failed == number:
                    raise error
                case Report(job=about) if about == number:
                    last = _Last(message.fraction, message.note, message.preview)
                case Gone():
                    raise self._buried(child)
                case _:
                    pass
            job.report(last.fraction, last.note, last.preview)

    def _next(self, child: Child) -> Up | None:
        """The next message, or None after a moment. A process that is deaf is ended."""
        try:
            message = child.inbox.get(timeout=POLL_S)
        except queue.Empty:
            if time.monotonic() - child.heard_at_s > self._deaf_s:
                logger.error("the engine's process says nothing any more; it is ended")
                child.end()
            return None
        if isinstance(message, Hello):
            self.device = message.device
            self.on_device(message.device)
        return None if isinstance(message, Beat | Hello) else message

    def _stop(self, child: Child, number: int) -> None:
        """Ask the job to end, wait a little, end the process."""
        child.send(Stop(number))
        until_s = time.monotonic() + self._grace_s
        while time.monotonic() < until_s:
            match self._next(child):
                case Done(job=done) | Trouble(job=done) if done == number:
                    return
                case Gone():
                    break
                case _:
                    pass
        logger.warning("a cancelled task did not end in time: the engine's process is ended")
        self._forget(child)

    def _buried(self, child: Child) -> errors.EngineError:
        """Why the process ended, as well as can be known."""
        code = child.exit_code()
        lines = list(child.last_lines)
        self._forget(child)
        logger.error("the engine's process ended with %s: %s", code, " | ".join(lines[-5:]))
        reason = "killed" if code == KILLED else (lines[-1] if lines else f"exit code {code}")
        return errors.BackendStopped("local", reason)

    def _forget(self, child: Child) -> None:
        child.end()
        with self._guard:
            if self._child is child:
                self._child = None
