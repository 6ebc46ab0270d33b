"""One value of a workflow as a field, with its error and a suggestion."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from engine.comfy.errors import Absent
from engine.workflow.edit.missing import suggest
from engine.workflow.edit.parameters import Parameter
from widgets.plain_text import plain, unmnemonic
from widgets.plain_widgets import PlainLabel, set_tip
from widgets.theme import theme

LINES = 3  # of a prompt that is seen at once
OFFERED = 17  # heights of the font, for a name on a button


class ParameterField(QWidget):
    """An editor widget, and below it an error where its value is not available.

    A suggestion is a button; it is never applied by itself.
    """

    changed = Signal()

    def __init__(self, editor: QWidget, value: Callable[[], Any]) -> None:
        super().__init__()
        self.widget, self.value = editor, value
        self._icon, self.note = PlainLabel(self), PlainLabel(self)
        self.note.setWordWrap(True)
        self.note.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.offer = QPushButton(self)
        self._below = QWidget(self)
        self._lay_out()
        self.offer.clicked.connect(self._on_taken)
        self._best = ""

    def _lay_out(self) -> None:
        grid = QGridLayout(self._below)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self._icon, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.note, 0, 1)
        grid.addWidget(self.offer, 1, 1, Qt.AlignmentFlag.AlignLeft)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.spacing(self))
        column.addWidget(self.widget)
        column.addWidget(self._below)
        self._below.hide()
        self.setFocusProxy(self.widget)

    @property
    def is_marked(self) -> bool:
        return not self._below.isHidden()

    def mark(self, absent: Absent | None) -> None:
        """Show an error; None clears it."""
        self._below.setVisible(absent is not None)
        self.widget.setAccessibleDescription("")
        if absent is not None:
            self._best = suggest(absent)
            self._show(absent)

    def _show(self, absent: Absent) -> None:
        color, side = theme.colors_of(self.palette()).warning, theme.spacing(self, 4)
        ratio = self.devicePixelRatioF()
        self._icon.setPixmap(theme.tinted("triangle-alert", color, side, ratio))
        self.note.setText(self._words(absent))
        self.widget.setAccessibleDescription(self.note.text())
        room = OFFERED * self.fontMetrics().height()
        name = self.fontMetrics().elidedText(plain(self._best), Qt.TextElideMode.ElideMiddle, room)
        self.offer.setText(self.tr("Use {name}").replace("{name}", unmnemonic(name)))
        set_tip(self.offer, plain(self._best))
        self.offer.setVisible(bool(self._best))

    def _words(self, absent: Absent) -> str:
        if self._best:
            return self.tr("This is not at hand; perhaps by another name.")
        if absent.choices:
            return self.tr("This is not at hand: choose another one.")
        return self.tr("This is not at hand, and there is no other one.")

    def _on_taken(self) -> None:
        if isinstance(self.widget, QComboBox):
            self.widget.setCurrentText(self._best)
            self.widget.setFocus()


def choice(parameter: Parameter, names: Sequence[str], *, is_open: bool) -> ParameterField:
    """A combo box with these names and that of the file; editable where any name is allowed."""
    value = str(parameter.value)
    box = QComboBox()
    box.setEditable(is_open)
    box.addItems(list(names))
    if not is_open and box.findText(value) < 0:
        box.insertItem(0, value)
    box.setCurrentText(value)
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    set_tip(box, plain(value))
    if line := box.lineEdit():
        line.setCursorPosition(0)
    field = ParameterField(box, box.currentText)
    box.currentTextChanged.connect(field.changed)
    return field


def tick(parameter: Parameter) -> ParameterField:
    box = QCheckBox()
    box.setChecked(bool(parameter.value))
    field = ParameterField(box, box.isChecked)
    box.toggled.connect(field.changed)
    return field


def words(parameter: Parameter) -> ParameterField:
    box = QPlainTextEdit(str(parameter.value))
    box.setTabChangesFocus(True)
    box.setFixedHeight((LINES + 1) * box.fontMetrics().lineSpacing())
    return ParameterField(box, box.toPlainText)


def line(parameter: Parameter) -> ParameterField:
    box = QLineEdit(str(parameter.value))
    name = f"{parameter.title}: {parameter.input}"
    field = ParameterField(box, lambda: _read(box.text().strip(), parameter, name))
    box.editingFinished.connect(field.changed)
    return field


def seed(parameter: Parameter, hint: str) -> ParameterField:
    """A seed field; empty means a new seed for each run."""
    box = QLineEdit()
    box.setPlaceholderText(hint)
    name = f"{parameter.title}: {parameter.input}"

    def value() -> Any:
        text = box.text().strip()
        return _read(text, parameter, name) if text else parameter.value

    return ParameterField(box, value)


def _read(text: str, parameter: Parameter, name: str) -> Any:
    """Parse the text by the type and limits of the value. Raises ValueError with the name."""
    if parameter.type not in ("INT", "FLOAT"):
        return text
    try:
        value = int(text) if parameter.type == "INT" else float(text)
    except ValueError:
        raise ValueError(name) from None
    low, high = parameter.low, parameter.high
    if not (low is None or value >= low) or not (high is None or value <= high):
        raise ValueError(name)
    return value
