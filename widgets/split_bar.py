"""The bar over a split picture that names and chooses what stands on each side."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from widgets.fields.fields import LabeledChoice
from widgets.theme import theme


class SplitBar(QFrame):
    """Two lists side by side. Shows what it is given, decides nothing."""

    left_chosen = Signal(str)
    right_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoFillBackground(True)
        self.left = LabeledChoice(self.tr("Left:"), ())
        self.right = LabeledChoice(self.tr("Right:"), ())
        row = QHBoxLayout(self)
        row.setSpacing(theme.spacing(self, 4))
        row.addWidget(self.left)
        row.addWidget(self.right)
        self.left.changed.connect(self.left_chosen)
        self.right.changed.connect(self.right_chosen)

    def set_sides(
        self,
        lefts: Sequence[tuple[str, str]],
        left: str,
        rights: Sequence[tuple[str, str]],
        right: str,
    ) -> None:
        """(key, text) of all there are, and the key of the one that is shown."""
        self.left.set_choices(lefts)
        self.left.set_value(left)
        self.right.set_choices(rights)
        self.right.set_value(right)
