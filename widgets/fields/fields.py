"""Labelled fields. Each emits `changed` while it moves; a slider `committed` when it rests.

The wheel turns a field only while it has the focus, so that scrolling a panel changes nothing.
"""

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QColorDialog,
    QHBoxLayout,
    QPushButton,
    QWidget,
)

from widgets.fields.labeled_slider import LabeledSlider
from widgets.fields.seed_field import SeedField
from widgets.fields.wheel_guard import GuardedCombo
from widgets.plain_widgets import PlainLabel, set_tip
from widgets.theme import theme

__all__ = ["ColorButton", "LabeledChoice", "LabeledSlider", "SeedField", "Separator", "Switch"]


class LabeledChoice(QWidget):
    """A name and a list of (key, text) to choose one from."""

    changed = Signal(str)

    def __init__(
        self,
        label: str,
        choices: Sequence[tuple[str, str]],
        *,
        value: str = "",
        help_text: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.label = PlainLabel(label, self)
        self.combo = GuardedCombo(self)
        self.set_choices(choices)
        self.combo.setMinimumContentsLength(10)
        self.label.setBuddy(self.combo)
        self.combo.setAccessibleName(label.replace("&", ""))
        set_tip(self.combo, help_text)
        self.setFocusProxy(self.combo)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.label, 1)
        row.addWidget(self.combo)
        self.set_value(value)
        self.combo.activated.connect(self._on_activated)

    def set_choices(self, choices: Sequence[tuple[str, str]]) -> None:
        """Offer others; the first one is shown until another is set."""
        self.combo.clear()
        for key, text in choices:
            self.combo.addItem(text, key)

    @property
    def value(self) -> str:
        return self.combo.currentData() or ""

    def set_value(self, value: str) -> None:
        index = self.combo.findData(value)
        if index >= 0:
            self.combo.setCurrentIndex(index)

    @Slot()
    def _on_activated(self) -> None:
        self.changed.emit(self.value)


class Switch(QCheckBox):
    """On or off, with its words beside it."""

    changed = Signal(bool)

    def __init__(
        self, label: str, *, value: bool, help_text: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(label, parent)
        self.setChecked(value)
        set_tip(self, help_text)
        self.setAccessibleDescription(help_text)
        self.clicked.connect(self.changed)

    @property
    def value(self) -> bool:
        return self.isChecked()

    def set_value(self, value: bool) -> None:
        self.setChecked(value)


class ColorButton(QPushButton):
    """Shows a colour as #rrggbb beside its patch and lets another be chosen."""

    changed = Signal(str)

    def __init__(
        self, label: str, *, value: str, help_text: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._label = label
        self._value = value
        self.setAutoDefault(False)
        self.setAccessibleName(label)
        set_tip(self, help_text)
        self.clicked.connect(self._on_clicked)
        self.set_value(value)

    @property
    def value(self) -> str:
        return self._value

    def set_value(self, value: str) -> None:
        self._value = QColor(value).name()
        side = theme.spacing(self, 4)
        patch = QPixmap(side, side)
        patch.fill(QColor(self._value))
        self.setIcon(QIcon(patch))
        self.setText(self._value)

    @Slot()
    def _on_clicked(self) -> None:
        chosen = QColorDialog.getColor(QColor(self._value), self, self._label)
        if chosen.isValid() and chosen.name() != self._value:
            self.set_value(chosen.name())
            self.changed.emit(self._value)


class Separator(QWidget):
    """A thin rule between groups of a panel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(theme.spacing(self, 2) + 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QColor(theme.colors_of(self.palette()).border))
        painter.drawLine(0, self.height() // 2, self.width(), self.height() // 2)
