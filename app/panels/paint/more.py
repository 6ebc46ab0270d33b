"""The part of the Paint panel that lies under More: presets, LoRAs, sampling, reach."""

from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.panels.paint.loras import PaintLoras
from app.panels.paint.preset_bar import PresetBar
from app.panels.paint.reach import PaintReach
from app.panels.paint.seed import PaintSeed
from app.panels.paint.words import start_words
from app.panels.selection import align
from app.session.painter import Painter
from app.session.session import Session
from app.settings.paint_choices import LIMITS, MAX_PROMPT, samplers_of, schedulers_of
from app.settings.paint_presets import Presets
from engine.jobs.paint_settings import StartFrom, profile_of
from widgets.fields.fields import LabeledChoice, LabeledSlider, Separator, Switch
from widgets.fields.prompt_field import PromptField
from widgets.theme import theme


class PaintMore(QWidget):
    """Each field shows one of the choices, and changes it."""

    def __init__(
        self, painting: Painter, session: Session, presets: Presets, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._painting = painting
        self.presets = PresetBar(painting, session, presets, self)
        self.avoid = PromptField(self.tr("Avoid"), lines=2, limit=MAX_PROMPT, parent=self)
        self.loras = PaintLoras(painting, self)
        self.seed = PaintSeed(painting, self)
        self.reach = PaintReach(painting, self)
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
        name = QLabel(self.tr("A&void"), self)
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
        self._painting.choices_changed.connect(self._on_choices_changed)
        self._painting.models_changed.connect(self._on_choices_changed)

    def _set(self, **changed: Any) -> None:
        self._painting.set_choices(self._painting.choices.changed(**changed))

    @Slot(float)
    def _on_steps(self, value: float) -> None:
        """The family's own number follows the family again."""
        steps = round(value)
        self._set(steps=None if steps == profile_of(self._painting.family).steps else steps)

    @Slot(float)
    def _on_guidance(self, value: float) -> None:
        own = profile_of(self._painting.family).guidance
        self._set(guidance=None if value == own else value)

    @Slot()
    def _on_choices_changed(self) -> None:
        family, settings = self._painting.family, self._painting.settings
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
