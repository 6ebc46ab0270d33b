"""Alt and a letter opens a menu, whatever stands in the panels."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QLocale, QTranslator
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel
from pytestqt.qtbot import QtBot

from app.application import translations
from app.window.editor import Editor
from tests.app.support.stories import editor
from widgets.mnemonics import letter


@pytest.fixture(params=["en", "uk"])
def w(qtbot: QtBot, request: pytest.FixtureRequest) -> Iterator[Editor]:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    before, known = QLocale(), set(app.findChildren(QTranslator))
    translations.install(app, request.param)
    with editor(qtbot) as workspace:
        yield workspace
    for translator in set(app.findChildren(QTranslator)) - known:
        app.removeTranslator(translator)
        translator.deleteLater()
    QLocale.setDefault(before)


def test_no_panel_takes_the_letter_of_a_menu(w: Editor) -> None:
    menus = {letter(action.text()) for action in w.window.menuBar().actions()}
    assert len(menus - {""}) >= 8
    for dock in w.docks.all:
        for child in (*dock.findChildren(QLabel), *dock.findChildren(QAbstractButton)):
            assert letter(child.text()) not in menus - {""}, (dock.objectName(), child.text())


def test_labels_without_a_letter_keep_their_field(w: Editor) -> None:
    labels = [each for dock in w.docks.all for each in dock.findChildren(QLabel) if each.buddy()]
    assert any(letter(each.text()) for each in labels)
    assert any(not letter(each.text()) for each in labels)
