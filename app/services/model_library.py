"""The models on this computer: looked for in the background, fetched, checked and deleted."""

from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, Signal, Slot

from app.engines import model_places
from app.engines.model_jobs import (
    AskAccess,
    DeleteModel,
    FetchModel,
    KeepToken,
    ModelStock,
    ScanModels,
    TokenAccess,
    VerifyModel,
)
from app.paths import APP_ID
from app.services.jobs import Job, JobQueue, Jobs
from app.services.preferences import Preferences
from engine.downloads.hub import endpoints
from engine.errors import EngineError, ModelUnreadable
from engine.jobs.requests import Priority
from engine.models import catalog
from engine.models.catalog import Catalog, CatalogEntry
from engine.models.model_file import Installed, ModelFile
from engine.net.tokens import Tokens

SETTLE_MS = 700  # a folder in which something is copied changes many times
SETTINGS = ("models_dir", "model_folders")

Then = Callable[[Any], None]
CheckModel = Callable[[ModelFile, Callable[[], None], Callable[[EngineError], None]], None]
"""Checks a model; calls the first when it computes rightly, the second with what is wrong."""


class ModelLibrary(QObject):
    """One for a window. Nothing is looked for before `start`."""

    changed = Signal()  # what is at hand, or a download that began or ended
    obtained = Signal(object)  # Entry; a light model once it was found to compute rightly
    failed = Signal(object, object)  # EngineError, what tries it again

    def __init__(self, preferences: Preferences, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._preferences = preferences
        self._jobs: Jobs | None = None
        self.stock = ModelStock()
        self.tokens = Tokens(APP_ID)
        self.check: CheckModel | None = None  # asks a light model about the sample picture
        self._fetching: dict[str, Job] = {}
        self._unchecked: list[CatalogEntry] = []  # fetched, and waiting to be found and checked
        self.checking: set[str] = set()  # ids, from when they have arrived
        self._watcher = QFileSystemWatcher(self)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.rescan)
        self._watcher.directoryChanged.connect(lambda _: self._settle.start())
        preferences.changed.connect(self._on_preferences)

    @cached_property
    def catalog(self) -> Catalog:
        return catalog.load()

    @property
    def installed(self) -> Installed:
        """Read from any thread."""
        return self.stock.installed

    @property
    def folder(self) -> Path:
        """Where downloads go."""
        return model_places.own_folder(self._preferences.current)

    @property
    def endpoints(self) -> tuple[str, ...]:
        return tuple(endpoints(self._preferences.current.mirrors))

    def start(self, jobs: Jobs) -> None:
        """Look for the first time, and whenever something changes."""
        self._jobs = jobs
        jobs.ended.connect(self._on_job_ended)
        self.rescan()

    @Slot()
    def rescan(self) -> None:
        """Look again; `changed` tells when something else was found."""
        places = model_places.places(self._preferences.current)
        self._ask("look", ScanModels(places, self.catalog), self._on_looked, replaces="look")

    # downloads

    def download(self, entry: CatalogEntry) -> Job | None:
        """Fetch an entry; one that is under way already is not fetched twice."""
        if entry.id in self._fetching:
            return self._fetching[entry.id]
        work = FetchModel(
            entry=entry, folder=self.folder, endpoints=self.endpoints, tokens=self.tokens
        )
        label = self.tr("Downloading {model}").replace("{model}", entry.title)
        job = self._ask(
            label,
            work,
            lambda _: self._on_obtained(entry),
            on_failed=lambda error: self._on_failed(entry, error),
            queue=JobQueue.DOWNLOADS,
        )
        if job is not None:
            self._fetching[entry.id] = job
            self.changed.emit()
        return job

    def missing_parts(self, entry: CatalogEntry) -> tuple[CatalogEntry, ...]:
        """What an entry needs beside itself and nobody has: the first that is offered of each."""
        have = {(m.kind, m.part) for m in self.installed.models if not m.problem}
        lacking = [part for part in entry.needs if (part.kind, part.part) not in have]
        return tuple(self.catalog.offering(part)[0] for part in lacking)

    def job(self, entry: CatalogEntry) -> Job | None:
        """The download of an entry that waits or runs."""
        return self._fetching.get(entry.id)

    def cancel(self, entry: CatalogEntry) -> None:
        job = self.job(entry)
        if job is not None and self._jobs is not None:
            self._jobs.cancel(job)

    # what is here

    def model(self, entry: CatalogEntry) -> ModelFile | None:
        """What is at hand of an entry, the own one first."""
        ours = [m for m in self.installed.models if m.catalog_id == entry.id and not m.problem]
        return ours[0] if ours else None

    def is_own(self, model: ModelFile) -> bool:
        return model.path.is_relative_to(self.folder)

    def verify(self, entry: CatalogEntry, on_done: Then) -> None:
        """Compare with the checksums; answered by whether anybody knows them."""
        model = self.model(entry)
        elsewhere = model if model is not None and not self.is_own(model) else None
        work = VerifyModel(entry=entry, folder=self.folder, model=elsewhere)
        label = self.tr("Checking {model}").replace("{model}", entry.title)
        self._ask(
            label,
            work,
            on_done,
            on_failed=lambda error: self.failed.emit(error, None),
            queue=JobQueue.DOWNLOADS,
        )

    def delete(self, entry: CatalogEntry) -> None:
        """Only of the own folder: what other programs have is theirs."""
        work = DeleteModel(entry=entry, folder=self.folder)
        self._ask(
            "delete",
            work,
            lambda _: self.rescan(),
            on_failed=lambda error: self.failed.emit(error, None),
        )

    # access

    def ask_access(
        self,
        on_done: Callable[[TokenAccess], None],
        *,
        test: bool = False,
        on_failed: Callable[[], None] = lambda: None,
    ) -> None:
        """Where the token is; with `test`, also what it opens."""
        gated = {e.repo: None for e in self.catalog.entries if e.gated} if test else {}
        work = AskAccess(endpoint=self.endpoints[-1], tokens=self.tokens, repos=tuple(gated))

        def fail(error: EngineError) -> None:
            on_failed()
            self.failed.emit(error, None)

        self._ask("access", work, on_done, on_failed=fail)

    def keep_token(self, value: str, on_done: Callable[[str], None]) -> None:
        """Keep a token where the system keeps secrets; "" forgets it."""
        work = KeepToken(endpoint=self.endpoints[-1], tokens=self.tokens, value=value)
        self._ask("token", work, on_done)

    def _ask(
        self,
        label: str,
        work: Any,
        on_done: Then,
        *,
        queue: JobQueue = JobQueue.MODELS,
        replaces: str | None = None,
        on_failed: Callable[[EngineError], None] | None = None,
    ) -> Job | None:
        if self._jobs is None:
            return None
        is_shown = queue is JobQueue.DOWNLOADS
        priority = Priority.EDIT if is_shown else Priority.PREPARE
        return self._jobs.ask(
            label,
            work,
            on_done,
            queue=queue,
            priority=priority,
            replaces=replaces,
            on_failed=on_failed,
        )

    def _on_looked(self, stock: ModelStock) -> None:
        self._watch(stock.folders)
        is_new, self.stock = stock != self.stock, stock
        unchecked, self._unchecked = self._unchecked, []
        for entry in unchecked:  # before anybody hears of it, and uses it
            self._check(entry)
        if is_new:
            self.changed.emit()

    def _check(self, entry: CatalogEntry) -> None:
        """Before it is announced. What cannot be found was refused by its header."""
        ours = [m for m in self.installed.models if m.catalog_id == entry.id]
        model = next((m for m in ours if not m.problem), ours[0] if ours else None)
        if model is None or self.check is None:
            self.checking.discard(entry.id)
            self.obtained.emit(entry)
        elif model.problem:
            self.checking.discard(entry.id)
            self._on_failed(entry, ModelUnreadable(model.path, model.problem))
        else:
            self.check(
                model,
                partial(self._on_checked, entry, None),
                partial(self._on_checked, entry),
            )

    def _on_checked(self, entry: CatalogEntry, error: EngineError | None) -> None:
        self.checking.discard(entry.id)
        if error is None:
            self.obtained.emit(entry)
            self.changed.emit()
        else:
            self.failed.emit(error, None)
            self.rescan()

    def _watch(self, folders: tuple[Path, ...]) -> None:
        wanted, watched = {str(path) for path in folders}, set(self._watcher.directories())
        if watched - wanted:
            self._watcher.removePaths(sorted(watched - wanted))
        if wanted - watched:
            self._watcher.addPaths(sorted(wanted - watched))

    def _on_obtained(self, entry: CatalogEntry) -> None:
        if entry.is_light and self.check is not None:
            self._unchecked.append(entry)
            self.checking.add(entry.id)
            self.changed.emit()
        else:
            self.obtained.emit(entry)
        self.rescan()

    def _on_failed(self, entry: CatalogEntry, error: EngineError) -> None:
        self.failed.emit(error, lambda: self.download(entry))
        self.rescan()

    @Slot(object)
    def _on_job_ended(self, job: Job) -> None:
        if isinstance(job.request, FetchModel):
            self._fetching.pop(job.request.entry.id, None)
            self.changed.emit()

    @Slot(str)
    def _on_preferences(self, changed: str) -> None:
        if changed in SETTINGS:
            self.rescan()
