"""The menus of a window: those of the table, the recent files, and the context menu."""

from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt, Signal, Slot
from PySide6.QtWidgets import QMenu

from app.actions.qt_actions import QtActions
from app.session.session import Session
from app.settings.recent_files import RecentFiles
from app.text.history import label_of
from app.view.split_sides import SplitMenu
from app.window.main_window import MainWindow
from app.window.picture_view import PictureView
from widgets.plain_text import unmnemonic

CONTEXT_MENU = (
    "remove.remove",
    "paint.paint",
    "",
    "select.none",
    "select.invert",
    "mask.grow",
    "mask.feather",
    "mask.snap",
    "",
    "objects.store",
)


class WindowMenus(QObject):
    """Fills the menu bar, and keeps names of steps, names of files and check marks true."""

    files_chosen = Signal(object)  # list[Path]
    recent_cleared = Signal()

    def __init__(
        self,
        window: MainWindow,
        actions: QtActions,
        session: Session,
        recent_files: RecentFiles,
        view: PictureView,
    ) -> None:
        super().__init__(window)
        self._window, self._actions, self._session = window, actions, session
        self._recent_files, self._view_options = recent_files, view.view_options
        self.all = actions.fill(window.menuBar())
        self._recent = QMenu(self.tr("Open &Recent"), window)
        self._recent.aboutToShow.connect(self._list_recent)
        self.all["file"].insertMenu(actions["file.sample"], self._recent)
        split = SplitMenu(view.comparison, view.view_options, self.all["view"])
        self.all["view"].insertMenu(actions["view.panels"], split)
        session.history_changed.connect(self._name_steps)
        session.opened.connect(self._name_steps)
        view.view_options.changed.connect(self._check)
        window.state_changed.connect(self._check)

    @Slot()
    def _list_recent(self) -> None:
        self._recent.clear()
        paths = self._recent_files.paths()
        for path in paths:
            self._add(path)
        self._recent.addSeparator()
        clear = self._recent.addAction(self.tr("&Clear the List"), self._clear_recent)
        clear.setEnabled(bool(paths))

    def _add(self, path: Path) -> None:
        self._recent.addAction(unmnemonic(path.name), lambda: self.files_chosen.emit([path]))

    def _clear_recent(self) -> None:
        self._recent_files.clear()
        self.recent_cleared.emit()

    @Slot()
    def _name_steps(self) -> None:
        """Put the labels of the next steps into Undo and Redo."""
        history, actions = self._session.history, self._actions
        undo = label_of(history.undo_label) if history and history.undo_label else ""
        redo = label_of(history.redo_label) if history and history.redo_label else ""
        undo_text = self.tr("&Undo {step}") if undo else self.tr("&Undo")
        redo_text = self.tr("&Redo {step}") if redo else self.tr("&Redo")
        actions["edit.undo"].setText(undo_text.replace("{step}", unmnemonic(undo)))
        actions["edit.redo"].setText(redo_text.replace("{step}", unmnemonic(redo)))

    @Slot()
    def _check(self) -> None:
        """Set the check marks by the view options."""
        options, actions = self._view_options, self._actions
        actions["view.overlay"].setChecked(not options.is_hidden)
        actions["view.ring"].setChecked(options.shows_ring)
        actions["view.compare"].setChecked(options.is_comparing)
        actions["view.split"].setChecked(options.is_split)
        actions["view.full_screen"].setChecked(self._window.isFullScreen())

    @Slot(QPoint)
    def show_context_menu(self, place: QPoint) -> None:
        """Open it at a point of the screen, with the most frequent actions on a selection."""
        self._actions.refresh()
        menu = QMenu(self._window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in CONTEXT_MENU:
            if name:
                menu.addAction(self._actions[name])
            else:
                menu.addSeparator()
        menu.popup(place)
