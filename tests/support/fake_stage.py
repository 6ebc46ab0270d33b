"""What the engine's process does in tests: no torch, every phase as slow as it is told."""

import fractions
import importlib
import os
import signal
import sys
import time
from typing import Any

import numpy as np

from engine import errors
from engine.jobs.backend import JobContext
from engine.jobs.operations import Device

if os.environ.get("FAKE_IMPORT_S"):
    time.sleep(float(os.environ["FAKE_IMPORT_S"]))


class Stage:
    """Operations are ("verb", argument...) here."""

    def __init__(self) -> None:
        self.device = Device(kind="cpu", name="fake", total_mb=1, free_mb=1, torch="0")

    def perform(self, operation: Any, job: JobContext) -> Any:
        verb, *given = operation
        return getattr(self, verb)(job, *given)

    def echo(self, job: JobContext, *arrays: Any) -> Any:
        return arrays

    def pid(self, job: JobContext) -> int:
        return os.getpid()

    def imported(self, job: JobContext, name: str) -> bool:
        return name in sys.modules

    def steps(self, job: JobContext, count: int, seconds: float) -> int:
        """Cooperative, as sampling is."""
        for step in range(count):
            job.report(step / count, "sample", np.full((8, 8, 3), step, np.uint8))
            time.sleep(seconds)
        return count

    def stuck(self, job: JobContext, seconds: float, note: str = "stuck") -> None:
        """As a kernel on the device may be."""
        job.report(0.5, note)
        time.sleep(seconds)

    def crash(self, job: JobContext) -> None:
        """As a driver may."""
        os.kill(os.getpid(), signal.SIGSEGV)

    def leave(self, job: JobContext) -> None:
        sys.stderr.write("the driver says goodbye\n")
        os._exit(3)

    def foreign(self, job: JobContext) -> object:
        return fractions.Fraction(1, 2)

    def import_it(self, job: JobContext, name: str) -> None:
        importlib.import_module(name)

    def hand_over(self, job: JobContext, megabytes: int) -> Any:
        job.report(0.9, "hand over")
        return np.zeros(megabytes << 20, np.uint8)

    def fail(self, job: JobContext, name: str) -> None:
        if name == "bug":
            raise KeyError("a bug")
        raise errors.OutOfMemory(900, 100)

    def chatter(self, job: JobContext) -> int:
        print("libraries print")  # noqa: T201
        os.write(1, b"also like this\n")
        return 1
