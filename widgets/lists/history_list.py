"""The steps that were made, those that were taken back among them."""

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from widgets.plain_text import plain
from widgets.theme import theme


class HistoryList(QWidget):
    """Steps from the oldest to the newest. Emits `chosen` with the number of steps to have made.

    Row 0 is the state before the first step.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.view = QListWidget(self)
        self.view.setAccessibleName(self.tr("History"))
        self.view.setUniformItemSizes(True)
        self.view.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self.setFocusProxy(self.view)
        self.view.itemClicked.connect(self._on_chosen)
        self.view.itemActivated.connect(self._on_chosen)

    def set_steps(self, labels: Sequence[str], made: int) -> None:
        """`made` of them stand; the ones after it were taken back and can come again."""
        with QSignalBlocker(self.view):
            self.view.clear()
            self.view.addItem(self._item("image", self.tr("Opened"), undone=False))
            for index, label in enumerate(labels):
                self.view.addItem(self._item("check", label, undone=index >= made))
            self.view.setCurrentRow(made)
        self.view.scrollToItem(self.view.currentItem())

    def _item(self, icon: str, label: str, *, undone: bool) -> QListWidgetItem:
        item = QListWidgetItem(theme.icon("undo-2" if undone else icon), plain(label))
        if undone:
            group = QPalette.ColorGroup.Disabled
            item.setForeground(self.palette().brush(group, QPalette.ColorRole.Text))
            back = self.tr("%1, taken back").replace("%1", plain(label))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, back)
        return item

    @Slot(QListWidgetItem)
    def _on_chosen(self, item: QListWidgetItem) -> None:
        self.chosen.emit(self.view.row(item))
