"""The engine's process, `python -m engine.local.process.worker_main`: operations in, answers out.

The main thread performs, one operation at a time; a thread listens for what is to be stopped, a
thread beats. When the window is gone the process ends at once. torch is imported with the first
operation, by the stage.
"""

import argparse
import contextlib
import faulthandler
import importlib
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from engine import errors
from engine.geometry import Image
from engine.jobs.backend import JobContext
from engine.jobs.operations import Answer, Device, NotEncoded, Operation
from engine.jobs.worker import expected
from engine.local.process import shared_memory
from engine.local.process.messages import (
    BlockTaken,
    DoOperation,
    Heartbeat,
    Hello,
    OperationDone,
    OperationFailed,
    ProgressReport,
    StopOperation,
    Up,
)
from engine.local.process.shared_memory import Blocks

EXECUTOR = "engine.local.nets.executor:Executor"
RUNTIMES = ("torch", "onnxruntime")
BEAT_S = 0.5
REPORT_S = 0.05
NICE = 10  # with both cores busy the window's timer is late by 15 ms at most in 99 of 100, not 22


class OperationExecutor(Protocol):
    """What performs the operations."""

    device: Device

    def perform(self, operation: Operation, job: JobContext) -> Answer: ...


class Outbox:
    """Writes to the window, from any thread."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream, self._guard = stream, threading.Lock()
        self.blocks = Blocks(str(os.getpid()))

    def send(self, message: Up) -> None:
        with self._guard:
            try:
                shared_memory.write_frame(self._stream, self.blocks.pack(message))
            except OSError:
                self.end()

    def end(self, code: int = 0) -> None:
        """Leave nothing behind, and do not wait for whatever is computed."""
        self.blocks.drop_all()
        os._exit(code)


class OperationContext:
    """A running job, seen from inside."""

    def __init__(self, number: int, outbox: Outbox, stopped: set[int]) -> None:
        self.number, self._outbox, self._stopped = number, outbox, stopped
        self._reported_at_s = float("-inf")
        self._note = ""

    def report(self, fraction: float, note: str = "", preview: Image | None = None) -> None:
        """Previews and new notes always go; the rest at most 20 times a second."""
        if self.number in self._stopped:
            raise errors.Cancelled
        now_s = time.monotonic()
        is_new = preview is not None or note != self._note
        if is_new or now_s - self._reported_at_s >= REPORT_S:
            self._reported_at_s, self._note = now_s, note
            self._outbox.send(ProgressReport(self.number, fraction, note, preview))


class WorkerHost:
    """Takes operations in the order they come."""

    def __init__(self, outbox: Outbox, make_executor: Callable[[], OperationExecutor]) -> None:
        self._outbox, self._make_executor = outbox, make_executor
        self._executor: OperationExecutor | None = None
        self._todo: queue.Queue[DoOperation] = queue.Queue()
        self._stopped: set[int] = set()

    def listen(self, stream: BinaryIO) -> None:
        """Until the window is gone."""
        for frame in shared_memory.frames(stream, self._outbox.end):
            try:
                message = shared_memory.unpack(frame)
            except FileNotFoundError:
                continue  # taken back: the job was cancelled at once
            if frame.block:
                self._outbox.send(BlockTaken(frame.block))
            match message:
                case DoOperation():
                    self._todo.put(message)
                case StopOperation(job=number):
                    self._stopped.add(number)
                case BlockTaken(block=name):
                    self._outbox.blocks.drop(name)
                case _:
                    pass

    def beat(self) -> None:
        while True:
            time.sleep(BEAT_S)
            self._outbox.send(Heartbeat())

    def run(self) -> None:
        while True:
            todo = self._todo.get()
            self._outbox.send(self._ending(todo))
            self._stopped.discard(todo.job)

    def _ending(self, todo: DoOperation) -> Up:
        job = OperationContext(todo.job, self._outbox, self._stopped)
        try:
            job.report(0.0, "import" if self._executor is None else "")
            return OperationDone(todo.job, self._ready().perform(todo.operation, job))
        except (errors.Cancelled, NotEncoded) as error:
            return OperationFailed(todo.job, error)
        except ImportError as error:
            return OperationFailed(todo.job, missing(error))
        except Exception as error:  # noqa: BLE001 the one place where a job's bug ends
            return OperationFailed(todo.job, expected(error))

    def _ready(self) -> OperationExecutor:
        if self._executor is None:
            try:
                self._executor = self._make_executor()
            except OSError as error:  # a library of the system that does not load
                raise errors.EngineMissing("broken", str(error)) from error
            lower_priority(self._executor.device)
            self._outbox.send(Hello(self._executor.device))
        return self._executor


def missing(error: ImportError) -> errors.EngineMissing:
    """absent when the runtime itself is not there, else something that it needs is broken."""
    is_absent = isinstance(error, ModuleNotFoundError) and error.name in RUNTIMES
    return errors.EngineMissing("absent" if is_absent else "broken", str(error))


def lower_priority(device: Device) -> None:
    """A processor that computes for minutes lets the window go first."""
    if device.kind == "cpu" and hasattr(os, "nice"):
        os.nice(NICE)


def main(arguments: Sequence[str]) -> int:
    """Serve the window at the other end of standard input and output."""
    parser = argparse.ArgumentParser(prog="engine.local.process.worker_main")
    parser.add_argument("--executor", default=EXECUTOR, metavar="MODULE:NAME")
    module, _, name = parser.parse_args(arguments).executor.partition(":")
    inbox, stream = _channels()
    outbox = Outbox(stream)
    _raise_oom_score(outbox)
    host = WorkerHost(outbox, lambda: _made(module, name))
    for target, given in ((host.listen, (inbox,)), (host.beat, ())):
        threading.Thread(target=target, args=given, daemon=True).start()
    host.run()
    return 0


def _made(module: str, name: str) -> Any:
    return getattr(importlib.import_module(module), name)()


def _raise_oom_score(outbox: Outbox) -> None:
    """What goes wrong outside of a job, or without memory, ends this process, not the window."""

    def end(trouble: threading.ExceptHookArgs) -> None:
        traceback.print_exception(trouble.exc_value)
        outbox.end(1)

    threading.excepthook = end
    faulthandler.enable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C in a terminal is for the window
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("500")


def _channels() -> tuple[BinaryIO, BinaryIO]:
    """The pipes, moved out of the way: what a library prints goes to standard error."""
    inbox, outbox = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return os.fdopen(inbox, "rb"), os.fdopen(outbox, "wb")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
