"""Makes QActions of the table of actions, and keeps their state and their keys."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import QCoreApplication, QEvent, QKeyCombination, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from app.actions.action import MISSING, Action, Requirement, Scope, words
from app.actions.held_action import HeldAction
from app.actions.key_positions import latin_key
from app.actions.table import MENUS, TABLE
from widgets.plain_widgets import set_tip
from widgets.theme import theme

RULES = {
    "file": ("file.new_window", "file.save", "file.quick_export", "file.close"),
    "edit": ("edit.copy", "edit.settings"),
    "select": ("select.next", "select.accept", "select.find"),
    "mask": ("mask.snap",),
    "objects": ("objects.rename",),
    "remove": ("remove.variant", "remove.cancel"),
    "paint": ("paint.again", "paint.prompt"),
    "view": ("view.mask_mode", "view.compare", "view.panels"),
    "tool": ("tool.brush", "tool.hand", "tool.smaller", "tool.models"),
    "help": ("help.logs", "help.about"),
}
"""Before which entries of a menu a rule is drawn."""


COMMANDS = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
REST_MS = 16  # a frame: what a task sets off in several turns of the event loop is seen once
IGNORED = Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.GroupSwitchModifier


class QtActions(QObject):
    """All QActions of a window.

    `refresh_soon` is called at every change: they are enabled anew a moment later, or before a key,
    a menu or `trigger` needs them.
    """

    def __init__(
        self,
        window: QWidget,
        canvas: QWidget,
        run: Callable[[str], object],
        conditions: Mapping[Requirement, Callable[[], bool]],
    ) -> None:
        """`run` gets the id of an action that was triggered."""
        super().__init__(window)
        self._window, self._canvas = window, canvas
        self._run, self._conditions = run, conditions
        self._met: dict[Requirement, bool] = {}
        self._timer = QTimer(self, singleShot=True, interval=REST_MS)
        self._timer.timeout.connect(self.refresh)
        self._tips = {row.id: words(row.tip) for row in TABLE}
        self._missing = {requirement: words(text) for requirement, text in MISSING.items()}
        self.all: dict[str, QAction] = {row.id: self._make(row) for row in TABLE}
        self._group_tools()

    def __getitem__(self, name: str) -> QAction:
        return self.all[name]

    def trigger(self, name: str) -> None:
        """As if the user had chosen it; nothing happens while it is disabled."""
        if self._timer.isActive():
            self.refresh()
        self.all[name].trigger()

    def bind(self, keys: Mapping[str, tuple[str, ...]]) -> None:
        """Give every action its keys."""
        for row in TABLE:
            action = self.all[row.id]
            action.setShortcuts([QKeySequence(key) for key in keys[row.id]])
            self._describe(row, action)

    @Slot(object)
    def take_key(self, event: QKeyEvent) -> None:
        """A key that nothing has used: of another alphabet, it means the Latin key at its place.

        In a field for text it is for that: a letter is typed, and Ctrl+Z takes back what was.
        """
        if (key := latin_key(event)) is None or self._is_taken_by_field(event, key):
            return
        meant = QKeySequence(QKeyCombination(event.modifiers() & ~IGNORED, key))
        for row in TABLE:
            action = self.all[row.id]
            if meant in action.shortcuts() and self._is_heard(row, event):
                event.accept()
                self.refresh()
                action.hold(event.key()) if isinstance(action, HeldAction) else action.trigger()

    def _is_taken_by_field(self, event: QKeyEvent, key: Qt.Key) -> bool:
        field = self._window.focusWidget()
        if field is None or not field.testAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled):
            return False
        if not event.modifiers() & COMMANDS:
            return True
        meant = QKeyEvent(QEvent.Type.KeyPress, key, event.modifiers())
        meant.ignore()
        QCoreApplication.sendEvent(field, meant)
        return meant.isAccepted()

    def _is_heard(self, row: Action, event: QKeyEvent) -> bool:
        repeats = row.scope is not Scope.HELD or not event.isAutoRepeat()
        return repeats and (row.scope is not Scope.CANVAS or self._canvas.hasFocus())

    @Slot()
    def refresh_soon(self) -> None:
        """Something changed that a condition may depend on."""
        if not self._timer.isActive():
            self._timer.start()
            self._window.installEventFilter(self)

    @Slot()
    def refresh(self) -> None:
        """Enable what can be done now; a disabled action says what it lacks."""
        self._timer.stop()
        self._window.removeEventFilter(self)
        met = {requirement: is_met() for requirement, is_met in self._conditions.items()}
        changed = {each for each in met if met[each] != self._met.get(each)}
        self._met = met
        for row in TABLE if changed else ():
            if row.requires in changed:
                action, enabled = self.all[row.id], met[row.requires]
                action.setEnabled(enabled)
                action.setStatusTip(self._tips[row.id] if enabled else self._missing[row.requires])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Before Qt looks for the shortcut of a key, it asks the window whether that is overridden.

        Installed only while a refresh is due.
        """
        if event.type() is QEvent.Type.ShortcutOverride:
            self.refresh()
        return False

    def fill(self, bar: QMenuBar) -> dict[str, QMenu]:
        """Build the menus."""
        menus: dict[str, QMenu] = {}
        for name, title in MENUS:
            menu = bar.addMenu(words(title))
            menu.setToolTipsVisible(False)
            menu.aboutToShow.connect(self.refresh)
            for row in TABLE:
                if row.menu == name:
                    if row.id in RULES[name]:
                        menu.addSeparator()
                    menu.addAction(self.all[row.id])
            menus[name] = menu
        return menus

    def _make(self, row: Action) -> QAction:
        kind = HeldAction if row.scope is Scope.HELD else QAction
        action = kind(theme.icon(row.icon), words(row.text), self)
        action.setObjectName(row.id)
        action.setCheckable(row.checkable)
        action.setAutoRepeat(row.scope is not Scope.HELD)
        action.setIconVisibleInMenu(False)
        self._scope(row, action)
        action.triggered.connect(lambda: self._run(row.id))
        return action

    def _scope(self, row: Action, action: QAction) -> None:
        """Shortcuts of the canvas work only while it has the focus: lists need these keys, too."""
        if row.scope is Scope.CANVAS:
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            self._canvas.addAction(action)
        else:
            self._window.addAction(action)

    def _describe(self, row: Action, action: QAction) -> None:
        key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        name = words(row.text).replace("&", "").rstrip("…")
        set_tip(action, f"{name} ({key})" if key else name)

    def _group_tools(self) -> None:
        group = QActionGroup(self)
        for row in TABLE:
            if row.menu == "tool" and row.checkable:
                group.addAction(self.all[row.id])
