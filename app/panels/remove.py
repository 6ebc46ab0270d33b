"""The Remove panel: the button, its engine, the variants, and the options."""

from dataclasses import replace

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.actions.qt_actions import QtActions
from app.panels.light_offer import LightOffer
from app.panels.selection import align, button_of, row_of
from app.panels.task_rows import TaskRows
from app.panels.variant_row import VariantRow
from app.services.light_models import LightModels
from app.session.remover import Remover
from app.session.session import Session
from app.session.variants import Variants
from app.text.engines import sentence
from engine.jobs.backend import Capability
from widgets.fields.fields import LabeledSlider, Separator, Switch
from widgets.plain_widgets import PlainLabel, set_tip
from widgets.theme import theme


class RemovePanel(QWidget):
    """The Remove button, the engine that will do it, the variants and the options."""

    def __init__(
        self,
        remover: Remover,
        variants: Variants,
        session: Session,
        actions: QtActions,
        light: LightModels,
    ) -> None:
        super().__init__()
        self._remover, self._session = remover, session
        self._actions = actions
        self._make_fields()
        self.offer = LightOffer(light, Capability.REMOVE, self)
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
        self.engine = PlainLabel(self)
        self.engine.setWordWrap(True)
        self.engine.setProperty("role", "muted")

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setSpacing(theme.spacing(self, 1.5))
        column.addWidget(self._button)
        column.addWidget(self.rows)
        column.addWidget(self.engine)
        column.addWidget(self.offer)
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
        self._remover.options_changed.connect(self._on_options_changed)
        self._remover.engines.changed.connect(self._show_engine)
        self._show_engine()
        self.rows.changed.connect(lambda count: self.engine.setVisible(count == 0))
        action = self._actions["remove.remove"]
        action.changed.connect(self._follow_action)
        self._button.clicked.connect(action.trigger)

    @Slot()
    def _show_engine(self) -> None:
        """Name the engine, and the reason why it is not a better one."""
        need = Capability.REMOVE
        self.engine.setText(sentence(need, self._remover.engines.choice(need)))

    @Slot()
    def _follow_action(self) -> None:
        action = self._actions["remove.remove"]
        self._button.setText(action.text().replace("&", ""))  # its letter is the menu's
        self._button.setEnabled(action.isEnabled())
        self._button.setStatusTip(action.statusTip())
        set_tip(self._button, action.toolTip() if action.isEnabled() else action.statusTip())

    @Slot()
    def _on_moved(self) -> None:
        self.context.setEnabled(not self.auto.value)
        self._remover.set_options(
            replace(
                self._remover.options,
                grow_px=round(self.grow.value),
                feather_px=round(self.feather.value),
                context_px=None if self.auto.value else round(self.context.value),
            )
        )

    @Slot()
    def _on_options_changed(self) -> None:
        options = self._remover.options
        self.grow.set_value(options.grow_px)
        self.feather.set_value(options.feather_px)
