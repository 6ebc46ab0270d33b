"""The bar of the current tool's options: what ends it is in sight in narrow windows, too."""

import pytest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from tests.app.support.stories import editor


@pytest.mark.parametrize("tool", ["object", "brush", "wand"])
def test_export_is_in_sight_in_a_narrow_window(qtbot: QtBot, tool: str) -> None:
    with editor(qtbot) as w:
        w.tools.choose(tool)
        w.options_bar.setFixedWidth(700)
        qtbot.waitUntil(lambda: w.options_bar.width() == 700)
        button = next(
            each
            for each in w.options_bar.findChildren(QToolButton)
            if each.text().replace("&", "").startswith("Export")
        )
        qtbot.waitUntil(lambda: not button.isHidden() and button.geometry().right() < 700)
        assert w.options_bar.rect().contains(button.geometry())
