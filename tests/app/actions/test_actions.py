"""The table of actions: whole, free of conflicts, and true to the state of the window."""

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QMenuBar,
    QScrollArea,
    QTabBar,
    QWidget,
)
from pytestqt.qtbot import QtBot

from app.actions.action import MISSING, Requirement, words
from app.actions.table import MENUS, PRESETS, TABLE, bindings, conflicts
from app.actions.tools import OPACITY_MENU
from app.text.history import LABELS
from app.window.bindings import handlers
from app.window.editor import Editor
from engine.geometry import Image, Rect
from engine.jobs.backend import JobContext
from engine.jobs.fake import FakeBackend
from engine.jobs.requests import Hole
from engine.selection.masks import CombineMode
from tests.app.support.stories import (
    WAIT_MS,
    drag,
    editor,
    is_enabled,
    opened,
    photo_file,
    removed,
    settled,
)
from widgets.theme import theme

STEP = r'(?:edit|write_mask|_write|_set|_select|_show|put)\(\s*"([^"]+)"'


@pytest.fixture
def w(qtbot: QtBot) -> Iterator[Editor]:
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
    assert all(
        MISSING[need].endswith(".") for need in Requirement if need is not Requirement.NOTHING
    )


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


def test_without_a_picture_each_disabled_action_says_why(qtbot: QtBot, w: Editor) -> None:
    enabled = {name for name, action in w.actions.all.items() if action.isEnabled()}
    assert {"file.open", "edit.paste", "edit.settings", "tool.object"} <= enabled
    assert not {"remove.remove", "file.export", "edit.undo", "view.split"} & enabled
    for row in TABLE:
        action = w.actions[row.id]
        if not action.isEnabled():
            assert action.statusTip() == words(MISSING[row.requires])


def test_every_row_is_bound_to_a_method(w: Editor) -> None:
    assert set(handlers(w.action_receivers)) == {row.id for row in TABLE}


def test_a_turn_of_the_event_loop_has_one_refresh(
    qtbot: QtBot, w: Editor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    settled(qtbot, w)
    w.actions.refresh()
    asked: list[bool] = []
    monkeypatch.setitem(
        w.actions._conditions, Requirement.NOTHING, lambda: bool(asked.append(True)) or True
    )
    w.mask_editor.select_all()
    w.mask_editor.invert()
    w.tools.choose("brush")
    assert asked == []
    qtbot.waitUntil(lambda: w.actions["tool.smaller"].isEnabled(), timeout=WAIT_MS)
    assert len(asked) == 1


def test_a_key_finds_the_action_of_now(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    w.mask_editor.select_all()
    QTest.keyClick(w.canvas, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert not w.session.has_mask


def test_a_menu_shows_the_actions_of_now(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    w.mask_editor.select_all()
    w.menus.all["select"].aboutToShow.emit()
    assert w.actions["select.none"].isEnabled()


def test_remove_wakes_with_a_selection(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    remove = w.actions["remove.remove"]
    assert not is_enabled(w, "remove.remove")
    assert "Select something first" in remove.statusTip()
    w.mask_editor.select_all()
    assert is_enabled(w, "remove.remove")
    assert "outside the ring" in remove.statusTip()


@pytest.mark.parametrize(
    ("key", "tool"),
    [("B", "brush"), ("E", "eraser"), ("L", "lasso"), ("M", "rectangle"), ("U", "wand")],
)
def test_letters_take_tools(qtbot: QtBot, w: Editor, tmp_path: Path, key: str, tool: str) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    QTest.keyClicks(w.canvas, key)
    assert w.tools.name == tool
    assert w.actions[f"tool.{tool}"].isChecked()


def test_letters_typed_into_a_field_stay_there(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    box = w.docks.selection.grow.box
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_3)
    QTest.keyClicks(box, "b")
    assert w.tools.name == "object"


def test_brackets_change_the_brush(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    QTest.keyClicks(w.canvas, "B")
    before = w.tools.options.radius_px
    QTest.keyClicks(w.canvas, "]")
    assert w.tools.options.radius_px > before
    QTest.keyClicks(w.canvas, "5")
    assert w.tools.options.opacity == pytest.approx(0.5)


def test_the_original_is_shown_while_the_key_is_down(
    qtbot: QtBot, w: Editor, tmp_path: Path
) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    QTest.keyPress(w.canvas, Qt.Key.Key_Backslash)
    assert w.view_options.is_comparing
    assert w.actions["view.compare"].isChecked()
    QTest.keyRelease(w.canvas, Qt.Key.Key_Backslash)
    qtbot.waitUntil(lambda: not w.view_options.is_comparing)
    w.actions.trigger("view.compare")
    assert w.view_options.is_comparing


def test_a_rebound_key_works_at_once(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    w.preferences.change("shortcuts", {"tool.brush": ("P",)})
    QTest.keyClicks(w.canvas, "P")
    assert w.tools.name == "brush"


def test_tab_hides_the_panels_only_from_the_picture(
    qtbot: QtBot, w: Editor, tmp_path: Path
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


def test_escape_comes_back_to_the_picture_first(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
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


def test_f6_walks_through_the_panes(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    w.canvas.setFocus()
    w.actions.trigger("view.next_pane")
    assert not w.canvas.hasFocus()
    for _ in range(10):
        if w.canvas.hasFocus():
            break
        w.actions.trigger("view.next_pane")
    assert w.canvas.hasFocus()


def test_undo_says_what_it_takes_back(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    w.mask_editor.select_all()
    assert w.actions["edit.undo"].text() == "&Undo Select all"
    w.session.undo()
    assert w.actions["edit.undo"].text() == "&Undo"
    assert w.actions["edit.redo"].text() == "&Redo Select all"


def test_every_step_has_a_translatable_name() -> None:
    folder = Path(__file__).parents[3] / "app"
    written = {
        match
        for file in (folder / "session").glob("*.py")
        for match in re.findall(STEP, file.read_text())
    }
    assert "Remove" in written
    assert written <= set(LABELS)


def test_whatever_takes_the_focus_has_a_name(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    nameless = [
        widget
        for widget in w.window.findChildren(QWidget)
        if widget.window() is w.window
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and not widget.accessibleName()
        and not (isinstance(widget, QAbstractButton) and widget.text())
        and not isinstance(widget, QMenuBar | QTabBar | QScrollArea)
        and not isinstance(widget.parent(), QAbstractSpinBox)
    ]
    assert nameless == []


def test_everything_can_be_done_without_a_mouse(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    QTest.keyClick(w.canvas, Qt.Key.Key_Right)  # the crosshair appears in the middle
    with qtbot.waitSignal(w.session.mask_changed, timeout=WAIT_MS):
        QTest.keyClick(w.canvas, Qt.Key.Key_Return)
    assert w.session.document is not None
    assert len(w.session.document.clicks) == 1
    removed(qtbot, w)
    assert w.session.document.marks.applied == (1,)
    with qtbot.waitSignal(w.files.wrote, timeout=WAIT_MS):
        QTest.keyClick(w.canvas, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)


def test_a_removal_can_be_stopped(qtbot: QtBot, tmp_path: Path) -> None:
    started, go_on = threading.Event(), threading.Event()

    class Slow(FakeBackend):
        def fill(self, hole: Hole, seed: int, job: JobContext) -> Image:
            started.set()
            go_on.wait(10)
            return super().fill(hole, seed, job)

    with editor(qtbot, Slow) as w:
        opened(qtbot, w, photo_file(tmp_path))
        w.mask_editor.select_all()
        w.mask_adjuster.nudge(grow_px=-40)
        w.mask_editor.rectangle(Rect(10, 10, 40, 40), CombineMode.REPLACE)
        w.remover.remove()
        qtbot.waitUntil(started.is_set, timeout=WAIT_MS)
        assert is_enabled(w, "remove.cancel")
        QTest.keyClick(w.canvas, Qt.Key.Key_Escape)
        assert w.jobs.running()  # Esc never ends a job
        w.actions.trigger("remove.cancel")
        go_on.set()
        settled(qtbot, w)
        assert w.session.document is not None
        assert w.session.document.variants == ()
        assert w.session.has_mask
