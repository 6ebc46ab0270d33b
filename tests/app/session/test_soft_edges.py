"""The switch "Soft edge" in a window, on drawn fur: selecting, undo, removal, cut-out, project."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil
from pytestqt.qtbot import QtBot

from app.view import clipboard
from app.window.editor import Editor
from engine.geometry import Mask, Rect
from engine.image_io.reader import read
from engine.image_io.writer import ExportOptions
from engine.jobs.backend import JobContext
from engine.jobs.fake import FakeBackend
from engine.jobs.requests import Candidate, SegmentRequest, SegmentResult
from engine.selection import masks
from tests.app.support.stories import WAIT_MS, editor, opened, removed, selected, settled
from tests.support.hair import HEIGHT, WIDTH, Fur, fur


class Furrier(FakeBackend):
    """Answers every click with the ball, without its single hairs."""

    def segment(self, request: SegmentRequest, job: JobContext) -> SegmentResult:
        hard = fur().hard
        rect = masks.bounds(hard)
        found = Candidate(rect=rect, mask=hard[rect.slices].copy(), score=0.9)
        return SegmentResult(candidates=(found,), engine=self.name, revision=request.revision)


@pytest.fixture(scope="module")
def ball() -> Fur:
    return fur()


@pytest.fixture
def w(qtbot: QtBot, ball: Fur, tmp_path: Path) -> Iterator[Editor]:
    with editor(qtbot, Furrier) as window:
        Pil.fromarray(ball.image).save(tmp_path / "fur.png")
        opened(qtbot, window, tmp_path / "fur.png")
        yield window


def shown(w: Editor) -> Mask:
    assert w.session.document is not None
    return w.session.document.mask.copy()


def toggled(qtbot: QtBot, w: Editor) -> Mask:
    with qtbot.waitSignal(w.session.mask_changed, timeout=WAIT_MS):
        w.actions.trigger("mask.soft_edge")
    settled(qtbot, w)
    return shown(w)


def wrong(mask: Mask, ball: Fur) -> float:
    return float(np.abs(mask / 255 - ball.share).sum())


def test_points_are_answered_anew_when_the_switch_is_turned(
    qtbot: QtBot, w: Editor, ball: Fur
) -> None:
    selected(qtbot, w, WIDTH / 2, HEIGHT / 2)
    assert np.array_equal(shown(w), ball.hard)
    soft = toggled(qtbot, w)
    assert wrong(soft, ball) < 0.5 * wrong(ball.hard, ball)
    assert w.preferences.current.soft_edge
    assert w.actions["mask.soft_edge"].isChecked()
    assert np.array_equal(toggled(qtbot, w), ball.hard)
    assert not w.preferences.current.soft_edge
    w.session.undo()
    assert np.array_equal(shown(w), soft)


def test_the_next_point_corrects_the_hard_answer(qtbot: QtBot, w: Editor, ball: Fur) -> None:
    w.actions.trigger("mask.soft_edge")
    selected(qtbot, w, WIDTH / 2, HEIGHT / 2)
    soft = shown(w)
    prior = w.click_selector._shown()
    assert prior is not None
    assert np.array_equal(prior.mask, ball.hard[prior.rect.slices])
    w.click_selector.click(WIDTH / 2 + 9, HEIGHT / 2)
    settled(qtbot, w)
    w.click_selector.undo_last_point()
    assert len(w.click_selector.points.clicks) == 1
    assert np.array_equal(shown(w), soft)


def test_a_selection_without_points_is_softened_as_one_step(
    qtbot: QtBot, w: Editor, ball: Fur
) -> None:
    w.mask_editor.put(
        "Open mask", Rect(0, 0, WIDTH, HEIGHT), ball.hard, masks.CombineMode.REPLACE, "file"
    )
    soft = toggled(qtbot, w)
    assert wrong(soft, ball) < 0.5 * wrong(ball.hard, ball)
    w.session.undo()
    assert np.array_equal(shown(w), ball.hard)


def test_a_project_and_a_mask_file_hold_it_byte_for_byte(
    qtbot: QtBot, w: Editor, tmp_path: Path
) -> None:
    w.actions.trigger("mask.soft_edge")
    selected(qtbot, w, WIDTH / 2, HEIGHT / 2)
    soft = shown(w)
    assert masks.is_soft(soft)
    with qtbot.waitSignal(w.files.wrote, timeout=WAIT_MS):
        w.files.export_mask(tmp_path / "mask.png")
    assert np.array_equal(read(tmp_path / "mask.png").pixels, soft)
    with qtbot.waitSignal(w.files.saved, timeout=WAIT_MS):
        w.files.save(tmp_path / "fur.lacuna")
    opened(qtbot, w, tmp_path / "fur.lacuna")
    assert np.array_equal(shown(w), soft)


def test_a_cut_out_has_the_colours_of_the_fur(
    qtbot: QtBot, w: Editor, ball: Fur, tmp_path: Path
) -> None:
    w.actions.trigger("mask.soft_edge")
    selected(qtbot, w, WIDTH / 2, HEIGHT / 2)
    soft = shown(w)
    with qtbot.waitSignal(w.files.wrote, timeout=WAIT_MS):
        w.files.export_cutout(tmp_path / "cut.png", ExportOptions())
    found, between = read(tmp_path / "cut.png"), (soft > 40) & (soft < 215)
    own = np.abs(found.pixels[between] - ball.colours[between]).mean()
    assert own < np.abs(ball.image[between] - ball.colours[between]).mean() / 3
    assert w.session.document is not None
    area = masks.bounds(soft)
    image = clipboard.cutout(w.session.document, area, own_colours=True)
    pixels, alpha = clipboard.arrays(image)
    assert alpha is not None
    assert np.array_equal(alpha, soft[area.slices])
    part = found.pixels[area.slices][alpha > 0]
    assert np.abs(pixels[alpha > 0].astype(int) - part).mean() < 1


def test_a_removal_replaces_the_hair_and_changes_nothing_outside_its_ring(
    qtbot: QtBot, w: Editor, ball: Fur
) -> None:
    w.actions.trigger("mask.soft_edge")
    selected(qtbot, w, WIDTH / 2, HEIGHT / 2)
    soft = shown(w)
    w.remover.set_options(w.remover.options.__class__(grow_px=0, feather_px=2, soft_edge=True))
    removed(qtbot, w)
    ring = np.zeros(soft.shape, np.uint8)
    for patch in w.variants.all[0].patches:
        ring[patch.rect.slices] |= patch.blend
    assert (ring[soft >= 26] == 255).all()
    assert w.session.document is not None
    assert np.array_equal(w.session.document.view[ring == 0], ball.image[ring == 0])
    assert "0 px changed outside the ring" in w.status_bar.badge.text
