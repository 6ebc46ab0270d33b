"""Heights of the panels when the program starts for the first time."""

import pytest
from PySide6.QtWidgets import QDockWidget, QScrollArea
from pytestqt.qtbot import QtBot

from tests.app.support.stories import editor


def shown(dock: QDockWidget) -> float:
    """The share of a panel's height that is in sight, 0..1."""
    scroll = dock.widget()
    assert isinstance(scroll, QScrollArea)
    height_px = scroll.viewport().height()
    return height_px / (height_px + scroll.verticalScrollBar().maximum())


@pytest.mark.parametrize("height", [800, 1000])
def test_nothing_is_out_of_sight_where_there_is_room_for_all(qtbot: QtBot, height: int) -> None:
    with editor(qtbot) as w:
        w.window.resize(1280, height)
        w.docks.arrange()
        docks = [w.docks["selection"], w.docks["remove"]]
        qtbot.waitUntil(lambda: all(shown(dock) == 1 for dock in docks))


def test_a_low_window_takes_from_both(qtbot: QtBot) -> None:
    with editor(qtbot) as w:
        w.window.resize(1280, 480)
        w.docks.arrange()
        docks = [w.docks["selection"], w.docks["remove"]]
        qtbot.waitUntil(lambda: all(shown(dock) < 1 for dock in docks))
        upper, lower = map(shown, docks)
        assert abs(upper - lower) < 0.25
