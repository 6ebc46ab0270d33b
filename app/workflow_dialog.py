"""A workflow's values by name, where it is to run, and the button that runs it."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.workflow_work import OpenedWorkflow
from engine.families import Kind
from engine.models import Installed
from engine.workflow.parameters import Parameter, Role
from widgets.plain import plain

FILES = {Role.CHECKPOINT: Kind.CHECKPOINT, Role.LORA: Kind.LORA}
WORDS = (Role.PROMPT, Role.NEGATIVE_PROMPT)
LINES = 3  # of a prompt that is seen at once


class WorkflowDialog(QDialog):
    """Emits `run_wanted` with the values that differ from the file's, and with the place."""

    run_wanted = Signal(object, str)

    def __init__(
        self, opened: OpenedWorkflow, installed: Installed, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.opened, self._installed = opened, installed
        self.setWindowTitle(plain(opened.path.name))
        self.fields: dict[tuple[str, str], _Field] = {}
        self.place = QComboBox(self)
        for key, text in (
            ("", self.tr("Wherever is best")),
            ("here", self.tr("This computer")),
            ("server", self.tr("My servers")),
        ):
            self.place.addItem(text, key)
        self.trouble = QLabel(self)
        self.trouble.setWordWrap(True)
        self.trouble.setVisible(False)
        self.trouble.setTextFormat(Qt.TextFormat.PlainText)
        self.buttons = QDialogButtonBox(self)
        self.run = self.buttons.addButton(self.tr("&Run"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.addButton(QDialogButtonBox.StandardButton.Close)
        self._lay_out()
        self.buttons.accepted.connect(self._on_run)
        self.buttons.rejected.connect(self.reject)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        for each in self.opened.parameters:
            if each.role is Role.IMAGE:
                continue  # the open picture takes its place
            field = self._field(each)
            self.fields[each.node, each.input] = field
            label = QLabel(self._name(each), self)
            label.setToolTip(plain(f"{each.title}: {each.input}"))
            label.setBuddy(field.widget)
            form.addRow(label, field.widget)
        place = QFormLayout()
        place.addRow(self.tr("Run &on"), self.place)
        inner = QWidget()
        inner.setLayout(form)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(inner)
        layout = QVBoxLayout(self)
        layout.addWidget(self._hint())
        layout.addWidget(scroll, 1)
        layout.addLayout(place)
        layout.addWidget(self.trouble)
        layout.addWidget(self.buttons)
        height = self.fontMetrics().height()
        self.resize(38 * height, 40 * height)

    def _name(self, parameter: Parameter) -> str:
        """What it is called everywhere in this program; what is not known here as in the file."""
        known = {
            Role.PROMPT: self.tr("Prompt"),
            Role.NEGATIVE_PROMPT: self.tr("Avoid"),
            Role.SEED: self.tr("Seed"),
            Role.STEPS: self.tr("Steps"),
            Role.GUIDANCE: self.tr("Guidance"),
            Role.STRENGTH: self.tr("Strength"),
            Role.CHECKPOINT: self.tr("Base model"),
            Role.LORA: self.tr("LoRA"),
            Role.THRESHOLD: self.tr("Threshold"),
        }
        is_score = parameter.role is not Role.THRESHOLD or parameter.type == "FLOAT"
        return (known.get(parameter.role) if is_score else None) or plain(
            f"{parameter.title}: {parameter.input}"
        )

    def _hint(self) -> QLabel:
        text = self.tr(
            "The open picture takes the place of the one that the workflow loads. Removing and "
            "painting change nothing outside the ring around the mask."
        )
        hint = QLabel(text, self)
        hint.setWordWrap(True)
        return hint

    def _field(self, parameter: Parameter) -> "_Field":
        kind = FILES.get(parameter.role)
        if kind is not None:
            names = tuple(model.name for model in self._installed.of(kind))
            return _choice(parameter, names, is_open=True)
        if parameter.options:
            return _choice(parameter, parameter.options, is_open=False)
        if parameter.type == "BOOLEAN":
            return _tick(parameter)
        if parameter.role in WORDS:
            return _words(parameter)
        if parameter.role is Role.SEED and parameter.node in self.opened.random:
            return _seed(parameter, self.tr("A new one each time"))
        return _line(parameter)

    def values(self) -> dict[tuple[str, str], Any]:
        """What differs from the file. Raises ValueError with the name of a field that is wrong."""
        given = {(each.node, each.input): each.value for each in self.opened.parameters}
        found: dict[tuple[str, str], Any] = {}
        for place, field in self.fields.items():
            value = field.value()
            if value != given[place]:
                found[place] = value
        return found

    @Slot()
    def _on_run(self) -> None:
        try:
            values = self.values()
        except ValueError as error:
            text = self.tr("This value cannot be used: {name}.")
            self.trouble.setText(text.replace("{name}", str(error)))
            self.trouble.setVisible(True)
            return
        self.trouble.setVisible(False)
        self.run_wanted.emit(values, self.place.currentData())


class _Field:
    """A widget and how it is read."""

    def __init__(self, widget: QWidget, value: Callable[[], Any]) -> None:
        self.widget, self.value = widget, value


def _choice(parameter: Parameter, names: tuple[str, ...], *, is_open: bool) -> _Field:
    box = QComboBox()
    box.setEditable(is_open)
    box.addItems(list(names))
    box.setCurrentText(str(parameter.value))
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    box.setToolTip(str(parameter.value))
    if line := box.lineEdit():
        line.setCursorPosition(0)
    if not is_open and box.findText(str(parameter.value)) < 0:
        box.insertItem(0, str(parameter.value))
        box.setCurrentIndex(0)
    return _Field(box, box.currentText)


def _tick(parameter: Parameter) -> _Field:
    box = QCheckBox()
    box.setChecked(bool(parameter.value))
    return _Field(box, box.isChecked)


def _words(parameter: Parameter) -> _Field:
    box = QPlainTextEdit(str(parameter.value))
    box.setTabChangesFocus(True)
    box.setFixedHeight((LINES + 1) * box.fontMetrics().lineSpacing())
    return _Field(box, box.toPlainText)


def _line(parameter: Parameter) -> _Field:
    line = QLineEdit(str(parameter.value))
    name = f"{parameter.title}: {parameter.input}"
    return _Field(line, lambda: _read(line.text().strip(), parameter, name))


def _seed(parameter: Parameter, hint: str) -> _Field:
    """Empty: the file wants another one for each run."""
    line = QLineEdit()
    line.setPlaceholderText(hint)
    name = f"{parameter.title}: {parameter.input}"

    def value() -> Any:
        text = line.text().strip()
        return _read(text, parameter, name) if text else parameter.value

    return _Field(line, value)


def _read(text: str, parameter: Parameter, name: str) -> Any:
    """As the type wants it, within its limits. Raises ValueError with the name."""
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
