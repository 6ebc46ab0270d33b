"""Labels and tool tips that show text as it is: names of strangers are never markup."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QStandardItem
from PySide6.QtWidgets import QLabel, QListWidgetItem, QWidget

_BREAK = "<\N{WORD JOINER}"
"""Not visible, and no tag begins with it: Qt reads a tip with a tag in it as rich text."""


class PlainLabel(QLabel):
    """A label that never guesses at markup."""

    def __init__(self, *arguments: str | QWidget | None) -> None:
        super().__init__(*arguments)  # pyright: ignore[reportArgumentType, reportCallIssue]
        self.setTextFormat(Qt.TextFormat.PlainText)


Tipped = QWidget | QAction | QListWidgetItem | QStandardItem


def set_tip(target: Tipped, text: str) -> None:
    """The tool tip of a widget, action or item, shown as it is written."""
    target.setToolTip(unmarked(text))


def unmarked(text: str) -> str:
    """The same text to the eye, which Qt does not take for markup."""
    return text.replace("<", _BREAK).replace("&lt;", "&\N{WORD JOINER}lt;")
