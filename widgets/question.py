"""A question before something is deleted: one window, Yes or Cancel, Cancel by default."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget


def confirm(parent: QWidget, question: str, detail: str, on_yes: Callable[[], object]) -> None:
    """Ask without blocking; `on_yes` is called when the user agrees. The texts are plain."""
    box = QMessageBox(parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setText(question)
    box.setInformativeText(detail)
    button = QMessageBox.StandardButton
    box.setStandardButtons(button.Yes | button.Cancel)
    box.setDefaultButton(button.Cancel)
    box.finished.connect(lambda answer: on_yes() if button(answer) == button.Yes else None)
    box.open()
