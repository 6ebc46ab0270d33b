"""How this side speaks to the engine's process: one operation, one answer."""

from typing import Protocol

from engine.jobs.backend import JobContext
from engine.jobs.operations import Answer, Operation


class Perform(Protocol):
    """Sends an operation and waits for its answer; starts the process when it does not run.

    Progress and previews are passed on to the job, which is also where it is cancelled. Raises
    Cancelled, NotEncoded and EngineErrors: EngineMissing, BackendStopped, OutOfMemory and others.
    """

    def __call__(self, operation: Operation, job: JobContext) -> Answer: ...
