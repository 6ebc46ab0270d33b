"""One of many, under headings; those that cannot be chosen say why."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QComboBox, QWidget

from widgets.fields.wheel_guard import GuardedCombo
from widgets.plain_text import plain
from widgets.plain_widgets import set_tip


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One line; `problem` says why it cannot be chosen."""

    key: str
    text: str
    tip: str = ""
    problem: str = ""


class GroupedChoice(GuardedCombo):
    """Emits `chosen` with a key when the user chose it; as narrow as its panel wants it."""

    chosen = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines = QStandardItemModel(self)
        self.setModel(self._lines)
        self.setAccessibleName(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        self.activated.connect(self._on_activated)

    def set_groups(self, groups: Sequence[tuple[str, Sequence[Option]]]) -> None:
        """Offer these; what was chosen stays chosen if it is still there."""
        value = self.value
        self._lines.clear()
        for heading, options in groups:
            if heading:
                self._lines.appendRow(_heading(heading))
            for option in options:
                self._lines.appendRow(_line(option))
        self.set_value(value)

    @property
    def value(self) -> str:
        return self.currentData() or ""

    def set_value(self, value: str) -> None:
        """Show what was chosen; nothing when it is not among the lines."""
        self.setCurrentIndex(self.findData(value))
        self._describe()

    @Slot()
    def _on_activated(self) -> None:
        self._describe()
        self.chosen.emit(self.value)

    def _describe(self) -> None:
        tip = self.currentData(Qt.ItemDataRole.ToolTipRole) or ""
        set_tip(self, tip)


def _heading(text: str) -> QStandardItem:
    item = QStandardItem(plain(text))
    item.setFlags(Qt.ItemFlag.NoItemFlags)
    font = item.font()
    font.setBold(True)
    item.setFont(font)
    return item


def _line(option: Option) -> QStandardItem:
    text = f"{option.text} ({option.problem})" if option.problem else option.text
    item = QStandardItem(plain(text))
    item.setData(option.key, Qt.ItemDataRole.UserRole)
    set_tip(item, plain(option.tip or text))
    if option.problem:
        item.setFlags(Qt.ItemFlag.NoItemFlags)
    return item
