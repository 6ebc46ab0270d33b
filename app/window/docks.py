"""The panels at the right, as docks that can be moved, stacked and hidden."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtWidgets import QDockWidget, QMenu, QScrollArea, QTabWidget, QWidget

from app.panels.find import FindPanel
from app.panels.paint.panel import PaintPanel
from app.panels.panels import HistoryPanel, ObjectsPanel, RemovePanel, TasksPanel
from app.panels.selection import SelectionPanel
from widgets.mnemonics import give_way
from widgets.theme import theme

if TYPE_CHECKING:
    from app.window.editor import Editor

RIGHT = Qt.DockWidgetArea.RightDockWidgetArea


class Docks(QObject):
    """Tabs with Selection, Objects, History and Tasks; below them Remove and Paint."""

    def __init__(self, workspace: "Editor", menu: QMenu) -> None:
        super().__init__(workspace)
        w = workspace
        self._window, self._display = w.window, w.display
        self.selection = SelectionPanel(
            w.click_selector, w.mask_adjuster, w.view_options, w.actions
        )
        self.remove = RemovePanel(w.remover, w.variants, w.session, w.actions)
        self.paint = PaintPanel(
            w.painter, w.variants, w.session, w.actions, w.prompt_history, w.presets
        )
        self.objects = ObjectsPanel(w.objects, w.session, w.actions)
        self.find = FindPanel(w.finder, w.session, w.actions)
        self.history = HistoryPanel(w.session)
        self.tasks = TasksPanel(w.jobs)
        self.all = [
            self._dock("Selection", self.tr("Selection"), self.selection),
            self._dock("Objects", self.tr("Objects"), self.objects),
            self._dock("Find", self.tr("Find"), self.find),
            self._dock("History", self.tr("History"), self.history),
            self._dock("Tasks", self.tr("Tasks"), self.tasks),
            self._dock("Paint", self.tr("Paint"), self.paint),
            self._dock("Remove", self.tr("Remove"), self.remove),
        ]
        self._stack()
        self.all[2].visibilityChanged.connect(w.finder.set_open)
        submenu = menu.addMenu(self.tr("&Panels"))
        for dock in self.all:
            submenu.addAction(dock.toggleViewAction())
        give_way(w.window.menuBar(), self.all)

    def _stack(self) -> None:
        self._window.setTabPosition(RIGHT, QTabWidget.TabPosition.North)
        first, *others, paint, remove = self.all
        for dock in others:
            self._window.tabifyDockWidget(first, dock)
        self._window.tabifyDockWidget(remove, paint)
        for dock in self.all:
            dock.setTitleBarWidget(QWidget(dock))  # the tab says it already
        first.raise_()
        paint.visibilityChanged.connect(self._on_paint_seen)

    @Slot(bool)
    def _on_paint_seen(self, seen: bool) -> None:
        """The ring on the canvas is that of the panel in sight."""
        self._display.show_ring_of("paint" if seen else "remove")

    def write_prompt(self) -> None:
        """Bring the Paint panel up, with the focus in the prompt."""
        dock = self.all[-2]
        dock.show()
        dock.raise_()
        self.paint.prompt.field.setFocus()

    def write_find(self) -> None:
        """Bring the Find panel up, with the focus where one types."""
        dock = self.all[2]
        dock.show()
        dock.raise_()
        self.find.write()

    @Slot()
    def arrange(self) -> None:
        """Give the Remove panel what it needs, and the tabs above it the rest."""
        needed_px = self.remove.sizeHint().height() + theme.spacing(self.remove, 12)
        rest_px = max(self._window.height() - needed_px, needed_px // 2)
        docks = [self.all[0], self.all[-1]]
        self._window.resizeDocks(docks, [rest_px, needed_px], Qt.Orientation.Vertical)
        QTimer.singleShot(0, self.all[-1], self.all[-1].raise_)  # two tabs get their bar only now

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
