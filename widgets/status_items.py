"""Pieces of the status bar: the zoom, the place of the pointer, and what was proved."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from widgets.plain_text import plain
from widgets.plain_widgets import PlainLabel, set_tip
from widgets.theme import theme

_LEVELS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


class ZoomButton(QToolButton):
    """Shows the zoom and offers others. Emits `zoom_chosen` (1.0 = 100 %) or `fit_chosen`."""

    zoom_chosen = Signal(float)
    fit_chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        set_tip(self, self.tr("Zoom"))
        self.setFixedWidth(self.fontMetrics().horizontalAdvance("0000.0 %") + 16)
        menu = QMenu(self)
        menu.addAction(self.tr("Fit to window"), self.fit_chosen.emit)
        menu.addSeparator()
        for level in _LEVELS:
            menu.addAction(zoom_text(level), lambda level=level: self.zoom_chosen.emit(level))
        self.setMenu(menu)
        self.set_zoom(1.0)

    def set_zoom(self, zoom: float) -> None:
        text = zoom_text(zoom)
        self.setText(text)
        self.setAccessibleName(self.tr("Zoom %1").replace("%1", text))


def zoom_text(zoom: float) -> str:
    """Percent; one decimal where the whole number would lie."""
    percent = zoom * 100
    rough = percent >= 20 or abs(percent - round(percent)) < 0.05
    return f"{percent:.0f} %" if rough else f"{percent:.1f} %"


class PlaceLabel(PlainLabel):
    """Where the pointer is in the picture; keeps its width so that nothing jumps."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMinimumWidth(self.fontMetrics().horizontalAdvance("00000, 00000"))
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.setAccessibleName(self.tr("Pointer position"))

    def set_place(self, x: int, y: int) -> None:
        self.setText(f"{x}, {y}")


class Badge(QWidget):
    """An icon and a few words: what a job left behind, for instance that nothing else changed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = PlainLabel(self)
        self._text = PlainLabel(self)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.spacing(self))
        row.addWidget(self._icon)
        row.addWidget(self._text)
        self.hide()

    @property
    def text(self) -> str:
        return self._text.text()

    def show_words(self, text: str, *, good: bool, tip: str = "") -> None:
        """Words with a shield, or with a sign of warning; none hide it.

        A screen reader says them.
        """
        colors = theme.colors_of(self.palette())
        name = "shield-check" if good else "triangle-alert"
        color = colors.success if good else colors.warning
        side = theme.spacing(self, 4)
        self._icon.setPixmap(theme.tinted(name, color, side, self.devicePixelRatioF()))
        self._text.setText(plain(text))
        self.setAccessibleName(self.text)
        set_tip(self, tip)
        self.setVisible(bool(text))
        if text:
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))
