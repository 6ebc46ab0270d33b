"""Fields that leave the wheel to the panel they stand in, unless they have the focus."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QSlider, QWidget

from widgets.plain_widgets import PlainLabel
from widgets.theme import theme


class GuardedSlider(QSlider):
    """A slider. Emits `reset` on a double click."""

    reset = Signal()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.reset.emit()
        event.accept()


class GuardedSpinBox(QDoubleSpinBox):
    """A number box."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        margin = theme.spacing(self)
        self.lineEdit().setTextMargins(margin, 0, margin, 0)  # the stylesheet cannot
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class GuardedCombo(QComboBox):
    """A list to choose one line from."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class ResetLabel(PlainLabel):
    """The name of a slider. Emits `reset` on a double click."""

    reset = Signal()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.reset.emit()
        event.accept()
