"""Keys that count as held although X11's auto-repeat sends releases in between."""

from PySide6.QtCore import QObject, QTimer, Signal, Slot

RELEASE_MS = 50
"""A release that is followed by a press within this time belongs to the auto-repeat."""


class HeldKey(QObject):
    """One key: `press` and `release` are called for every event of it."""

    changed = Signal(bool)  # it is held, or not any more

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._is_held = False
        self._timer = QTimer(self, singleShot=True, interval=RELEASE_MS)
        self._timer.timeout.connect(self.let_go)

    @property
    def is_held(self) -> bool:
        return self._is_held

    def press(self) -> None:
        self._timer.stop()
        self._set(held=True)

    def release(self) -> None:
        """Let go of it, unless it is pressed again within RELEASE_MS."""
        if self._is_held:
            self._timer.start()

    @Slot()
    def let_go(self) -> None:
        """At once: nothing more will be heard of the key."""
        self._timer.stop()
        self._set(held=False)

    def _set(self, *, held: bool) -> None:
        if held != self._is_held:
            self._is_held = held
            self.changed.emit(held)
