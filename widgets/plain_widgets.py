"""Labels and tool tips that show text as it is: names of strangers are never markup."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QResizeEvent, QStandardItem
from PySide6.QtWidgets import QLabel, QListWidgetItem, QSizePolicy, QWidget

_BREAK = "<\N{WORD JOINER}"
"""Not visible, and no tag begins with it: Qt reads a tip with a tag in it as rich text."""


class PlainLabel(QLabel):
    """A label that never guesses at markup."""

    def __init__(self, *arguments: str | QWidget | None) -> None:
        super().__init__(*arguments)  # pyright: ignore[reportArgumentType, reportCallIssue]
        self.setTextFormat(Qt.TextFormat.PlainText)


class ElidedLabel(PlainLabel):
    """One line that ends in an ellipsis where there is no room for it; all of it is in its tip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._whole = ""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    def set_whole(self, text: str) -> None:
        """The text of which as much is shown as there is room for."""
        self._whole = text
        self.setAccessibleName(text)
        self._elide()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        width_px = self.fontMetrics().horizontalAdvance(self._whole)
        return QSize(width_px + 1, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        right = Qt.TextElideMode.ElideRight
        shown = self.fontMetrics().elidedText(self._whole, right, self.width())
        if shown != self.text():
            self.setText(shown)
            set_tip(self, self._whole if shown != self._whole else "")


Tipped = QWidget | QAction | QListWidgetItem | QStandardItem


def set_tip(target: Tipped, text: str) -> None:
    """The tool tip of a widget, action or item, shown as it is written."""
    target.setToolTip(unmarked(text))


def unmarked(text: str) -> str:
    """The same text to the eye, which Qt does not take for markup."""
    return text.replace("<", _BREAK).replace("&lt;", "&\N{WORD JOINER}lt;")
