"""The look: two palettes of our own over Fusion, one stylesheet, icons tinted when painted.

Fusion is told everything it can understand through the palette; resources/style.qss says the rest,
with `@name` standing for a colour of `Colors` and `@resources` for the folder.
"""

import re
from dataclasses import fields
from pathlib import Path

from PySide6.QtCore import QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from widgets.theme.colors import DARK, LIGHT, Colors, colors_of, make_palette
from widgets.theme.icons import app_icon, icon, tinted

__all__ = [
    "DARK",
    "LIGHT",
    "Colors",
    "Theme",
    "app_icon",
    "colors_of",
    "icon",
    "icon_size",
    "make_palette",
    "make_primary",
    "make_stylesheet",
    "open_at",
    "spacing",
    "text_icon_size",
    "tinted",
]

FRAME_PX = 40  # of a title bar, whose height nobody knows before the window is shown
RESOURCES = Path(__file__).resolve().parent.parent.parent / "resources"


def make_stylesheet(colors: Colors) -> str:
    """resources/style.qss with the colours of this look."""
    words = {field.name: getattr(colors, field.name) for field in fields(colors)}
    words["resources"] = RESOURCES.as_posix()
    words["look"] = "dark" if colors is DARK else "light"
    text = (RESOURCES / "style.qss").read_text(encoding="utf-8")
    return re.sub(r"@(\w+)", lambda match: words[match[1]], text)


class Theme(QObject):
    """Dresses the application; `scheme` is "system", "light" or "dark". Emits `changed`."""

    changed = Signal()

    def __init__(self, app: QApplication, scheme: str = "system") -> None:
        super().__init__(app)
        self._app = app
        self._scheme = scheme
        app.setStyle("Fusion")
        app.setWindowIcon(app_icon())
        app.styleHints().colorSchemeChanged.connect(self._on_scheme_changed)
        self._apply()

    @property
    def colors(self) -> Colors:
        if self._scheme == "system":
            system = self._app.styleHints().colorScheme()
            return LIGHT if system is Qt.ColorScheme.Light else DARK
        return LIGHT if self._scheme == "light" else DARK

    def set_scheme(self, scheme: str) -> None:
        if scheme != self._scheme:
            self._scheme = scheme
            self._apply()

    @Slot()
    def _on_scheme_changed(self) -> None:
        if self._scheme == "system":
            self._apply()

    def _apply(self) -> None:
        self._app.setPalette(make_palette(self.colors))
        self._app.setStyleSheet(make_stylesheet(self.colors))
        self.changed.emit()


def make_primary(button: QPushButton, name: str) -> None:
    """The one filled button of a panel; its icon stands upon the accent."""
    palette = make_palette(LIGHT)
    palette.setColor(QPalette.ColorRole.ButtonText, QColor(LIGHT.accent_text))
    button.setProperty("primary", True)
    button.setIcon(icon(name, palette))


def spacing(widget: QWidget, steps: float = 1.0) -> int:
    """Distances grow with the font: one step is about 4 px at the usual size."""
    return max(1, round(widget.fontMetrics().height() / 4 * steps))


def open_at(window: QWidget, width_px: int, height_px: int) -> None:
    """The size of a window when it is first shown; a small screen makes it smaller."""
    room = window.screen().availableSize()
    window.resize(min(width_px, room.width()), min(height_px, room.height() - FRAME_PX))


def icon_size(widget: QWidget, steps: float = 4.0) -> QSize:
    """An icon beside text of this font."""
    side = spacing(widget, steps)
    return QSize(side, side)


def text_icon_size(widget: QWidget) -> QSize:
    """The room of an icon with text after it in a tool button: wider than the icon, for a gap."""
    return QSize(spacing(widget, 6), spacing(widget, 4))
