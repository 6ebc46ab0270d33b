"""LoRAs in use: each with its weight, a switch, and the words that call it."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from widgets.fields.flow_layout import FlowLayout
from widgets.fields.labeled_slider import LabeledSlider
from widgets.plain_text import unmnemonic
from widgets.plain_widgets import PlainLabel, set_tip
from widgets.theme import theme

_WORD_LETTERS = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class LoraRow:
    """One LoRA as the list shows it. `warning` is a sentence, or empty."""

    name: str
    title: str
    weight: float = 1.0
    is_on: bool = True
    words: tuple[str, ...] = ()
    warning: str = ""


class LoraList(QWidget):
    """Shows what it is given. Rows are told by their place, offers by their key."""

    weighted = Signal(int, float)
    switched = Signal(int, bool)
    removed = Signal(int)
    word_chosen = Signal(str)
    added = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[LoraView] = []
        self.add_button = QToolButton(self)
        self.add_button.setText(self.tr("&Add LoRA"))
        self.add_button.setIcon(theme.icon("plus"))
        self.add_button.setIconSize(theme.text_icon_size(self))
        self.add_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.add_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.add_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self.add_button)
        self.menu.setToolTipsVisible(True)
        self.add_button.setMenu(self.menu)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(theme.spacing(self, 1.5))
        self._column.addWidget(self.add_button, 0, Qt.AlignmentFlag.AlignLeft)

    def set_offers(self, offers: Sequence[tuple[str, str]], nothing: str) -> None:
        """(key, text) of what can be added; `nothing` is said when there is none."""
        self.menu.clear()
        for key, text in offers:
            action = self.menu.addAction(unmnemonic(text), lambda key=key: self.added.emit(key))
            set_tip(action, text)  # else the text is its tip, and may be taken for markup
        if not offers:
            self.menu.addAction(unmnemonic(nothing)).setEnabled(False)

    def set_rows(self, rows: Sequence[LoraRow]) -> None:
        """The views of rows that stay are kept: one of them may hold the focus, or the mouse."""
        if [row.name for row in rows] != [view.row.name for view in self.rows]:
            self._rebuild(rows)
        for view, row in zip(self.rows, rows):
            view.show_row(row)

    def _rebuild(self, rows: Sequence[LoraRow]) -> None:
        for view in self.rows:
            self._column.removeWidget(view)
            view.hide()
            view.deleteLater()
        self.rows = [self._view(index, row) for index, row in enumerate(rows)]
        for index, view in enumerate(self.rows):
            self._column.insertWidget(index, view)

    def _view(self, index: int, row: LoraRow) -> "LoraView":
        view = LoraView(row, self)
        view.weight.changed.connect(lambda weight: self.weighted.emit(index, weight))
        view.switch.clicked.connect(lambda is_on: self.switched.emit(index, is_on))
        view.remove_button.clicked.connect(lambda: self.removed.emit(index))
        view.word_chosen.connect(self.word_chosen)
        return view


class LoraView(QWidget):
    """One row: switch and name, weight, words."""

    word_chosen = Signal(str)

    def __init__(self, row: LoraRow, parent: QWidget) -> None:
        super().__init__(parent)
        self.row = row
        self.switch = QCheckBox(self)
        self.switch.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.remove_button = QToolButton(self)
        self.remove_button.setIcon(theme.icon("x"))
        self.remove_button.setIconSize(theme.icon_size(self))
        self.remove_button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.weight = LabeledSlider(self.tr("Weight"), -2.0, 2.0, value=1.0, decimals=2)
        self.weight.lay_in_line()
        self.words = QWidget(self)
        self._flow = FlowLayout(self.words, gap=theme.spacing(self))
        self.warning = PlainLabel(self)
        self.warning.setWordWrap(True)
        self.warning.setTextFormat(Qt.TextFormat.PlainText)
        self.warning.setProperty("role", "warning")
        self._lay_out()
        self._name(row)
        self._fill_words(row)

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(theme.spacing(self, 0.5))
        grid.addWidget(self.switch, 0, 0)
        grid.addWidget(self.remove_button, 0, 1)
        grid.addWidget(self.weight, 1, 0, 1, 2)
        grid.addWidget(self.words, 2, 0, 1, 2)
        grid.addWidget(self.warning, 3, 0, 1, 2)
        grid.setColumnStretch(0, 1)

    def _name(self, row: LoraRow) -> None:
        take_off = self.tr("Take {name} off the list").replace("{name}", row.title)
        weight = self.tr("Weight of {name}").replace("{name}", row.title)
        self.switch.setAccessibleName(row.title)
        set_tip(self.remove_button, take_off)
        self.remove_button.setAccessibleName(take_off)
        self.weight.slider.setAccessibleName(weight)
        self.weight.box.setAccessibleName(weight)

    def _fill_words(self, row: LoraRow) -> None:
        for word in row.words:
            button = QToolButton(self.words)
            button.setText(unmnemonic(_short(word)))
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setProperty("role", "word")
            tip = self.tr("Write “{words}” into the prompt").replace("{words}", word)
            set_tip(button, tip)
            button.setAccessibleName(tip)
            button.clicked.connect(lambda _=False, word=word: self.word_chosen.emit(word))
            self._flow.addWidget(button)
        self.words.setVisible(bool(row.words))

    def show_row(self, row: LoraRow) -> None:
        """Weight, switch and warning; name and words stay those of the view."""
        self.row = row
        self.switch.setChecked(row.is_on)
        set_tip(self.switch, row.title)
        if self.weight.value != row.weight:
            self.weight.set_value(row.weight)
        self.weight.setEnabled(row.is_on)
        self.warning.setText(row.warning)
        self.warning.setVisible(bool(row.warning))
        self._elide()

    @Slot()
    def _elide(self) -> None:
        room = self.switch.width() - theme.spacing(self, 8)
        metrics = QFontMetrics(self.switch.font())
        text = metrics.elidedText(self.row.title, Qt.TextElideMode.ElideMiddle, max(room, 40))
        self.switch.setText(unmnemonic(text))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()


def _short(word: str) -> str:
    return word if len(word) <= _WORD_LETTERS else word[: _WORD_LETTERS - 1] + "…"
