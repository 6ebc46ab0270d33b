"""All windows and dialogs at once: none reads a name as markup, and each fits a small screen."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QModelIndex, QSize, Qt
from PySide6.QtGui import QAction, QFont
from PySide6.QtGui import Qt as GuiQt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QLabel,
    QMenu,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from tests.app.support.every_window import every_window

SMALL = (1366, 768 - 40)  # without a title bar, or a panel of the desktop
TOOL_TIP = Qt.ItemDataRole.ToolTipRole


@pytest.fixture
def large_letters() -> Iterator[None]:
    """As on a desktop with a font of 12 points and 96 dots an inch."""
    before = QApplication.font()
    font = QFont(before)
    font.setPixelSize(16)
    QApplication.setFont(font)
    yield
    QApplication.setFont(before)


def test_no_window_reads_a_name_as_markup(qtbot: QtBot, tmp_path: Path) -> None:
    with every_window(qtbot, tmp_path):
        seen = [text for widget in QApplication.allWidgets() for text in shown_by(widget)]
        found = [f"{where}: {text}" for where, text, guessed in seen if guessed and is_read(text)]
        assert found == []
        mnemonics = [f"{where}: {text}" for where, text, _ in seen if underlines(where, text)]
        assert mnemonics == []
        places = {where.partition(".")[0] for where, text, _ in seen if "odd" in text}
        assert len(places) > 6, places


def test_every_window_fits_a_small_screen(
    qtbot: QtBot, tmp_path: Path, large_letters: None
) -> None:
    with every_window(qtbot, tmp_path) as windows:
        sizes = {type(window).__name__: window.minimumSizeHint() for window in windows}
        too_large = {
            name: (size.width(), size.height())
            for name, size in sizes.items()
            if size.width() > SMALL[0] or size.height() > SMALL[1]
        }
        assert too_large == {}
        assert len(sizes) > 9
        room = windows[0].screen().availableSize()
        larger = [type(window) for window in windows[1:] if not fits(window.size(), room)]
        assert larger == []


def fits(size: QSize, room: QSize) -> bool:
    return size.width() <= room.width() and size.height() <= room.height()


def is_read(text: str) -> bool:
    return "odd" in text and GuiQt.mightBeRichText(text)


def underlines(where: str, text: str) -> bool:
    has_mnemonics = where.endswith((".button", ".action", ".menu", ".tab", ".buddy"))
    return has_mnemonics and "odd" in text and "&" in text.replace("&&", "")


def shown_by(widget: QWidget) -> Iterator[tuple[str, str, bool]]:
    """What a widget shows: where, text, and whether Qt guesses at markup there."""
    name = type(widget).__name__
    yield f"{name}.tip", widget.toolTip(), True
    yield f"{name}.what", widget.whatsThis(), True
    for action in widget.actions():
        yield from _of_action(name, action, tips=not isinstance(widget, QMenu))
    if isinstance(widget, QLabel):
        guesses = widget.textFormat() != Qt.TextFormat.PlainText
        yield f"{name}.{'buddy' if widget.buddy() else 'label'}", widget.text(), guesses
    elif isinstance(widget, QAbstractButton):
        yield f"{name}.button", widget.text(), False
    elif isinstance(widget, QMenu):
        yield f"{name}.menu", widget.title(), False
        for action in widget.actions():
            yield from _of_action(name, action, tips=widget.toolTipsVisible())
    elif isinstance(widget, QTabBar):
        for index in range(widget.count()):
            yield f"{name}.tab", widget.tabText(index), False
            yield f"{name}.tip", widget.tabToolTip(index), True
    elif isinstance(widget, QAbstractItemView | QComboBox):
        yield from _of_model(name, widget.model(), QModelIndex())


def _of_action(name: str, action: QAction, *, tips: bool) -> Iterator[tuple[str, str, bool]]:
    yield f"{name}.action", action.text(), False
    yield f"{name}.tip", action.toolTip(), tips


def _of_model(
    name: str, model: QAbstractItemModel, parent: QModelIndex
) -> Iterator[tuple[str, str, bool]]:
    for row in range(model.rowCount(parent)):
        columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount(parent)
        for column in range(columns):
            index = model.index(row, column, parent)
            yield f"{name}.item", str(model.data(index) or ""), False
            yield f"{name}.tip", str(model.data(index, TOOL_TIP) or ""), True
        yield from _of_model(name, model, model.index(row, 0, parent))
