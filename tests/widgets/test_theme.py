import xml.etree.ElementTree as ET

import pytest
import shiboken6
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPalette
from PySide6.QtWidgets import QApplication, QListWidget, QListWidgetItem, QWidget
from pytestqt.qtbot import QtBot

from widgets.theme import theme
from widgets.theme.theme import DARK, LIGHT, RESOURCES, Colors

ICONS = sorted((RESOURCES / "icons").glob("*.svg"))


@pytest.fixture
def dressed(qapp: QApplication):
    before = qapp.palette(), qapp.style().name(), qapp.styleSheet()
    own = theme.Theme(qapp, "dark")
    yield own
    shiboken6.delete(own)
    qapp.setStyleSheet(before[2])
    qapp.setStyle(before[1])
    qapp.setPalette(before[0])


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio."""

    def light(color: str) -> float:
        parts = QColor(color).getRgbF()[:3]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((light(one), light(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("colors", [DARK, LIGHT], ids=["dark", "light"])
def test_everything_that_is_read_stands_out(colors: Colors) -> None:
    for ground in (colors.window, colors.base, colors.raised, colors.hover, colors.accent_soft):
        assert contrast(colors.text, ground) >= 7
    for ground in (colors.window, colors.base):
        assert contrast(colors.muted, ground) >= 4.5
        for kind in (colors.info, colors.success, colors.warning, colors.error):
            assert contrast(kind, ground) >= 4.5
        assert contrast(colors.accent_line, ground) >= 3  # focus rings
    assert contrast(colors.accent_text, colors.accent) >= 4.4


@pytest.mark.parametrize("colors", [DARK, LIGHT], ids=["dark", "light"])
def test_what_surrounds_the_picture_is_neutral(colors: Colors) -> None:
    for name in (colors.canvas, colors.window, colors.base):
        assert QColor(name).hsvSaturation() == 0


def test_a_scheme_is_put_on_and_changed(dressed: theme.Theme, qapp: QApplication, qtbot) -> None:
    assert qapp.palette().color(QPalette.ColorRole.Window).name() == DARK.window
    assert not qapp.windowIcon().isNull()
    with qtbot.waitSignal(dressed.changed):
        dressed.set_scheme("light")
    assert qapp.palette().color(QPalette.ColorRole.Window).name() == LIGHT.window
    assert theme.colors_of(qapp.palette()) is LIGHT


def test_system_follows_the_system(dressed: theme.Theme, qapp: QApplication, qtbot: QtBot) -> None:
    dressed.set_scheme("light")
    dressed.set_scheme("system")
    expected = LIGHT if qapp.styleHints().colorScheme() is Qt.ColorScheme.Light else DARK
    assert dressed.colors is expected
    with qtbot.waitSignal(dressed.changed):
        qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    dressed.set_scheme("dark")
    with qtbot.assertNotEmitted(dressed.changed):
        qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)


@pytest.mark.parametrize("colors", [DARK, LIGHT], ids=["dark", "light"])
def test_the_stylesheet_is_complete(colors: Colors) -> None:
    text = theme.make_stylesheet(colors)
    assert "@" not in text
    for part in text.split("url(")[1:]:
        assert (RESOURCES / part.split(")")[0]).exists()


@pytest.mark.parametrize("path", ICONS, ids=lambda path: path.stem)
def test_icons_are_of_one_family(path) -> None:
    root = ET.fromstring(path.read_text())
    own = path.stem == "lacuna" or path.stem == "tick" or path.stem.startswith("arrow-")
    assert own or (root.get("stroke") == "currentColor" and root.get("viewBox") == "0 0 24 24")


def painted(icon: QIcon, scale: float, mode: QIcon.Mode = QIcon.Mode.Normal) -> set[str]:
    image = icon.pixmap(QSize(24, 24), scale, mode).toImage()
    return {
        image.pixelColor(x, y).name()
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y).alpha() == 255
    }


def test_an_icon_has_the_colour_of_the_text(dressed: theme.Theme) -> None:
    icon = theme.icon("brush")
    assert painted(icon, 1) == {DARK.text}
    assert painted(icon, 1, QIcon.Mode.Disabled) == {DARK.disabled}
    dressed.set_scheme("light")
    assert painted(icon, 1) == {LIGHT.text}  # the same icon: nothing has to be set again
    assert painted(theme.icon("brush", theme.make_palette(DARK)), 1) == {DARK.text}


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_an_icon_has_every_pixel_of_the_screen(qapp: QApplication, scale: float) -> None:
    pixmap = theme.icon("brush").pixmap(QSize(16, 16), scale)
    assert pixmap.width() == round(16 * scale)
    assert pixmap.devicePixelRatio() == scale


def test_a_copied_icon_lives(qapp: QApplication) -> None:
    copy = QIcon(theme.icon("brush"))
    copy.setIsMask(True)  # makes Qt clone the engine
    assert not copy.pixmap(16, 16).isNull()


def test_an_unknown_icon_is_found_at_once(qapp: QApplication) -> None:
    with pytest.raises(FileNotFoundError):
        theme.icon("no-such-icon")


def test_distances_grow_with_the_font(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    font = widget.font()
    font.setPointSize(9)
    widget.setFont(font)
    small = theme.spacing(widget)
    font.setPointSize(27)
    widget.setFont(font)
    assert theme.spacing(widget) >= 2 * small


def test_icons_are_painted_in_widgets_over_and_over(dressed: theme.Theme, qtbot: QtBot) -> None:
    # QIcon.paint while a window is drawn: a dead wrapper of the painter's device crashed here
    listed = QListWidget()
    qtbot.addWidget(listed)
    for name in ("check", "x", "brush"):
        listed.addItem(QListWidgetItem(theme.icon(name), name))
    listed.show()
    for scheme in ("light", "dark") * 3:
        dressed.set_scheme(scheme)
        listed.clear()
        listed.addItem(QListWidgetItem(theme.icon("eye"), scheme))
        listed.repaint()
    assert not listed.grab().isNull()
