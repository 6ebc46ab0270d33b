"""The Tasks panel: all jobs that the user is shown."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.panels.task_rows import TaskRows
from app.services.jobs import Jobs
from widgets.plain_widgets import PlainLabel


class TasksPanel(QWidget):
    """One row for each job; clicks and preparations are not shown."""

    def __init__(self, jobs: Jobs) -> None:
        super().__init__()
        self._empty = PlainLabel(self.tr("No task is running."), self)
        self._empty.setProperty("role", "muted")
        self.rows = TaskRows(jobs, lambda job: job.is_shown, self)
        column = QVBoxLayout(self)
        column.addWidget(self._empty)
        column.addWidget(self.rows)
        column.addStretch(1)
        self.rows.changed.connect(self._on_changed)

    @Slot(int)
    def _on_changed(self, count: int) -> None:
        self._empty.setVisible(count == 0)
