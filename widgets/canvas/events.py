"""Which event of the canvas goes where."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QDragMoveEvent, QDropEvent, QKeyEvent, QNativeGestureEvent, QTouchEvent

from widgets.canvas import drops
from widgets.canvas.cursor_override import CursorOverride
from widgets.canvas.gestures import Gestures
from widgets.canvas.keyboard_cursor import KeyboardCursor, is_with_control

if TYPE_CHECKING:
    from widgets.canvas.canvas import Canvas

Kind = QEvent.Type
SPLIT_STEP = 0.01
SIDEWAYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class CanvasEvents:
    """Takes what gestures, keys and drops need; the rest stays Qt's."""

    def __init__(self, canvas: "Canvas", gestures: Gestures, keyboard: KeyboardCursor) -> None:
        self._canvas, self._gestures, self._keyboard = canvas, gestures, keyboard
        self._cursor = CursorOverride(canvas)
        self._takers: dict[QEvent.Type, Callable[[Any], bool]] = {
            Kind.MouseButtonPress: self._press,
            Kind.MouseMove: gestures.mouse,
            Kind.MouseButtonRelease: gestures.mouse,
            Kind.MouseButtonDblClick: gestures.double_click,
            Kind.TabletPress: self._tablet,
            Kind.TabletMove: self._tablet,
            Kind.TabletRelease: self._tablet,
            Kind.Wheel: gestures.wheel,
            Kind.TouchBegin: self._touch,
            Kind.TouchUpdate: self._touch,
            Kind.TouchEnd: self._touch,
            Kind.TouchCancel: self._touch,
            Kind.NativeGesture: self._native,
            Kind.ShortcutOverride: self._override,
            Kind.KeyPress: self._key_pressed,
            Kind.KeyRelease: self._key_released,
            Kind.Leave: self._leave,
            Kind.FocusOut: self._lose_focus,
            Kind.DragEnter: self._drag_entered,
            Kind.Drop: self._dropped,
        }

    def show_split_cursor(self, near: bool) -> None:
        """Say whether the pointer can take hold of the line between two versions."""
        if not self._gestures.space_held:
            self._cursor.show(Qt.CursorShape.SplitHCursor if near else None)

    def take(self, event: QEvent) -> bool:
        """True when nobody else needs the event."""
        taker = self._takers.get(event.type())
        return taker is not None and self._canvas.isEnabled() and taker(event)

    def _press(self, event: Any) -> bool:
        self._keyboard.hide()
        return self._gestures.mouse(event)

    def _tablet(self, event: Any) -> bool:
        return self._gestures.tablet(event)

    def _touch(self, event: QTouchEvent) -> bool:
        return self._gestures.touch(event)

    def _native(self, event: QNativeGestureEvent) -> bool:
        return self._gestures.native(event)

    def _override(self, event: QKeyEvent) -> bool:
        """Keep the keys of the crosshair from being shortcuts."""
        wanted = self._keyboard.wants(event)
        if wanted:
            event.accept()
        return wanted

    def _key_pressed(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self._keyboard.hide()
            if not self._gestures.cancel():
                self._canvas.cancelled.emit()
            return True
        if self._canvas.split is not None and key in SIDEWAYS and not is_with_control(event):
            self._step_split(event, SIDEWAYS[key])
            return True
        if self._keyboard.press(event):
            return True
        if key == Qt.Key.Key_Space:
            self._hold_space(held=True)
        return key == Qt.Key.Key_Space

    def _key_released(self, event: QKeyEvent) -> bool:
        if self._keyboard.release(event):
            return True
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._hold_space(held=False)
        return event.key() == Qt.Key.Key_Space

    def _step_split(self, event: QKeyEvent, way: int) -> None:
        far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step = SPLIT_STEP * (10 if far else 1)
        self._canvas.move_split((self._canvas.split or 0.0) + way * step)

    def _hold_space(self, *, held: bool) -> None:
        if self._gestures.space_held == held:
            return
        self._gestures.space_held = held
        self._cursor.show(Qt.CursorShape.OpenHandCursor if held else None)

    def _leave(self, event: QEvent) -> bool:
        if not self._gestures.is_dragging:
            self._canvas.marks.move_pointer(None)
            self._canvas.left.emit()
        return False

    def _lose_focus(self, event: QEvent) -> bool:
        self._hold_space(held=False)
        return False

    def _drag_entered(self, event: QDragMoveEvent) -> bool:
        if drops.is_welcome(event.mimeData()):
            event.acceptProposedAction()
        else:
            event.ignore()
        return True

    def _dropped(self, event: QDropEvent) -> bool:
        files, image = drops.files(event.mimeData()), drops.image(event.mimeData())
        event.acceptProposedAction()
        if files:
            self._canvas.files_dropped.emit(files)
        elif image is not None:
            self._canvas.image_dropped.emit(image)
        return True
