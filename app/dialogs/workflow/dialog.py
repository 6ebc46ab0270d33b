"""The Run Workflow dialog: one field for each value, the place to run, and the button."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.commands.workflow import IMAGE, OpenedWorkflow, Values
from app.dialogs.workflow import fields as workflow_fields
from app.dialogs.workflow.fields import ParameterField
from app.dialogs.workflow.pictures import PictureChoice
from app.text.errors.explain import explain
from engine.comfy.errors import Absent, WorkflowIncomplete
from engine.errors import EngineError
from engine.models.families import Kind
from engine.models.model_file import Installed
from engine.workflow.edit.parameters import Parameter, Role
from widgets.plain_text import plain
from widgets.plain_widgets import PlainLabel, set_tip
from widgets.theme import theme

FILES = {Role.CHECKPOINT: Kind.CHECKPOINT, Role.LORA: Kind.LORA}
WORDS = (Role.PROMPT, Role.NEGATIVE_PROMPT)
UNUSED = ("filename_prefix",)  # in the window nothing is written
LABEL = 12  # heights of the font
LOOK_MS = 200  # after a change: typing is not looked at letter by letter

Look = Callable[[Values, str], EngineError | None]
"""What is in the way of running it with these values at this place."""


class WorkflowDialog(QDialog):
    """Emits `run_wanted` with the values that differ from the file's, and with the place.

    Values that name missing models or nodes are marked without running anything.
    """

    run_wanted = Signal(object, str)

    def __init__(
        self,
        opened: OpenedWorkflow,
        installed: Installed,
        parent: QWidget | None = None,
        look: Look = lambda values, place: None,
    ) -> None:
        super().__init__(parent)
        self.opened, self._installed, self._look = opened, installed, look
        self.setWindowTitle(plain(opened.path.name))
        self.fields: dict[tuple[str, str], ParameterField] = {}
        self.pictures: dict[str, PictureChoice] = {}
        self.place = QComboBox(self)
        for key, text in (
            ("", self.tr("Wherever is best")),
            ("here", self.tr("This computer")),
            ("server", self.tr("My servers")),
        ):
            self.place.addItem(text, key)
        self.trouble = PlainLabel(self)
        self.trouble.setWordWrap(True)
        self.trouble.setVisible(False)
        self.trouble.setTextFormat(Qt.TextFormat.PlainText)
        self.buttons = QDialogButtonBox(self)
        self.run = self.buttons.addButton(self.tr("&Run"), QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.addButton(QDialogButtonBox.StandardButton.Close)
        self._later = QTimer(self, singleShot=True, interval=LOOK_MS)
        self._lay_out()
        self._connect()
        self.look()

    def _connect(self) -> None:
        for field in (*self.fields.values(), *self.pictures.values()):
            field.changed.connect(self._later.start)
        self.place.currentIndexChanged.connect(self.look)
        self._later.timeout.connect(self.look)
        self.buttons.accepted.connect(self._on_run)
        self.buttons.rejected.connect(self.reject)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        self._add_pictures(form)
        for each in self.opened.parameters:
            if each.role is Role.IMAGE or each.input in UNUSED:
                continue
            field = self._field(each)
            self.fields[each.node, each.input] = field
            self._add_row(form, each, self._name(each), field)
        place = QFormLayout()
        place.addRow(self.tr("Run &on"), self.place)
        inner = QWidget()
        inner.setLayout(form)
        self._scroll = QScrollArea(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(inner)
        layout = QVBoxLayout(self)
        layout.addWidget(self._hint())
        layout.addWidget(self._scroll, 1)
        layout.addLayout(place)
        layout.addWidget(self.trouble)
        layout.addWidget(self.buttons)
        height = self.fontMetrics().height()
        theme.open_at(self, 38 * height, 40 * height)

    def _add_pictures(self, form: QFormLayout) -> None:
        """Offer a choice for each of several pictures; a single one is the open picture."""
        pictures = self.opened.pictures
        for each in pictures if len(pictures) > 1 else ():
            choice = PictureChoice(each, self.opened, self)
            self.pictures[each.node] = choice
            self._add_row(form, each, plain(each.title), choice)

    def _add_row(self, form: QFormLayout, each: Parameter, name: str, field: QWidget) -> None:
        label = PlainLabel(name.replace("&", "&&"), self)  # it has a buddy
        set_tip(label, plain(f"{each.title}: {each.input}"))
        label.setWordWrap(True)  # titles of packs are long, and fields want the room
        label.setFixedWidth(LABEL * self.fontMetrics().height())
        label.setBuddy(field)
        form.addRow(label, field)

    def _name(self, parameter: Parameter) -> str:
        """The program's name of a value; the name in the file for an unknown one."""
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
        hint = PlainLabel(text, self)
        hint.setWordWrap(True)
        return hint

    def _field(self, parameter: Parameter) -> ParameterField:
        kind = FILES.get(parameter.role)
        if kind is not None:
            names = tuple(model.name for model in self._installed.of(kind))
            return workflow_fields.choice(parameter, names, is_open=True)
        if parameter.options:
            return workflow_fields.choice(parameter, parameter.options, is_open=False)
        if parameter.type == "BOOLEAN":
            return workflow_fields.tick(parameter)
        if parameter.role in WORDS:
            return workflow_fields.words(parameter)
        if parameter.role is Role.SEED and parameter.node in self.opened.random:
            return workflow_fields.seed(parameter, self.tr("A new one each time"))
        return workflow_fields.line(parameter)

    def values(self) -> dict[tuple[str, str], Any]:
        """Values that differ from the file. Raises ValueError with the name of an invalid field."""
        given = {(each.node, each.input): each.value for each in self.opened.parameters}
        found: dict[tuple[str, str], Any] = {}
        for place, field in self.fields.items():
            value = field.value()
            if value != given[place]:
                found[place] = value
        return found | {(node, IMAGE): each.value for node, each in self.pictures.items()}

    @Slot()
    def look(self) -> None:
        """Check the values, and mark those that would fail."""
        try:
            error = self._look(self.values(), self.place.currentData())
        except ValueError as wrong:
            self._say_wrong(str(wrong))
            return
        absent = error.absent if isinstance(error, WorkflowIncomplete) else ()
        marked = {(each.node, each.input): each for each in absent}
        for place, field in self.fields.items():
            field.mark(marked.get(place))
        self._say(self._words(error, absent))

    def _words(self, error: EngineError | None, absent: tuple[Absent, ...]) -> str:
        """The message above the fields; shorter where a field shows the rest."""
        if error is None:
            return ""
        if absent and all((each.node, each.input) in self.fields for each in absent):
            return self.tr("%n value(s) are not at hand: see the marks above.", "", len(absent))
        return explain(error).sentence

    def showEvent(self, event: QShowEvent) -> None:
        """Scroll to the first marked field."""
        super().showEvent(event)
        QTimer.singleShot(0, self, self._show_mark)

    @Slot()
    def _show_mark(self) -> None:
        marked = next((field for field in self.fields.values() if field.is_marked), None)
        if marked is not None:
            self._scroll.ensureWidgetVisible(marked)

    def _say(self, text: str) -> None:
        self.trouble.setText(text)
        self.trouble.setVisible(bool(text))

    def _say_wrong(self, name: str) -> None:
        self._say(self.tr("This value cannot be used: {name}.").replace("{name}", name))

    @Slot()
    def _on_run(self) -> None:
        try:
            values = self.values()
        except ValueError as error:
            self._say_wrong(str(error))
            return
        self.look()
        self.run_wanted.emit(values, self.place.currentData())
