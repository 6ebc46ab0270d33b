"""A cursor that takes the place of a widget's own for a while."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QWidget


class CursorOverride:
    """Gives back the widget's cursor, or the one it was given meanwhile."""

    def __init__(self, widget: QWidget) -> None:
        self._widget = widget
        self._own: QCursor | Qt.CursorShape = Qt.CursorShape.ArrowCursor
        self._shape: Qt.CursorShape | None = None

    def show(self, shape: Qt.CursorShape | None) -> None:
        """None ends it."""
        if shape == self._shape:
            return
        shown = self._widget.cursor()
        if self._shape is None or shown.shape() != self._shape:
            self._own = shown
        self._shape = shape
        self._widget.setCursor(self._own if shape is None else shape)
