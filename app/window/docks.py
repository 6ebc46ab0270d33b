"""The panels at the right, as docks that can be moved, stacked and hidden."""

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenu, QScrollArea, QTabWidget, QWidget

from app.actions.qt_actions import QtActions
from app.panels.find import FindPanel
from app.panels.history import HistoryPanel
from app.panels.light_offer import LightOffer
from app.panels.objects import ObjectsPanel
from app.panels.paint.panel import PaintPanel
from app.panels.remove import RemovePanel
from app.panels.selection import SelectionPanel
from app.panels.tasks import TasksPanel
from app.services.light_models import LightModels
from app.session.verbs import Verbs
from app.settings.paint_presets import Presets
from app.settings.prompt_history import PromptHistory
from app.view.view_options import ViewOptions
from widgets.mnemonics import give_way
from widgets.theme import theme

RIGHT = Qt.DockWidgetArea.RightDockWidgetArea


class Docks(QObject):
    """Tabs with Selection, Objects, History and Tasks; below them Remove and Paint.

    A dock is named by its object name in lower case: `docks["paint"]`.
    """

    ring_wanted = Signal(str)  # remove, or paint while that panel is in sight

    def __init__(
        self,
        window: QMainWindow,
        verbs: Verbs,
        view_options: ViewOptions,
        actions: QtActions,
        *,
        prompts: PromptHistory,
        presets: Presets,
        light: LightModels,
    ) -> None:
        super().__init__(window)
        self._window = window
        session, variants = verbs.session, verbs.variants
        self.selection = SelectionPanel(
            verbs.click_selector, verbs.mask_adjuster, view_options, actions, light
        )
        self.remove = RemovePanel(verbs.remover, variants, session, actions, light)
        self.paint = PaintPanel(verbs.painter, variants, session, actions, prompts, presets)
        self.objects = ObjectsPanel(verbs.objects, session, actions)
        self.find = FindPanel(verbs.finder, session, actions)
        self.history, self.tasks = HistoryPanel(session), TasksPanel(session.jobs)
        self._docks = {
            "selection": self._dock("Selection", self.tr("Selection"), self.selection),
            "objects": self._dock("Objects", self.tr("Objects"), self.objects),
            "find": self._dock("Find", self.tr("Find"), self.find),
            "history": self._dock("History", self.tr("History"), self.history),
            "tasks": self._dock("Tasks", self.tr("Tasks"), self.tasks),
            "paint": self._dock("Paint", self.tr("Paint"), self.paint),
            "remove": self._dock("Remove", self.tr("Remove"), self.remove),
        }
        self._stack()
        self["find"].visibilityChanged.connect(verbs.finder.set_open)
        session.opened.connect(self._on_opened)
        self._session = session
        self._on_opened()
        give_way(window.menuBar(), self.all)

    def __getitem__(self, name: str) -> QDockWidget:
        return self._docks[name]

    @property
    def offers(self) -> list[LightOffer]:
        """The lines that offer light models."""
        return [self.selection.offer, self.selection.subject_offer, self.remove.offer]

    @property
    def all(self) -> list[QDockWidget]:
        return list(self._docks.values())

    def list_in(self, menu: QMenu) -> None:
        """Add a submenu that shows and hides each of them."""
        submenu = menu.addMenu(self.tr("&Panels"))
        for dock in self.all:
            submenu.addAction(dock.toggleViewAction())

    def _stack(self) -> None:
        self._window.setTabPosition(RIGHT, QTabWidget.TabPosition.North)
        first, *others, paint, remove = self.all
        for dock in others:
            self._window.tabifyDockWidget(first, dock)
        self._window.tabifyDockWidget(remove, paint)
        for dock in self.all:
            dock.setTitleBarWidget(QWidget(dock))  # the tab says it already
        first.raise_()
        paint.visibilityChanged.connect(self._on_paint_shown)

    @Slot(bool)
    def _on_paint_shown(self, shown: bool) -> None:
        self.ring_wanted.emit("paint" if shown else "remove")

    def write_prompt(self) -> None:
        """Bring the Paint panel up, with the focus in the prompt."""
        self._bring_up("paint")
        self.paint.prompt.field.setFocus()

    def write_find(self) -> None:
        """Bring the Find panel up, with the focus where one types."""
        self._bring_up("find")
        self.find.write()

    def _bring_up(self, name: str) -> None:
        self[name].show()
        self[name].raise_()

    @Slot()
    def arrange(self) -> None:
        """Give each panel what it needs; what is left over goes to the tabs at the top.

        A window that is too low takes the same share from both.
        """
        self._share_height()
        QTimer.singleShot(0, self, self._share_height)  # only now the panels have their widths
        remove = self["remove"]
        QTimer.singleShot(0, remove, remove.raise_)  # two tabs get their bar only now

    @Slot()
    def _share_height(self) -> None:
        upper_px, lower_px = map(_needed_px, (self.selection, self.remove))
        middle = self._window.centralWidget() or self._window
        spare_px = max(0, middle.height() - upper_px - lower_px)
        docks, heights = [self["selection"], self["remove"]], [upper_px + spare_px, lower_px]
        self._window.resizeDocks(docks, heights, Qt.Orientation.Vertical)

    @Slot()
    def _on_opened(self) -> None:
        """Panels are disabled without a picture."""
        for dock in self.all:
            if (panel := dock.widget()) is not None:
                panel.setEnabled(self._session.document is not None)

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


def _needed_px(panel: QWidget) -> int:
    """The height of a panel at its width, its texts in lines, with the tabs above it."""
    layout = panel.layout()
    height_px = panel.sizeHint().height()
    if layout is not None and layout.hasHeightForWidth():
        height_px = layout.totalHeightForWidth(panel.width())
    return height_px + theme.spacing(panel, 9)
