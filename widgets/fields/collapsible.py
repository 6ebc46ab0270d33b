"""A part of a panel that can be folded away."""

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QSizePolicy, QToolButton, QVBoxLayout, QWidget

from widgets.theme import theme


class Collapsible(QWidget):
    """A heading that opens and closes what lies under it. Emits `opened` when the user does so."""

    opened = Signal(bool)

    def __init__(self, title: str, body: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.body = body
        self.button = QToolButton(self)
        self.button.setText(title)
        self.button.setCheckable(True)
        self.button.setAutoRaise(True)
        self.button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.button.setProperty("role", "fold")
        self.button.setIconSize(theme.text_icon_size(self))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.spacing(self, 1.5))
        column.addWidget(self.button)
        column.addWidget(body)
        self.button.clicked.connect(self._on_clicked)
        self.set_open(False)

    @property
    def is_open(self) -> bool:
        return self.button.isChecked()

    def set_open(self, opened: bool) -> None:
        """Whoever calls knows it already."""
        self.button.setChecked(opened)
        self.button.setIcon(theme.icon("chevron-down" if opened else "chevron-right"))
        self.body.setVisible(opened)

    @Slot(bool)
    def _on_clicked(self, opened: bool) -> None:
        self.set_open(opened)
        self.opened.emit(opened)
