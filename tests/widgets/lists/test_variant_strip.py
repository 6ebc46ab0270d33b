import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from widgets.lists.variant_strip import VariantStrip, VariantTile


@pytest.fixture
def strip(qtbot: QtBot) -> VariantStrip:
    widget = VariantStrip()
    qtbot.addWidget(widget)
    image = np.zeros((30, 40, 3), np.uint8)
    widget.set_variants([VariantTile(image=image, caption=str(i)) for i in range(3)], 0)
    widget.resize(600, 200)
    widget.show()
    return widget


def test_arrows_look_and_apply_nothing(strip: VariantStrip, qtbot: QtBot) -> None:
    strip.applied.connect(pytest.fail)
    with qtbot.waitSignal(strip.looked) as said:
        qtbot.keyClick(strip.view, Qt.Key.Key_Right)
    assert said.args == [1]
    with qtbot.waitSignal(strip.looked) as said:
        qtbot.keyClick(strip.view, Qt.Key.Key_Left)
    assert said.args == [0]


def test_enter_applies_delete_discards_escape_leaves(strip: VariantStrip, qtbot: QtBot) -> None:
    with qtbot.waitSignal(strip.applied) as said:
        qtbot.keyClick(strip.view, Qt.Key.Key_Return)
    assert said.args == [0]
    with qtbot.waitSignal(strip.discarded) as said:
        qtbot.keyClick(strip.view, Qt.Key.Key_Delete)
    assert said.args == [0]
    assert strip.view.count() == 3  # whoever owns the variants throws one away
    with qtbot.waitSignal(strip.left):
        qtbot.keyClick(strip.view, Qt.Key.Key_Escape)


def test_the_buttons_need_a_variant(strip: VariantStrip, qtbot: QtBot) -> None:
    with qtbot.waitSignal(strip.applied):
        strip.apply_button.click()
    strip.set_variants([])
    assert not strip.apply_button.isEnabled()
    assert not strip.discard_button.isEnabled()
    with qtbot.assertNotEmitted(strip.discarded):
        qtbot.keyClick(strip.view, Qt.Key.Key_Delete)


def test_what_is_set_from_outside_is_not_announced(strip: VariantStrip, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(strip.looked):
        strip.set_current(2)
    assert strip.current == 2


def test_a_whole_thumbnail_fits(strip: VariantStrip) -> None:
    for row in range(3):
        rect = strip.view.visualItemRect(strip.view.item(row))
        assert rect.height() >= strip.view.iconSize().height() + strip.fontMetrics().height()
        assert strip.view.viewport().rect().contains(rect)
