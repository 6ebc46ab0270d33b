"""The table of shortcuts: a searchable list, and a field that records another key."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QColor, QKeySequence
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLineEdit,
    QPushButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from widgets.plain_widgets import PlainLabel
from widgets.theme import theme

_ID = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortcutRow:
    """One action; keys are in Qt's portable spelling."""

    id: str
    group: str
    text: str
    keys: tuple[str, ...]
    standard: tuple[str, ...]  # what a reset goes back to


class ShortcutTable(QWidget):
    """Shows the bindings and says which one the user wants: `keys_changed` (id, keys)."""

    keys_changed = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[str, ShortcutRow] = {}
        self._heads: dict[str, QTreeWidgetItem] = {}
        self._groups: dict[str, list[QTreeWidgetItem]] = {}
        self.search = QLineEdit(self)
        self.tree = QTreeWidget(self)
        self.recorder = QKeySequenceEdit(self)
        self.recorder_label = PlainLabel(self.tr("&Press a key:"), self)
        self.warning = PlainLabel(self)
        self.replace_button = QPushButton(self.tr("Re&place"), self)
        self.add_button = QPushButton(self.tr("&Add"), self)
        self.clear_button = QPushButton(self.tr("&No key"), self)
        self.reset_button = QPushButton(self.tr("Rese&t"), self)
        self._set_up()
        self._lay_out()
        self._connect()
        self._enable()

    def _set_up(self) -> None:
        self.search.setPlaceholderText(self.tr("Search actions and keys"))
        self.search.setAccessibleName(self.tr("Search actions and keys"))
        self.search.setClearButtonEnabled(True)
        self.search.addAction(theme.icon("search"), QLineEdit.ActionPosition.LeadingPosition)
        self.tree.setHeaderLabels([self.tr("Action"), self.tr("Keys"), ""])
        self.tree.setAccessibleName(self.tr("Keyboard shortcuts"))
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        header = self.tree.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        self.recorder.setMaximumSequenceLength(1)
        self.recorder.setClearButtonEnabled(True)
        self.recorder.setAccessibleName(self.tr("New key"))
        self.recorder_label.setBuddy(self.recorder)
        for button in self._buttons():
            button.setAutoDefault(False)
        self.warning.setWordWrap(True)
        self.warning.setTextFormat(Qt.TextFormat.PlainText)

    def _buttons(self) -> tuple[QPushButton, ...]:
        return self.replace_button, self.add_button, self.clear_button, self.reset_button

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        for part in (self.recorder_label, self.recorder, *self._buttons()):
            row.addWidget(part)
        row.setStretch(1, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.search)
        column.addWidget(self.tree, 1)
        column.addLayout(row)
        column.addWidget(self.warning)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._on_searched)
        self.tree.currentItemChanged.connect(self._on_row_changed)
        self.tree.itemActivated.connect(self._on_activated)
        self.recorder.keySequenceChanged.connect(self._on_recorded)
        self.replace_button.clicked.connect(self._on_replace)
        self.add_button.clicked.connect(self._on_add)
        self.clear_button.clicked.connect(self._on_clear)
        self.reset_button.clicked.connect(self._on_reset)

    def set_rows(self, rows: Sequence[ShortcutRow], conflicts: Mapping[str, Sequence[str]]) -> None:
        """Show these; `conflicts` are keys that several ids claim."""
        current = self._current_id()
        self._rows = {row.id: row for row in rows}
        with QSignalBlocker(self.tree):
            self.tree.clear()
            self._groups.clear()
            for group in dict.fromkeys(row.group for row in rows):
                self._add_group(group, conflicts)
            self.tree.expandAll()
        self._on_searched()
        self._choose(current)

    def _add_group(self, group: str, conflicts: Mapping[str, Sequence[str]]) -> None:
        head = QTreeWidgetItem(self.tree, [group])
        self._heads[group] = head
        self._groups[group] = []
        head.setFlags(Qt.ItemFlag.ItemIsEnabled)
        font = head.font(0)
        font.setBold(True)
        head.setFont(0, font)
        for row in self._rows.values():
            if row.group == group:
                self._add_row(head, row, conflicts)

    def _add_row(
        self, head: QTreeWidgetItem, row: ShortcutRow, conflicts: Mapping[str, Sequence[str]]
    ) -> None:
        item = QTreeWidgetItem(head, [row.text, native(row.keys), ""])
        item.setData(0, _ID, row.id)
        self._groups[row.group].append(item)
        others = [
            f"{self._rows[other].group} › {self._rows[other].text}"
            for key in row.keys
            for other in conflicts.get(key, ())
            if other != row.id and other in self._rows
        ]
        if others:
            color = theme.colors_of(self.palette()).warning
            side = theme.spacing(self, 4)
            item.setIcon(2, theme.tinted("triangle-alert", color, side, self.devicePixelRatioF()))
            item.setText(2, self.tr("also: %1").replace("%1", ", ".join(others)))
            item.setForeground(2, QColor(color))
        elif row.keys != row.standard:
            item.setText(2, self.tr("changed"))

    def _items(self) -> list[QTreeWidgetItem]:
        return [item for items in self._groups.values() for item in items]

    def _choose(self, name: str) -> None:
        for item in self._items():
            if item.data(0, _ID) == name:
                self.tree.setCurrentItem(item)
        self._enable()

    def _current_id(self) -> str:
        item = self.tree.currentItem()
        return (item.data(0, _ID) or "") if item is not None else ""

    def _current(self) -> ShortcutRow | None:
        return self._rows.get(self._current_id())

    @property
    def _recorded(self) -> str:
        return self.recorder.keySequence().toString(QKeySequence.SequenceFormat.PortableText)

    @Slot()
    def _on_searched(self) -> None:
        wanted = self.search.text().casefold()
        for item in self._items():
            words = f"{item.text(0)} {item.text(1)}".casefold()
            item.setHidden(wanted not in words)
        for group, items in self._groups.items():
            self._heads[group].setHidden(all(item.isHidden() for item in items))

    @Slot()
    def _on_row_changed(self) -> None:
        self.recorder.clear()
        self._enable()

    @Slot()
    def _on_activated(self) -> None:
        self.recorder.setFocus()

    @Slot()
    def _on_recorded(self) -> None:
        claimed = [
            row.text
            for row in self._rows.values()
            if self._recorded in row.keys and row.id != self._current_id()
        ]
        text = self.tr("This key is taken by: %1").replace("%1", ", ".join(claimed))
        self.warning.setText(text if claimed else "")
        self._enable()

    def _enable(self) -> None:
        row = self._current()
        self.recorder.setEnabled(row is not None)
        for button in (self.replace_button, self.add_button):
            button.setEnabled(row is not None and bool(self._recorded))
        self.clear_button.setEnabled(row is not None and bool(row.keys))
        self.reset_button.setEnabled(row is not None and row.keys != row.standard)

    @Slot()
    def _on_replace(self) -> None:
        self._change((self._recorded,))

    @Slot()
    def _on_add(self) -> None:
        row = self._current()
        if row is not None:
            self._change(tuple(dict.fromkeys((*row.keys, self._recorded))))

    @Slot()
    def _on_clear(self) -> None:
        self._change(())

    @Slot()
    def _on_reset(self) -> None:
        row = self._current()
        if row is not None:
            self._change(row.standard)

    def _change(self, keys: tuple[str, ...]) -> None:
        name = self._current_id()
        if name:
            self.recorder.clear()
            self.keys_changed.emit(name, keys)


def native(keys: Sequence[str]) -> str:
    """Keys as the system writes them."""
    form = QKeySequence.SequenceFormat.NativeText
    return ", ".join(QKeySequence(key).toString(form) for key in keys)
