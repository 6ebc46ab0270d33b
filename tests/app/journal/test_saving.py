"""What is saved is what was there when saving began, and only that."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from app import paths
from app.journal import journal
from app.project import project
from app.window.editor import Editor
from tests.app.support.stories import WAIT_MS, editor, opened, photo, photo_file
from tests.support.documents import document


@pytest.fixture
def w(qtbot: QtBot) -> Iterator[Editor]:
    with editor(qtbot) as workspace:
        yield workspace


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Saving begins when it is set."""
    gate, real = threading.Event(), project.save

    def late(*args: object, **options: object) -> None:
        gate.wait()
        real(*args, **options)  # pyright: ignore

    monkeypatch.setattr(project, "save", late)
    return gate


def test_an_edit_during_saving_is_not_saved(
    qtbot: QtBot, w: Editor, tmp_path: Path, gate: threading.Event
) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    w.mask_editor.select_all()
    path = tmp_path / "work.lacuna"
    w.files.save(path)
    w.mask_editor.select_none()
    with qtbot.waitSignal(w.files.saved, timeout=WAIT_MS):
        gate.set()
    assert w.session.is_dirty
    assert project.load(path).mask.all()
    assert w.autosave.journal is not None
    w.autosave.journal.settle()
    shutil.copytree(paths.journal_dir(), tmp_path / "left")
    (left,) = journal.pending(tmp_path / "left")
    assert left.saved == path
    assert not journal.recover(left).mask.any()
    w.session.undo()
    assert not w.session.is_dirty


def test_another_picture_is_not_taken_for_the_saved_one(
    qtbot: QtBot, w: Editor, tmp_path: Path, gate: threading.Event
) -> None:
    opened(qtbot, w, photo_file(tmp_path))
    w.files.save(tmp_path / "work.lacuna")
    w.files.adopt_pixels(np.ascontiguousarray(photo()[::-1]))
    w.mask_editor.select_all()
    with qtbot.waitSignal(w.files.wrote, timeout=WAIT_MS):
        gate.set()
    assert w.session.document is not None
    assert w.session.document.path is None
    assert w.session.is_dirty


def test_a_project_that_another_program_changed_is_not_written_over(
    qtbot: QtBot, w: Editor, tmp_path: Path
) -> None:
    path = tmp_path / "work.lacuna"
    project.save(document().lease(), path)
    opened(qtbot, w, path)
    for _ in range(2):
        w.mask_editor.invert()
        with qtbot.waitSignal(w.files.saved, timeout=WAIT_MS):
            w.file_dialogs.save()
    project.save(document("rgb16").lease(), path)
    theirs = path.read_bytes()
    w.mask_editor.invert()
    w.file_dialogs.save()
    assert "work.lacuna was changed" in w.message_bar.text
    dialog = w.window.findChild(QFileDialog)
    assert dialog is not None
    dialog.reject()
    assert path.read_bytes() == theirs
    assert w.session.is_dirty


@pytest.mark.parametrize("is_changed", [False, True])
@pytest.mark.parametrize("is_opened", [False, True])
def test_a_recovered_project_is_saved_as_without_the_crash(
    qtbot: QtBot, tmp_path: Path, is_opened: bool, is_changed: bool
) -> None:
    """Whether it was opened as a project or saved as one; over changes of others it asks."""
    path = tmp_path / "work.lacuna"
    with editor(qtbot) as w:
        opened(qtbot, w, photo_file(tmp_path))
        with qtbot.waitSignal(w.files.saved, timeout=WAIT_MS):
            w.files.save(path)
        if is_opened:
            w.session.drop()
            opened(qtbot, w, path)
        w.mask_editor.select_all()
        assert w.autosave.journal is not None
        w.autosave.journal.settle()
        shutil.copytree(paths.journal_dir(), tmp_path / "left")
    shutil.copytree(tmp_path / "left", paths.journal_dir(), dirs_exist_ok=True)
    if is_changed:
        path.write_bytes(b"newer, by somebody else")
    with editor(qtbot) as w:
        (left,) = journal.pending(paths.journal_dir())
        with qtbot.waitSignal(w.session.opened, timeout=WAIT_MS):
            w.autosave.recover(left)
        if not is_changed:
            with qtbot.waitSignal(w.files.saved, timeout=WAIT_MS):
                w.file_dialogs.save()
            assert project.load(path).mask.all()
            return
        w.file_dialogs.save()
        assert "work.lacuna was changed" in w.message_bar.text
        dialog = w.window.findChild(QFileDialog)
        assert dialog is not None
        dialog.reject()
        assert path.read_bytes() == b"newer, by somebody else"
