"""Messages of the pipe between the window's side and the engine process."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from engine.geometry import Image
from engine.jobs.operations import Device


@dataclass(frozen=True, slots=True, eq=False)
class DoOperation:
    """Perform an operation."""

    job: int
    operation: Any


@dataclass(frozen=True, slots=True)
class StopOperation:
    """End the job at its next report."""

    job: int


@dataclass(frozen=True, slots=True)
class BlockTaken:
    """A block that the other side made was copied and may go."""

    block: str


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Still there."""


@dataclass(frozen=True, slots=True)
class Hello:
    """The libraries are loaded."""

    device: Device


@dataclass(frozen=True, slots=True, eq=False)
class ProgressReport:
    """How far the job is."""

    job: int
    fraction: float
    note: str = ""
    preview: Image | None = None


@dataclass(frozen=True, slots=True, eq=False)
class OperationDone:
    """An ending."""

    job: int
    answer: Any


@dataclass(frozen=True, slots=True, eq=False)
class OperationFailed:
    """An ending: an EngineError, Cancelled or NotEncoded."""

    job: int
    error: Exception


@dataclass(frozen=True, slots=True)
class ProcessGone:
    """The process ended; made on this side."""


Down: TypeAlias = DoOperation | StopOperation | BlockTaken
Up: TypeAlias = (
    Heartbeat | Hello | ProgressReport | OperationDone | OperationFailed | ProcessGone | BlockTaken
)
