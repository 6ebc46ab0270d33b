"""Selections from mask files and from transparency, in the window."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.text.errors.explain import explain
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


def pixels_of(mask: np.ndarray) -> QMimeData:
    image = QImage(mask.tobytes(), mask.shape[1], mask.shape[0], QImage.Format.Format_Grayscale8)
    mime = QMimeData()
    mime.setImageData(image.copy())
    return mime


def file_of(*paths: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def a_mask() -> np.ndarray:
    mask = np.zeros((60, 80), np.uint8)
    mask[30:40, 5:15] = 255
    return mask


def dropped_on(widget: QWidget, mime: QMimeData) -> None:
    """With Shift held."""
    shift = Qt.KeyboardModifier.ShiftModifier
    how = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, shift)
    QApplication.sendEvent(widget, QDragEnterEvent(QPoint(5, 5), *how))
    QApplication.sendEvent(widget, QDropEvent(QPointF(5, 5), *how))


@pytest.mark.parametrize("where", ["window", "canvas"])
@pytest.mark.parametrize("what", ["file", "pixels"])
def test_with_shift_a_mask_is_dropped(
    qtbot: QtBot, w: Editor, tmp_path: Path, *, where: str, what: str
) -> None:
    Pil.fromarray(a_mask()).save(tmp_path / "m.png")
    mime = file_of(tmp_path / "m.png") if what == "file" else pixels_of(a_mask())
    with qtbot.waitSignal(w.session.mask_changed, timeout=WAIT_MS):
        dropped_on(w.window if where == "window" else w.canvas, mime)
    assert w.session.document is not None
    assert np.array_equal(w.session.document.mask, a_mask())
    assert w.session.document.path == tmp_path / "hole.png"


def test_a_mask_is_pasted(qtbot: QtBot, w: Editor) -> None:
    QGuiApplication.clipboard().setMimeData(pixels_of(a_mask()))
    with qtbot.waitSignal(w.session.mask_changed, timeout=WAIT_MS):
        w.actions.trigger("mask.paste")
    assert w.session.document is not None
    assert np.array_equal(w.session.document.mask, a_mask())


def test_what_is_no_mask_is_refused_in_words(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    said: list[str] = []
    w.session.said.connect(lambda _, text: said.append(text))
    w.mask_sources.take(QMimeData())
    w.mask_sources.take(file_of(tmp_path / "a.png", tmp_path / "b.png"))
    assert ["no mask" in said[0], "one mask" in said[1]] == [True, True]
    with qtbot.waitSignal(w.jobs.failed, timeout=WAIT_MS) as failed:
        w.mask_sources.take(pixels_of(a_mask()[:40]))
    assert failed.args is not None
    message = explain(failed.args[0].error)
    assert "from the clipboard" in message.title
    assert "80 x 40" in message.text
    assert not w.session.has_mask
