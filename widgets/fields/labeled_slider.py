"""A number as name, slider and box."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QWidget

from widgets.fields.wheel_guard import GuardedSlider, GuardedSpinBox, ResetLabel
from widgets.plain_widgets import set_tip
from widgets.theme import theme


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
        self.label = ResetLabel(label, self)
        self.slider = GuardedSlider(Qt.Orientation.Horizontal, self)
        self.box = GuardedSpinBox(self)
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

    def _name(self, label: str, help_text: str) -> None:
        name = label.replace("&", "")
        self.label.setBuddy(self.slider)
        reset = self.tr("Double-click to reset.")
        for part in (self.label, self.slider, self.box):
            part.setAccessibleName(name)
            part.setAccessibleDescription(help_text)
            set_tip(part, f"{help_text}\n{reset}" if help_text else reset)
        set_tip(self.box, help_text)
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

    @property
    def line_px(self) -> int:
        """The least width of the line with a track that can be dragged."""
        grid_px = 2 * theme.spacing(self, 2)
        track_px = theme.spacing(self, 10)
        return self.label.sizeHint().width() + self.box.width() + grid_px + track_px

    def set_folded(self, folded: bool) -> None:
        """Name and box alone: where the track would be no longer than its handle."""
        self.slider.setVisible(not folded)
        target = self.box if folded else self.slider
        self.label.setBuddy(target)
        self.setFocusProxy(target)

    def _connect(self) -> None:
        self.slider.valueChanged.connect(self._on_slid)
        self.slider.sliderReleased.connect(self._commit)
        self.slider.reset.connect(self.reset)
        self.label.reset.connect(self.reset)
        self.box.valueChanged.connect(self._on_typed)

    @property
    def value(self) -> float:
        return self.slider.value() / self._steps

    def set_value(self, value: float) -> None:
        """Show a value without a signal: whoever calls knows it already."""
        self._rested = value
        self._show(value)

    def set_default(self, value: float) -> None:
        """What a double click brings back."""
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
