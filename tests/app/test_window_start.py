"""A start of the window: what comes back from the last one."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.program import Program
from app.workspace import Workspace
from engine.fake import FakeBackend
from tests.app.stories import WAIT_MS

WIDTH, HEIGHT = 1900, 1000


def program_of_its_own() -> Program:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return Program(app, FakeBackend)


def close(program: Program) -> None:
    for window in list(program.windows):
        window.close()
    program.close()
    program.deleteLater()


def filled(qtbot: QtBot, program: Program, maximized: bool = False) -> Workspace:
    """Start in a window as large as the screen, or larger than the one of the tests."""
    program.open_files([])
    window = program.windows[0]
    if maximized:
        window.showMaximized()
    else:
        window.resize(WIDTH, HEIGHT)
    qtbot.waitUntil(lambda: window.workspace is not None, timeout=WAIT_MS)
    assert window.workspace is not None
    qtbot.wait(0)  # what waits for the layout
    assert window.isMaximized() == maximized
    return window.workspace


def panel_width(workspace: Workspace) -> int:
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
