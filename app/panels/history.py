"""The History panel: the undo steps as a list."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.session.session import Session
from app.text.history import label_of
from widgets.lists.history_list import HistoryList


class HistoryPanel(QWidget):
    """All undo steps; a click on one undoes or redoes up to it."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.list = HistoryList(self)
        column = QVBoxLayout(self)
        column.addWidget(self.list)
        self.list.chosen.connect(session.go_to)
        session.opened.connect(self._on_changed)
        session.history_changed.connect(self._on_changed)
        self._on_changed()

    @Slot()
    def _on_changed(self) -> None:
        history = self._session.history
        done = history.labels if history else ()
        undone = history.undone_labels if history else ()
        self.list.set_steps([label_of(label) for label in (*done, *undone)], len(done))
