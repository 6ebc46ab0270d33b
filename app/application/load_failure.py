"""The page of a window whose editor could not be made."""

import logging

from PySide6.QtCore import Qt, QUrl, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app import paths
from app.text.message import actions
from widgets.plain_text import plain
from widgets.plain_widgets import PlainLabel

WIDTH_PX = 560
GAP_PX = 12

logger = logging.getLogger(__name__)


class LoadFailurePage(QWidget):
    """Names the error. Imports as little as possible: anything else may be what is broken."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self._error = plain(f"{type(error).__name__}: {error}")
        self._words = QVBoxLayout()
        self._say(self.tr("Lacuna could not be loaded."))
        self._say(self._error)
        self._say(self.tr("Start it again. If that does not help, install it again."))
        self._buttons = QHBoxLayout()
        copy, logs = actions("help.diagnostics", "help.logs")
        self.copy_button = self._button(copy.text)
        self.log_button = self._button(logs.text)
        self._buttons.addStretch()
        copy, logs = actions("help.diagnostics", "help.logs")
        self.copy_button.clicked.connect(self._copy)
        self.log_button.clicked.connect(self._open_logs)
        self._lay_out()

    def _say(self, text: str) -> None:
        label = PlainLabel(self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setText(text)
        label.setWordWrap(True)
        self._words.addWidget(label)

    def _button(self, text: str) -> QPushButton:
        button = QPushButton(text, self)
        self._buttons.addWidget(button)
        return button

    def _lay_out(self) -> None:
        middle = QWidget(self)
        middle.setFixedWidth(WIDTH_PX)
        self._words.setSpacing(GAP_PX)
        self._words.addLayout(self._buttons)
        middle.setLayout(self._words)
        outer = QHBoxLayout(self)
        outer.addWidget(middle, 0, Qt.AlignmentFlag.AlignCenter)

    @Slot()
    def _copy(self) -> None:
        """Copy the diagnostics or, where they cannot be made, the error alone."""
        try:
            from app.services import diagnostics

            report = diagnostics.text()
        except Exception:
            logger.exception("no diagnostics")
            report = ""
        QGuiApplication.clipboard().setText(f"{self._error}\n{report}")

    @Slot()
    def _open_logs(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(paths.log_dir())))
