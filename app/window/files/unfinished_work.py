"""Work that closing would lose: the question, and the wait for its end."""

from collections.abc import Callable, Sequence
from enum import Enum

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QMessageBox, QWidget

from app.journal.pending_tasks import PendingTask
from app.panels.task_rows import task_name
from app.services.jobs import Job, Jobs, JobState
from widgets.plain_text import plain

Role = QMessageBox.ButtonRole
Then = Callable[[], object]
OF_PICTURE = ("remove", "paint")
"""Tasks whose results belong to the open picture."""

OF_WINDOW = (*OF_PICTURE, "export", "save", "workflow")
"""Tasks that end with the window; files are written on when only the picture is closed."""


class WorkAnswer(Enum):
    """What becomes of the work that is not finished."""

    WAIT = "wait"
    STOP = "stop"
    CANCEL = "cancel"


class WorkQuestion(QMessageBox):
    """Names the tasks that are not finished."""

    answered = Signal(object)  # WorkAnswer

    def __init__(self, parent: QWidget, tasks: Sequence[str]) -> None:
        """`tasks` are their names; the same name may be there more than once."""
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(self.tr("%n task(s) are not finished.", "", len(tasks)))
        text = self.tr("{tasks}. A task that is stopped gives no result and writes no file.")
        names = ", ".join(dict.fromkeys(tasks))
        self.setInformativeText(text.replace("{tasks}", plain(names)))
        self.wait_button = self.addButton(self.tr("&Wait, then close"), Role.AcceptRole)
        self.stop_button = self.addButton(self.tr("S&top and close"), Role.DestructiveRole)
        self.cancel_button = self.addButton(QMessageBox.StandardButton.Cancel)
        self.setDefaultButton(self.wait_button)
        self.setEscapeButton(self.cancel_button)
        self.finished.connect(self._on_finished)

    @Slot(int)
    def _on_finished(self, _: int) -> None:
        answers = {self.wait_button: WorkAnswer.WAIT, self.stop_button: WorkAnswer.STOP}
        clicked = self.clickedButton()
        found = [answer for button, answer in answers.items() if button is clicked]
        self.answered.emit(found[0] if found else WorkAnswer.CANCEL)


class UnfinishedWork(QObject):
    """Asks before tasks are lost, and closes when they are done if that is wanted.

    What a server does for a painting or a removal outlives the window: nobody is asked for that.
    """

    def __init__(self, window: QWidget, jobs: Jobs) -> None:
        super().__init__(window)
        self._window, self._jobs = window, jobs
        self._stopped: set[int] = set()  # numbers of jobs
        self._then: Then | None = None  # what waits for the end of the work
        self._is_for_window = False
        jobs.ended.connect(self._on_ended)

    def tasks(self, *, is_window: bool) -> list[Job]:
        """Those that are lost if the window, or only its picture, is closed now."""
        labels = OF_WINDOW if is_window else OF_PICTURE
        shown = [job for job in self._jobs.shown() if job.label in labels]
        return [
            job
            for job in shown
            if job.id not in self._stopped and not (is_window and _outlives(job))
        ]

    def question(self, then: Then, *, is_window: bool) -> WorkQuestion | None:
        """None when no work would be lost; `then` is called when it is settled."""
        tasks = self.tasks(is_window=is_window)
        if not tasks:
            return None
        question = WorkQuestion(self._window, [task_name(job) for job in tasks])
        question.answered.connect(lambda answer: self._settle(answer, then, is_window=is_window))
        return question

    def stop(self, *, is_window: bool) -> None:
        """Stop what would be lost; it counts no longer, also while it comes to its end."""
        for job in self.tasks(is_window=is_window):
            self._stopped.add(job.id)
            self._jobs.cancel(job)

    def _settle(self, answer: WorkAnswer, then: Then, *, is_window: bool) -> None:
        self._then = None
        if answer is WorkAnswer.STOP:
            self.stop(is_window=is_window)
            then()
        elif answer is WorkAnswer.WAIT:
            self._is_for_window, self._then = is_window, then
            self._go_on()

    @Slot(object)
    def _on_ended(self, job: Job) -> None:
        self._stopped.discard(job.id)
        if self._then is None or not job.is_shown:
            return
        if job.label in OF_WINDOW and job.state is not JobState.DONE:
            self._then = None  # it failed, or was cancelled: that is for the user to see
        QTimer.singleShot(0, self, self._go_on)  # its result is taken only now

    @Slot()
    def _go_on(self) -> None:
        then = self._then
        if then is not None and not self.tasks(is_window=self._is_for_window):
            self._then = None
            then()


def _outlives(job: Job) -> bool:
    return isinstance(job.request, PendingTask)
