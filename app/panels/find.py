"""The Find panel: text field, threshold, and the list of finds with their check marks."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from app.actions.qt_actions import QtActions
from app.panels.selection import button_of, row_of
from app.panels.task_rows import TaskRows
from app.session.finder import Finder
from app.session.session import Session
from app.text.engines import sentence
from app.view.found_display import colour_of
from engine.jobs.backend import Capability
from engine.jobs.requests import FIND_FLOOR
from widgets.fields.fields import LabeledSlider, Separator
from widgets.lists.check_list import CheckList, CheckRow
from widgets.plain_widgets import PlainLabel
from widgets.theme import theme

TAKE = ("select.found", "select.found_add", "select.found_subtract", "objects.store_found")


class FindPanel(QWidget):
    """Enter starts a search; threshold and check marks take effect at once."""

    def __init__(self, finder: Finder, session: Session, actions: QtActions) -> None:
        super().__init__()
        self._finder, self._actions = finder, actions
        self.field = QLineEdit(self)
        self.field.setPlaceholderText(self.tr("Find…"))
        self.field.setAccessibleName(self.tr("What to find"))
        self.field.setClearButtonEnabled(True)
        self._button = QPushButton(theme.icon("search"), self.tr("&Find"), self)
        self.trouble = PlainLabel(self)
        self.rows = TaskRows(session.jobs, lambda job: job.label == "find", self)
        self.threshold = LabeledSlider(
            self.tr("&Threshold"), FIND_FLOOR, 1, value=finder.threshold, decimals=2,
            help_text=self.tr("How sure it must be: lower finds more."),
        )  # fmt: skip
        self.count = PlainLabel(self)
        self.list = CheckList(self.tr("What was found"), self)
        self._forget = QPushButton(self.tr("Forget the &boxes"), self)
        self._lay_out()
        self._connect()
        self._on_changed()
        self._on_engines_changed()
        self._on_exemplars_changed()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setSpacing(theme.spacing(self, 1.5))
        line = row_of(self.field, self._button)
        line.setStretch(0, 1)
        line.takeAt(line.count() - 1)
        column.addLayout(line)
        column.addWidget(self.trouble)
        self._models = button_of(self._actions["tool.models"], self, text=True)
        column.addLayout(row_of(self._models))
        column.addWidget(self.rows)
        column.addWidget(self.threshold)
        column.addWidget(self.count)
        column.addWidget(self.list, 1)
        for pair in (TAKE[:2], TAKE[2:]):
            buttons = [button_of(self._actions[name], self, text=True) for name in pair]
            column.addLayout(row_of(*buttons))
        column.addWidget(Separator(self))
        column.addLayout(row_of(self._forget))
        hint = PlainLabel(
            self.tr(
                "Drag a box around one of them with the Object tool to find more like it; with "
                "Shift or Alt held, to leave such out. A click on one takes it or leaves it."
            ),
            self,
        )
        column.addWidget(hint)
        for label in (hint, self.trouble, self.count):
            label.setWordWrap(True)
            label.setProperty("role", "muted")

    def _connect(self) -> None:
        finder = self._finder
        self.field.returnPressed.connect(self._find)
        self.field.textEdited.connect(finder.begin)
        self._button.clicked.connect(self._find)
        self._forget.clicked.connect(finder.forget_exemplars)
        self.threshold.changed.connect(finder.set_threshold)
        self.list.checked_changed.connect(finder.pick)
        finder.changed.connect(self._on_changed)
        finder.exemplars_changed.connect(self._on_exemplars_changed)
        finder.engines.changed.connect(self._on_engines_changed)

    def write(self) -> None:
        """Give the focus to the text field; what follows is about finding."""
        self._finder.begin()
        self.field.setFocus()
        self.field.selectAll()

    @Slot()
    def _find(self) -> None:
        self._finder.find(self.field.text())

    @Slot()
    def _on_changed(self) -> None:
        finder = self._finder
        picked, likely = set(finder.picked), set(finder.likely)
        self.list.set_rows(
            [
                CheckRow(
                    text=self._row(index, instance.score),
                    checked=index in picked,
                    faint=index not in likely,
                    colour=colour_of(index),
                )
                for index, instance in enumerate(finder.instances)
            ]
        )
        text = self.tr("{picked} of {all}") if finder.result else ""
        counts = {"picked": len(picked), "all": len(finder.instances)}
        for name, number in counts.items():
            text = text.replace(f"{{{name}}}", str(number))
        self.count.setText(text)
        self.threshold.set_value(finder.threshold)

    def _row(self, index: int, score: float) -> str:
        name = self._finder.prompt or self.tr("Found")
        return f"{name} {index + 1}   {score:.2f}"

    @Slot()
    def _on_exemplars_changed(self) -> None:
        self._forget.setVisible(bool(self._finder.exemplars))

    @Slot()
    def _on_engines_changed(self) -> None:
        """Say what is missing, and offer the models window, while no engine can find."""
        choice = self._finder.engines.choice(Capability.FIND)
        self.trouble.setText(sentence(Capability.FIND, choice))
        self.trouble.setVisible(not choice.backend or bool(choice.reason))
        self._models.setVisible(not choice.backend)
