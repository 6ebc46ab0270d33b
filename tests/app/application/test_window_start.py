"""A start of the window: what comes back from the last one, and what is said if it fails."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QToolBar
from pytestqt.qtbot import QtBot

from app import paths
from app.application.application import Application
from app.application.load_failure import LoadFailurePage
from app.window.editor import Editor
from app.window.main_window import FRAME_PX, MainWindow, StartupBackground
from engine.jobs.fake import FakeBackend
from tests.app.support.stories import WAIT_MS, editor

WIDTH, HEIGHT = 1900, 1000


@pytest.fixture
def program(qtbot: QtBot) -> Iterator[Application]:
    made = program_of_its_own()
    yield made
    close(made)


def program_of_its_own() -> Application:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return Application(app, FakeBackend)


def close(program: Application) -> None:
    for window in list(program.windows):
        window.close()
    program.close()
    program.deleteLater()


def filled(qtbot: QtBot, program: Application, maximized: bool = False) -> Editor:
    """Start in a window as large as the screen, or larger than the one of the tests."""
    program.open_files([])
    window = program.windows[0]
    if maximized:
        window.showMaximized()
    else:
        window.resize(WIDTH, HEIGHT)
    qtbot.waitUntil(lambda: program.editor_of(window) is not None, timeout=WAIT_MS)
    editor = program.editor_of(window)
    assert editor is not None
    qtbot.wait(0)  # what waits for the layout
    assert window.isMaximized() == maximized
    return editor


def panel_width(workspace: Editor) -> int:
    return workspace.docks.all[-1].width()


@pytest.mark.parametrize("maximized", [True, False])
def test_panels_keep_their_width_over_starts(qtbot: QtBot, maximized: bool) -> None:
    widths = []
    for _ in range(3):
        program = program_of_its_own()
        widths.append(panel_width(filled(qtbot, program, maximized)))
        close(program)
    assert widths[1:] == widths[:1] * 2


def test_too_wide_panels_come_back_narrower(qtbot: QtBot) -> None:
    first = program_of_its_own()
    workspace = filled(qtbot, first)
    docks = [workspace.docks.all[0], workspace.docks.all[-1]]
    workspace.window.resizeDocks(docks, [1300, 1300], Qt.Orientation.Horizontal)
    qtbot.waitUntil(lambda: panel_width(workspace) > WIDTH // 2, timeout=WAIT_MS)
    close(first)
    second = program_of_its_own()
    again = filled(qtbot, second)
    qtbot.waitUntil(lambda: panel_width(again) <= WIDTH // 3, timeout=WAIT_MS)
    close(second)


def failed(qtbot: QtBot, program: Application) -> tuple[MainWindow, LoadFailurePage]:
    program.open_files([])
    window = program.windows[0]
    qtbot.waitUntil(lambda: isinstance(window.centralWidget(), LoadFailurePage), timeout=WAIT_MS)
    page = window.centralWidget()
    assert isinstance(page, LoadFailurePage)
    qtbot.waitUntil(page.isVisible, timeout=WAIT_MS)  # shown in a later turn of the event loop
    return window, page


@pytest.mark.parametrize("part", ["Session", "make_picture_view", "Docks", "StatusBar"])
def test_a_failed_start_says_so(
    qtbot: QtBot,
    program: Application,
    part: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ImportError("libwhatever.so.1 is missing")

    monkeypatch.setattr(f"app.window.editor.{part}", fail)
    with caplog.at_level(logging.ERROR):
        window, page = failed(qtbot, program)
    assert "could not be loaded" in said(page)
    assert "ImportError: libwhatever.so.1 is missing" in said(page)
    assert len(caplog.records) == 1
    assert caplog.records[0].exc_info
    assert not any(bar.isVisible() for bar in window.findChildren(QToolBar))
    assert not window.actions()
    assert window.close()


def said(page: LoadFailurePage) -> str:
    return "\n".join(label.text() for label in page.findChildren(QLabel) if label.isVisible())


def test_the_page_of_trouble_helps_to_report(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()), raising=True
    )
    page = LoadFailurePage(ValueError("a tale of woe"))
    qtbot.addWidget(page)
    page.copy_button.click()
    page.log_button.click()
    report = QGuiApplication.clipboard().text()
    assert report.startswith("ValueError: a tale of woe\nLacuna ")
    assert opened == [str(paths.log_dir())]


def test_the_last_words_of_the_status_bar_keep_off_its_edge(qtbot: QtBot) -> None:
    with editor(qtbot) as w:
        (label,) = [
            part for part in w.status_bar.findChildren(QLabel) if part.text() == "Basic mode"
        ]
        assert w.status_bar.width() - label.geometry().right() > 5


def test_a_first_window_lies_within_the_screen(qtbot: QtBot, program: Application) -> None:
    program.open_files([])
    window = program.windows[0]
    room = window.screen().availableSize()
    assert window.height() + FRAME_PX <= max(room.height(), window.minimumSizeHint().height())
    assert window.width() <= max(room.width(), window.minimumSizeHint().width())
    qtbot.waitUntil(lambda: program.editor_of(window) is not None, timeout=WAIT_MS)


def test_another_window_is_as_large_as_the_first(qtbot: QtBot, program: Application) -> None:
    first = filled(qtbot, program)
    program.open_files([])
    second = program.windows[1]
    qtbot.waitUntil(lambda: program.editor_of(second) is not None, timeout=WAIT_MS)
    assert second.size() == first.window.size()


def test_a_folder_that_cannot_be_written_to_is_said(
    qtbot: QtBot, program: Application, tmp_path: Path
) -> None:
    program.unwritable = tmp_path / "logs"
    editor = filled(qtbot, program)
    assert str(tmp_path) in editor.message_bar.text


def test_a_new_window_is_uncovered_once_its_panels_have_their_place(
    qtbot: QtBot, program: Application
) -> None:
    program.open_files([])
    window = program.windows[0]
    qtbot.waitUntil(lambda: program.editor_of(window) is not None, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not window.findChildren(StartupBackground), timeout=WAIT_MS)
    assert window.updatesEnabled()
