"""The question before an edited picture is closed: export it, save the project, or let it go."""

from enum import Enum

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QMessageBox, QWidget

from widgets.plain_text import plain

Role = QMessageBox.ButtonRole


class CloseAnswer(Enum):
    """What becomes of the edits."""

    EXPORT = "export"
    SAVE = "save"
    DISCARD = "discard"
    CANCEL = "cancel"


class CloseQuestion(QMessageBox):
    """Names the picture and what would be lost of it."""

    answered = Signal(object)  # CloseAnswer

    def __init__(self, parent: QWidget, name: str, *, is_picture_safe: bool) -> None:
        """`is_picture_safe`: the pixels are in a file, only selections and variants are not."""
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(self._title(is_picture_safe).replace("{name}", plain(name)))
        self.setInformativeText(self._text(is_picture_safe))
        self.export_button = self.addButton(self.tr("&Export…"), Role.AcceptRole)
        self.save_button = self.addButton(QMessageBox.StandardButton.Save)
        self.save_button.setText(self.tr("&Save project"))
        self.discard_button = self.addButton(QMessageBox.StandardButton.Discard)
        self.cancel_button = self.addButton(QMessageBox.StandardButton.Cancel)
        self.setDefaultButton(self.save_button if is_picture_safe else self.export_button)
        self.setEscapeButton(self.cancel_button)
        self.finished.connect(self._on_finished)

    def _title(self, is_picture_safe: bool) -> str:
        if is_picture_safe:
            return self.tr("Keep the selections of {name}?")
        return self.tr("The retouched picture {name} is in no file yet.")

    def _text(self, is_picture_safe: bool) -> str:
        if is_picture_safe:
            return self.tr(
                "The picture itself is in a file. A project also keeps masks, points and variants."
            )
        return self.tr(
            "Export writes the finished picture. A project also keeps masks, points and variants."
        )

    @Slot(int)
    def _on_finished(self, _: int) -> None:
        answers = {
            self.export_button: CloseAnswer.EXPORT,
            self.save_button: CloseAnswer.SAVE,
            self.discard_button: CloseAnswer.DISCARD,
        }
        clicked = self.clickedButton()
        found = [answer for button, answer in answers.items() if button is clicked]
        self.answered.emit(found[0] if found else CloseAnswer.CANCEL)
