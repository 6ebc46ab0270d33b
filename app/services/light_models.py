"""The sets of light models as one button each: offered, fetched, checked, and then in use."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any, Protocol, runtime_checkable

from PySide6.QtCore import QLocale, QObject, Signal, Slot

from app.engines.model_jobs import FetchModel
from app.journal.pending_tasks import BackendCall
from app.services.engines import Engines
from app.services.jobs import Job, JobQueue, Jobs
from app.services.model_library import ModelLibrary
from engine.dispatch.choice import BUILTIN
from engine.errors import EngineError, EngineMissing, ModelWrong
from engine.jobs.backend import Backend, Capability, JobContext
from engine.models.catalog import CatalogEntry, ModelSet
from engine.models.model_file import ModelFile
from engine.models.verdicts import Verdict

LARGE, SMALL, FOR_SUBJECTS = "light", "light-small", "subject"
"""Ids of the sets in the catalog."""


class SetState(Enum):
    """Where a set stands."""

    OFFERED = "offered"
    FETCHING = "fetching"
    CHECKING = "checking"
    HERE = "here"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetProgress:
    """A set, where it stands, and how much of it has arrived, 0..1."""

    models: ModelSet
    state: SetState
    share: float = 0.0


@runtime_checkable
class ChecksModels(Protocol):
    """A backend that can tell whether it computes a model rightly."""

    def check(self, model: ModelFile, job: JobContext) -> Verdict: ...


class LightModels(QObject):
    """One for a window. Fetches a set by the library's downloads, which go on where they ended."""

    changed = Signal()

    def __init__(
        self, library: ModelLibrary, engines: Engines, jobs: Jobs, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._library, self._engines, self._jobs = library, engines, jobs
        self._asked: str | None = None  # the id of the set that was asked for last
        library.check = self._check
        library.changed.connect(self.changed)
        engines.changed.connect(self.changed)
        jobs.changed.connect(self._on_job)

    @property
    def sets(self) -> Mapping[str, ModelSet]:
        """All sets of the catalog, by id."""
        return self._library.catalog.sets

    def progress(self, id: str) -> SetProgress:
        """Where a set stands now."""
        models = self._library.catalog.sets[id]
        if any(self._library.job(entry) for entry in models.entries):
            share = sum(map(self._arrived, models.entries)) / models.size_bytes
            return SetProgress(models=models, state=SetState.FETCHING, share=min(1.0, share))
        if any(entry.id in self._library.checking for entry in models.entries):
            return SetProgress(models=models, state=SetState.CHECKING, share=1.0)
        is_here = all(self._library.model(entry) for entry in models.entries)
        return SetProgress(models=models, state=SetState.HERE if is_here else SetState.OFFERED)

    def is_offered(self, need: Capability | None = None) -> bool:
        """Whether a set would help: what is built in does it, and these models could run.

        `need` None asks for clicks and removals together. The subject has a set of its own where
        clicks have their model: what brings that brings both.
        """
        if LARGE not in self.sets or self._engines.light.trouble:
            return False
        if need is Capability.SUBJECT and (FOR_SUBJECTS not in self.sets or self.is_offered()):
            return False
        needs = (Capability.CLICK, Capability.REMOVE) if need is None else (need,)
        found = [self._engines.choice(each) for each in needs]
        return any(each.backend == BUILTIN and each.reason == "missing" for each in found)

    @property
    def current(self) -> SetProgress | None:
        """The set that was asked for, while it is fetched or checked."""
        found = None if self._asked is None else self.progress(self._asked)
        is_coming = found is not None and found.state in (SetState.FETCHING, SetState.CHECKING)
        return found if is_coming else None

    def words_of_size(self, id: str) -> str:
        """How much of a set is still to be fetched, in the form of the user's language."""
        entries = self.sets[id].entries
        missing = sum(each.size_bytes for each in entries if self._library.model(each) is None)
        return QLocale().formattedDataSize(missing, 0, QLocale.DataSizeFormat.DataSizeSIFormat)

    def fetch(self, id: str) -> None:
        """Fetch what of a set is not here."""
        self._asked = id
        for entry in self._library.catalog.sets[id].entries:
            if self._library.model(entry) is None:
                self._library.download(entry)

    def cancel(self) -> None:
        """Stop fetching; what has arrived is kept."""
        current = self.current
        for entry in current.models.entries if current is not None else ():
            self._library.cancel(entry)

    def _arrived(self, entry: CatalogEntry) -> float:
        """Bytes of an entry that are here."""
        job = self._library.job(entry)
        if job is not None:
            return entry.size_bytes * job.fraction
        return float(entry.size_bytes) if self._library.model(entry) is not None else 0.0

    def _check(self, model: ModelFile, on_right: Any, on_wrong: Any) -> None:
        """In the thread of the light engine, shown as a task."""
        if self._engines.light.trouble:
            on_right()  # it will be checked before its first use
            return
        label = self.tr("Checking {model}").replace("{model}", model.title)
        self._jobs.ask(
            label,
            BackendCall(partial(_checked, model)),
            partial(self._on_verdict, model, on_right, on_wrong),
            queue=JobQueue.LIGHT,
            on_failed=partial(self._on_failed, on_right, on_wrong),
        )

    def _on_verdict(self, model: ModelFile, on_right: Any, on_wrong: Any, verdict: Verdict) -> None:
        if verdict.why:
            on_wrong(ModelWrong(model.path, verdict.why))
        else:
            on_right()

    def _on_failed(self, on_right: Any, on_wrong: Any, error: EngineError) -> None:
        if isinstance(error, EngineMissing):
            on_right()  # the model is no worse for it; the choice says what is missing
        else:
            on_wrong(error)

    @Slot(object)
    def _on_job(self, job: Job) -> None:
        if isinstance(job.request, FetchModel):
            self.changed.emit()


def _checked(model: ModelFile, backend: Backend, job: JobContext) -> Verdict:
    if isinstance(backend, ChecksModels):
        return backend.check(model, job)
    return Verdict(runtime="")
