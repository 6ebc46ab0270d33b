"""Fields that leave the wheel to the panel they stand in, unless they have the focus."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QSlider, QWidget

from widgets.theme import theme


class GuardedSlider(QSlider):
    """Leaves the wheel to the panel unless focused; a double click asks for the reset."""

    reset = Signal()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.reset.emit()
        event.accept()


class WheelGuard(QObject):
    """Event filter for boxes: drops the wheel while they lack the focus."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        wheel = event.type() is QEvent.Type.Wheel
        if wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)


def calm(box: QComboBox | QAbstractSpinBox) -> None:
    if isinstance(box, QAbstractSpinBox):
        margin = theme.spacing(box)
        box.lineEdit().setTextMargins(margin, 0, margin, 0)  # the stylesheet cannot
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    box.installEventFilter(WheelGuard(box))
