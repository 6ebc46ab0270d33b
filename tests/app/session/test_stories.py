"""Whole stories on a real window: what a user does, and what must have become of it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.window.editor import Editor, make_backend
from engine.image_io.reader import read
from engine.jobs.backend import Backend
from engine.jobs.fake import FakeBackend
from tests.app.support.stories import (
    WAIT_MS,
    click,
    drag,
    editor,
    opened,
    photo_file,
    removed,
    selected,
    settled,
    written,
)
from widgets.canvas.pointer import PointerEvent


@pytest.fixture(params=[FakeBackend, make_backend], ids=["fake", "builtin"])
def any_editor(qtbot: QtBot, request: pytest.FixtureRequest) -> Iterator[Editor]:
    make: Callable[[], Backend] = request.param
    with editor(qtbot, make) as workspace:
        yield workspace


@pytest.fixture
def w(qtbot: QtBot) -> Iterator[Editor]:
    with editor(qtbot) as workspace:
        yield workspace


def test_open_click_grow_remove_undo_ends_where_it_began(
    qtbot: QtBot, any_editor: Editor, tmp_path: Path
) -> None:
    w = any_editor
    opened(qtbot, w, photo_file(tmp_path))
    document = w.session.document
    assert document is not None
    assert w.session.history is not None
    start = document.view.copy()
    selected(qtbot, w, 120, 80)
    marked = document.mask.copy()
    assert marked[80, 120] == 255
    w.actions.trigger("mask.grow")
    settled(qtbot, w)
    assert document.mask.sum() > marked.sum()
    removed(qtbot, w)
    assert not np.array_equal(document.view, start)
    assert not w.session.has_mask
    assert "0 px changed outside the ring" in w.status_bar.badge.text
    while w.session.history.can_undo:
        w.session.undo()
    assert np.array_equal(document.view, start)
    assert not document.mask.any()
    assert document.clicks == ()


def test_an_export_differs_only_inside_the_ring(
    qtbot: QtBot, any_editor: Editor, tmp_path: Path
) -> None:
    w = any_editor
    source = photo_file(tmp_path)
    opened(qtbot, w, source)
    selected(qtbot, w, 120, 80)
    removed(qtbot, w)
    ring = np.zeros((160, 240), bool)
    for patch in w.variants.all[0].patches:
        ring[patch.rect.slices] |= patch.blend > 0
    with qtbot.waitSignal(w.files.wrote, timeout=WAIT_MS) as wrote:
        w.actions.trigger("file.quick_export")
    path = written(wrote)
    assert path != source
    changed = (read(path).pixels != read(source).pixels).any(2)
    assert changed[ring].any()
    assert not changed[~ring].any()


def test_a_stroke_is_one_step(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    QTest.keyClick(w.canvas, Qt.Key.Key_B)
    assert w.tools.name == "brush"
    drag(w, (40, 40), (60, 50), (90, 60), (120, 80))
    assert w.session.history is not None
    assert w.session.history.labels == ("Brush",)
    assert w.session.has_mask
    QTest.keyClick(w.canvas, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not w.session.has_mask


def test_alt_wipes_with_the_brush(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    w.mask_editor.select_all()
    w.tools.choose("brush")
    click(w, 100, 80, modifier=Qt.KeyboardModifier.AltModifier)
    assert w.session.document is not None
    assert w.session.document.mask[80, 100] == 0
    assert w.session.document.mask[5, 5] == 255


def test_a_dragged_box_selects_what_is_in_it(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    with qtbot.waitSignal(w.session.mask_changed, timeout=WAIT_MS):
        drag(w, (60, 40), (90, 60), (180, 120))
    assert w.session.document is not None
    box = w.session.document.box
    assert box is not None
    assert abs(box.x - 60) <= 2
    assert abs(box.right - 180) <= 2


def test_points_can_be_added_taken_back_and_dropped(
    qtbot: QtBot, w: Editor, tmp_path: Path
) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    document = w.session.document
    assert document is not None
    selected(qtbot, w, 120, 80)
    with qtbot.waitSignal(w.session.mask_changed, timeout=WAIT_MS):
        click(w, 200, 30, button=Qt.MouseButton.RightButton)
    assert [point.positive for point in document.clicks] == [True, False]
    with qtbot.waitSignal(w.session.mask_changed, timeout=WAIT_MS):
        QTest.keyClick(w.canvas, Qt.Key.Key_Backspace)
    assert len(document.clicks) == 1
    QTest.keyClick(w.canvas, Qt.Key.Key_Escape)
    assert document.clicks == ()
    assert not document.mask.any()
    w.session.undo()
    assert len(document.clicks) == 1
    assert document.mask.any()


def test_accepting_keeps_the_mask_and_shift_click_adds_an_object(
    qtbot: QtBot, w: Editor, tmp_path: Path
) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    document = w.session.document
    assert document is not None
    selected(qtbot, w, 60, 80)
    QTest.keyClick(w.canvas, Qt.Key.Key_Return)
    assert document.clicks == ()
    assert document.mask[80, 60] == 255
    with qtbot.waitSignal(w.session.mask_changed, timeout=WAIT_MS):
        click(w, 180, 80, modifier=Qt.KeyboardModifier.ShiftModifier)
    assert document.mask[80, 60] == 255
    assert document.mask[80, 180] == 255


def test_candidates_are_cycled(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    document = w.session.document
    assert document is not None
    selected(qtbot, w, 120, 80)
    first = document.mask.copy()
    QTest.keyClick(w.canvas, Qt.Key.Key_Period)
    assert not np.array_equal(document.mask, first)
    QTest.keyClick(w.canvas, Qt.Key.Key_Comma)
    assert np.array_equal(document.mask, first)


def test_stored_objects_are_combined(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    document = w.session.document
    assert document is not None
    w.tools.choose("rectangle")
    drag(w, (10, 10), (20, 20), (40, 40))
    w.actions.trigger("objects.store")
    drag(w, (100, 100), (120, 120), (140, 140))
    w.actions.trigger("objects.store")
    assert [entry.name for entry in document.named] == ["Object 1", "Object 2"]
    w.actions.trigger("select.none")
    w.actions.trigger("objects.union")
    assert document.mask[30, 30] == 255
    assert document.mask[120, 120] == 255
    assert document.mask[70, 70] == 0
    w.docks.objects.list.renamed.emit(0, "Lamp")
    assert document.named[0].name == "Lamp"


def test_a_removed_mask_stays_among_the_objects(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    document = w.session.document
    assert document is not None
    selected(qtbot, w, 120, 80)
    marked = document.mask.copy()
    removed(qtbot, w)
    assert not w.session.has_mask
    assert [(entry.name, entry.visible) for entry in document.named] == [("Removed 1", False)]
    w.objects.load(0)
    assert np.array_equal(document.mask, marked)


def test_another_variant_is_looked_at_and_applied(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    document = w.session.document
    assert document is not None
    start = document.view.copy()
    selected(qtbot, w, 120, 80)
    removed(qtbot, w)
    first = document.view.copy()
    with qtbot.waitSignal(w.session.variants_changed, timeout=WAIT_MS):
        w.actions.trigger("remove.variant")
    assert len(w.variants.all) == 2
    assert np.array_equal(document.view, first)  # looking changes nothing
    assert w.variants.index == 1
    w.actions.trigger("remove.apply")
    assert w.variants.applied_index == 1
    ring = np.zeros((160, 240), bool)
    for patch in w.variants.all[1].patches:
        ring[patch.rect.slices] |= patch.blend > 0
    assert np.array_equal(document.view[~ring], start[~ring])
    w.session.undo()
    assert np.array_equal(document.view, first)


def test_a_result_for_an_older_picture_waits(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    document = w.session.document
    assert document is not None
    w.tools.choose("rectangle")
    drag(w, (10, 10), (20, 20), (40, 40))
    w.remover.remove()
    w.remover.remove(lambda _: None)
    before = w.session.document
    with qtbot.waitSignals([w.session.variants_changed] * 2, timeout=WAIT_MS):
        pass
    assert before is document
    assert len(document.variants) == 2
    assert len(document.marks.applied) == 1
    assert "waits" in w.message_bar.text


def test_sliders_preview_without_writing_and_commit_one_step(
    qtbot: QtBot, w: Editor, tmp_path: Path
) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    document, history = w.session.document, w.session.history
    assert document is not None
    assert history is not None
    w.tools.choose("rectangle")
    drag(w, (60, 60), (70, 70), (100, 100))
    marked = document.mask.copy()
    steps = len(history.labels)
    grow = w.docks.selection.grow
    grow.slider.setSliderDown(True)
    grow.slider.setValue(10)
    assert np.array_equal(document.mask, marked)
    grow.slider.setSliderDown(False)
    settled(qtbot, w)
    assert len(history.labels) == steps + 1
    assert document.mask[80, 55] == 255
    w.session.undo()
    assert np.array_equal(document.mask, marked)
    assert grow.value == 0


def test_the_object_under_the_pointer_is_outlined_before_the_click(
    qtbot: QtBot, w: Editor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    qtbot.waitUntil(lambda: w.click_selector.is_prepared, timeout=WAIT_MS)
    shown: list[object] = []
    monkeypatch.setattr(w.canvas, "set_hover", shown.append)  # what the canvas is told
    w.canvas.hovered.emit(PointerEvent(120, 80))
    qtbot.waitUntil(lambda: bool(shown) and shown[-1] is not None, timeout=WAIT_MS)
    assert w.session.history is not None
    assert not w.session.history.can_undo
    w.tools.choose("brush")
    assert shown[-1] is None


def test_a_click_corrects_the_candidate_that_was_chosen(
    qtbot: QtBot, w: Editor, tmp_path: Path
) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    document = w.session.document
    assert document is not None
    selected(qtbot, w, 120, 80)
    best = document.mask.copy()
    QTest.keyClick(w.canvas, Qt.Key.Key_Period)
    chosen = document.mask.copy()
    assert (chosen > 0).sum() < (best > 0).sum()
    selected(qtbot, w, 30, 30)
    assert document.mask[30, 30] == 255
    assert np.array_equal(document.mask[50:, 60:], chosen[50:, 60:])
    QTest.keyClick(w.canvas, Qt.Key.Key_Backspace)
    assert np.array_equal(document.mask, chosen)
    assert len(document.clicks) == 1


def test_undo_brings_back_the_candidate_that_a_click_corrects(
    qtbot: QtBot, w: Editor, tmp_path: Path
) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    document = w.session.document
    assert document is not None
    selected(qtbot, w, 120, 80)
    best = document.mask.copy()
    QTest.keyClick(w.canvas, Qt.Key.Key_Period)
    w.session.undo()
    selected(qtbot, w, 30, 30)
    assert np.array_equal(document.mask[50:, 60:], best[50:, 60:])
    assert document.mask[30, 30] == 255


def test_a_click_after_the_brush_keeps_the_stroke(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    document = w.session.document
    assert document is not None
    selected(qtbot, w, 120, 80)
    w.tools.choose("brush")
    drag(w, (180, 120), (200, 120), (220, 120))
    painted = document.mask.copy()
    assert painted[120, 200] == 255
    w.tools.choose("object")
    selected(qtbot, w, 30, 30)
    assert [click.positive for click in document.clicks] == [True, True]
    assert document.mask[30, 30] == 255
    assert np.array_equal(document.mask[60:, 60:], painted[60:, 60:])


def test_a_click_after_a_box_corrects_its_answer(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    document = w.session.document
    assert document is not None
    with qtbot.waitSignal(w.session.mask_changed, timeout=WAIT_MS):
        drag(w, (60, 40), (90, 60), (180, 120))
    with qtbot.waitSignal(w.session.mask_changed, timeout=WAIT_MS):
        click(w, 120, 80, button=Qt.MouseButton.RightButton)
    assert document.mask[80, 120] == 0
    assert document.mask[45, 65] == 255


def test_the_variants_of_each_removal_are_numbered_from_one(
    qtbot: QtBot, w: Editor, tmp_path: Path
) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    for x in (120, 60):
        selected(qtbot, w, x, 80)
        settled(qtbot, w)
        removed(qtbot, w)
        settled(qtbot, w)
        view = w.docks.remove.strip.view
        assert [view.item(row).text() for row in range(view.count())] == ["✓ 1"]
    with qtbot.waitSignal(w.session.variants_changed, timeout=WAIT_MS):
        w.actions.trigger("remove.variant")
    assert [view.item(row).text() for row in range(view.count())] == ["✓ 1", "2"]
    w.variants.look_at(0)
    w.variants.discard()
    assert [view.item(row).text() for row in range(view.count())] == ["2"]
