"""Rows with progress and a cancel button for the jobs that run."""

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.i18n import QT_TRANSLATE_NOOP
from app.services.jobs import Job, Jobs, JobState
from app.text.notes import progress
from engine.geometry import Image
from widgets.lists.task_row import TaskRow

TASKS = {
    "open": QT_TRANSLATE_NOOP("Tasks", "Opening the picture"),
    "save": QT_TRANSLATE_NOOP("Tasks", "Saving the project"),
    "export": QT_TRANSLATE_NOOP("Tasks", "Exporting"),
    "find": QT_TRANSLATE_NOOP("Tasks", "Finding"),
    "subject": QT_TRANSLATE_NOOP("Tasks", "Looking for the subject"),
    "remove": QT_TRANSLATE_NOOP("Tasks", "Removing"),
    "workflow": QT_TRANSLATE_NOOP("Tasks", "Workflow"),
    "take_up": QT_TRANSLATE_NOOP("Tasks", "Looking for tasks that went on"),
    "paint": QT_TRANSLATE_NOOP("Tasks", "Painting"),
}
"""What the tasks that are shown are called."""


def task_name(job: Job) -> str:
    """The words for a task that is shown."""
    return QCoreApplication.translate("Tasks", TASKS.get(job.label, job.label))


def show_progress(row: TaskRow, job: Job) -> None:
    """Bring the row of a job up to date."""
    if job.state is JobState.RUNNING and not row.is_running:
        row.start()
    if row.is_running:
        row.set_progress(job.fraction if job.fraction > 0 else -1, progress(job.note))


class TaskRows(QWidget):
    """One row for each job that `wanted` accepts. Emits `changed` with the number of rows."""

    changed = Signal(int)

    def __init__(
        self, jobs: Jobs, wanted: Callable[[Job], bool], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._jobs, self._wanted = jobs, wanted
        self._rows: dict[int, TaskRow] = {}
        self._pictures: dict[int, Image] = {}  # that the rows show
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.hide()
        jobs.changed.connect(self._on_changed)

    @Slot(object)
    def _on_changed(self, job: Job) -> None:
        if not self._wanted(job):
            return
        if job.is_over:
            self._drop(job)
        else:
            row = self._rows.get(job.id) or self._add(job)
            show_progress(row, job)
            if row.is_running and job.preview is not None:
                self._show_picture(row, job.id, job.preview)

    def _show_picture(self, row: TaskRow, job_id: int, picture: Image) -> None:
        if self._pictures.get(job_id) is not picture:
            self._pictures[job_id] = picture
            row.set_picture(picture)

    def _add(self, job: Job) -> TaskRow:
        row = self._rows[job.id] = TaskRow(task_name(job), self)
        row.cancelled.connect(lambda: self._jobs.cancel(job))
        self._column.addWidget(row)
        self._count()
        return row

    @property
    def count(self) -> int:
        return len(self._rows)

    @property
    def first(self) -> TaskRow:
        """The row of the oldest job."""
        return next(iter(self._rows.values()))

    def _drop(self, job: Job) -> None:
        self._pictures.pop(job.id, None)
        row = self._rows.pop(job.id, None)
        if row is not None:
            row.finish()
            row.hide()
            row.deleteLater()
            self._count()

    def _count(self) -> None:
        self.setVisible(bool(self._rows))
        self.changed.emit(len(self._rows))
