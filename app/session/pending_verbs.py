"""Verbs that wait for a selection, and undo, which first lets go of what is not done yet."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot

from app.services.jobs import Job, JobState
from app.session.click_selector import ClickSelector
from app.session.session import Session

Verb = Callable[[], object]
MASK_JOBS = ("wand", "adjust", "subject")
STOPPED_BY_UNDO = ("remove", "paint")


class PendingVerbs(QObject):
    """Keys act on what the user sees: on the selection that was asked for, and on running tasks."""

    def __init__(
        self, session: Session, selecting: ClickSelector, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._selecting = session, selecting
        self._verb: Verb | None = None
        self._has_arrived = False  # the selection that the verb waits for
        self._moments: dict[int, tuple[int, int]] = {}  # by the ids of jobs: when they were asked
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self._on_settled)
        session.opened.connect(self._on_opened)
        session.changed.connect(self._look_again)
        session.jobs.changed.connect(self._on_job)
        session.jobs.ended.connect(self._on_job_ended)
        selecting.answered.connect(self._on_answered)

    @property
    def is_awaited(self) -> bool:
        """Whether a selection was asked for and is not there yet."""
        return self._selecting.is_busy or any(self._session.jobs.is_asked(x) for x in MASK_JOBS)

    @property
    def has_selection(self) -> bool:
        """Whether there is a selection, or will be."""
        return self._session.has_mask or self.is_awaited

    @property
    def can_undo(self) -> bool:
        history = self._session.history
        can_step_back = history is not None and history.can_undo
        return can_step_back or self._verb is not None or bool(self._stoppable())

    def run(self, verb: Verb) -> None:
        """Call a verb that needs the selection: now, or as soon as it is there."""
        if self.is_awaited and not self._session.is_editing:
            self._verb, self._has_arrived = verb, False
            self._session.changed.emit()
        else:
            verb()

    def undo(self) -> None:
        """Drop the verb that waits; else stop what was asked last; else take back a step."""
        if self._session.is_editing:
            return
        stoppable = self._stoppable()
        if self._verb is not None:
            self._verb = None
            self._session.changed.emit()
        elif stoppable:
            for job in [job for job in stoppable if job.label == stoppable[-1].label]:
                self._session.jobs.cancel(job)
            self._session.say(self.tr("Stopped. The picture was not changed."))
        else:
            self._session.undo()

    def _stoppable(self) -> list[Job]:
        """Tasks of the document that were asked since its last step, the oldest first."""
        moment = self._moment()
        return [
            job
            for job in self._session.jobs.shown()
            if job.label in STOPPED_BY_UNDO and self._moments.get(job.id) == moment
        ]

    def _moment(self) -> tuple[int, int]:
        history = self._session.history
        return self._session.serial, history.save_point[0] if history is not None else -1

    @Slot(object)
    def _on_job(self, job: Job) -> None:
        if job.is_over:
            self._moments.pop(job.id, None)
        else:
            self._moments.setdefault(job.id, self._moment())

    @Slot(object)
    def _on_job_ended(self, job: Job) -> None:
        if job.label in MASK_JOBS and job.state is JobState.DONE:
            self._has_arrived = True
        self._look_again()

    @Slot()
    def _on_answered(self) -> None:
        self._has_arrived = True
        self._look_again()

    @Slot()
    def _look_again(self) -> None:
        """Once the event loop is idle: then the selection is written."""
        if self._verb is not None:
            self._timer.start()

    @Slot()
    def _on_settled(self) -> None:
        verb = self._verb
        if verb is None or self.is_awaited:
            return
        self._verb = None
        if self._has_arrived and self._session.has_mask:
            verb()
        self._session.changed.emit()

    @Slot()
    def _on_opened(self) -> None:
        self._verb = None
