"""A crosshair moved by the arrow keys: the pointer for those who use no pointer."""

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent

from widgets.canvas.drags import GestureHost, ToolDrag
from widgets.canvas.pointer_input import RawPointer

ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
ACTS = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
FAR = 10


class KeyboardCursor:
    """Arrow keys move by a pixel, with Shift by ten; Enter or Space held down is a pressed button.

    Alt with Enter is the right button.
    """

    def __init__(self, host: GestureHost) -> None:
        self._host, self._marks, self._navigator = host, host.marks, host.navigator
        self._drag: ToolDrag | None = None
        self._last: RawPointer | None = None  # of the drag

    @property
    def is_shown(self) -> bool:
        return self._marks.cursor is not None

    def wants(self, event: QKeyEvent) -> bool:
        """Whether a key belongs to the crosshair and not to a shortcut, as Alt+Left may be."""
        if event.key() in ARROWS:
            return self._drag is not None or not is_with_control(event)
        return self.is_shown and event.key() in ACTS

    def press(self, event: QKeyEvent) -> bool:
        """Take a key; False when it is not the crosshair's."""
        if not self.wants(event):
            return False
        if event.key() in ARROWS:
            self._move(event)
            return True
        if not event.isAutoRepeat() and self._drag is None:
            self._last = self._raw(event)
            self._drag = ToolDrag(self._host, self._last)
        return True

    def release(self, event: QKeyEvent) -> bool:
        if self._drag is None or event.key() not in ACTS:
            return False
        if not event.isAutoRepeat():
            drag, self._drag = self._drag, None
            drag.end(self._raw(event))
        return True

    def hide(self) -> None:
        """The pointer takes over; what was begun by a key ends here."""
        self.end_lost()
        self._marks.move_cursor(None)

    def cancel(self) -> None:
        """Take back what was begun by a key."""
        drag, self._drag = self._drag, None
        self._marks.move_cursor(None)
        if drag is not None:
            drag.cancel()

    def end_lost(self) -> None:
        """End the drag where the crosshair is: the release of its key went to somebody else."""
        drag, self._drag = self._drag, None
        if drag is not None and self._last is not None:
            drag.end(self._last)

    def _move(self, event: QKeyEvent) -> None:
        x, y = self._marks.cursor or self._start()
        dx, dy = ARROWS[Qt.Key(event.key())]
        far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step = (FAR if far else 1) * max(1.0, 1 / self._navigator.scale)
        width, height = self._navigator.size
        x = min(max(x + dx * step, 0.5), max(width - 0.5, 0.5))
        y = min(max(y + dy * step, 0.5), max(height - 0.5, 0.5))
        self._navigator.show_point(x, y)
        self._marks.move_cursor((x, y))
        if self._drag is not None:
            self._last = self._raw(event)
            self._drag.move([self._last])

    def _start(self) -> tuple[float, float]:
        """The middle of what is seen, in the centre of a pixel."""
        x, y = self._navigator.find(self._navigator.centre())
        return int(x) + 0.5, int(y) + 0.5

    def _raw(self, event: QKeyEvent) -> RawPointer:
        negative = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        button = Qt.MouseButton.RightButton if negative else Qt.MouseButton.LeftButton
        position = self._navigator.place(*(self._marks.cursor or (0.0, 0.0)))
        return RawPointer(
            QPointF(position), button, event.modifiers(), timestamp_ms=event.timestamp()
        )


def is_with_control(event: QKeyEvent) -> bool:
    """Whether Ctrl, Alt or Meta is held as well."""
    plain = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
    return bool(event.modifiers() & ~plain)
