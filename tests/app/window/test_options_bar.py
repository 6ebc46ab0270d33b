"""The bar of the current tool's options: what ends it is in sight in narrow windows, too."""

import pytest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from tests.app.support.stories import editor
from widgets.fields.fields import LabeledSlider
from widgets.plain_widgets import ElidedLabel


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


def test_where_there_is_little_room_a_slider_is_its_box_alone(qtbot: QtBot) -> None:
    with editor(qtbot) as w:
        w.tools.choose("brush")
        sliders = w.options_bar.findChildren(LabeledSlider)
        shown = [each for each in sliders if each.isVisible()]

        def folded() -> list[bool]:
            assert all(each.box.isVisible() for each in shown)
            return [each.slider.isHidden() and each.label.buddy() is each.box for each in shown]

        w.options_bar.setFixedWidth(700)
        qtbot.waitUntil(lambda: all(folded()))
        w.options_bar.setFixedWidth(1600)
        qtbot.waitUntil(lambda: not any(folded()))
        w.options_bar.setFixedWidth(700)
        qtbot.waitUntil(lambda: all(folded()))


def test_a_hint_without_room_ends_in_an_ellipsis(qtbot: QtBot) -> None:
    with editor(qtbot) as w:
        w.tools.choose("object")
        (hint,) = (each for each in w.options_bar.findChildren(ElidedLabel) if each.isVisible())
        w.options_bar.setFixedWidth(1600)
        qtbot.waitUntil(lambda: hint.text().endswith("box."))
        assert not hint.toolTip()
        w.options_bar.setFixedWidth(600)
        qtbot.waitUntil(lambda: hint.text().endswith("…"))
        assert hint.toolTip().startswith("Click an object")
        assert hint.fontMetrics().horizontalAdvance(hint.text()) <= hint.width()
