"""Runs work on the backend chosen for it: one Protocol for command line, window and workflows.

`app.engines.runner.InlineRunner` calls backends in the caller's thread;
`app.services.worker_runner.WorkerRunner` asks those of a window, each in its own thread.
"""

from collections.abc import Callable
from typing import NamedTuple, Protocol, TypeVar

from engine.dispatch.choice import AUTO, Choice
from engine.jobs.backend import Backend, Capability
from engine.models.model_file import Installed

Answer = TypeVar("Answer")


class Assignment(NamedTuple):
    """The backend that does one thing, and why it is that one."""

    backend: Backend
    choice: Choice


class Runner(Protocol):
    """Chooses a backend for each capability, and runs work on it."""

    @property
    def installed(self) -> Installed:
        """The models that may be chosen from."""
        ...

    def choose(self, need: Capability, wanted: str = AUTO, model: str = "") -> Choice:
        """The backend that would do it; `model` names a checkpoint. Nothing is run."""
        ...

    def run(
        self,
        need: Capability,
        work: Callable[[Assignment], Answer],
        *,
        wanted: str = AUTO,
        model: str = "",
    ) -> Answer:
        """Call `work` with the best backend. Raises EngineErrors, also where there is none."""
        ...
