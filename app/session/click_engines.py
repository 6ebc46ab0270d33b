"""Who answers points: what is built in at once, and a model as soon as it is ready."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeAlias

from PySide6.QtCore import QObject, Signal, Slot

from app.services.engines import Engines
from app.services.jobs import Job, JobQueue, JobState
from app.session.session import Session
from engine.dispatch.choice import BUILTIN, LOCAL, SERVER, Choice
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
        self._question: ClickRequest | None = None
        self._said: type[EngineError] | None = None  # trouble that was told already
        self._known = self.choice
        session.opened.connect(self.prepare)
        session.image_changed.connect(self.prepare)
        session.jobs.freed.connect(self._on_freed)
        session.jobs.changed.connect(self._on_job_changed)
        engines.changed.connect(self._on_engines_changed)

    @property
    def choice(self) -> Choice:
        """Whose answer counts; what is built in always has one."""
        found = self._engines.choice(Capability.CLICK)
        return found if found.backend else replace(found, backend=BUILTIN)

    @property
    def is_prepared(self) -> bool:
        """Whether a click is answered at once."""
        return self._has_seen(self.quickest)

    @property
    def is_ready(self) -> bool:
        """Whether the model has seen the picture."""
        return self.better is JobQueue.LOCAL and self._has_seen(JobQueue.LOCAL)

    @property
    def better(self) -> JobQueue | None:
        """Who answers better than what is built in."""
        return {LOCAL: JobQueue.LOCAL, SERVER: JobQueue.SERVER}.get(self.choice.backend)

    @property
    def is_improving(self) -> bool:
        """Whether an answer is shown that a better one may replace."""
        return (
            self._question is not None
            and self._question.is_answered
            and any(queue is not JobQueue.ENGINE for queue in self._question.jobs)
        )

    @property
    def quickest(self) -> JobQueue:
        """Who answers soonest; a model that is busy with a task does not."""
        busy = any(job.queue is JobQueue.LOCAL for job in self._session.jobs.shown())
        return JobQueue.LOCAL if self.is_ready and not busy else JobQueue.ENGINE

    @Slot()
    @Slot(object)
    def prepare(self, _: object = None) -> None:
        """Look at the picture before the first click."""
        self._prepare(JobQueue.ENGINE)
        if self.better is JobQueue.LOCAL:  # a server looks at a picture when it is asked
            self._prepare(JobQueue.LOCAL)

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
        self._question = question = ClickRequest(
            request, fresh or request, on_answer, on_failed, keep
        )
        self._submit(question, self.quickest)
        better = self.better
        if better is not None and better not in question.jobs:
            self._submit(question, better)

    def forget(self) -> None:
        """No answer is wanted any more."""
        question, self._question = self._question, None
        for job in question.jobs.values() if question else ():
            self._session.jobs.cancel(job)

    def _has_seen(self, queue: JobQueue) -> bool:
        key = self._prepared.get(queue)
        return bool(key) and key == self._session.key

    def _prepare(self, queue: JobQueue) -> None:
        document = self._session.document
        if document is None:
            return
        lease, key = document.lease(mask=False), self._session.key
        self._session.jobs.ask(
            "prepare",
            PrepareRequest(image=lease.view, key=key),
            partial(self._on_prepared, queue, key),
            queue=queue,
            priority=Priority.PREPARE,
            replaces="prepare",
            keep=lease,
            on_failed=self._say_once if queue is JobQueue.LOCAL else None,
        )

    def _submit(self, question: ClickRequest, queue: JobQueue) -> None:
        question.jobs[queue] = self._session.jobs.ask(
            "select",
            question.request if queue is JobQueue.ENGINE else question.fresh,
            partial(self._on_answer, question, queue),
            queue=queue,
            priority=Priority.CLICK,
            replaces="click",
            keep=question.keep,
            on_failed=partial(self._on_failed, question, queue),
        )

    def _on_answer(self, question: ClickRequest, queue: JobQueue, result: SegmentResult) -> None:
        question.jobs.pop(queue, None)
        if queue is not JobQueue.ENGINE:
            self._said = None
            self._on_prepared(queue, question.request.key)
        if question.is_settled:
            return
        question.is_answered = True
        question.is_settled = queue is not JobQueue.ENGINE
        if question.is_settled:
            for job in question.jobs.values():
                self._session.jobs.cancel(job)
        question.on_answer(result, queue is not JobQueue.ENGINE)
        self.prepared_changed.emit()

    def _on_failed(self, question: ClickRequest, queue: JobQueue, error: EngineError) -> None:
        if queue is not JobQueue.ENGINE and not isinstance(error, NothingFound):
            self._say_once(error)
        self._give_up(question, queue, error)

    def _give_up(self, question: ClickRequest, queue: JobQueue, error: EngineError) -> None:
        """One of them has no answer: the other may have one, or has given it."""
        question.jobs.pop(queue, None)
        if question is not self._question or question.is_answered or question.jobs:
            self.prepared_changed.emit()
        elif queue is JobQueue.LOCAL and not isinstance(error, NothingFound):
            self._submit(question, JobQueue.ENGINE)
        else:
            question.on_failed(error)

    def _say_once(self, error: EngineError) -> None:
        """The built-in engine goes on: that models do not is told, and not with every click."""
        self._prepared.pop(JobQueue.LOCAL, None)
        self.prepared_changed.emit()
        if self._said is not type(error):
            self._said = type(error)
            self._session.failed.emit(error, None)

    def _on_prepared(self, queue: JobQueue, key: str, _: object = None) -> None:
        self._prepared[queue] = key
        self.prepared_changed.emit()

    @Slot(object)
    def _on_job_changed(self, job: Job) -> None:
        """A click that was cancelled by who frees memory is answered by what is built in."""
        question = self._question
        if job.state is not JobState.CANCELLED or question is None or question.is_answered:
            return
        if question.jobs.get(JobQueue.LOCAL) is job:
            question.jobs.pop(JobQueue.LOCAL)
            if not question.jobs:
                self._submit(question, JobQueue.ENGINE)

    @Slot()
    def _on_freed(self) -> None:
        self._prepared.pop(JobQueue.LOCAL, None)
        self.prepared_changed.emit()

    @Slot()
    def _on_engines_changed(self) -> None:
        """Another model looks at the picture, too."""
        known, self._known = self._known, self.choice
        if (known.backend, known.model) == (self._known.backend, self._known.model):
            return
        self._said = None
        self._prepared.pop(JobQueue.LOCAL, None)
        if self._known.backend == LOCAL:
            self._prepare(JobQueue.LOCAL)
        self.prepared_changed.emit()
