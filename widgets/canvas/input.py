"""Turns the Qt events of the canvas into signals that carry pointer events in image pixels."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, Slot
from PySide6.QtGui import QDragMoveEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import QWidget

from widgets.canvas import drops
from widgets.canvas.cursor_override import CursorOverride
from widgets.canvas.gestures import Gestures
from widgets.canvas.keyboard_cursor import KeyboardCursor, is_with_control
from widgets.canvas.marks import HANDLE_PX, Marks
from widgets.canvas.navigator import Navigator
from widgets.canvas.pointer import PointerEvent
from widgets.canvas.pointer_input import RawPointer
from widgets.canvas.signals import CanvasSignals
from widgets.held_key import HeldKey

EventType = QEvent.Type
SPLIT_STEP = 0.01
SIDEWAYS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class CanvasInput(QObject):
    """Owns the gestures, the crosshair of the keyboard and the signals that they emit.

    `split` gives the place of the line between two versions, as a part of the width, or None;
    `move_split` moves it.
    """

    def __init__(
        self,
        widget: QWidget,
        navigator: Navigator,
        marks: Marks,
        *,
        split: Callable[[], float | None],
        move_split: Callable[[float], None],
    ) -> None:
        super().__init__(widget)
        self.navigator, self.marks, self.signals = navigator, marks, CanvasSignals(self)
        self._widget = widget
        self._split, self._move_split = split, move_split
        self._keyboard = KeyboardCursor(self)
        self.gestures = Gestures(widget, self)
        self._cursor = CursorOverride(widget)
        self._space = HeldKey(self)
        self._space.changed.connect(self._on_space_changed)
        self._takers: dict[QEvent.Type, Callable[[Any], bool]] = {
            EventType.MouseButtonPress: self._press,
            EventType.MouseMove: self.gestures.mouse,
            EventType.MouseButtonRelease: self.gestures.mouse,
            EventType.MouseButtonDblClick: self.gestures.double_click,
            EventType.TabletPress: self.gestures.tablet,
            EventType.TabletMove: self.gestures.tablet,
            EventType.TabletRelease: self.gestures.tablet,
            EventType.Wheel: self.gestures.wheel,
            EventType.TouchBegin: self.gestures.touch,
            EventType.TouchUpdate: self.gestures.touch,
            EventType.TouchEnd: self.gestures.touch,
            EventType.TouchCancel: self.gestures.touch,
            EventType.NativeGesture: self.gestures.native,
            EventType.ShortcutOverride: self._override,
            EventType.KeyPress: self._key_pressed,
            EventType.KeyRelease: self._key_released,
            EventType.Leave: self._leave,
            EventType.FocusOut: self._lose_focus,
            EventType.WindowDeactivate: self._lose_focus,
            EventType.Hide: self._lose_focus,
            EventType.DragEnter: self._drag_entered,
            EventType.DragLeave: self._drag_left,
            EventType.Drop: self._dropped,
        }

    def take(self, event: QEvent) -> bool:
        """True when nobody else needs the event."""
        taker = self._takers.get(event.type())
        return taker is not None and self._widget.isEnabled() and taker(event)

    # the host of gestures and of the crosshair

    def in_image(self, raw: RawPointer, button: Qt.MouseButton) -> PointerEvent:
        x, y = self.navigator.find(raw.position)
        return PointerEvent(x, y, raw.pressure, button, raw.modifiers, raw.eraser, raw.timestamp_ms)

    def hover(self, raw: RawPointer) -> None:
        event = self.in_image(raw, Qt.MouseButton.NoButton)
        self.marks.move_pointer((event.x, event.y))
        self.signals.hovered.emit(event)
        if not self.gestures.space_held:
            near = self.is_near_split(raw.position)
            self._cursor.show(Qt.CursorShape.SplitHCursor if near else None)

    def is_near_split(self, position: QPointF) -> bool:
        split = self._split()
        return split is not None and abs(position.x() - split * self._widget.width()) <= HANDLE_PX

    def move_split_to(self, x: float) -> None:
        self._move_split(x / max(1, self._widget.width()))

    # events

    def _press(self, event: Any) -> bool:
        self._keyboard.hide()
        return self.gestures.mouse(event)

    def _override(self, event: QKeyEvent) -> bool:
        """Keep the keys of the crosshair from being shortcuts."""
        wanted = self._keyboard.wants(event)
        if wanted:
            event.accept()
        return wanted

    def _key_pressed(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self._keyboard.cancel()
            if not self.gestures.cancel():
                self.signals.cancelled.emit()
            return True
        split = self._split()
        if split is not None and key in SIDEWAYS and not is_with_control(event):
            far = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._move_split(split + SIDEWAYS[key] * SPLIT_STEP * (10 if far else 1))
            return True
        if self._keyboard.press(event):
            return True
        if key == Qt.Key.Key_Space:
            self._space.press()
        return key == Qt.Key.Key_Space

    def _key_released(self, event: QKeyEvent) -> bool:
        if self._keyboard.release(event):
            return True
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space.release()
        return event.key() == Qt.Key.Key_Space

    @Slot(bool)
    def _on_space_changed(self, held: bool) -> None:
        self.gestures.space_held = held
        self._cursor.show(Qt.CursorShape.OpenHandCursor if held else None)

    def _leave(self, event: QEvent) -> bool:
        if not self.gestures.is_dragging:
            self.marks.move_pointer(None)
            self.signals.left.emit()
        return False

    def _lose_focus(self, event: QEvent) -> bool:
        """The releases of buttons and keys may go elsewhere from now on."""
        self._space.let_go()
        self._keyboard.end_lost()
        self.gestures.end_lost()
        return False

    def _drag_entered(self, event: QDragMoveEvent) -> bool:
        if drops.is_welcome(event.mimeData()):
            event.acceptProposedAction()
            self.signals.drop_entered.emit(True)
        else:
            event.ignore()
        return True

    def _drag_left(self, event: QEvent) -> bool:
        self.signals.drop_entered.emit(False)
        return True

    def _dropped(self, event: QDropEvent) -> bool:
        files, image = drops.files(event.mimeData()), drops.image(event.mimeData())
        event.acceptProposedAction()
        self.signals.drop_entered.emit(False)
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self.signals.mask_dropped.emit(event.mimeData())
        elif files:
            self.signals.files_dropped.emit(files)
        elif image is not None:
            self.signals.image_dropped.emit(image)
        return True
