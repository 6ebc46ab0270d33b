"""Settings in a whole window: what each one changes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app import paths
from app.window.editor import Editor
from tests.app.support.stories import WAIT_MS, drag, editor, opened, photo_file, settled
from widgets.canvas.pointer import PointerEvent


@pytest.fixture
def w(qtbot: QtBot, tmp_path: Path) -> Iterator[Editor]:
    with editor(qtbot) as workspace:
        opened(qtbot, workspace, photo_file(tmp_path))
        yield workspace


def test_the_brush_removes_at_once_if_asked_to(qtbot: QtBot, w: Editor) -> None:
    w.preferences.change("remove_after_stroke", True)
    w.actions.trigger("tool.brush")
    with qtbot.waitSignal(w.session.image_changed, timeout=WAIT_MS):
        drag(w, (60, 40), (70, 45))
    settled(qtbot, w)
    w.actions.trigger("tool.eraser")
    with qtbot.assertNotEmitted(w.session.image_changed, wait=50):
        drag(w, (60, 40), (70, 45))


def test_the_brush_only_marks_otherwise(qtbot: QtBot, w: Editor) -> None:
    w.actions.trigger("tool.brush")
    with qtbot.assertNotEmitted(w.session.image_changed, wait=50):
        drag(w, (60, 40), (70, 45))
    assert w.session.has_mask


def test_an_option_of_the_tool_outlives_other_settings(w: Editor) -> None:
    w.tools.options.set("smoothing", 0.9)
    w.preferences.change("mask_opacity", 60)
    assert w.tools.options.smoothing == 0.9
    w.preferences.change("stroke_smoothing", 10)
    assert w.tools.options.smoothing == 0.1


def test_the_object_under_the_pointer_is_shown_only_if_wanted(
    qtbot: QtBot, w: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[object] = []
    monkeypatch.setattr(w.canvas, "set_hover", shown.append)
    settled(qtbot, w)
    w.preferences.change("hover_preview", False)
    w.canvas.hovered.emit(PointerEvent(120, 80))
    qtbot.waitUntil(lambda: not w.hover_preview._timer.isActive())
    settled(qtbot, w)
    assert not any(shown)
    w.preferences.change("hover_preview", True)
    w.canvas.hovered.emit(PointerEvent(120, 80))
    qtbot.waitUntil(lambda: any(each is not None for each in shown), timeout=WAIT_MS)


def test_new_keys_work_at_once(qtbot: QtBot, w: Editor) -> None:
    w.preferences.change("shortcuts", {"select.all": ("F7",)})
    QTest.keyClick(w.canvas, Qt.Key.Key_F7)
    assert w.session.has_mask


def test_a_damaged_file_of_settings_is_told_of(qtbot: QtBot) -> None:
    (paths.config_dir() / "settings.json").write_text('{"version": 1, "undo_mb": "lots"}')
    with editor(qtbot) as workspace:
        assert "settings" in workspace.message_bar.text
