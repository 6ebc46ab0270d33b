"""Selections from mask files and from transparency, in the window."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil
from pytestqt.qtbot import QtBot

from app.window.editor import Editor
from engine.errors import MaskInvalid
from tests.app.support.stories import WAIT_MS, editor, opened


@pytest.fixture
def w(qtbot: QtBot, tmp_path: Path) -> Iterator[Editor]:
    pixels = np.random.default_rng(1).integers(0, 255, (60, 80, 4), np.uint8)
    pixels[..., 3] = 255
    pixels[10:20, 10:30, 3] = 0
    Pil.fromarray(pixels).save(tmp_path / "hole.png")
    with editor(qtbot) as window:
        opened(qtbot, window, tmp_path / "hole.png")
        yield window


def test_transparency_is_selected(w: Editor) -> None:
    w.mask_editor.select_transparency()
    assert w.session.document is not None
    mask = w.session.document.mask
    assert mask[10:20, 10:30].min() == 255
    assert np.count_nonzero(mask) == 200
    w.session.undo()
    assert not w.session.has_mask


def test_a_mask_file_is_opened(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    mask = np.zeros((60, 80), np.uint8)
    mask[30:40, 5:15] = 1
    Pil.fromarray(mask).save(tmp_path / "m.png")
    with qtbot.waitSignal(w.session.mask_changed, timeout=WAIT_MS):
        w.mask_editor.open_file(tmp_path / "m.png")
    assert w.session.document is not None
    assert np.array_equal(w.session.document.mask, mask * 255)


def test_a_mask_of_another_size_is_refused(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    Pil.new("L", (40, 30), 255).save(tmp_path / "small.png")
    with qtbot.waitSignal(w.jobs.failed, timeout=WAIT_MS) as failed:
        w.mask_editor.open_file(tmp_path / "small.png")
    assert failed.args is not None
    assert isinstance(failed.args[0].error, MaskInvalid)
    assert not w.session.has_mask
