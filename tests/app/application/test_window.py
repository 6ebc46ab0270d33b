"""The program around its windows: several files, later starts, what is remembered."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.application.application import Application
from app.commands.files import can_open
from app.settings.recent_files import RecentFiles
from engine.image_io.writer import ExportOptions, write
from engine.jobs.fake import FakeBackend
from engine.picture import Picture
from tests.app.support.stories import WAIT_MS, editor, opened, photo, photo_file, settled


@pytest.fixture
def program(qtbot: QtBot) -> Iterator[Application]:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    made = Application(app, FakeBackend)
    yield made
    for window in list(made.windows):
        if (editor := made.editor_of(window)) is not None:
            editor.session.mark_clean()
        window.close()
    made.close()
    made.deleteLater()


def test_a_file_that_is_open_is_shown_and_not_opened_twice(
    qtbot: QtBot, program: Application, tmp_path: Path
) -> None:
    file = photo_file(tmp_path)
    program.open_files([file])
    qtbot.waitUntil(lambda: names(program) == ["photo.png"], timeout=WAIT_MS)
    workspace = program.editor_of(program.windows[0])
    assert workspace is not None
    workspace.mask_editor.select_all()
    for again in (program.open_files, workspace.file_dialogs.open_many):
        again([tmp_path / "elsewhere" / ".." / "photo.png"])
        assert len(program.windows) == 1
        assert "photo.png is open already" in workspace.message_bar.text
        workspace.message_bar.dismiss()
    write(Picture(pixels=photo(80, 60)), file, ExportOptions())
    program.open_files([file])  # another program wrote it
    qtbot.waitUntil(lambda: names(program) == ["photo.png"] * 2, timeout=WAIT_MS)


def names(program: Application) -> list[str]:
    """Of the open pictures, once all windows are filled."""
    found = []
    for window in program.windows:
        editor = program.editor_of(window)
        document = editor.session.document if editor else None
        found.append(document.path.name if document and document.path else "")
    return sorted(found)


def test_several_files_get_a_window_each(
    qtbot: QtBot, program: Application, tmp_path: Path
) -> None:
    files = [photo_file(tmp_path, name) for name in ("a.png", "b.png")]
    program.open_files(files)
    qtbot.waitUntil(lambda: names(program) == ["a.png", "b.png"], timeout=WAIT_MS)


def test_an_empty_window_takes_the_first_file(
    qtbot: QtBot, program: Application, tmp_path: Path
) -> None:
    program.open_files([])
    qtbot.waitUntil(lambda: program.editor_of(program.windows[0]) is not None, timeout=WAIT_MS)
    program.open_files([photo_file(tmp_path)])
    qtbot.waitUntil(lambda: names(program) == ["photo.png"], timeout=WAIT_MS)
    program.open_files([])
    assert len(program.windows) == 2


def test_dropped_files_open_where_they_fall_and_beside(
    qtbot: QtBot, program: Application, tmp_path: Path
) -> None:
    program.open_files([])
    qtbot.waitUntil(lambda: program.editor_of(program.windows[0]) is not None, timeout=WAIT_MS)
    workspace = program.editor_of(program.windows[0])
    assert workspace is not None
    drop(workspace.start_page, [photo_file(tmp_path, name) for name in ("a.png", "b.png")])
    qtbot.waitUntil(lambda: names(program) == ["a.png", "b.png"], timeout=WAIT_MS)
    first = workspace.session.document
    assert first is not None
    assert first.path == tmp_path / "a.png"
    drop(workspace.canvas, [photo_file(tmp_path, "c.png")])
    qtbot.waitUntil(lambda: names(program) == ["a.png", "b.png", "c.png"], timeout=WAIT_MS)


def drop(widget: QWidget, files: list[Path]) -> None:
    """Carry files over a widget, wherever its window takes them, and let go."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    nothing = Qt.KeyboardModifier.NoModifier
    how = (Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, nothing)
    place = widget.mapTo(widget.window(), widget.rect().center())
    handle = widget.window().windowHandle()
    entered = QDragEnterEvent(place, *how)
    QApplication.sendEvent(handle, entered)
    assert entered.isAccepted()
    QApplication.sendEvent(handle, QDropEvent(place.toPointF(), *how))


def test_quitting_closes_all_windows(qtbot: QtBot, program: Application) -> None:
    program.open_files([])
    program.open_files([])
    qtbot.waitUntil(
        lambda: all(program.editor_of(each) for each in program.windows), timeout=WAIT_MS
    )
    program.quit()
    assert program.windows == []


def test_a_jpeg_is_seen_before_it_is_open(qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "large.jpg"
    write(Picture(pixels=photo(1600, 1200), format="jpeg"), path, ExportOptions(format="jpeg"))
    order: list[str] = []
    with editor(qtbot) as w:
        w.files.first_seen.connect(lambda _: order.append("seen"))
        w.session.opened.connect(lambda: order.append("open"))
        opened(qtbot, w, path)
        assert order == ["seen", "open"]
        assert w.canvas.isVisible()
        settled(qtbot, w)


def test_recent_files_are_those_that_are_still_there(tmp_path: Path) -> None:
    recent = RecentFiles(tmp_path / "state" / "recent.json")
    recent.look()
    assert recent.paths() == []
    (tmp_path / "state").mkdir()
    first, second = photo_file(tmp_path, "a.png"), photo_file(tmp_path, "b.png")
    for path in (first, second, first):
        recent.add(path)
    recent.look()
    assert recent.paths() == [first, second]
    first.unlink()
    recent.look()
    assert recent.paths() == [second]
    (tmp_path / "state" / "recent.json").write_text("{")
    recent.look()
    assert recent.paths() == []


def test_only_known_endings_are_taken() -> None:
    assert can_open(Path("a.JPG"))
    assert can_open(Path("b.lacuna"))
    assert not can_open(Path("c.eps"))
