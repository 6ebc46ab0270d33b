"""Events of a worker about its jobs. Each job: Started at most once, then exactly one ending."""

from dataclasses import dataclass
from typing import TypeAlias

from engine.errors import EngineError
from engine.geometry import Image
from engine.jobs.requests import Result


@dataclass(frozen=True, slots=True)
class Started:
    """The job left the queue."""

    job_id: int


@dataclass(frozen=True, slots=True, eq=False)
class Progress:
    """How far the job is; at most 20 a second."""

    job_id: int
    fraction: float  # 0..1
    note: str = ""  # a code that app/text/errors/explain.py has words for
    preview: Image | None = None  # of the crop that is worked on, small


@dataclass(frozen=True, slots=True, eq=False)
class Finished:
    """An ending: the job did what it was asked."""

    job_id: int
    result: Result


@dataclass(frozen=True, slots=True, eq=False)
class Failed:
    """An ending: `error` says why; a bug arrives as errors.Bug."""

    job_id: int
    error: EngineError


@dataclass(frozen=True, slots=True)
class JobCancelled:
    """An ending: the user or a newer job of its lane stopped it."""

    job_id: int


Event: TypeAlias = Started | Progress | Finished | Failed | JobCancelled
