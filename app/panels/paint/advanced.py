"""The advanced settings of the Paint panel: presets, LoRAs, sampling, seed, reach."""

import secrets
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.panels.paint.loras import LoraSettings
from app.panels.paint.preset_bar import PresetBar
from app.panels.paint.words import start_words
from app.panels.selection import align, row_of
from app.session.painter import RANDOM_SEEDS, Painter
from app.session.session import Session
from app.settings.paint_choices import LIMITS, MAX_PROMPT, samplers_of, schedulers_of
from app.settings.paint_presets import Presets
from engine.jobs.paint_settings import StartFrom, profile_of
from widgets.fields.fields import LabeledChoice, LabeledSlider, SeedField, Separator, Switch
from widgets.fields.prompt_field import PromptField
from widgets.plain_widgets import PlainLabel, set_tip
from widgets.theme import theme


class AdvancedSettings(QWidget):
    """One field for each advanced choice of the painter: shows it and changes it."""

    def __init__(
        self, painter: Painter, session: Session, presets: Presets, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._painter = painter
        self.presets = PresetBar(painter, session, presets, self)
        self.avoid = PromptField(self.tr("Avoid"), lines=2, limit=MAX_PROMPT, parent=self)
        self.loras = LoraSettings(painter, self)
        self.seed = SeedSettings(painter, self)
        self.reach = ReachSettings(painter, self)
        self._make_fields()
        self._lay_out()
        self._connect()
        self._on_choices_changed()

    def _make_fields(self) -> None:
        self.avoid.setPlaceholderText(self.tr("What shall not be there?"))
        self.steps = LabeledSlider(
            self.tr("&Steps"), *LIMITS["steps"], value=20,
            help_text=self.tr("More steps take longer; beyond 30 little changes."),
        )  # fmt: skip
        self.guidance = LabeledSlider(
            self.tr("&Guidance"), *LIMITS["guidance"], value=7.0, decimals=1,
            help_text=self.tr("How closely the prompt is followed (CFG)."),
        )  # fmt: skip
        self.strength = LabeledSlider(
            self.tr("St&rength"), *LIMITS["strength"], value=1.0, decimals=2,
            help_text=self.tr("How much of what it starts from may change (denoise)."),
        )  # fmt: skip
        self.sampler = LabeledChoice(self.tr("Sa&mpler"), [])
        self.scheduler = LabeledChoice(self.tr("Sche&duler"), [])
        starts = [(start.value, words) for start, words in start_words().items()]
        self.start = LabeledChoice(
            self.tr("Start &from"), starts,
            help_text=self.tr("What lies under the selection when painting begins."),
        )  # fmt: skip
        self.refine = Switch(
            self.tr("Refine large &holes"), value=True,
            help_text=self.tr("A second pass at full size, where the hole exceeds the model's."),
        )  # fmt: skip

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.spacing(self, 1.5))
        column.addWidget(self.presets)
        name = PlainLabel(self.tr("A&void"), self)
        name.setBuddy(self.avoid)
        column.addWidget(name)
        for widget in (
            self.avoid, self.loras, Separator(self), self.steps, self.guidance, self.strength,
            self.sampler, self.scheduler, self.start, self.refine, Separator(self), self.seed,
            Separator(self), self.reach,
        ):  # fmt: skip
            column.addWidget(widget)
        align([self.steps, self.guidance, self.strength, *self.reach.sliders])

    def _connect(self) -> None:
        self.avoid.edited.connect(lambda text: self._set(negative_prompt=text))
        self.steps.changed.connect(self._on_steps)
        self.guidance.changed.connect(self._on_guidance)
        self.strength.changed.connect(lambda value: self._set(strength=value))
        self.sampler.changed.connect(lambda name: self._set(sampler=name))
        self.scheduler.changed.connect(lambda name: self._set(scheduler=name))
        self.start.changed.connect(lambda name: self._set(start_from=StartFrom(name)))
        self.refine.changed.connect(lambda on: self._set(refine=on))
        self._painter.choices_changed.connect(self._on_choices_changed)
        self._painter.models_changed.connect(self._on_choices_changed)

    def _set(self, **changed: Any) -> None:
        self._painter.set_choices(self._painter.choices.changed(**changed))

    @Slot(float)
    def _on_steps(self, value: float) -> None:
        """The default of the family is stored as None, so that it changes with the family."""
        steps = round(value)
        self._set(steps=None if steps == profile_of(self._painter.family).steps else steps)

    @Slot(float)
    def _on_guidance(self, value: float) -> None:
        own = profile_of(self._painter.family).guidance
        self._set(guidance=None if value == own else value)

    @Slot()
    def _on_choices_changed(self) -> None:
        family, settings = self._painter.family, self._painter.settings
        profile = profile_of(family)
        self.avoid.set_text(settings.negative_prompt)
        self.steps.set_default(profile.steps)
        self.guidance.set_default(profile.guidance)
        for slider, value in (
            (self.steps, settings.steps),
            (self.guidance, settings.guidance),
            (self.strength, settings.strength),
        ):
            if slider.value != value:
                slider.set_value(value)
        _offer(self.sampler, samplers_of(family), settings.sampler)
        _offer(self.scheduler, schedulers_of(family), settings.scheduler)
        self.start.set_value(settings.start_from.value)
        self.refine.set_value(settings.refine)


def _offer(choice: LabeledChoice, names: tuple[str, ...], value: str) -> None:
    if [choice.combo.itemData(i) for i in range(choice.combo.count())] != list(names):
        choice.set_choices([(name, name) for name in names])
    choice.combo.setEnabled(len(names) > 1)
    choice.set_value(value)


class SeedSettings(QWidget):
    """The seed field; a seed that is typed or rolled is kept from then on."""

    def __init__(self, painter: Painter, parent: QWidget) -> None:
        super().__init__(parent)
        self._painter = painter
        self.fixed = Switch(
            self.tr("&Keep the seed"), value=False,
            help_text=self.tr("The same seed and settings give the same picture again."),
        )  # fmt: skip
        self.field = SeedField(self.tr("S&eed"), parent=self)
        self.last_button = QPushButton(self.tr("Use the &Last"), self)
        self.last_button.setAutoDefault(False)
        set_tip(self.last_button, self.tr("Keep the seed that was used last"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.spacing(self, 1.5))
        column.addWidget(self.fixed)
        column.addWidget(self.field)
        column.addLayout(row_of(self.last_button))
        self.fixed.changed.connect(self._on_fixed)
        self.field.changed.connect(self._keep)
        self.field.rolled.connect(lambda: self._keep(secrets.randbelow(RANDOM_SEEDS)))
        self.last_button.clicked.connect(self._on_last)
        painter.choices_changed.connect(self._show)
        painter.asked.connect(self._show)
        self._show()

    @Slot(bool)
    def _on_fixed(self, fixed: bool) -> None:
        self._painter.set_choices(replace(self._painter.choices, is_seed_fixed=fixed))

    @Slot(object)
    def _keep(self, seed: int) -> None:
        choices = replace(self._painter.choices, seed=seed, is_seed_fixed=True)
        self._painter.set_choices(choices)

    @Slot()
    def _on_last(self) -> None:
        if self._painter.last_seed is not None:
            self._keep(self._painter.last_seed)

    @Slot()
    @Slot(str)
    def _show(self, _: str = "") -> None:
        choices, last = self._painter.choices, self._painter.last_seed
        self.fixed.set_value(choices.is_seed_fixed)
        self.field.box.setEnabled(choices.is_seed_fixed)
        self.field.set_value(choices.seed if choices.is_seed_fixed else last or 0)
        self.last_button.setEnabled(last is not None)


class ReachSettings(QWidget):
    """Grow, feather and context in px; defaults follow the size of the picture."""

    def __init__(self, painter: Painter, parent: QWidget) -> None:
        super().__init__(parent)
        self._painter = painter
        px = self.tr(" px")
        self.grow = LabeledSlider(
            self.tr("Gr&ow"), 0, 64, value=4, suffix=px,
            help_text=self.tr("How far beyond the selection the picture is replaced."),
        )  # fmt: skip
        self.feather = LabeledSlider(
            self.tr("Feather"), 0, 64, value=4, suffix=px,
            help_text=self.tr("Over how many pixels old and new are mixed."),
        )  # fmt: skip
        self.context = LabeledSlider(
            self.tr("&Context"), *LIMITS["context_px"], value=256, suffix=px,
            help_text=self.tr("How far around the hole the model looks."),
        )  # fmt: skip
        self.auto = Switch(self.tr("Choose the conte&xt by size"), value=True)
        self.sliders = [self.grow, self.feather, self.context]
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.spacing(self, 1.5))
        for widget in (*self.sliders, self.auto):
            column.addWidget(widget)
        for slider in (self.grow, self.feather):
            slider.changed.connect(self._on_reach)
        self.context.changed.connect(self._on_context)
        self.auto.changed.connect(self._on_context)
        painter.options_changed.connect(self._show)
        painter.choices_changed.connect(self._show)
        self._show()

    @Slot()
    def _on_reach(self) -> None:
        grow_px, feather_px = round(self.grow.value), round(self.feather.value)
        options = replace(self._painter.options, grow_px=grow_px, feather_px=feather_px)
        self._painter.set_options(options)

    @Slot()
    def _on_context(self) -> None:
        context_px = None if self.auto.value else round(self.context.value)
        self._painter.set_choices(replace(self._painter.choices, context_px=context_px))

    @Slot()
    def _show(self) -> None:
        options, context_px = self._painter.options, self._painter.choices.context_px
        self.grow.set_value(options.grow_px)
        self.feather.set_value(options.feather_px)
        self.auto.set_value(context_px is None)
        self.context.setEnabled(context_px is not None)
        if context_px is not None:
            self.context.set_value(context_px)
