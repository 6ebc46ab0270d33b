"""The look: two palettes of our own over Fusion, one stylesheet, icons tinted when painted.

Fusion is told everything it can understand through the palette; resources/style.qss says the rest,
with `@name` standing for a colour of `Colors` and `@resources` for the folder.
"""

import re
from dataclasses import dataclass, fields
from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QPoint, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QIcon,
    QIconEngine,
    QPainter,
    QPalette,
    QPixmap,
)
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

RESOURCES = Path(__file__).resolve().parent.parent / "resources"


@dataclass(frozen=True, slots=True, kw_only=True)
class Colors:
    """One look. Neutral greys, so that they do not tint the eye, and one accent."""

    window: str
    base: str
    raised: str
    hover: str
    pressed: str
    border: str
    edge: str  # of what can be used: 3:1 against its ground
    groove: str  # of sliders and progress
    text: str
    muted: str
    disabled: str
    accent: str  # what is on: fills
    accent_text: str  # upon the fill
    accent_line: str  # focus rings, icons and links upon the window
    accent_soft: str  # a tint for rows and buttons that are on
    canvas: str
    info: str
    success: str
    warning: str
    error: str


DARK = Colors(
    window="#2b2b2b",
    base="#202020",
    raised="#3a3a3a",
    hover="#444444",
    pressed="#1c1c1c",
    border="#1b1b1b",
    edge="#5a5a5a",
    groove="#474747",
    text="#e8e8e8",
    muted="#a9a9a9",
    disabled="#767676",
    accent="#12867d",
    accent_text="#ffffff",
    accent_line="#3ec9bb",
    accent_soft="#25403d",
    canvas="#191919",
    info="#6fb1ff",
    success="#5fcf8b",
    warning="#f2b84b",
    error="#ff8379",
)

LIGHT = Colors(
    window="#f2f2f2",
    base="#ffffff",
    raised="#fbfbfb",
    hover="#e4e4e4",
    pressed="#d3d3d3",
    border="#d2d2d2",
    edge="#a4a4a4",
    groove="#cdcdcd",
    text="#1d1d1d",
    muted="#5c5c5c",
    disabled="#9a9a9a",
    accent="#0b776f",
    accent_text="#ffffff",
    accent_line="#0b776f",
    accent_soft="#cfe7e4",
    canvas="#c6c6c6",
    info="#1559b3",
    success="#136b39",
    warning="#8a5800",
    error="#b3261e",
)


def colors_of(palette: QPalette) -> Colors:
    """The look a widget is painted in, so that no widget has to be told."""
    dark = palette.color(QPalette.ColorRole.Window).lightness() < 128
    return DARK if dark else LIGHT


def make_palette(colors: Colors) -> QPalette:
    """Every role Fusion and our own painting ask for, disabled ones included."""
    role = QPalette.ColorRole
    roles = {
        role.Window: colors.window,
        role.WindowText: colors.text,
        role.Base: colors.base,
        role.AlternateBase: colors.window,
        role.Text: colors.text,
        role.Button: colors.raised,
        role.ButtonText: colors.text,
        role.BrightText: colors.accent_text,
        role.ToolTipBase: colors.raised,
        role.ToolTipText: colors.text,
        role.PlaceholderText: colors.muted,
        role.Highlight: colors.accent,
        role.HighlightedText: colors.accent_text,
        role.Accent: colors.accent,
        role.Link: colors.accent_line,
        role.LinkVisited: colors.accent_line,
        role.Light: colors.hover,
        role.Midlight: colors.raised,
        role.Mid: colors.edge,
        role.Dark: colors.border,
        role.Shadow: colors.border,
    }
    palette = QPalette()
    for name, value in roles.items():
        palette.setColor(name, QColor(value))
    for name in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(colors.disabled))
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(colors.edge))
    return palette


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


class _TintedSvg(QIconEngine):
    """Draws an SVG in the colour of the moment: a change of the palette needs no new icon."""

    def __init__(self, name: str, palette: QPalette | None) -> None:
        super().__init__()
        self._name = name
        self._palette = palette
        self._copy: _TintedSvg | None = None

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        scale = painter.device().devicePixelRatioF() if painter.device() else 1.0
        painter.drawPixmap(rect, self.scaledPixmap(rect.size(), mode, state, scale))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(  # noqa: N802
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        device = size * scale
        color = self._color(mode, state)
        pixmap = _rendered(self._name, device.width(), device.height(), color)
        pixmap.setDevicePixelRatio(scale)
        return pixmap

    def _color(self, mode: QIcon.Mode, state: QIcon.State) -> str:
        palette = self._palette or QGuiApplication.palette()
        if mode is QIcon.Mode.Disabled:
            return colors_of(palette).disabled
        if state is QIcon.State.On:
            return colors_of(palette).accent_line
        return palette.color(QPalette.ColorRole.ButtonText).name()

    def clone(self) -> "_TintedSvg":
        # Qt takes the copy over, yet Python must not let go of it first: that crashes
        self._copy = _TintedSvg(self._name, self._palette)
        return self._copy


@lru_cache(maxsize=256)
def _svg(name: str) -> str:
    return (RESOURCES / "icons" / f"{name}.svg").read_text(encoding="utf-8")


def _rendered(name: str, width: int, height: int, color: str) -> QPixmap:
    """A square picture in the middle of (width, height) device pixels."""
    pixmap = QPixmap(max(1, width), max(1, height))
    pixmap.fill(Qt.GlobalColor.transparent)
    side = min(width, height)
    corner = QPoint((width - side) // 2, (height - side) // 2)
    text = _svg(name).replace("currentColor", color)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(text.encode())).render(painter, QRectF(corner, QSize(side, side)))
    painter.end()
    return pixmap


def icon(name: str, palette: QPalette | None = None) -> QIcon:
    """An icon of resources/icons in the text colour, of the application if no palette is given."""
    _svg(name)  # a name that does not exist fails here and not in a paint event
    return QIcon(_TintedSvg(name, palette))


def make_primary(button: QPushButton, name: str) -> None:
    """The one filled button of a panel; its icon stands upon the accent."""
    palette = make_palette(LIGHT)
    palette.setColor(QPalette.ColorRole.ButtonText, QColor(LIGHT.accent_text))
    button.setProperty("primary", True)
    button.setIcon(icon(name, palette))


def tinted(name: str, color: str, size_px: int, scale: float = 1.0) -> QPixmap:
    """The icon in one fixed colour, for labels."""
    side = round(size_px * scale)
    pixmap = _rendered(name, side, side, color)
    pixmap.setDevicePixelRatio(scale)
    return pixmap


def app_icon() -> QIcon:
    """The program's own mark; in its own colours."""
    result = QIcon()
    for side in (16, 24, 32, 48, 64, 128, 256):
        result.addPixmap(_rendered("lacuna", side, side, "#000000"))
    return result


def spacing(widget: QWidget, steps: float = 1.0) -> int:
    """Distances grow with the font: one step is about 4 px at the usual size."""
    return max(1, round(widget.fontMetrics().height() / 4 * steps))


def icon_size(widget: QWidget, steps: float = 4.0) -> QSize:
    """An icon beside text of this font."""
    side = spacing(widget, steps)
    return QSize(side, side)
