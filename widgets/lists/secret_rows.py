"""Names with secret values: headers of the user's own."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from widgets.plain_widgets import set_tip
from widgets.theme import theme


class SecretRow(QWidget):
    """One name and its value, which is not shown. Emits `removed` when it is to go."""

    changed = Signal()
    removed = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name, self.value = QLineEdit(name, self), QLineEdit(self)
        self.name.setPlaceholderText("X-Api-Key")
        self.name.setAccessibleName(self.tr("Name of the header"))
        self.value.setAccessibleName(self.tr("Value of the header"))
        self.value.setEchoMode(QLineEdit.EchoMode.Password)
        self.remove = QToolButton(self)
        self.remove.setIcon(theme.icon("x"))
        set_tip(self.remove, self.tr("Take this header out"))
        self.remove.setAccessibleName(self.tr("Take this header out"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.name, 2)
        row.addWidget(self.value, 3)
        row.addWidget(self.remove)
        self.name.textChanged.connect(self.changed)
        self.value.textChanged.connect(self.changed)
        self.remove.clicked.connect(self.removed)


class SecretRows(QWidget):
    """As many rows as are wanted, one at least. Emits `changed` with every letter."""

    changed = Signal()

    def __init__(self, add_text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[SecretRow] = []
        self._hint = ""
        self.add = QPushButton(theme.icon("plus"), add_text, self)
        self.add.setAutoDefault(False)
        self.add.clicked.connect(self._on_add)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        foot = QHBoxLayout()
        foot.addWidget(self.add)
        foot.addStretch(1)
        self._column.addLayout(foot)
        self.set_names(())

    @property
    def names(self) -> tuple[str, ...]:
        """The names that are filled in."""
        return tuple(name for row in self.rows if (name := row.name.text().strip()))

    @property
    def values(self) -> Mapping[str, str]:
        """The values that were typed, by their names."""
        typed = {row.name.text().strip(): row.value.text() for row in self.rows}
        return {name: value for name, value in typed.items() if name and value}

    def set_names(self, names: Sequence[str], hint: str = "") -> None:
        """Show these; `hint` stands where a value is known and not shown."""
        for row in list(self.rows):
            self._drop(row)
        self._hint = hint
        for name in names or ("",):
            self._append(name)

    def set_value(self, name: str, value: str) -> None:
        """Fill in one, in a row of its own where there is none."""
        rows = [row for row in self.rows if row.name.text().strip() in (name, "")]
        row = rows[0] if rows else self._append("")
        row.name.setText(name)
        row.value.setText(value)

    def _append(self, name: str) -> SecretRow:
        row = SecretRow(name, self)
        row.value.setPlaceholderText(self._hint if name else "")
        row.changed.connect(self.changed)
        row.removed.connect(lambda: self._on_removed(row))
        self._column.insertWidget(len(self.rows), row)
        self.rows.append(row)
        return row

    def _drop(self, row: SecretRow) -> None:
        self.rows.remove(row)
        self._column.removeWidget(row)
        row.hide()
        row.deleteLater()

    @Slot()
    def _on_add(self) -> None:
        self._append("").name.setFocus()

    def _on_removed(self, row: SecretRow) -> None:
        """The focus goes to a neighbour: it must not fall out of the window."""
        self._drop(row)
        if not self.rows:
            self._append("")
        self.rows[-1].name.setFocus()
        self.changed.emit()
