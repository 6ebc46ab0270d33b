"""The list of LoRAs in the Paint panel: add, remove, weight, switch, insert a trigger word."""

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.panels.paint.words import fits, lora_warning
from app.session.painter import Painter
from app.text.engines import title_of
from app.text.errors.models import family_name
from engine.jobs.backend import Capability
from engine.jobs.paint_settings import MAX_LORAS, Lora
from engine.models.families import Kind
from engine.models.model_file import ModelFile
from widgets.lists.lora_list import LoraList, LoraRow


class LoraSettings(QWidget):
    """LoRAs that are off or no longer installed stay in the list."""

    def __init__(self, painter: Painter, parent: QWidget) -> None:
        super().__init__(parent)
        self._painter = painter
        self.list = LoraList(self)
        self._offered: tuple[list[tuple[str, str]], str] | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.list)
        self.list.added.connect(self._on_added)
        self.list.removed.connect(self._on_removed)
        self.list.weighted.connect(self._on_weighted)
        self.list.switched.connect(self._on_switched)
        self.list.word_chosen.connect(self._on_word)
        painter.choices_changed.connect(self._show)
        painter.models_changed.connect(self._show)
        self._show()

    @Slot()
    def _show(self) -> None:
        loras = self._loras
        self.list.set_rows([self._row(each) for each in loras])
        used = {each.name for each in loras}
        family = self._painter.family
        found = self._painter.engines.at_hand(Capability.INPAINT).of(Kind.LORA)
        offers = [(m.name, title_of(m)) for m in found if fits(m, family) and m.name not in used]
        base = family_name(family.base) if family else self.tr("this base model")
        nothing = self.tr("No other LoRA for {base} is at hand").replace("{base}", base)
        if self._offered != (offers, nothing):  # a menu of thousands takes its time
            self._offered = offers, nothing
            self.list.set_offers(offers, nothing)

    @property
    def _loras(self) -> tuple[Lora, ...]:
        return self._painter.choices.settings.loras

    def _row(self, lora: Lora) -> LoraRow:
        model = self._model(lora.name)
        is_on = lora.name not in self._painter.choices.loras_off
        warning = lora_warning(model, self._painter.family) if is_on else ""
        return LoraRow(
            name=lora.name,
            title=title_of(model) if model else lora.name,
            weight=lora.weight,
            is_on=is_on,
            words=model.trigger_words if model else (),
            warning=warning,
        )

    def _model(self, name: str) -> ModelFile | None:
        return self._painter.engines.at_hand(Capability.INPAINT).named(Kind.LORA, name)

    @Slot(str)
    def _on_added(self, name: str) -> None:
        if len(self._loras) < MAX_LORAS:
            self._set((*self._loras, Lora(name)))

    @Slot(int)
    def _on_removed(self, row: int) -> None:
        self._set((*self._loras[:row], *self._loras[row + 1 :]))

    @Slot(int, float)
    def _on_weighted(self, row: int, weight: float) -> None:
        loras = list(self._loras)
        loras[row] = loras[row]._replace(weight=weight)
        self._set(tuple(loras))

    @Slot(int, bool)
    def _on_switched(self, row: int, is_on: bool) -> None:
        choices = self._painter.choices
        self._painter.set_choices(choices.lora_switched(self._loras[row].name, is_on=is_on))

    @Slot(str)
    def _on_word(self, words: str) -> None:
        self._painter.add_words(words)

    def _set(self, loras: tuple[Lora, ...]) -> None:
        """Store the list; names that left it leave the set of those that are off."""
        choices = self._painter.choices
        off = choices.loras_off & {lora.name for lora in loras}
        self._painter.set_choices(choices.changed(loras=loras, loras_off=off))
