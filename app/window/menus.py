"""The menus of a window: those of the table, the recent files, and the one under the pointer."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, Slot
from PySide6.QtWidgets import QMenu

from app.text.history import label_of
from app.view.split_sides import SplitMenu
from widgets.plain_text import unmnemonic

if TYPE_CHECKING:
    from app.window.editor import Editor

UNDER_THE_POINTER = (
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
    """Keeps what changes in the menus: names of steps, names of files."""

    def __init__(self, workspace: "Editor") -> None:
        super().__init__(workspace)
        self._w = workspace
        self.all = workspace.actions.fill(workspace.window.menuBar())
        self._recent = QMenu(self.tr("Open &Recent"), workspace.window)
        self._recent.aboutToShow.connect(self._list_recent)
        self.all["file"].insertMenu(workspace.actions["file.sample"], self._recent)
        split = SplitMenu(workspace.comparison, workspace.view_options, self.all["view"])
        self.all["view"].insertMenu(workspace.actions["view.panels"], split)
        workspace.session.history_changed.connect(self._name_steps)
        workspace.session.opened.connect(self._name_steps)
        workspace.tools.menu_wanted.connect(self._on_menu_wanted)

    @Slot()
    def _list_recent(self) -> None:
        self._recent.clear()
        paths = self._w.recent_files.paths()
        for path in paths:
            name = unmnemonic(path.name)
            self._recent.addAction(name, lambda path=path: self._w.file_dialogs.open_many([path]))
        self._recent.addSeparator()
        clear = self._recent.addAction(self.tr("&Clear the List"), self._clear_recent)
        clear.setEnabled(bool(paths))

    def _clear_recent(self) -> None:
        self._w.recent_files.clear()
        self._w.start_page.refresh()

    @Slot()
    def _name_steps(self) -> None:
        """Undo and Redo say what they would do."""
        history, actions = self._w.session.history, self._w.actions
        undo = label_of(history.undo_label) if history and history.undo_label else ""
        redo = label_of(history.redo_label) if history and history.redo_label else ""
        undo_text = self.tr("&Undo {step}") if undo else self.tr("&Undo")
        redo_text = self.tr("&Redo {step}") if redo else self.tr("&Redo")
        actions["edit.undo"].setText(undo_text.replace("{step}", unmnemonic(undo)))
        actions["edit.redo"].setText(redo_text.replace("{step}", unmnemonic(redo)))

    @Slot(QPoint)
    def _on_menu_wanted(self, place: QPoint) -> None:
        menu = QMenu(self._w.window)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for name in UNDER_THE_POINTER:
            if name:
                menu.addAction(self._w.actions[name])
            else:
                menu.addSeparator()
        menu.popup(place)
