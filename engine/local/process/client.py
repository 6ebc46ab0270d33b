"""Client of the engine process: starts it when it is needed, notices when it is gone."""

import itertools
import logging
import queue
import sys
import threading
import time
from collections.abc import Callable, Sequence

from engine import errors
from engine.geometry import Image
from engine.jobs.backend import JobContext
from engine.jobs.operations import Answer, Device, Operation
from engine.local.process.child import Child
from engine.local.process.messages import (
    DoOperation,
    Hello,
    OperationDone,
    OperationFailed,
    ProcessGone,
    ProgressReport,
    StopOperation,
    Up,
)

logger = logging.getLogger(__name__)

POLL_S = 0.05
GRACE_S = 5.0  # for a job that is cancelled to notice; a step of sampling may take longer
DEAF_S = 60.0  # a living process beats every half second, also while it computes
MODULE = "engine.local.process.worker_main"
HOST_OPTION = "--engine-host"  # to the packaged program: be the process, and open no window
LIGHT_EXECUTOR = "engine.light.executor:LightExecutor"
DEAD_S = 0.5  # what a process that ended has said is read by then


class _Last:
    """The job's last report, repeated while the process is silent so that a cancel is noticed.

    A preview is repeated once: the receiver may have been too busy for the first.
    """

    def __init__(self, note: str) -> None:
        self._report = ProgressReport(0, 0.0, note)
        self._preview: Image | None = None
        self._left = 0

    def take(self, report: ProgressReport) -> None:
        self._report = report
        if report.preview is not None:
            self._preview, self._left = report.preview, 2

    def say(self, job: JobContext) -> None:
        """Raises Cancelled."""
        preview = self._preview if self._left > 0 else None
        self._left -= 1
        job.report(self._report.fraction, self._report.note, preview)


class ProcessClient:
    """One process at a time. Calls come from one thread; `free` and `close` from any."""

    def __init__(
        self,
        program: Sequence[str] = (),
        arguments: Sequence[str] = (),
        *,
        grace_s: float = GRACE_S,
        deaf_s: float = DEAF_S,
    ) -> None:
        """`program` becomes the process: the window's own Python, unless that is frozen.

        `arguments` for the host; `grace_s` is what a cancelled job has to end by itself.
        """
        self.command = (*(program or own_program()), *arguments)
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
        last = _Last("" if self.is_running else "start")
        last.say(job)
        child, number = self._started(), next(self._numbers)
        block = child.send(DoOperation(number, operation))
        try:
            return self._wait(child, number, last, job)
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
            child.end("freed")

    close = free

    def _started(self) -> Child:
        with self._guard:
            if self._child is None or not self._child.is_alive:
                if self._child is not None:
                    self._child.end()
                self._child = self._new()
            return self._child

    def _new(self) -> Child:
        try:
            return Child(self.command)
        except (FileNotFoundError, PermissionError) as error:
            raise errors.EngineMissing("absent", str(error)) from error
        except OSError as error:
            raise errors.EngineMissing("broken", str(error)) from error

    def _wait(self, child: Child, number: int, last: _Last, job: JobContext) -> Answer:
        while True:
            message = self._next(child)
            match message:
                case OperationDone(job=done, answer=answer) if done == number:
                    return answer
                case OperationFailed(job=failed, error=error) if failed == number:
                    raise error
                case ProgressReport(job=about) if about == number:
                    last.take(message)
                case ProcessGone():
                    raise self._buried(child)
                case _:
                    pass
            last.say(job)

    def _next(self, child: Child) -> Up | None:
        """The next message, or None after a moment. A process that is deaf is ended."""
        try:
            message = child.inbox.get(timeout=POLL_S)
        except queue.Empty:
            return self._silence(child)
        if isinstance(message, Hello):
            self.device = message.device
            self.on_device(message.device)
            return None
        return message

    def _silence(self, child: Child) -> ProcessGone | None:
        """Counted in polls, not by the clock: while a computer sleeps nobody is deaf."""
        child.silent_s += POLL_S
        if child.silent_s > DEAD_S and not child.is_alive:
            return ProcessGone()
        if child.silent_s > self._deaf_s:
            logger.error("the engine's process says nothing any more; it is ended")
            child.end("deaf")
        return None

    def _stop(self, child: Child, number: int) -> None:
        """Ask the job to end, wait a little, end the process."""
        child.send(StopOperation(number))
        until_s = time.monotonic() + self._grace_s
        while time.monotonic() < until_s:
            match self._next(child):
                case OperationDone(job=done) | OperationFailed(job=done) if done == number:
                    return
                case ProcessGone():
                    break
                case _:
                    pass
        logger.warning("a cancelled task did not end in time: the engine's process is ended")
        self._forget(child)

    def _buried(self, child: Child) -> errors.EngineError:
        """Why the process ended, as well as can be known."""
        reason = child.why_ended()
        self._forget(child)
        logger.error("the engine's process ended: %s", reason)
        return errors.BackendStopped("local", reason)

    def _forget(self, child: Child) -> None:
        child.end()
        with self._guard:
            if self._child is child:
                self._child = None


def light_client() -> ProcessClient:
    """The process that runs models on onnxruntime; the packaged program starts itself for it."""
    program = (sys.executable, HOST_OPTION) if is_frozen() else own_program()
    return ProcessClient(program, ("--executor", LIGHT_EXECUTOR))


def own_program() -> tuple[str, ...]:
    """The interpreter of the window as the host; none ("") when it is frozen: it has no torch."""
    return "" if is_frozen() else sys.executable, "-m", MODULE


def is_frozen() -> bool:
    """Whether this is the packaged program."""
    return bool(getattr(sys, "frozen", False))
