"""The task that runs, in the status bar, whatever panel is in front."""

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.panels.task_rows import show_progress, task_name
from app.services.jobs import Job, Jobs
from widgets.lists.task_row import TaskRow
from widgets.plain_widgets import PlainLabel, set_tip
from widgets.theme import theme

DELAY_MS = 400


class RunningTask(QWidget):
    """Name, progress and Cancel of the current task, and how many more there are.

    Shown once there has been work for DELAY_MS; hidden as soon as there is none.
    """

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._jobs = jobs
        self._job: Job | None = None
        self.row: TaskRow | None = None
        self.more = PlainLabel(self)
        self.more.setProperty("role", "muted")
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(theme.spacing(self, 2))
        self._line.addWidget(self.more)
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.timeout.connect(self._show)
        self.hide()
        jobs.changed.connect(self._on_changed)

    @Slot(object)
    def _on_changed(self, job: Job) -> None:
        if self._job is not None:
            self._show()
        elif not job.is_over and not self._timer.isActive():
            self._timer.start()

    @Slot()
    def _show(self) -> None:
        """Show the current task as it stands."""
        job = self._jobs.current
        if job is not self._job:
            self._replace_row(job)
        if job is None or self.row is None:
            self.hide()
            return
        show_progress(self.row, job)
        self._count(job)
        self.show()

    def _replace_row(self, job: Job | None) -> None:
        if self.row is not None:
            self.row.finish()
            self.row.hide()
            self.row.deleteLater()
        self._job, self.row = job, None
        if job is not None:
            self.row = TaskRow(task_name(job), self, is_line=True)
            self.row.cancelled.connect(lambda: self._jobs.cancel(job))
            self._line.insertWidget(0, self.row)

    def _count(self, current: Job) -> None:
        """Say how many tasks there are besides, and in the tip which."""
        others = [task_name(job) for job in self._jobs.shown() if job is not current]
        self.more.setText(f"+ {len(others)}" if others else "")
        self.more.setVisible(bool(others))
        set_tip(self.more, "\n".join(others))
