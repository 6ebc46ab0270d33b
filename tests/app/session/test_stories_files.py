"""Stories about files: closing, saving, crashes, trouble, depth, the clipboard."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app import paths
from app.window.editor import Editor
from engine.image_io.reader import read
from engine.image_io.writer import ExportOptions, write
from engine.picture import Picture
from tests.app.support.stories import (
    WAIT_MS,
    editor,
    opened,
    photo,
    photo_file,
    removed,
    selected,
    written,
)


@pytest.fixture
def w(qtbot: QtBot) -> Iterator[Editor]:
    with editor(qtbot) as workspace:
        yield workspace


def test_closing_asks_and_cancel_keeps_the_picture(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    w.mask_editor.select_all()
    w.actions.trigger("file.close")
    box = w.window.findChild(QMessageBox)
    assert box is not None
    box.button(QMessageBox.StandardButton.Cancel).click()
    assert w.session.document is not None
    w.actions.trigger("file.close")
    boxes = [found for found in w.window.findChildren(QMessageBox) if found.isVisible()]
    boxes[-1].button(QMessageBox.StandardButton.Discard).click()
    assert w.session.document is None


def test_a_window_with_changes_does_not_close_by_itself(
    qtbot: QtBot, w: Editor, tmp_path: Path
) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    w.mask_editor.select_all()
    assert not w.window.close()
    box = w.window.findChild(QMessageBox)
    assert box is not None
    box.button(QMessageBox.StandardButton.Cancel).click()
    assert w.window.isVisible()


def test_a_saved_project_comes_back_with_points_and_masks(
    qtbot: QtBot, w: Editor, tmp_path: Path
) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    selected(qtbot, w, 120, 80)
    w.actions.trigger("objects.store")
    assert w.session.document is not None
    mask = w.session.document.mask.copy()
    project = tmp_path / "work.lacuna"
    with qtbot.waitSignal(w.files.saved, timeout=WAIT_MS):
        w.files.save(project)
    assert not w.session.is_dirty
    w.session.drop()
    opened(qtbot, w, project)
    assert np.array_equal(w.session.document.mask, mask)
    assert len(w.session.document.clicks) == 1
    assert len(w.session.document.named) == 1


def crashed(qtbot: QtBot, folder: Path, *names: str) -> None:
    """Leave the journal of a crash for each file, all of which is selected."""
    for name in names:
        with editor(qtbot) as w:
            opened(qtbot, w, photo_file(folder, name))
            w.mask_editor.select_all()
            assert w.autosave.journal is not None
            w.autosave.journal.settle()
            shutil.copytree(paths.journal_dir(), folder / "left", dirs_exist_ok=True)
    shutil.copytree(folder / "left", paths.journal_dir(), dirs_exist_ok=True)


def test_edits_of_a_crash_are_offered_and_come_back(qtbot: QtBot, tmp_path: Path) -> None:
    crashed(qtbot, tmp_path, "photo.png")
    with editor(qtbot) as w:
        w.autosave.offer()
        assert "photo.png" in w.message_bar.text
        assert "1 change" in w.message_bar.text
        assert str(tmp_path) in w.message_bar.text
        assert w.message_bar.notice is not None
        assert w.message_bar.notice.picture is not None
        with qtbot.waitSignal(w.session.opened, timeout=WAIT_MS):
            w.message_bar.triggered.emit("recover", None)
        assert w.session.document is not None
        assert w.session.document.mask.all()
        assert w.session.is_dirty


def test_the_offer_waits_and_never_costs_what_is_open(qtbot: QtBot, tmp_path: Path) -> None:
    crashed(qtbot, tmp_path, "one.png", "two.png")
    with editor(qtbot) as w:
        w.autosave.offer()
        opened(qtbot, w, photo_file(tmp_path, "three.png"))
        assert "two.png" in w.message_bar.text
        w.mask_editor.select_all()
        w.message_bar.triggered.emit("recover", None)
        box = w.window.findChild(QMessageBox)
        assert box is not None
        with qtbot.waitSignal(w.session.opened, timeout=WAIT_MS):
            box.button(QMessageBox.StandardButton.Discard).click()
        assert w.session.document is not None
        assert w.session.document.path == tmp_path / "two.png"
        w.message_bar.dismiss()  # that it is recovered
        assert "one.png" in w.message_bar.text
        w.message_bar.triggered.emit("forget", None)
        assert len(list(paths.journal_dir().iterdir())) == 1  # of what is open


def test_trouble_is_a_message_and_changes_nothing(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    before = w.session.document
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 30)
    with qtbot.waitSignal(w.session.failed, timeout=WAIT_MS):
        w.open(broken)
    assert w.session.document is before
    assert "broken.png" in w.message_bar.text


def test_a_16_bit_picture_keeps_its_depth(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    source = tmp_path / "deep.png"
    deep = photo().astype(np.uint16) * 257 + 3
    write(Picture(pixels=deep), source, ExportOptions())
    opened(qtbot, w, source)
    selected(qtbot, w, 120, 80)
    removed(qtbot, w)
    with qtbot.waitSignal(w.files.wrote, timeout=WAIT_MS) as wrote:
        w.actions.trigger("file.quick_export")
    result = read(written(wrote)).pixels
    assert result.dtype == np.uint16
    assert np.array_equal(result[:20], deep[:20])


def test_pasting_a_copied_picture_opens_it(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    w.actions.trigger("edit.copy")
    w.session.drop()
    w.actions.trigger("edit.paste")
    assert w.session.document is not None
    assert np.array_equal(w.session.document.view, photo())


def test_what_is_edited_while_a_project_is_saved_is_still_unsaved(
    qtbot: QtBot, w: Editor, tmp_path: Path
) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    w.mask_editor.select_all()
    w.files.save(tmp_path / "work.lacuna")
    w.mask_editor.select_none()
    with qtbot.waitSignal(w.files.saved, timeout=WAIT_MS):
        pass
    assert w.session.is_dirty
    w.session.undo()
    assert not w.session.is_dirty
