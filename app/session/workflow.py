"""Runs a ComfyUI workflow on the open picture and applies its steps as removals and paintings."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from app.document.document import Document, Variant
from app.services.engines import Engines
from app.services.jobs import Job, JobQueue
from app.services.worker_runner import WorkerRunner
from app.session.session import MessageLevel, Session
from app.session.variants import Variants
from engine.errors import EngineError
from engine.jobs.requests import RemoveResult

if TYPE_CHECKING:  # the engine of workflows is loaded with the first one that is opened
    from app.commands.workflow import OpenedWorkflow, Values
    from engine.workflow.local.photo import Photo, PhotoStep


class Workflows(QObject):
    """Emits `opened` with an OpenedWorkflow when a file was read."""

    opened = Signal(object)
    ready_changed = Signal(bool)  # whether one could be run now

    def __init__(
        self, session: Session, variants: Variants, engines: Engines, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._variants, self.engines = session, variants, engines
        self._job: Job | None = None
        session.opened.connect(self._tell)
        session.jobs.ended.connect(self._on_job_ended)

    @property
    def is_ready(self) -> bool:
        """Whether one could be run: a document is open, and none is running."""
        return self._session.document is not None and self._job is None

    def open(self, path: Path) -> None:
        from app.commands.workflow import OpenWorkflow

        self._session.jobs.ask(
            "workflow",
            OpenWorkflow(path=path),
            self.opened.emit,
            queue=JobQueue.FILES,
            on_failed=lambda error: self._session.failed.emit(error, None),
        )

    def in_the_way(
        self, opened: "OpenedWorkflow", values: "Values", place: str
    ) -> EngineError | None:
        """The error that would end it before it began, or None; nothing is run."""
        from app.commands.workflow import in_the_way

        return in_the_way(opened, values, self._runner(place))

    def run(self, opened: "OpenedWorkflow", values: "Values", place: str) -> None:
        """Run it on the open picture; `place`: here, server, or "" = wherever is best."""
        from app.commands.workflow import RunWorkflow

        session, document = self._session, self._session.document
        if document is None or not self.is_ready or session.is_editing:
            return
        has_alpha = document.alpha is not None
        if not session.has_mask and opened.needs_selection(values, has_alpha=has_alpha):
            text = self.tr("Select something first: the workflow works on what is selected.")
            session.say(text, MessageLevel.WARNING)
            return
        lease = document.lease(mask=session.has_mask)
        work = RunWorkflow(
            opened=opened,
            values=values,
            runner=self._runner(place),
            picture=document.picture(),
            view=lease.view,
            mask=lease.mask if session.has_mask else None,
        )
        self._job = session.jobs.ask(
            "workflow",
            work,
            partial(self._on_done, session.serial, document.revision),
            queue=JobQueue.WORKFLOW,
            keep=lease,
            on_failed=lambda error: session.failed.emit(error, None),
        )
        self._tell()

    def _runner(self, place: str) -> WorkerRunner:
        return WorkerRunner(self.engines, self._session.jobs, place)

    @Slot()
    def _tell(self) -> None:
        self.ready_changed.emit(self.is_ready)

    @Slot(object)
    def _on_job_ended(self, job: Job) -> None:
        if job is self._job:
            self._job = None
            self._tell()

    def _on_done(self, serial: int, revision: int, photos: "tuple[Photo, ...]") -> None:
        document = self._session.document
        if document is None or serial != self._session.serial:
            return
        if not photos or not photos[0].steps:
            text = self.tr("The workflow changed nothing in the picture.")
            self._session.say(text, MessageLevel.WARNING)
            return
        if document.revision != revision or self._session.is_editing:
            text = self.tr("The picture changed meanwhile: run the workflow again.")
            self._session.say(text, MessageLevel.WARNING)
            return
        self._take(photos, document)

    def _take(self, photos: "tuple[Photo, ...]", document: Document) -> None:
        """Removals are applied, as Remove does; a painting at the end waits to be applied.

        So do all paintings of a batch, each in the place of the other.
        """
        *before, last = photos[0].steps
        for step in before:
            self._put(step, document)
        if last.request is None:
            self._put(last, document)
            return
        batch = [photo.steps[-1] for photo in photos if [*photo.steps[:-1]] == before]
        first, *_ = [self._variant(step, document) for step in batch]
        if first is not None:
            self._variants.look_for(first.number)

    def _put(self, step: "PhotoStep", document: Document) -> None:
        variant = self._variant(step, document)
        if variant is not None:
            labels = {"paint": "Paint", "remove": "Remove"}
            self._variants.put(labels.get(step.verb, "Apply variant"), variant)
            self._variants.look_for(variant.number)

    def _variant(self, step: "PhotoStep", document: Document) -> Variant | None:
        """A step as a variant; a picture that was pasted is named by its node."""
        laid = RemoveResult(patches=step.patches, engine=step.origin.title, seed=0)
        result = replace(step.result or laid, revision=document.revision)
        request = step.request and replace(step.request, revision=document.revision)
        return self._variants.add(result, request)
