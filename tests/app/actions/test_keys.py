"""Keys act on what the user sees: in strokes, before a mask is there, and in any alphabet."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from app.window.editor import Editor
from engine.geometry import Image, Rect
from engine.jobs.backend import JobContext
from engine.jobs.fake import FakeBackend
from engine.jobs.requests import Hole, SegmentRequest, SegmentResult
from engine.selection.masks import CombineMode
from tests.app.support.stories import (
    WAIT_MS,
    at,
    click,
    editor,
    is_enabled,
    opened,
    photo_file,
    settled,
)
from widgets.held_key import RELEASE_MS

CONTROL = Qt.KeyboardModifier.ControlModifier
NOTHING = Qt.KeyboardModifier.NoModifier
Z_PLACE, B_PLACE, D_PLACE = 52, 56, 40  # scan codes of X11
SOFT, KNIFE = 0x042F, 0x0418  # the Cyrillic letters on the keys Z and B


class Waiting(FakeBackend):
    """Answers clicks and removals only when it may; a removal can be cancelled."""

    def __init__(self) -> None:
        self.may_answer = threading.Event()

    def segment(self, request: SegmentRequest, job: JobContext) -> SegmentResult:
        if not request.draft:
            self.may_answer.wait(WAIT_MS / 1000)
        return super().segment(request, job)


class Slow(FakeBackend):
    """Removes until it is cancelled."""

    def fill(self, hole: Hole, seed: int, job: JobContext) -> Image:
        pause = threading.Event()
        while True:
            job.report(0.5)
            pause.wait(0.002)


@pytest.fixture
def w(qtbot: QtBot) -> Iterator[Editor]:
    with editor(qtbot) as workspace:
        yield workspace


def steps(w: Editor) -> tuple[str, ...]:
    assert w.session.history is not None
    return w.session.history.labels


def test_no_verb_raises_while_the_brush_is_down(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    w.mask_editor.rectangle(Rect(60, 40, 60, 60), CombineMode.REPLACE)
    w.mask_editor.select_none()
    w.tools.choose("brush")
    before = steps(w)
    QTest.mousePress(w.canvas, Qt.MouseButton.LeftButton, NOTHING, at(w, 30, 30))
    assert w.session.is_editing
    verbs = (
        w.mask_editor.select_all, w.mask_editor.select_none, w.mask_editor.invert,
        w.mask_editor.reselect, w.click_selector.accept, w.click_selector.drop,
        w.objects.store, w.remover.remove, w.variants.apply, w.verbs.pending.undo,
        w.session.redo, w.mask_adjuster.toggle_fill_holes,
    )  # fmt: skip
    for verb in verbs:
        verb()
    for name in ("select.all", "select.none", "select.invert", "select.again", "edit.undo"):
        w.actions.trigger(name)
    assert w.session.is_editing
    QTest.mouseRelease(w.canvas, Qt.MouseButton.LeftButton, NOTHING, at(w, 60, 60))
    assert steps(w) == (*before, "Brush")


def test_delete_before_the_mask_is_there_removes_what_was_clicked(
    qtbot: QtBot, tmp_path: Path
) -> None:
    backend = Waiting()
    with editor(qtbot, lambda: backend) as w:
        opened(qtbot, w, photo_file(tmp_path))
        click(w, 120, 80)
        assert w.click_selector.is_busy
        QTest.keyClick(w.canvas, Qt.Key.Key_Delete)
        assert not w.session.has_mask
        with qtbot.waitSignal(w.session.image_changed, timeout=WAIT_MS):
            backend.may_answer.set()
        assert steps(w) == ("Select object", "Remove")


@pytest.mark.parametrize("how", ["undo", "drop"])
def test_a_waiting_delete_is_taken_back(qtbot: QtBot, tmp_path: Path, how: str) -> None:
    backend = Waiting()
    with editor(qtbot, lambda: backend) as w:
        opened(qtbot, w, photo_file(tmp_path))
        click(w, 120, 80)
        QTest.keyClick(w.canvas, Qt.Key.Key_Delete)
        if how == "undo":
            w.actions.trigger("edit.undo")
        else:
            w.click_selector.drop()
        backend.may_answer.set()
        settled(qtbot, w)
        qtbot.wait(20)
        settled(qtbot, w)
        assert "Remove" not in steps(w)


def test_undo_stops_a_removal_and_keeps_the_selection(qtbot: QtBot, tmp_path: Path) -> None:
    with editor(qtbot, Slow) as w:
        opened(qtbot, w, photo_file(tmp_path))
        w.mask_editor.rectangle(Rect(60, 40, 60, 60), CombineMode.REPLACE)
        w.actions.trigger("remove.remove")
        w.actions.trigger("remove.remove")
        qtbot.waitUntil(lambda: any(job.fraction > 0 for job in w.jobs.shown()), timeout=WAIT_MS)
        assert len(w.jobs.shown()) == 1  # the second press is the same wish
        w.actions.trigger("edit.undo")
        settled(qtbot, w)
        assert w.session.has_mask
        assert steps(w) == ("Rectangle",)
        w.actions.trigger("edit.undo")
        assert steps(w) == ()


def test_undo_during_a_removal_takes_back_a_later_step_first(qtbot: QtBot, tmp_path: Path) -> None:
    with editor(qtbot, Slow) as w:
        opened(qtbot, w, photo_file(tmp_path))
        w.mask_editor.rectangle(Rect(60, 40, 60, 60), CombineMode.REPLACE)
        w.actions.trigger("remove.remove")
        qtbot.waitUntil(lambda: any(job.fraction > 0 for job in w.jobs.shown()), timeout=WAIT_MS)
        w.mask_editor.invert()
        w.actions.trigger("edit.undo")
        assert steps(w) == ("Rectangle",)
        assert w.jobs.running()
        w.actions.trigger("edit.undo")
        settled(qtbot, w)
        assert steps(w) == ("Rectangle",)


@pytest.mark.parametrize("kind", [QEvent.Type.WindowDeactivate, QEvent.Type.Hide])
def test_a_stroke_whose_release_never_comes_ends(
    qtbot: QtBot, w: Editor, tmp_path: Path, kind: QEvent.Type
) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    w.tools.choose("brush")
    QTest.mousePress(w.canvas, Qt.MouseButton.LeftButton, NOTHING, at(w, 30, 30))
    assert w.session.is_editing
    QCoreApplication.sendEvent(w.canvas, QEvent(kind))
    assert not w.session.is_editing
    assert steps(w) == ("Brush",)
    assert is_enabled(w, "remove.remove")


def test_a_repeating_held_key_does_not_flicker(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    changes: list[bool] = []
    w.actions["view.compare"].toggled.connect(changes.append)
    QTest.keyPress(w.canvas, Qt.Key.Key_Backslash)
    for _ in range(5):  # as X11 sends them when Qt does not see that the key repeats
        QTest.keyRelease(w.canvas, Qt.Key.Key_Backslash)
        QTest.keyPress(w.canvas, Qt.Key.Key_Backslash)
    QTest.keyRelease(w.canvas, Qt.Key.Key_Backslash)
    qtbot.waitUntil(lambda: not w.view_options.is_comparing, timeout=20 * RELEASE_MS)
    assert changes == [True, False]


def cyrillic(
    w: Editor,
    key: int,
    place: int,
    modifiers: Qt.KeyboardModifier = NOTHING,
    *,
    field: QWidget | None = None,
) -> None:
    """A key of a layout without Latin letters, as X11 sends it."""
    text = "" if modifiers else chr(key)
    event = QKeyEvent(QEvent.Type.KeyPress, key, modifiers, place, 0, 0, text)
    QCoreApplication.sendEvent(field or w.canvas, event)


@pytest.mark.skipif("sys.platform != 'linux'", reason="scan codes of X11")
def test_shortcuts_work_with_a_ukrainian_layout_alone(
    qtbot: QtBot, w: Editor, tmp_path: Path
) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    w.mask_editor.select_all()
    cyrillic(w, SOFT, Z_PLACE, CONTROL)
    assert steps(w) == ()
    cyrillic(w, KNIFE, B_PLACE)
    assert w.tools.name == "brush"
    cyrillic(w, SOFT, D_PLACE)  # a place without a verb does nothing
    cyrillic(w, 0x41, Z_PLACE, CONTROL)  # a Latin letter means itself, wherever its key is
    assert steps(w) == ("Select all",)


@pytest.mark.skipif("sys.platform != 'linux'", reason="scan codes of X11")
def test_letters_in_a_field_are_no_shortcuts(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    w.mask_editor.select_all()
    tool = w.tools.name
    for dock in w.docks.all:
        dock.show()
        dock.raise_()
    w.docks.write_prompt()
    kinds = (QLineEdit, QPlainTextEdit, QAbstractSpinBox)
    fields = [each for kind in kinds for each in w.window.findChildren(kind)]
    usable = [each for each in fields if each.isVisible() and each.isEnabled()]
    assert {type(each).__bases__[0] for each in usable} & {QPlainTextEdit, QAbstractSpinBox}
    for field in usable:
        field.setFocus()
        cyrillic(w, KNIFE, B_PLACE, field=field)
        cyrillic(w, SOFT, Z_PLACE, field=field)
        assert w.tools.name == tool, field
    w.docks.write_prompt()
    prompt = w.window.focusWidget()
    assert isinstance(prompt, QPlainTextEdit)
    prompt.insertPlainText("word")
    cyrillic(w, SOFT, Z_PLACE, CONTROL, field=prompt)
    assert "word" not in prompt.toPlainText()
    assert steps(w) == ("Select all",)
    w.canvas.setFocus()
    cyrillic(w, SOFT, Z_PLACE, CONTROL)
    assert steps(w) == ()
