"""Labelled fields. Each emits `changed` while it moves and `committed` when it rests.

The wheel turns a field only while it has the focus, so that scrolling a panel changes nothing.
"""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QColor, QIcon, QMouseEvent, QPainter, QPaintEvent, QPixmap, QWheelEvent
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QCheckBox,
    QColorDialog,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QSpinBox,
    QToolButton,
    QWidget,
)

from widgets import theme


class _CalmSlider(QSlider):
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


class CalmWheel(QObject):
    """Event filter for boxes: drops the wheel while they lack the focus."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        wheel = event.type() is QEvent.Type.Wheel
        if wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return super().eventFilter(watched, event)


def _calm(box: QComboBox | QAbstractSpinBox) -> None:
    if isinstance(box, QAbstractSpinBox):
        margin = theme.spacing(box)
        box.lineEdit().setTextMargins(margin, 0, margin, 0)  # the stylesheet cannot
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    box.installEventFilter(CalmWheel(box))


class LabeledSlider(QWidget):
    """Name, slider and number box over one value; a double click on slider or name resets it.

    The slider counts in steps of `1 / 10**decimals`.
    """

    changed = Signal(float)
    committed = Signal(float)

    def __init__(
        self,
        label: str,
        low: float,
        high: float,
        *,
        value: float,
        decimals: int = 0,
        suffix: str = "",
        help_text: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._default = value
        self._steps = 10**decimals
        self._rested = value
        self.label = QLabel(label, self)
        self.slider = _CalmSlider(Qt.Orientation.Horizontal, self)
        self.box = QDoubleSpinBox(self)
        self._set_up_range(low, high, decimals)
        self.box.setSuffix(suffix)
        self._name(label, help_text)
        self._lay_out()
        self._show(value)
        self._connect()

    def _set_up_range(self, low: float, high: float, decimals: int) -> None:
        self.slider.setRange(round(low * self._steps), round(high * self._steps))
        self.slider.setProperty("bipolar", low < 0 < high)  # not filled from the left then
        self.slider.setPageStep(max(1, round((high - low) * self._steps / 10)))
        self.box.setDecimals(decimals)
        self.box.setRange(low, high)
        self.box.setSingleStep(1 if decimals == 0 else 10.0**-decimals)
        self.box.setKeyboardTracking(False)
        self.box.setProperty("bare", True)  # the slider beside it is button enough
        self.box.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.box.setFixedWidth(self.fontMetrics().horizontalAdvance("-000.0 px") + 12)
        self.slider.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        _calm(self.box)

    def _name(self, label: str, help_text: str) -> None:
        name = label.replace("&", "")
        self.label.setBuddy(self.slider)
        self.label.installEventFilter(self)
        reset = self.tr("Double-click to reset.")
        for part in (self.label, self.slider, self.box):
            part.setAccessibleName(name)
            part.setAccessibleDescription(help_text)
            part.setToolTip(f"{help_text}\n{reset}" if help_text else reset)
        self.box.setToolTip(help_text)
        self.setFocusProxy(self.slider)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.spacing(self, 2))
        grid.setVerticalSpacing(0)
        grid.addWidget(self.label, 0, 0)
        grid.addWidget(self.box, 0, 1, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self.slider, 1, 0, 1, 2)
        grid.setColumnStretch(0, 1)

    def lay_in_line(self, label_px: int = 0) -> None:
        """Put all three on one line; labels of one width make a table of several."""
        grid = self.layout()
        if isinstance(grid, QGridLayout):
            for column, part in enumerate((self.label, self.slider, self.box)):
                grid.removeWidget(part)
                grid.addWidget(part, 0, column)
                grid.setColumnStretch(column, int(part is self.slider))
            self.label.setMinimumWidth(label_px)

    def _connect(self) -> None:
        self.slider.valueChanged.connect(self._on_slid)
        self.slider.sliderReleased.connect(self._commit)
        self.slider.reset.connect(self.reset)
        self.box.valueChanged.connect(self._on_typed)

    @property
    def value(self) -> float:
        return self.slider.value() / self._steps

    def set_value(self, value: float) -> None:
        """Show a value without a signal: whoever calls knows it already."""
        self._rested = value
        self._show(value)

    def set_default(self, value: float) -> None:
        """What a double click goes back to."""
        self._default = value

    @Slot()
    def reset(self) -> None:
        self._show(self._default)
        self.changed.emit(self.value)
        self._commit()

    def _show(self, value: float) -> None:
        with QSignalBlocker(self.slider), QSignalBlocker(self.box):
            self.slider.setValue(round(value * self._steps))
            self.box.setValue(value)

    @Slot(int)
    def _on_slid(self, steps: int) -> None:
        self._show(steps / self._steps)
        self.changed.emit(self.value)
        if not self.slider.isSliderDown():
            self._commit()

    @Slot(float)
    def _on_typed(self, value: float) -> None:
        self._show(value)
        self.changed.emit(self.value)
        self._commit()

    @Slot()
    def _commit(self) -> None:
        if self.value != self._rested:
            self._rested = self.value
            self.committed.emit(self.value)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.MouseButtonDblClick:
            self.reset()
            return True
        return super().eventFilter(watched, event)


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
        self.label = QLabel(label, self)
        self.combo = QComboBox(self)
        self.set_choices(choices)
        self.combo.setMinimumContentsLength(10)
        _calm(self.combo)
        self.label.setBuddy(self.combo)
        self.combo.setAccessibleName(label.replace("&", ""))
        self.combo.setToolTip(help_text)
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
        self.setToolTip(help_text)
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
        self.setToolTip(help_text)
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


class SeedField(QWidget):
    """A seed to type, and a die that asks for another one (`rolled`)."""

    changed = Signal(int)
    rolled = Signal()

    def __init__(self, label: str, *, value: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = QLabel(label, self)
        self.box = QSpinBox(self)
        self.box.setRange(0, 2**31 - 1)
        self.box.setKeyboardTracking(False)
        self.box.setValue(value)
        _calm(self.box)
        self.label.setBuddy(self.box)
        self.box.setAccessibleName(label.replace("&", ""))
        self.die = QToolButton(self)
        self.die.setIcon(theme.icon("dices"))
        self.die.setToolTip(self.tr("Another seed"))
        self.die.setAccessibleName(self.tr("Another seed"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for part in (self.label, self.box, self.die):
            row.addWidget(part)
        row.setStretch(1, 1)
        self.setFocusProxy(self.box)
        self.box.valueChanged.connect(self.changed)
        self.die.clicked.connect(self.rolled)

    @property
    def value(self) -> int:
        return self.box.value()

    def set_value(self, value: int) -> None:
        with QSignalBlocker(self.box):
            self.box.setValue(value)


class Line(QWidget):
    """A thin rule between groups of a panel."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(theme.spacing(self, 2) + 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QColor(theme.colors_of(self.palette()).border))
        painter.drawLine(0, self.height() // 2, self.width(), self.height() // 2)
