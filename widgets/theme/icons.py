"""Icons: one family of SVG files, in the colour of the text beside them."""

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

from widgets.theme.colors import colors_of

ICONS = Path(__file__).resolve().parent.parent.parent / "resources" / "icons"


class _TintedSvg(QIconEngine):
    """Draws an SVG in the colour of the moment: a change of the palette needs no new icon."""

    def __init__(self, name: str, palette: QPalette | None) -> None:
        super().__init__()
        self._name = name
        self._palette = palette
        self._copy: _TintedSvg | None = None

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        # never painter.device() here: while a widget is painted its wrapper may be a dead one
        _draw(painter, QRectF(rect), self._name, self._color(mode, state))

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
    return (ICONS / f"{name}.svg").read_text(encoding="utf-8")


def _rendered(name: str, width: int, height: int, color: str) -> QPixmap:
    """A picture of (width, height) device pixels."""
    pixmap = QPixmap(max(1, width), max(1, height))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    _draw(painter, QRectF(0, 0, width, height), name, color)
    painter.end()
    return pixmap


def _draw(painter: QPainter, rect: QRectF, name: str, color: str) -> None:
    """The icon as large as fits, in the middle."""
    side = min(rect.width(), rect.height())
    square = QRectF(0, 0, side, side)
    square.moveCenter(rect.center())
    text = _svg(name).replace("currentColor", color)
    QSvgRenderer(QByteArray(text.encode())).render(painter, square)


def icon(name: str, palette: QPalette | None = None) -> QIcon:
    """An icon of resources/icons in the text colour, of the application if no palette is given."""
    _svg(name)  # a name that does not exist fails here and not in a paint event
    return QIcon(_TintedSvg(name, palette))


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
