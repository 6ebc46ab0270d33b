"""An action that is checked while its key is down."""

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Slot
from PySide6.QtGui import QAction, QIcon, QKeyEvent, QShortcutEvent

from widgets.held_key import HeldKey


class HeldAction(QAction):
    """Checked while its key is down; from a menu it toggles."""

    def __init__(self, icon: QIcon, text: str, parent: QObject) -> None:
        super().__init__(icon, text, parent)
        self._held = HeldKey(self)
        self._held.changed.connect(self._on_changed)
        self._key = 0

    def event(self, event: QEvent) -> bool:
        if event.type() is not QEvent.Type.Shortcut:
            return super().event(event)
        if isinstance(event, QShortcutEvent):
            self.hold(event.key()[0].key())  # pyright: ignore[reportIndexIssue]
        return True

    def hold(self, key: int) -> None:
        """This key was pressed: stay checked until it is released."""
        app = QCoreApplication.instance()
        if app is None or not self.isEnabled():
            return
        if not self._held.is_held:
            self._key = key
            app.installEventFilter(self)
        self._held.press()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch for the release of the key, wherever the focus is by then."""
        kind = event.type()
        if kind is QEvent.Type.ApplicationDeactivate:
            self._held.let_go()
        elif isinstance(event, QKeyEvent) and event.key() == self._key:
            if kind in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
                self._held.press()
            elif kind is QEvent.Type.KeyRelease and not event.isAutoRepeat():
                self._held.release()
        return False

    @Slot(bool)
    def _on_changed(self, held: bool) -> None:
        app = QCoreApplication.instance()
        if not held and app is not None:
            app.removeEventFilter(self)
        self.trigger()
