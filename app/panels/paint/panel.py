"""The Paint panel: prompt, base model, variants and the buttons; the rest folds away."""

from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.actions.qt_actions import QtActions
from app.panels.paint.advanced import AdvancedSettings
from app.panels.paint.prompt_box import PromptBox
from app.panels.paint.words import checkpoint_groups
from app.panels.selection import button_of, row_of
from app.panels.task_rows import TaskRows
from app.panels.variant_row import VariantRow
from app.services.preferences import Preferences
from app.session.painter import Painter
from app.session.session import Session
from app.session.variants import Variants
from app.settings.paint_choices import PaintChoices
from app.settings.paint_json import load_usable, store_choices
from app.settings.paint_presets import Presets
from app.settings.prompt_history import PromptHistory
from app.text.engines import sentence
from app.text.errors.explain import explain
from engine.dispatch.choice import LOCAL
from engine.jobs.backend import Capability
from widgets.fields.collapsible import Collapsible
from widgets.fields.fields import LabeledSlider
from widgets.fields.grouped_choice import GroupedChoice, Option
from widgets.plain_widgets import PlainLabel, set_tip
from widgets.theme import theme

SAVE_DELAY_MS = 800  # a slider that moves is not written at each step


class PaintPanel(QWidget):
    """Shows the choices of the `Painter` and changes them; holds none of its own."""

    def __init__(
        self,
        painter: Painter,
        variants: Variants,
        session: Session,
        actions: QtActions,
        history: PromptHistory,
        presets: Presets,
    ) -> None:
        super().__init__()
        self._painter, self._actions = painter, actions
        self.prompt = PromptBox(painter, history, self)
        self.model = GroupedChoice(self.tr("Base model"), self)
        self.trouble, self.trouble_button = PlainLabel(self), QPushButton(self.tr("Models…"), self)
        self.count = LabeledSlider(self.tr("&Variants"), 1, 8, value=4)
        self.button = _button(actions["paint.paint"], self)
        theme.make_primary(self.button, "sparkles")
        self.after_button = _button(actions["paint.remove_then_paint"], self)
        self.rows = TaskRows(session.jobs, lambda job: job.label == "paint", self)
        self.cancel_button = button_of(actions["remove.cancel_all"], self, text=True)
        self.strip = VariantRow(variants, lambda variant: variant.request is not None, self)
        self.again_button = button_of(actions["paint.again"], self, text=True)
        self.use_button = button_of(actions["paint.use_settings"], self, text=True)
        self.advanced = AdvancedSettings(painter, session, presets, self)
        self.fold = Collapsible(self.tr("More"), self.advanced, self)
        self._set_up()
        self._lay_out()
        self._connect(variants)
        self._on_models_changed()
        self._on_looked()

    def _set_up(self) -> None:
        self.trouble.setWordWrap(True)
        self.trouble.setProperty("role", "muted")
        self.trouble_button.setAutoDefault(False)
        self.count.lay_in_line()
        self.cancel_button.hide()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setSpacing(theme.spacing(self, 1.5))
        column.addWidget(self.prompt)
        name = PlainLabel(self.tr("&Base model"), self)
        name.setBuddy(self.model)
        column.addWidget(name)
        column.addWidget(self.model)
        column.addWidget(self.trouble)
        column.addLayout(row_of(self.trouble_button))
        for widget in (self.count, self.button, self.after_button, self.rows):
            column.addWidget(widget)
        column.addLayout(row_of(self.cancel_button))
        column.addWidget(self.strip)
        column.addLayout(row_of(self.again_button))
        column.addLayout(row_of(self.use_button))
        column.addWidget(self.fold)
        column.addStretch(1)

    def _connect(self, variants: Variants) -> None:
        painter = self._painter
        painter.choices_changed.connect(self._on_choices_changed)
        painter.models_changed.connect(self._on_models_changed)
        variants.looked.connect(self._on_looked)
        self.model.chosen.connect(self._on_model_chosen)
        self.count.changed.connect(
            lambda count: painter.set_choices(replace(painter.choices, variants=round(count)))
        )
        self.rows.changed.connect(lambda count: self.cancel_button.setVisible(count > 1))
        self.trouble_button.clicked.connect(self._actions["tool.models"].trigger)

    @Slot(str)
    def _on_model_chosen(self, name: str) -> None:
        choices = self._painter.choices
        self._painter.set_choices(choices.changed(checkpoint=name, family=""))

    @Slot()
    def _on_choices_changed(self) -> None:
        choices = self._painter.choices
        self.count.set_value(choices.variants)
        self._show_model()
        self._show_trouble()

    @Slot()
    def _on_models_changed(self) -> None:
        self._list_models()
        self._on_choices_changed()

    def _list_models(self) -> None:
        engines, name = self._painter.engines, self._painter.choices.settings.checkpoint
        best = engines.choice(Capability.INPAINT)
        groups = checkpoint_groups(
            engines.at_hand(Capability.INPAINT), best.model if best.backend else None
        )
        if name and self._painter.checkpoint is None:
            # what a preset or a project asks for is not shown as something else
            groups.append(("", [Option(key=name, text=name, problem=self.tr("not at hand"))]))
        self.model.set_groups(groups)

    def _show_model(self) -> None:
        choices, checkpoint = self._painter.choices, self._painter.checkpoint
        wanted = choices.settings.checkpoint
        is_open = not wanted and not choices.family
        name = checkpoint.name if checkpoint and not is_open else wanted
        if self.model.findData(name) < 0:
            self._list_models()
        self.model.set_value(name)

    def _show_trouble(self) -> None:
        """One sentence and a button to the models window, while no engine can paint."""
        trouble = self._painter.trouble
        best = self._painter.engines.choice(Capability.INPAINT)
        text = sentence(Capability.INPAINT, best)
        if trouble is not None and best.backend == LOCAL:
            text = explain(trouble).sentence  # there is a model, but not the one that is chosen
        self.trouble.setText(text)
        self.trouble.setVisible(trouble is not None or best.reason == "slow")
        self.trouble_button.setVisible(trouble is not None)

    @Slot()
    def _on_looked(self) -> None:
        for button in (self.again_button, self.use_button):
            button.setVisible(not self.strip.isHidden())


class PaintChoicesSaver(QObject):
    """Keeps the choices of the panel in the settings, without the prompts, and restores them."""

    def __init__(
        self, painter: Painter, fold: Collapsible, preferences: Preferences, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._painter, self._fold, self._preferences = painter, fold, preferences
        self._timer = QTimer(self, singleShot=True, interval=SAVE_DELAY_MS)
        self._timer.timeout.connect(self.keep)
        self._restore()
        painter.choices_changed.connect(self._timer.start)
        fold.opened.connect(self._timer.start)

    def _restore(self) -> None:
        form = dict(self._preferences.current.paint)
        self._fold.set_open(form.pop("more", False) is True)
        self._painter.set_choices(load_usable(form, PaintChoices()))

    @Slot()
    def keep(self) -> None:
        """Save now; also called before the window closes."""
        self._timer.stop()
        form = store_choices(self._painter.choices, prompts=False)
        default = store_choices(PaintChoices(), prompts=False)
        kept = {key: value for key, value in form.items() if value != default[key]}
        if self._fold.is_open:
            kept["more"] = True
        self._preferences.change("paint", kept)


def _button(action: QAction, parent: QWidget) -> QPushButton:
    """A wide button with the text and the state of an action."""
    button = QPushButton(parent)
    button.setIcon(action.icon())

    def follow() -> None:
        button.setText(action.text().replace("&", ""))
        button.setEnabled(action.isEnabled())
        button.setStatusTip(action.statusTip())
        set_tip(button, action.toolTip() if action.isEnabled() else action.statusTip())

    action.changed.connect(follow)
    button.clicked.connect(action.trigger)
    follow()
    return button
