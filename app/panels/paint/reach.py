"""How far a painting reaches beyond the selection, and how far the model looks."""

from dataclasses import replace

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.session.painter import Painter
from app.settings.paint_choices import LIMITS
from widgets.fields.fields import LabeledSlider, Switch
from widgets.theme import theme


class PaintReach(QWidget):
    """Grow and feather follow the size of the picture, until the user sets them."""

    def __init__(self, painting: Painter, parent: QWidget) -> None:
        super().__init__(parent)
        self._painting = painting
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
        painting.options_changed.connect(self._show)
        painting.choices_changed.connect(self._show)
        self._show()

    @Slot()
    def _on_reach(self) -> None:
        grow_px, feather_px = round(self.grow.value), round(self.feather.value)
        options = replace(self._painting.options, grow_px=grow_px, feather_px=feather_px)
        self._painting.set_options(options)

    @Slot()
    def _on_context(self) -> None:
        context_px = None if self.auto.value else round(self.context.value)
        self._painting.set_choices(replace(self._painting.choices, context_px=context_px))

    @Slot()
    def _show(self) -> None:
        options, context_px = self._painting.options, self._painting.choices.context_px
        self.grow.set_value(options.grow_px)
        self.feather.set_value(options.feather_px)
        self.auto.set_value(context_px is None)
        self.context.setEnabled(context_px is not None)
        if context_px is not None:
            self.context.set_value(context_px)
