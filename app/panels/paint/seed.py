"""The seed of the Paint panel: any, or one that is kept."""

import secrets
from dataclasses import replace

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.panels.selection import row_of
from app.session.painter import RANDOM_SEEDS, Painter
from widgets.fields.fields import SeedField, Switch
from widgets.theme import theme


class PaintSeed(QWidget):
    """A seed that is typed or rolled is kept from then on."""

    def __init__(self, painting: Painter, parent: QWidget) -> None:
        super().__init__(parent)
        self._painting = painting
        self.fixed = Switch(
            self.tr("&Keep the seed"), value=False,
            help_text=self.tr("The same seed and settings give the same picture again."),
        )  # fmt: skip
        self.field = SeedField(self.tr("S&eed"), parent=self)
        self.last_button = QPushButton(self.tr("Use the &Last"), self)
        self.last_button.setAutoDefault(False)
        self.last_button.setToolTip(self.tr("Keep the seed that was used last"))
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
        painting.choices_changed.connect(self._show)
        painting.asked.connect(self._show)
        self._show()

    @Slot(bool)
    def _on_fixed(self, fixed: bool) -> None:
        self._painting.set_choices(replace(self._painting.choices, is_seed_fixed=fixed))

    @Slot(object)
    def _keep(self, seed: int) -> None:
        choices = replace(self._painting.choices, seed=seed, is_seed_fixed=True)
        self._painting.set_choices(choices)

    @Slot()
    def _on_last(self) -> None:
        if self._painting.last_seed is not None:
            self._keep(self._painting.last_seed)

    @Slot()
    @Slot(str)
    def _show(self, _: str = "") -> None:
        choices, last = self._painting.choices, self._painting.last_seed
        self.fixed.set_value(choices.is_seed_fixed)
        self.field.box.setEnabled(choices.is_seed_fixed)
        self.field.set_value(choices.seed if choices.is_seed_fixed else last or 0)
        self.last_button.setEnabled(last is not None)
