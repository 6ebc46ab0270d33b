"""A few lines of plain text, with older texts above and newer ones below."""

from PySide6.QtCore import QMimeData, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from widgets.theme import theme


class PromptField(QPlainTextEdit):
    """Emits `edited` with the text when the user changed it.

    Up on the first line asks for an `older` text, Down on the last for a `newer` one. Tab leaves.
    """

    edited = Signal(str)
    older = Signal()
    newer = Signal()

    def __init__(
        self, name: str, *, lines: int = 3, limit: int = 10_000, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._limit = limit
        self.setTabChangesFocus(True)
        self.setAccessibleName(name)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        frame = 2 * (self.frameWidth() + round(self.document().documentMargin()))
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + frame + theme.spacing(self))
        self.textChanged.connect(self._on_changed)

    @property
    def text(self) -> str:
        return self.toPlainText()

    def set_text(self, text: str) -> None:
        """Show another text, which Ctrl+Z takes back; whoever calls knows it already."""
        if text != self.text:
            with QSignalBlocker(self):
                self._write(text)

    def _write(self, text: str) -> None:
        cursor = self.textCursor()
        cursor.select(QTextCursor.SelectionType.Document)
        cursor.insertText(text[: self._limit])
        self.setTextCursor(cursor)

    @Slot()
    def _on_changed(self) -> None:
        if len(self.text) > self._limit:
            with QSignalBlocker(self):
                self._write(self.text)
        self.edited.emit(self.text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        bare = event.modifiers() in (
            Qt.KeyboardModifier.NoModifier,
            Qt.KeyboardModifier.KeypadModifier,
        )
        if bare and event.key() == Qt.Key.Key_Up and self._is_at(QTextCursor.MoveOperation.Up):
            self.older.emit()
        elif (
            bare and event.key() == Qt.Key.Key_Down and self._is_at(QTextCursor.MoveOperation.Down)
        ):
            self.newer.emit()
        else:
            super().keyPressEvent(event)

    def _is_at(self, way: QTextCursor.MoveOperation) -> bool:
        """Whether there is no further line that way, wrapped lines counted."""
        return not QTextCursor(self.textCursor()).movePosition(way)

    def insertFromMimeData(self, source: QMimeData) -> None:  # noqa: N802
        """Text only, and no more of it than there is room for."""
        self.insertPlainText(source.text()[: max(0, self._limit - len(self.text))])
