"""The docks at the right: Objects, Remove, History, Tasks; Selection has a file of its own."""

from dataclasses import replace

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QInputDialog, QLabel, QPushButton, QVBoxLayout, QWidget

from app.actions.qt_actions import QtActions
from app.panels.selection import align, button_of, row_of
from app.panels.task_rows import TaskRows
from app.panels.variant_row import VariantRow
from app.services.jobs import Jobs
from app.session.objects import Objects, thumbnail
from app.session.remover import Remover
from app.session.session import Session
from app.session.variants import Variants
from app.text.engines import sentence
from app.text.history import label_of
from engine.jobs.backend import Capability
from widgets.fields.fields import LabeledSlider, Separator, Switch
from widgets.lists.history_list import HistoryList
from widgets.lists.mask_list import MaskList, MaskRow
from widgets.theme import theme

THUMBNAIL_PX = 64


class ObjectsPanel(QWidget):
    """The list of named masks and what can be done with it."""

    def __init__(self, objects: Objects, session: Session, actions: QtActions) -> None:
        super().__init__()
        self._objects = objects
        self.list = MaskList(self)
        column = QVBoxLayout(self)
        column.addWidget(self.list, 1)
        column.addLayout(
            row_of(
                button_of(actions["objects.store"], self, text=True),
                button_of(actions["objects.union"], self, text=True),
            )
        )
        hint = QLabel(self.tr("Store a selection to use it again, or to combine several."), self)
        hint.setWordWrap(True)
        hint.setProperty("role", "muted")
        column.addWidget(hint)
        self._connect()
        session.opened.connect(self._on_changed)
        session.marks_changed.connect(self._on_changed)

    def _connect(self) -> None:
        self.list.activated.connect(self._objects.load)
        self.list.renamed.connect(self._objects.rename)
        self.list.visibility_changed.connect(self._objects.set_visible)
        self.list.checked_changed.connect(self._objects.check)
        self.list.delete_requested.connect(self._objects.delete)
        self.list.moved.connect(self._objects.move)
        self.list.view.currentRowChanged.connect(self._objects.choose)

    def rename_current(self) -> None:
        """Ask for another name of the chosen object."""
        objects, index = self._objects, self._objects.current
        if index < 0:
            return
        dialog = QInputDialog(self.window())
        dialog.setWindowTitle(self.tr("Rename object"))
        dialog.setLabelText(self.tr("Name"))
        dialog.setTextValue(objects.named[index].name)
        dialog.textValueSelected.connect(lambda name: objects.rename(index, name))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    @Slot()
    @Slot(object)
    def _on_changed(self, names: object = None) -> None:
        if isinstance(names, tuple) and "named" not in names:
            return
        checked = self._objects.checked
        self.list.set_rows(
            [
                MaskRow(
                    name=entry.name,
                    visible=entry.visible,
                    checked=index in checked,
                    thumbnail=thumbnail(entry, THUMBNAIL_PX),
                )
                for index, entry in enumerate(self._objects.named)
            ]
        )


class RemovePanel(QWidget):
    """The one big button, what it will do, and its variants."""

    def __init__(
        self, removing: Remover, variants: Variants, session: Session, actions: QtActions
    ) -> None:
        super().__init__()
        self._removing, self._session = removing, session
        self._actions = actions
        self._make_fields()
        self._button = QPushButton(self)
        theme.make_primary(self._button, "bandage")
        self.rows = TaskRows(session.jobs, lambda job: job.label == "remove", self)
        self.strip = VariantRow(variants, lambda variant: variant.request is None, self)
        self._lay_out()
        self._connect()
        self._on_options_changed()
        self._follow_action()

    def _make_fields(self) -> None:
        px = self.tr(" px")
        self.grow = LabeledSlider(
            self.tr("&Grow"), 0, 64, value=4, suffix=px,
            help_text=self.tr("How far beyond the selection the picture is replaced."),
        )  # fmt: skip
        self.feather = LabeledSlider(
            self.tr("Fea&ther"), 0, 64, value=4, suffix=px,
            help_text=self.tr("Over how many pixels old and new are mixed."),
        )  # fmt: skip
        self.auto = Switch(self.tr("Choose the conte&xt by size"), value=True)
        self.context = LabeledSlider(
            self.tr("&Context"), 16, 2048, value=256, suffix=px,
            help_text=self.tr("How far around the hole the engine looks."),
        )  # fmt: skip
        self.context.setEnabled(False)
        self.engine = QLabel(self)
        self.engine.setWordWrap(True)
        self.engine.setProperty("role", "muted")

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setSpacing(theme.spacing(self, 1.5))
        column.addWidget(self._button)
        column.addWidget(self.rows)
        column.addWidget(self.engine)
        column.addWidget(self.strip)
        column.addLayout(row_of(button_of(self._actions["remove.variant"], self, text=True)))
        column.addWidget(Separator(self))
        for widget in (self.grow, self.feather, self.context, self.auto):
            column.addWidget(widget)
        align([self.grow, self.feather, self.context])
        column.addStretch(1)

    def _connect(self) -> None:
        for slider in (self.grow, self.feather, self.context):
            slider.changed.connect(self._on_moved)
        self.auto.changed.connect(self._on_moved)
        self._removing.options_changed.connect(self._on_options_changed)
        self._removing.engines.changed.connect(self._show_engine)
        self._show_engine()
        self.rows.changed.connect(lambda count: self.engine.setVisible(count == 0))
        action = self._actions["remove.remove"]
        action.changed.connect(self._follow_action)
        self._button.clicked.connect(action.trigger)

    @Slot()
    def _show_engine(self) -> None:
        """Who will do it, and why it is not more."""
        need = Capability.REMOVE
        self.engine.setText(sentence(need, self._removing.engines.choice(need)))

    @Slot()
    def _follow_action(self) -> None:
        action = self._actions["remove.remove"]
        self._button.setText(action.text().replace("&", ""))  # its letter is the menu's
        self._button.setEnabled(action.isEnabled())
        self._button.setStatusTip(action.statusTip())
        self._button.setToolTip(action.toolTip() if action.isEnabled() else action.statusTip())

    @Slot()
    def _on_moved(self) -> None:
        self.context.setEnabled(not self.auto.value)
        self._removing.set_options(
            replace(
                self._removing.options,
                grow_px=round(self.grow.value),
                feather_px=round(self.feather.value),
                context_px=None if self.auto.value else round(self.context.value),
            )
        )

    @Slot()
    def _on_options_changed(self) -> None:
        options = self._removing.options
        self.grow.set_value(options.grow_px)
        self.feather.set_value(options.feather_px)


class HistoryPanel(QWidget):
    """The steps; a click goes there."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.list = HistoryList(self)
        column = QVBoxLayout(self)
        column.addWidget(self.list)
        self.list.chosen.connect(session.go_to)
        session.opened.connect(self._on_changed)
        session.history_changed.connect(self._on_changed)
        self._on_changed()

    @Slot()
    def _on_changed(self) -> None:
        history = self._session.history
        done = history.labels if history else ()
        undone = history.undone_labels if history else ()
        self.list.set_steps([label_of(label) for label in (*done, *undone)], len(done))


class TasksPanel(QWidget):
    """Everything that takes longer than a blink."""

    def __init__(self, jobs: Jobs) -> None:
        super().__init__()
        self._empty = QLabel(self.tr("No task is running."), self)
        self._empty.setProperty("role", "muted")
        self.rows = TaskRows(jobs, lambda job: job.is_shown, self)
        column = QVBoxLayout(self)
        column.addWidget(self._empty)
        column.addWidget(self.rows)
        column.addStretch(1)
        self.rows.changed.connect(self._on_changed)

    @Slot(int)
    def _on_changed(self, count: int) -> None:
        self._empty.setVisible(count == 0)
