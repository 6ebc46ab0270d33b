"""Stories about files: closing, saving, crashes, trouble, depth, the clipboard."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from app import paths
from app.dialogs.export.dialog import ExportDialog
from app.window.editor import Editor
from app.window.files.close_question import CloseQuestion
from engine.image_io.reader import read
from engine.image_io.writer import ExportOptions, write
from engine.picture import Picture
from engine.selection.brush import Brush
from tests.app.support.stories import (
    WAIT_MS,
    editor,
    opened,
    photo,
    photo_file,
    removed,
    selected,
    settled,
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
    with editor(qtbot) as w, editor(qtbot) as other:
        w.displaced.connect(other.take)
        w.autosave.offer()
        opened(qtbot, w, photo_file(tmp_path, "three.png"))
        assert "two.png" in w.message_bar.text
        w.mask_editor.select_all()
        with qtbot.waitSignal(other.session.opened, timeout=WAIT_MS):
            w.message_bar.triggered.emit("recover", None)
        assert shown(w) == "three.png"
        assert w.session.is_dirty
        assert shown(other) == "two.png"
        assert other.session.is_dirty
        assert other.session.document.mask.all()
        assert "one.png" in w.message_bar.text
        w.message_bar.triggered.emit("forget", None)
        assert len(list(paths.journal_dir().iterdir())) == 2  # of what is open


def test_the_next_document_is_offered_as_soon_as_one_is_there(qtbot: QtBot, tmp_path: Path) -> None:
    crashed(qtbot, tmp_path, "one.png", "two.png")
    with editor(qtbot) as w:
        w.autosave.offer()
        with qtbot.waitSignal(w.session.opened, timeout=WAIT_MS):
            w.message_bar.triggered.emit("recover", None)
        assert shown(w) == "two.png"
        assert "one.png" in w.message_bar.text
        w.message_bar.triggered.emit("forget", None)


def test_edits_made_while_another_file_is_read_stay_open(
    qtbot: QtBot, w: Editor, tmp_path: Path
) -> None:
    opened(qtbot, w, photo_file(tmp_path, "a.png"))
    with qtbot.waitSignal(w.displaced, timeout=WAIT_MS) as displaced:
        w.open(photo_file(tmp_path, "b.png"))
        w.mask_editor.select_all()
    assert shown(w) == "a.png"
    assert w.session.is_dirty
    assert w.autosave.journal is not None
    assert displaced.args is not None
    assert displaced.args[0].path == tmp_path / "b.png"


def test_a_stroke_under_way_keeps_its_picture_open(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    opened(qtbot, w, photo_file(tmp_path, "a.png"))
    with qtbot.waitSignal(w.displaced, timeout=WAIT_MS):
        w.open(photo_file(tmp_path, "b.png"))
        w.mask_editor.begin_stroke(Brush(radius_px=5), 30, 30, pressure=1, erase=False)
    assert shown(w) == "a.png"
    assert w.mask_editor.end_stroke()
    assert w.session.has_mask


def test_an_edited_picture_sends_other_files_and_pasted_pictures_elsewhere(
    qtbot: QtBot, w: Editor, tmp_path: Path
) -> None:
    opened(qtbot, w, photo_file(tmp_path, "a.png"))
    w.mask_editor.select_all()
    with qtbot.waitSignal(w.window_wanted, timeout=WAIT_MS) as wanted:
        w.open(tmp_path / "b.png")
    assert wanted.args == [[tmp_path / "b.png"]]
    w.actions.trigger("edit.copy")
    with qtbot.waitSignal(w.displaced, timeout=WAIT_MS):
        w.actions.trigger("edit.paste")
    assert shown(w) == "a.png"
    assert w.session.is_dirty
    assert not w.window.findChildren(QMessageBox)


def test_discarded_edits_stay_unsaved_until_the_picture_is_closed(
    qtbot: QtBot, w: Editor, tmp_path: Path
) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    w.mask_editor.select_all()
    assert not w.may_close(lambda: None)  # something that does not close it after all
    question(w).discard_button.click()
    assert w.session.is_dirty
    assert not w.may_close(lambda: None)
    question(w).cancel_button.click()


def test_closing_speaks_of_the_picture_and_an_exported_one_is_safe(
    qtbot: QtBot, w: Editor, tmp_path: Path
) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    selected(qtbot, w, 120, 80)
    w.actions.trigger("file.close")
    assert "selections of photo.png" in question(w).text()
    question(w).cancel_button.click()
    removed(qtbot, w)
    settled(qtbot, w)
    w.actions.trigger("file.close")
    assert "retouched picture photo.png" in question(w).text()
    question(w).export_button.click()
    dialog = w.window.findChild(ExportDialog)
    assert dialog is not None
    with qtbot.waitSignal(w.session.opened, timeout=WAIT_MS):
        dialog.export_button.click()
    assert w.session.document is None
    assert not any("retouched" in box.text() for box in visible_questions(w))


def test_what_is_edited_after_an_export_is_asked_for_again(
    qtbot: QtBot, w: Editor, tmp_path: Path
) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    selected(qtbot, w, 120, 80)
    removed(qtbot, w)
    settled(qtbot, w)
    with qtbot.waitSignal(w.files.wrote, timeout=WAIT_MS):
        w.actions.trigger("file.quick_export")
    assert w.session.is_safe
    assert not w.window.isWindowModified()
    w.mask_editor.select_all()
    assert not w.session.is_safe
    assert w.window.isWindowModified()
    w.actions.trigger("file.close")
    assert "selections of photo.png" in question(w).text()
    question(w).cancel_button.click()


def shown(w: Editor) -> str:
    """The name of the open file."""
    document = w.session.document
    return document.path.name if document and document.path else ""


def visible_questions(w: Editor) -> list[CloseQuestion]:
    return [found for found in w.window.findChildren(CloseQuestion) if found.isVisible()]


def question(w: Editor) -> CloseQuestion:
    """The question before closing that is on the screen."""
    return visible_questions(w)[-1]


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
