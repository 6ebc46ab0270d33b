"""Makes QActions of the table, and keeps their state and their keys."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from app.action import Action, Scope, Verb, words
from app.actions import MENUS, TABLE
from app.conditions import MISSING, Need
from widgets import theme

RULES = {
    "file": ("file.new_window", "file.save", "file.quick_export", "file.close"),
    "edit": ("edit.copy", "edit.settings"),
    "select": ("select.next", "select.accept"),
    "mask": ("mask.snap",),
    "objects": ("objects.rename",),
    "remove": ("remove.variant", "remove.cancel"),
    "view": ("view.mask_mode", "view.compare", "view.panels"),
    "tool": ("tool.brush", "tool.hand", "tool.smaller"),
    "help": ("help.logs", "help.about"),
}
"""Before which entries of a menu a rule is drawn."""


class Actions(QObject):
    """All QActions of a window."""

    def __init__(
        self,
        window: QWidget,
        canvas: QWidget,
        run: Callable[[Verb], object],
        is_met: Callable[[Need], bool],
    ) -> None:
        super().__init__(window)
        self._window, self._canvas = window, canvas
        self._run, self._is_met = run, is_met
        self._rows = {row.id: row for row in TABLE}
        self.all: dict[str, QAction] = {row.id: self._make(row) for row in TABLE}
        self._group_tools()

    def __getitem__(self, name: str) -> QAction:
        return self.all[name]

    def bind(self, keys: Mapping[str, tuple[str, ...]]) -> None:
        """Give every action its keys."""
        for name, action in self.all.items():
            action.setShortcuts([QKeySequence(key) for key in keys[name]])
            self._describe(self._rows[name], action)

    def refresh(self) -> None:
        """Enable what can be done now; a disabled action says what it lacks."""
        met = {need: self._is_met(need) for need in Need}
        for name, action in self.all.items():
            need = self._rows[name].need
            if action.isEnabled() != met[need] or not action.statusTip():
                action.setEnabled(met[need])
                tip = self._rows[name].tip if met[need] else MISSING[need]
                action.setStatusTip(words(tip))

    def fill(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Build the menus."""
        menus: dict[str, QMenu] = {}
        for name, title in MENUS:
            menu = bar.addMenu(words(title))
            menu.setToolTipsVisible(False)
            for row in TABLE:
                if row.menu == name:
                    if row.id in RULES[name]:
                        menu.addSeparator()
                    menu.addAction(self.all[row.id])
            menus[name] = menu
        return menus

    def _make(self, row: Action) -> QAction:
        action = QAction(theme.icon(row.icon), words(row.text), self)
        action.setObjectName(row.id)
        action.setCheckable(row.checkable)
        action.setAutoRepeat(row.scope is not Scope.HELD)
        action.setIconVisibleInMenu(False)
        self._scope(row, action)
        action.triggered.connect(lambda _=False, row=row: self._trigger(row))
        return action

    def _scope(self, row: Action, action: QAction) -> None:
        """Keys of the canvas are heard only while it has the focus: lists need them, too."""
        if row.scope is Scope.CANVAS:
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            self._canvas.addAction(action)
        else:
            self._window.addAction(action)

    def _trigger(self, row: Action) -> None:
        self._run(row.verb)
        if row.scope is Scope.HELD and self._is_key_down(row):
            _Release(self.all[row.id], lambda: self._run(row.verb))

    def _is_key_down(self, row: Action) -> bool:
        """Whether a key and not the menu called: a key has no pressed button or open menu."""
        return QCoreApplication.instance() is not None and not any(
            menu.isVisible() for menu in self._window.findChildren(QMenu)
        )

    def _describe(self, row: Action, action: QAction) -> None:
        key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        name = words(row.text).replace("&", "").rstrip("…")
        action.setToolTip(f"{name} ({key})" if key else name)

    def _group_tools(self) -> None:
        group = QActionGroup(self)
        for row in TABLE:
            if row.menu == "tool" and row.checkable:
                group.addAction(self.all[row.id])


class _Release(QObject):
    """Waits for the key of a held action to come up again, then ends it once."""

    def __init__(self, action: QAction, end: Callable[[], object]) -> None:
        super().__init__(action)
        self._key = action.shortcut()[0].key()
        self._end = end
        app = QCoreApplication.instance()
        if app is not None:
            app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyRelease:
            if event.key() == self._key and not event.isAutoRepeat():
                self._finish()
        elif event.type() is QEvent.Type.ApplicationDeactivate:
            self._finish()
        return False

    @Slot()
    def _finish(self) -> None:
        app = QCoreApplication.instance()
        if app is not None:
            app.removeEventFilter(self)
        self._end()
        self.deleteLater()
