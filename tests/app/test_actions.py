"""The table of actions: whole, free of conflicts, and true to the state of the window."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.action import words
from app.actions import MENUS, PRESETS, TABLE, bindings, conflicts
from app.actions_tools import OPACITY_MENU
from app.conditions import MISSING, Need
from app.workspace import Workspace
from tests.app.stories import drag, editor, opened, photo_file
from widgets import theme


@pytest.fixture
def w(qtbot: QtBot) -> Iterator[Workspace]:
    with editor(qtbot) as workspace:
        yield workspace


def test_every_row_is_complete(qtbot: QtBot) -> None:
    menus = {name for name, _ in MENUS}
    assert len({row.id for row in TABLE}) == len(TABLE)
    for row in TABLE:
        assert row.menu in menus or row.menu == OPACITY_MENU
        assert row.tip.endswith(".")
        assert row.text
        assert not theme.icon(row.icon).isNull()


def test_every_need_has_a_reason() -> None:
    assert all(MISSING[need].endswith(".") for need in Need if need is not Need.NOTHING)


@pytest.mark.parametrize("preset", list(PRESETS))
def test_no_preset_binds_a_key_twice(preset: str) -> None:
    assert conflicts(bindings(preset)) == {}


@pytest.mark.parametrize("preset", list(PRESETS))
def test_presets_name_actions_that_exist_and_keys_that_qt_knows(preset: str) -> None:
    known = {row.id for row in TABLE}
    assert set(PRESETS[preset]) <= known
    for keys in bindings(preset).values():
        for key in keys:
            assert QKeySequence(key).count() == 1, key


def test_a_conflict_is_told() -> None:
    own = bindings("photoshop", {"tool.brush": ("E",)})
    assert conflicts(own) == {"E": ("tool.brush", "tool.eraser")}


def test_without_a_picture_each_disabled_action_says_why(qtbot: QtBot, w: Workspace) -> None:
    enabled = {name for name, action in w.actions.all.items() if action.isEnabled()}
    assert {"file.open", "edit.paste", "edit.settings", "tool.object"} <= enabled
    assert not {"remove.remove", "file.export", "edit.undo", "view.split"} & enabled
    for row in TABLE:
        action = w.actions[row.id]
        if not action.isEnabled():
            assert action.statusTip() == words(MISSING[row.need])


def test_remove_wakes_with_a_selection(qtbot: QtBot, w: Workspace, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    remove = w.actions["remove.remove"]
    assert not remove.isEnabled()
    assert "Select something first" in remove.statusTip()
    w.mask.select_all()
    assert remove.isEnabled()
    assert "outside the ring" in remove.statusTip()


@pytest.mark.parametrize(
    ("key", "tool"),
    [("B", "brush"), ("E", "eraser"), ("L", "lasso"), ("M", "rectangle"), ("U", "wand")],
)
def test_letters_take_tools(
    qtbot: QtBot, w: Workspace, tmp_path: Path, key: str, tool: str
) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    QTest.keyClicks(w.canvas, key)
    assert w.tools.name == tool
    assert w.actions[f"tool.{tool}"].isChecked()


def test_letters_typed_into_a_field_stay_there(qtbot: QtBot, w: Workspace, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    box = w.docks.selection.grow.box
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_3)
    QTest.keyClicks(box, "b")
    assert w.tools.name == "object"


def test_brackets_change_the_brush(qtbot: QtBot, w: Workspace, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    QTest.keyClicks(w.canvas, "B")
    before = w.tools.options.radius_px
    QTest.keyClicks(w.canvas, "]")
    assert w.tools.options.radius_px > before
    QTest.keyClicks(w.canvas, "5")
    assert w.tools.options.opacity == pytest.approx(0.5)


def test_the_original_is_shown_while_the_key_is_down(
    qtbot: QtBot, w: Workspace, tmp_path: Path
) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    QTest.keyPress(w.canvas, Qt.Key.Key_Backslash)
    assert w.looks.is_comparing
    assert w.actions["view.compare"].isChecked()
    QTest.keyRelease(w.canvas, Qt.Key.Key_Backslash)
    assert not w.looks.is_comparing
    w.actions["view.compare"].trigger()
    assert w.looks.is_comparing


def test_a_rebound_key_works_at_once(qtbot: QtBot, w: Workspace, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    w.preferences.change("shortcuts", {"tool.brush": ("P",)})
    QTest.keyClicks(w.canvas, "P")
    assert w.tools.name == "brush"


def test_tab_hides_the_panels_only_from_the_picture(
    qtbot: QtBot, w: Workspace, tmp_path: Path
) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    QTest.keyClick(w.canvas, Qt.Key.Key_Tab)
    assert not w.tool_bar.isVisible()
    assert not any(dock.isVisible() for dock in w.docks.all)
    QTest.keyClick(w.canvas, Qt.Key.Key_Tab)
    assert w.tool_bar.isVisible()
    slider = w.docks.selection.grow.slider
    slider.setFocus()
    QTest.keyClick(slider, Qt.Key.Key_Tab)
    assert w.tool_bar.isVisible()
    assert not slider.hasFocus()


def test_escape_comes_back_to_the_picture_first(qtbot: QtBot, w: Workspace, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    w.tools.choose("rectangle")
    drag(w, (20, 20), (40, 40), (60, 60))
    w.docks.selection.grow.slider.setFocus()
    QTest.keyClick(w.docks.selection.grow.slider, Qt.Key.Key_Escape)
    assert w.canvas.hasFocus()
    assert w.session.has_mask
    QTest.keyClick(w.canvas, Qt.Key.Key_Escape)
    assert w.tools.name == "object"
    assert w.session.has_mask


def test_f6_walks_through_the_panes(qtbot: QtBot, w: Workspace, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    w.canvas.setFocus()
    w.actions["view.next_pane"].trigger()
    assert not w.canvas.hasFocus()
    for _ in range(10):
        if w.canvas.hasFocus():
            break
        w.actions["view.next_pane"].trigger()
    assert w.canvas.hasFocus()
