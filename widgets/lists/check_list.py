"""A list of things to pick from, each with a colour and a figure."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPixmap
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from widgets.lists.thumbnails import untinted
from widgets.plain_text import plain
from widgets.theme import theme


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRow:
    """`faint` rows are out of the running: they cannot be checked."""

    text: str
    checked: bool
    faint: bool = False
    colour: tuple[int, int, int] = (128, 128, 128)


class CheckList(QWidget):
    """Shows what it is given; says which row was checked, and which one the user looks at."""

    checked_changed = Signal(int, bool)
    looked = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """`name` is for who cannot see it."""
        super().__init__(parent)
        self.view = QListWidget(self)
        self.view.setAccessibleName(name)
        side_px = theme.spacing(self, 3)
        self.view.setIconSize(QSize(side_px, side_px))
        self._side_px = side_px
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self.setFocusProxy(self.view)
        self.view.itemChanged.connect(self._on_changed)
        self.view.currentRowChanged.connect(self.looked)

    def set_rows(self, rows: Sequence[CheckRow]) -> None:
        """Show these; rows that stay where they are keep the place in the list."""
        with QSignalBlocker(self.view):
            while self.view.count() > len(rows):
                self.view.takeItem(self.view.count() - 1)
            while self.view.count() < len(rows):
                self.view.addItem(QListWidgetItem())
            for index, row in enumerate(rows):
                self._show(self.view.item(index), row)

    def _show(self, item: QListWidgetItem, row: CheckRow) -> None:
        item.setText(plain(row.text))
        item.setCheckState(Qt.CheckState.Checked if row.checked else Qt.CheckState.Unchecked)
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable
        item.setFlags(flags if row.faint else flags | Qt.ItemFlag.ItemIsEnabled)
        if item.data(Qt.ItemDataRole.UserRole) != row.colour:
            swatch = QPixmap(self._side_px, self._side_px)
            swatch.fill(QColor(*row.colour))
            item.setIcon(untinted(swatch))
            item.setData(Qt.ItemDataRole.UserRole, row.colour)

    @Slot(QListWidgetItem)
    def _on_changed(self, item: QListWidgetItem) -> None:
        self.checked_changed.emit(self.view.row(item), item.checkState() is Qt.CheckState.Checked)
