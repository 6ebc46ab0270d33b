"""Sends a click to the built-in segmenter and to a model, whose answer replaces the first one."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeAlias

from PySide6.QtCore import QObject, Signal, Slot

from app.services.engines import QUEUES, Engines
from app.services.jobs import MODELS_HERE, Job, JobQueue, JobState
from app.session.session import Session
from engine.dispatch.choice import BUILTIN, LIGHT, LOCAL, Choice
from engine.errors import EngineError, NothingFound
from engine.jobs.backend import Capability
from engine.jobs.requests import PrepareRequest, Priority, SegmentRequest, SegmentResult

OnAnswer: TypeAlias = Callable[[SegmentResult, bool], None]
"""Gets the answer, and whether it is a model's."""
OnFailed: TypeAlias = Callable[[EngineError], None]


@dataclass(slots=True, eq=False)
class ClickRequest:
    """One click or box, on its way to one engine or to both."""

    request: SegmentRequest
    fresh: SegmentRequest  # for the model: without what another engine made of the points
    on_answer: OnAnswer  # perhaps twice: the second answer is the better one
    on_failed: OnFailed
    keep: object
    jobs: dict[JobQueue, Job] = field(default_factory=dict[JobQueue, Job])
    is_answered: bool = False
    is_settled: bool = False  # the better engine has answered


class ClickEngines(QObject):
    """Lets the engines look at the picture beforehand, and asks those that can answer."""

    prepared_changed = Signal()

    def __init__(self, session: Session, engines: Engines, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._engines = session, engines
        self._prepared: dict[JobQueue, str] = {}  # keys of what they looked at last
        self._reading: dict[JobQueue, Job] = {}  # of a picture, before the first click
        self._found_key = ""  # of the picture in which the local engine was asked to find, else ""
        self._click: ClickRequest | None = None
        self._reported: type[EngineError] | None = None  # the error that was told last
        self._last_choice = self.choice
        session.opened.connect(self.prepare)
        session.image_changed.connect(self.prepare)
        session.jobs.freed.connect(self._on_freed)
        session.jobs.ended.connect(self._on_job_ended)
        engines.changed.connect(self._on_engines_changed)

    @property
    def choice(self) -> Choice:
        """Whose answer counts; what is built in always has one."""
        found = self._engines.choice(Capability.CLICK)
        if found.backend == LIGHT and self._found_key == self._session.key:
            heavy = self._engines.choice(Capability.FIND)
            if heavy.backend == LOCAL:  # finding has read this picture: a click costs no reading
                return heavy
        return found if found.backend else replace(found, backend=BUILTIN)

    @property
    def is_prepared(self) -> bool:
        """Whether a click is answered at once."""
        return self._has_seen(self.quickest)

    @property
    def is_ready(self) -> bool:
        """Whether the model has seen the picture."""
        better = self.better
        return better in MODELS_HERE and self._has_seen(better)

    @property
    def better(self) -> JobQueue | None:
        """Who answers better than what is built in."""
        queue = QUEUES[self.choice.backend]
        return None if queue is JobQueue.ENGINE else queue

    @property
    def is_improving(self) -> bool:
        """Whether an answer is shown that a better one may replace."""
        return (
            self._click is not None
            and self._click.is_answered
            and any(queue is not JobQueue.ENGINE for queue in self._click.jobs)
        )

    @property
    def quickest(self) -> JobQueue:
        """Who answers soonest; a model that is busy with a task does not."""
        better = self.better
        if better is None or not self.is_ready:
            return JobQueue.ENGINE
        busy = any(job.queue is better for job in self._session.jobs.shown())
        return JobQueue.ENGINE if busy else better

    @Slot()
    @Slot(object)
    def prepare(self, _: object = None) -> None:
        """Look at the picture before the first click; one that is closed is looked at no more."""
        if self._session.document is None:
            for queue in MODELS_HERE:
                self._cancel_reading(queue)
            return
        self._prepare(JobQueue.ENGINE)
        better = self.better
        if better in MODELS_HERE:  # a server looks at a picture when it is asked
            self._prepare(better)

    def ask(
        self,
        request: SegmentRequest,
        on_answer: OnAnswer,
        on_failed: OnFailed,
        *,
        fresh: SegmentRequest | None = None,
        keep: object = None,
    ) -> None:
        """One answer, or a quick one and a better one; a failure only when nobody has any."""
        self._click = click = ClickRequest(request, fresh or request, on_answer, on_failed, keep)
        self._submit(click, self.quickest)
        better = self.better
        if better is not None and better not in click.jobs:
            self._submit(click, better)

    def forget(self) -> None:
        """No answer is wanted any more."""
        click, self._click = self._click, None
        for job in click.jobs.values() if click else ():
            self._session.jobs.cancel(job)

    def _stop_reading(self, before: Choice) -> None:
        """The engine that was chosen before reads no picture any more."""
        queue = QUEUES[before.backend]
        if queue in MODELS_HERE and queue is not self.better:
            self._prepared.pop(queue, None)
            self._cancel_reading(queue)

    def _cancel_reading(self, queue: JobQueue) -> None:
        job = self._reading.pop(queue, None)
        if job is not None:
            self._session.jobs.cancel(job)

    def _has_seen(self, queue: JobQueue) -> bool:
        key = self._prepared.get(queue)
        return bool(key) and key == self._session.key

    def _prepare(self, queue: JobQueue) -> None:
        document = self._session.document
        if document is None:
            return
        lease, key = document.lease(mask=False), self._session.key
        self._reading[queue] = self._session.jobs.ask(
            "prepare",
            PrepareRequest(image=lease.view, key=key),
            partial(self._on_prepared, queue, key),
            queue=queue,
            priority=Priority.PREPARE,
            replaces="prepare",
            keep=lease,
            on_failed=partial(self._report_once, queue) if queue in MODELS_HERE else None,
        )

    def _submit(self, click: ClickRequest, queue: JobQueue) -> None:
        click.jobs[queue] = self._session.jobs.ask(
            "select",
            click.request if queue is JobQueue.ENGINE else click.fresh,
            partial(self._on_answer, click, queue),
            queue=queue,
            priority=Priority.CLICK,
            replaces="click",
            keep=click.keep,
            on_failed=partial(self._on_failed, click, queue),
        )

    def _on_answer(self, click: ClickRequest, queue: JobQueue, result: SegmentResult) -> None:
        click.jobs.pop(queue, None)
        if queue is not JobQueue.ENGINE:
            self._reported = None
            self._on_prepared(queue, click.request.key)
        if click.is_settled:
            return
        click.is_answered = True
        click.is_settled = queue is not JobQueue.ENGINE
        if click.is_settled:
            for job in click.jobs.values():
                self._session.jobs.cancel(job)
        click.on_answer(result, queue is not JobQueue.ENGINE)

    def _on_failed(self, click: ClickRequest, queue: JobQueue, error: EngineError) -> None:
        if queue is not JobQueue.ENGINE and not isinstance(error, NothingFound):
            self._report_once(queue, error)
        self._give_up(click, queue, error)

    def _give_up(self, click: ClickRequest, queue: JobQueue, error: EngineError) -> None:
        """One of them has no answer: the other may have one, or has given it."""
        click.jobs.pop(queue, None)
        if click is not self._click or click.is_answered or click.jobs:
            self.prepared_changed.emit()
        elif queue in MODELS_HERE and not isinstance(error, NothingFound):
            self._submit(click, JobQueue.ENGINE)
        else:
            click.on_failed(error)

    def _report_once(self, queue: JobQueue, error: EngineError) -> None:
        """The built-in engine goes on: that models do not is told, and not with every click."""
        self._prepared.pop(queue, None)
        self.prepared_changed.emit()
        if self._reported is not type(error):
            self._reported = type(error)
            self._session.failed.emit(error, None)

    def _on_prepared(self, queue: JobQueue, key: str, _: object = None) -> None:
        self._prepared[queue] = key
        self.prepared_changed.emit()

    @Slot(object)
    def _on_job_ended(self, job: Job) -> None:
        """A click that was cancelled by who frees memory is answered by what is built in."""
        self._note_found(job)
        click = self._click
        if job.state is not JobState.CANCELLED or click is None or click.is_answered:
            return
        if job.queue in MODELS_HERE and click.jobs.get(job.queue) is job:
            click.jobs.pop(job.queue)
            if not click.jobs:
                self._submit(click, JobQueue.ENGINE)

    def _note_found(self, job: Job) -> None:
        """Where the model that finds has read the picture, it answers the clicks, too."""
        if job.label == "find" and job.queue is JobQueue.LOCAL and job.state is JobState.DONE:
            self._found_key = self._prepared[JobQueue.LOCAL] = job.request.key
            self._on_engines_changed()

    @Slot()
    def _on_freed(self) -> None:
        self._found_key = ""
        for queue in MODELS_HERE:
            self._prepared.pop(queue, None)
        self.prepared_changed.emit()
        self._on_engines_changed()

    @Slot()
    def _on_engines_changed(self) -> None:
        """Another model looks at the picture, too."""
        before, self._last_choice = self._last_choice, self.choice
        if (before.backend, before.model) == (self._last_choice.backend, self._last_choice.model):
            return
        self._reported = None
        self._stop_reading(before)
        better = self.better
        if better in MODELS_HERE and not self._is_read_by_finder(better):
            self._prepared.pop(better, None)
            self._prepare(better)
        self.prepared_changed.emit()

    def _is_read_by_finder(self, queue: JobQueue) -> bool:
        return queue is JobQueue.LOCAL and self._found_key == self._session.key
