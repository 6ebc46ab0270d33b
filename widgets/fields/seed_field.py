"""A seed to type: as large as ComfyUI's, which no spin box of Qt holds."""

from PySide6.QtCore import QRegularExpression, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QRegularExpressionValidator
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QToolButton, QWidget

from widgets.plain_widgets import PlainLabel, set_tip
from widgets.theme import theme

MAX_SEED = 2**64 - 1


class SeedField(QWidget):
    """Emits `changed` with the seed that was typed, and `rolled` for a wish for another one."""

    changed = Signal(object)  # an int, which may be too long for Qt's
    rolled = Signal()

    def __init__(self, label: str, *, value: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value = value
        self.label = PlainLabel(label, self)
        self.box = _Box(str(value), self)
        self.label.setBuddy(self.box)
        self.box.setAccessibleName(label.replace("&", ""))
        self.die = QToolButton(self)
        self.die.setIcon(theme.icon("dices"))
        self.die.setIconSize(theme.icon_size(self))
        set_tip(self.die, self.tr("Another seed"))
        self.die.setAccessibleName(self.tr("Another seed"))
        self.die.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for part in (self.label, self.box, self.die):
            row.addWidget(part)
        row.setStretch(1, 1)
        self.setFocusProxy(self.box)
        self.box.editingFinished.connect(self._on_typed)
        self.box.stepped.connect(self._on_stepped)
        self.die.clicked.connect(self.rolled)

    @property
    def value(self) -> int:
        return self._value

    def set_value(self, value: int) -> None:
        """Show a seed; whoever calls knows it already."""
        self._value = min(max(value, 0), MAX_SEED)
        if self.box.text() != str(self._value):
            self.box.setText(str(self._value))

    @Slot()
    def _on_typed(self) -> None:
        self._take(int(self.box.text() or 0))

    @Slot(int)
    def _on_stepped(self, step: int) -> None:
        self._take(int(self.box.text() or 0) + step)

    def _take(self, value: int) -> None:
        before = self._value
        self.set_value(value)
        if self._value != before:
            self.changed.emit(self._value)


class _Box(QLineEdit):
    """Digits; Up and Down count."""

    stepped = Signal(int)

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(text, parent)
        digits = QRegularExpression(f"[0-9]{{0,{len(str(MAX_SEED))}}}")
        self.setValidator(QRegularExpressionValidator(digits, self))
        self.setMinimumWidth(self.fontMetrics().averageCharWidth() * 10)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()), 0)
        if step:
            self.stepped.emit(step)
        else:
            super().keyPressEvent(event)
