"""Painting, as whole stories: asked for, looked at, applied, undone, made again."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app.view.compare import ORIGINAL
from app.window.editor import Editor
from engine.geometry import Mask, Rect
from engine.jobs.requests import InpaintRequest
from engine.models.model_file import Installed
from engine.selection.masks import CombineMode
from tests.app.support.painters import (
    Paced,
    arrived,
    document_of,
    engines_with,
    painted,
    painter,
    ring_of,
)
from tests.app.support.stories import WAIT_MS, editor, opened, photo_file, settled
from tests.support.documents import request_bytes
from widgets.canvas.render.scene import ScenePatch


@pytest.fixture
def w(qtbot: QtBot, tmp_path: Path) -> Iterator[Editor]:
    with painter(qtbot, tmp_path) as workspace:
        yield workspace


def pixels_of(w: Editor, index: int) -> list[bytes]:
    return [patch.pixels.tobytes() for patch in w.variants.all[index].patches]


def test_four_variants_arrive_and_nothing_applies_itself(qtbot: QtBot, w: Editor) -> None:
    document = document_of(w)
    start, marked = document.view.copy(), document.mask.copy()
    painted(qtbot, w)
    assert [variant.seed for variant in w.variants.all] == [7, 8, 9, 10]
    assert len({pixels_of(w, i)[0] for i in range(4)}) == 4
    assert np.array_equal(document.view, start)
    assert np.array_equal(document.mask, marked)
    assert w.session.history is not None
    assert w.session.history.labels == ("Select object",)
    assert w.variants.index == 0  # the first came into sight, the others did not push it away
    for variant in w.variants.all:
        assert variant.request is not None
        assert variant.request.settings.prompt == "a dog"
        assert variant.request.settings.checkpoint == "inpaint.safetensors"
        assert len(variant.paint_records) == len(variant.patches)


def test_apply_is_one_step_and_undo_brings_mask_clicks_and_prompt_back(
    qtbot: QtBot, w: Editor
) -> None:
    document, history = document_of(w), w.session.history
    assert history is not None
    start, marked, clicks = document.view.copy(), document.mask.copy(), document.clicks
    painted(qtbot, w)
    ring = ring_of(w, 2) > 0
    w.variants.look_at(2)
    w.actions.trigger("remove.apply")
    assert history.labels == ("Select object", "Paint")
    shown = document.view.copy()
    assert not np.array_equal(shown, start)
    assert np.array_equal(shown[~ring], start[~ring])
    assert not w.session.has_mask
    assert "0 px changed outside the ring" in w.status_bar.badge.text
    w.painter.set_choices(w.painter.choices.changed(prompt="a cat", negative_prompt="fur"))
    w.session.undo()
    assert np.array_equal(document.view, start)
    assert np.array_equal(document.mask, marked)
    assert document.clicks == clicks
    assert document.named == ()
    assert (w.painter.settings.prompt, w.painter.settings.negative_prompt) == ("a dog", "")
    w.session.redo()
    assert np.array_equal(document.view, shown)
    assert len(w.variants.all) == 4


def test_another_variant_takes_the_place_of_the_applied_one(qtbot: QtBot, w: Editor) -> None:
    document = document_of(w)
    painted(qtbot, w)
    w.variants.apply(1)
    w.session.undo()
    w.variants.apply(3)
    alone = document.view.copy()
    w.session.undo()
    w.variants.apply(1)
    assert w.variants.layers(w.variants.all[3]) != w.variants.all[3].patches
    w.variants.apply(3)
    assert np.array_equal(document.view, alone)
    assert w.variants.is_shown(w.variants.all[3])
    assert not w.variants.is_shown(w.variants.all[1])


def test_arrows_look_enter_applies_delete_discards(qtbot: QtBot, w: Editor) -> None:
    document = document_of(w)
    painted(qtbot, w)
    view = w.docks.paint.strip.view
    view.setFocus()
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert w.variants.index == 1
    QTest.keyClick(view, Qt.Key.Key_Delete)
    assert [variant.seed for variant in w.variants.all] == [7, 9, 10]
    assert w.session.has_mask  # the key of Remove was the strip's
    QTest.keyClick(view, Qt.Key.Key_Return)
    assert w.variants.is_shown(w.variants.all[1])
    assert document.marks.applied == (3,)


def test_a_new_painting_never_gets_the_number_of_a_discarded_one(qtbot: QtBot, w: Editor) -> None:
    painted(qtbot, w)
    w.variants.discard(3)
    w.painter.make_again(w.variants.all[0])
    arrived(qtbot, w, 4)
    assert [variant.number for variant in w.variants.all] == [1, 2, 3, 5]


def test_made_again_it_is_the_same_to_the_byte(qtbot: QtBot, w: Editor) -> None:
    painted(qtbot, w)
    w.variants.apply(1)
    w.painter.set_choices(w.painter.choices.changed(prompt="a cat", steps=3))
    w.variants.look_at(2)
    w.actions.trigger("paint.again")
    arrived(qtbot, w, 5)
    first, again = w.variants.all[2], w.variants.all[4]
    assert request_bytes(again.request) == request_bytes(first.request)
    assert pixels_of(w, 4) == pixels_of(w, 2)
    assert again.paint_records == first.paint_records
    assert w.variants.current is again


def test_its_settings_fill_the_panel(qtbot: QtBot, w: Editor) -> None:
    w.painter.set_choices(w.painter.choices.changed(steps=33, guidance=4.5, sampler="ddim"))
    painted(qtbot, w)
    w.painter.set_choices(w.painter.choices.changed(prompt="", steps=None, sampler=None))
    w.variants.look_at(2)
    w.actions.trigger("paint.use_settings")
    choices = w.painter.choices
    found = choices.settings
    assert (found.prompt, found.steps, found.sampler) == ("a dog", 33, "ddim")
    assert not choices.left_open
    assert (choices.seed, choices.is_seed_fixed) == (9, True)
    assert w.docks.paint.prompt.text == "a dog"


def test_remove_then_paint_is_two_steps_under_one_mask(qtbot: QtBot, w: Editor) -> None:
    document, history = document_of(w), w.session.history
    assert history is not None
    start, marked = document.view.copy(), document.mask.copy()
    w.actions.trigger("paint.remove_then_paint")
    arrived(qtbot, w, 5)
    assert history.labels == ("Select object", "Remove")
    removed = document.view.copy()
    removal, first = w.variants.all[:2]
    assert removal.request is None
    assert first.request is not None
    for hole in first.request.holes:  # painted on the removed picture, where the mask was
        assert np.array_equal(hole.image, removed[hole.rect.slices])
        assert (hole.blend[marked[hole.rect.slices] > 0] == 255).all()
    names = [name for name, _ in w.comparison.lefts()]
    assert names == [ORIGINAL, "now", "1", "2", "3", "4", "5"]
    w.variants.apply(3)
    assert history.labels == ("Select object", "Remove", "Paint")
    w.comparison.choose_left("1")  # the removed picture, though a painting lies over it
    below = document.view.copy()
    for patch in w.comparison.before():
        window = below[patch.y : patch.y + len(patch.pixels), patch.x : patch.x + 10_000]
        window = window[:, : patch.pixels.shape[1]]
        assert patch.blend is not None
        whole = patch.blend == 255
        window[whole] = patch.pixels[whole]
    core = marked == 255
    assert np.array_equal(below[core], removed[core])
    w.session.undo()
    assert np.array_equal(document.view, removed)
    w.session.undo()
    assert np.array_equal(document.view, start)
    assert np.array_equal(document.mask, marked)


def test_a_removal_that_has_to_wait_is_not_painted_on(qtbot: QtBot, w: Editor) -> None:
    w.painter.remove_then_paint()
    w.remover.remove()
    settled(qtbot, w)
    kinds = [variant.request is None for variant in w.variants.all]
    assert True in kinds
    assert len(document_of(w).marks.applied) == 1


def test_the_ring_is_that_of_the_panel_in_sight(
    qtbot: QtBot, w: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    def show(ring: tuple[int, int, Mask] | None) -> None:
        sizes.append(0 if ring is None else np.count_nonzero(ring[2]))

    monkeypatch.setattr(w.canvas, "set_ring", show)
    w.painter.set_options(replace(w.painter.options, grow_px=3))
    w.display.show_ring_of("remove")
    w.remover.set_options(replace(w.remover.options, grow_px=4))
    qtbot.waitUntil(lambda: bool(sizes) and sizes[-1] > 0, timeout=WAIT_MS)
    of_remove = sizes[-1]
    w.painter.set_options(replace(w.painter.options, grow_px=30))
    w.actions.trigger("paint.prompt")
    assert w.docks.paint.prompt.field.hasFocus()
    qtbot.waitUntil(lambda: sizes[-1] > 2 * of_remove, timeout=WAIT_MS)


def test_cancelled_midway_the_picture_and_what_arrived_stay(qtbot: QtBot, tmp_path: Path) -> None:
    backend = Paced()
    with painter(qtbot, tmp_path, lambda: backend) as w:
        document = document_of(w)
        start = document.view.copy()
        backend.go_on.release()
        w.actions.trigger("paint.paint")
        qtbot.waitUntil(lambda: len(w.variants.all) == 1, timeout=WAIT_MS)
        qtbot.waitUntil(lambda: len(backend.asked) == 2, timeout=WAIT_MS)
        rows = w.docks.paint.rows
        assert rows.count == 3
        rows.first.cancel_button.click()  # the one that runs
        backend.go_on.release()
        qtbot.waitUntil(lambda: len(backend.asked) == 3, timeout=WAIT_MS)
        w.actions.trigger("remove.cancel_all")
        backend.go_on.release()
        settled(qtbot, w)
        assert [variant.seed for variant in w.variants.all] == [7]
        assert np.array_equal(document.view, start)
        assert w.session.has_mask
        assert rows.count == 0


def test_a_failed_variant_says_why_and_the_others_go_on(qtbot: QtBot, tmp_path: Path) -> None:
    backend = Paced()
    backend.failing = {2, 3}
    with painter(qtbot, tmp_path, lambda: backend) as w:
        for _ in range(4):
            backend.go_on.release()
        w.actions.trigger("paint.paint")
        settled(qtbot, w)
        assert [variant.seed for variant in w.variants.all] == [7, 10]
        assert "Not enough memory" in w.message_bar.text
        backend.go_on.release()
        buttons = {button.text(): button for button in w.message_bar.findChildren(QPushButton)}
        buttons["Try again"].click()
        settled(qtbot, w)
        assert [variant.seed for variant in w.variants.all] == [7, 10, 8]
        assert not w.message_bar.isVisible() or "Not enough memory" not in w.message_bar.text


def test_the_steps_are_seen_in_place_while_it_paints(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = Paced()
    with painter(qtbot, tmp_path, lambda: backend) as w:
        shown: list[list[ScenePatch]] = []
        monkeypatch.setattr(w.canvas, "set_patch_preview", shown.append)
        w.actions.trigger("paint.paint")
        qtbot.waitUntil(lambda: bool(shown) and bool(shown[-1]), timeout=WAIT_MS)
        (patch,) = shown[-1]
        assert (patch.pixels == 250).all()
        assert patch.blend is not None
        assert patch.blend.shape == patch.pixels.shape[:2]
        assert patch.blend[25, 25] == 255
        assert w.display.is_trying
        qtbot.waitUntil(lambda: w.docks.paint.rows.first.has_picture, timeout=WAIT_MS)
        w.actions.trigger("remove.cancel_all")
        backend.go_on.release()
        settled(qtbot, w)
        assert shown[-1] == []
        assert not w.display.is_trying


def test_a_picture_that_changed_meanwhile_leaves_the_results_waiting(
    qtbot: QtBot, tmp_path: Path
) -> None:
    backend = Paced()
    with painter(qtbot, tmp_path, lambda: backend) as w:
        w.actions.trigger("paint.paint")
        qtbot.waitUntil(lambda: len(backend.asked) == 1, timeout=WAIT_MS)
        variant_free = document_of(w).view.copy()
        with w.session.edit("Brush") as edit:
            edit.touch("image", Rect(0, 0, 4, 4))
            document_of(w).writable("image")[:4, :4] = 9
            document_of(w).refresh((Rect(0, 0, 4, 4),))
        for _ in range(4):
            backend.go_on.release()
        arrived(qtbot, w, 4)
        assert "waits" in w.message_bar.text
        assert np.array_equal(document_of(w).view[4:], variant_free[4:])


def test_a_selection_made_since_stays_when_an_older_variant_is_applied(
    qtbot: QtBot, w: Editor
) -> None:
    painted(qtbot, w)
    w.mask_editor.rectangle(Rect(5, 5, 20, 20), CombineMode.REPLACE)
    w.variants.apply(0)
    assert document_of(w).mask[10, 10] == 255


def test_the_mask_does_not_cover_the_variant_that_is_looked_at(
    qtbot: QtBot, w: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes: list[str] = []
    monkeypatch.setattr(w.canvas, "set_mask_style", lambda mode, *_: modes.append(mode))
    painted(qtbot, w)
    assert modes[-1] == "hidden"
    w.mask_editor.rectangle(Rect(5, 5, 20, 20), CombineMode.REPLACE)
    assert modes[-1] == "overlay"  # who selects the next has to see it
    w.variants.look_at(1)
    assert modes[-1] == "hidden"
    w.variants.look_at(-1)
    assert modes[-1] == "overlay"


def test_who_selects_the_next_meanwhile_is_not_disturbed(qtbot: QtBot, tmp_path: Path) -> None:
    backend = Paced()
    with painter(qtbot, tmp_path, lambda: backend) as w:
        w.actions.trigger("paint.paint")
        qtbot.waitUntil(lambda: w.display.is_trying, timeout=WAIT_MS)
        w.mask_editor.rectangle(Rect(5, 5, 20, 20), CombineMode.REPLACE)
        assert not w.display.is_trying
        for _ in range(4):
            backend.go_on.release()
        arrived(qtbot, w, 4)
        assert w.variants.index == -1
        assert not w.display.is_trying


def test_another_picture_ends_the_paintings_of_the_first(qtbot: QtBot, tmp_path: Path) -> None:
    backend = Paced()
    with painter(qtbot, tmp_path, lambda: backend) as w:
        w.actions.trigger("paint.paint")
        qtbot.waitUntil(lambda: len(backend.asked) == 1, timeout=WAIT_MS)
        w.session.mark_clean()
        opened(qtbot, w, photo_file(tmp_path, "other.png"))
        for _ in range(4):
            backend.go_on.release()
        settled(qtbot, w)
        assert w.variants.all == ()
        assert len(backend.asked) == 1


def test_without_a_base_model_it_says_what_to_do(qtbot: QtBot, tmp_path: Path) -> None:
    for trouble, words in (("", "No base model"), ("absent", "not installed")):
        with editor(qtbot, engines=engines_with(Installed(), trouble)) as w:
            opened(qtbot, w, photo_file(tmp_path))
            w.mask_editor.select_all()
            w.actions.trigger("paint.paint")
            assert words in w.message_bar.text
            assert w.jobs.shown() == []
            assert "model" in w.docks.paint.trouble.text()


def test_a_random_seed_is_chosen_before_the_request_and_can_be_used_again(
    qtbot: QtBot, w: Editor
) -> None:
    w.painter.set_choices(w.painter.choices.changed(is_seed_fixed=False, variants=2))
    painted(qtbot, w, 2)
    first, second = (variant.seed for variant in w.variants.all)
    assert second == first + 1
    assert w.painter.last_seed == first
    painted(qtbot, w, 2)
    assert w.variants.all[2].seed != first
    requests = [variant.request for variant in w.variants.all]
    assert all(isinstance(request, InpaintRequest) for request in requests)
    assert [request.seed for request in requests if request] == [v.seed for v in w.variants.all]
