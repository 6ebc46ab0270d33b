"""The panels at the right, as docks that can be moved, stacked and hidden."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QDockWidget, QMenu, QScrollArea, QWidget

from app.panels import HistoryPanel, ObjectsPanel, RemovePanel, TasksPanel
from app.panels_selection import SelectionPanel
from widgets import theme

if TYPE_CHECKING:
    from app.workspace import Workspace

RIGHT = Qt.DockWidgetArea.RightDockWidgetArea


class Docks(QObject):
    """Selection over Remove; Objects, History and Tasks share a place as tabs."""

    def __init__(self, workspace: "Workspace", menu: QMenu) -> None:
        super().__init__(workspace)
        w = workspace
        self._window = w.window
        self.selection = SelectionPanel(w.select, w.adjusting, w.looks, w.actions)
        self.remove = RemovePanel(w.removing, w.session, w.actions)
        self.objects = ObjectsPanel(w.objects, w.session, w.actions)
        self.history = HistoryPanel(w.session)
        self.tasks = TasksPanel(w.jobs)
        self.all = [
            self._dock("Selection", self.tr("Selection"), self.selection),
            self._dock("Remove", self.tr("Remove"), self.remove),
            self._dock("Objects", self.tr("Objects"), self.objects),
            self._dock("History", self.tr("History"), self.history),
            self._dock("Tasks", self.tr("Tasks"), self.tasks),
        ]
        self._window.tabifyDockWidget(self.all[2], self.all[3])
        self._window.tabifyDockWidget(self.all[3], self.all[4])
        self.all[2].raise_()
        submenu = menu.addMenu(self.tr("&Panels"))
        for dock in self.all:
            submenu.addAction(dock.toggleViewAction())

    def set_enabled(self, enabled: bool) -> None:
        """Without a picture there is nothing to set."""
        for dock in self.all:
            if (panel := dock.widget()) is not None:
                panel.setEnabled(enabled)

    def _dock(self, name: str, title: str, panel: QWidget) -> QDockWidget:
        dock = QDockWidget(title, self._window)
        dock.setObjectName(name)
        scroll = QScrollArea(dock)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        panel.setMinimumWidth(theme.spacing(panel, 60))
        scroll.setWidget(panel)
        scroll.setMinimumWidth(theme.spacing(panel, 64))
        dock.setWidget(scroll)
        self._window.addDockWidget(RIGHT, dock)
        return dock
