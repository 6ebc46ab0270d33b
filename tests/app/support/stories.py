"""What the stories share: a whole window on a backend, and short words for what a user does."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from pytestqt.wait_signal import SignalBlocker

from app import paths
from app.services.engines import Engines
from app.services.preferences import Preferences
from app.window.editor import Editor
from app.window.main_window import MainWindow
from engine.geometry import Image
from engine.image_io.writer import ExportOptions, write
from engine.jobs.backend import Backend
from engine.jobs.fake import FakeBackend
from engine.picture import Picture
from widgets.theme.theme import Theme

WAIT_MS = 20_000


@contextmanager
def editor(
    qtbot: QtBot,
    make_backend: Callable[[], Backend] = FakeBackend,
    *,
    engines: Engines | None = None,
    local: Callable[[], Backend] | None = None,
    light: Callable[[], Backend] | None = None,
) -> Iterator[Editor]:
    """A window as the program makes it, filled at once."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    preferences = Preferences(paths.config_dir() / "settings.json")
    memory = QSettings(str(paths.config_dir() / "window.ini"), QSettings.Format.IniFormat)
    window = MainWindow(memory)
    window.resize(1100, 760)
    workspace = Editor(
        window, preferences, theme(app), make_backend, engines=engines, local=local, light=light
    )
    window.fill(workspace, workspace.docks.arrange)
    window.show()
    qtbot.waitExposed(window)
    window.activateWindow()
    try:
        yield workspace
    finally:
        workspace.session.mark_clean()
        workspace.file_dialogs.work.stop(is_window=True)
        window.close()
        window.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def theme(app: QApplication) -> Theme:
    """One for all windows of the process, without the style sheet: a third of a window's time."""
    found = app.findChild(Theme) or Theme(app)
    if app.styleSheet():
        app.setStyleSheet("")
    return found


def photo(width: int = 240, height: int = 160) -> Image:
    """Grass with a red disc in the middle."""
    noise = np.random.default_rng(7).integers(0, 40, (height, width, 1))
    image = np.clip(noise + np.array([40, 110, 50]), 0, 255).astype(np.uint8)
    y, x = np.mgrid[:height, :width]
    inside = (x - width // 2) ** 2 + (y - height // 2) ** 2 < (height // 5) ** 2
    image[inside] = (200, 30, 30)
    return image


def photo_file(folder: Path, name: str = "photo.png") -> Path:
    path = folder / name
    write(Picture(pixels=photo()), path, ExportOptions())
    return path


def opened(qtbot: QtBot, workspace: Editor, path: Path) -> None:
    """Open a file and wait until it is there."""
    with qtbot.waitSignal(workspace.files.opened, timeout=WAIT_MS):
        workspace.open(path)


def at(workspace: Editor, x: float, y: float) -> QPoint:
    """A point of the picture, in the window's coordinates."""
    return workspace.canvas.navigator.place(x, y).toPoint()


def click(
    workspace: Editor,
    x: float,
    y: float,
    *,
    button: Qt.MouseButton = Qt.MouseButton.LeftButton,
    modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
) -> None:
    QTest.mouseClick(workspace.canvas, button, modifier, at(workspace, x, y))


def drag(workspace: Editor, *points: tuple[float, float]) -> None:
    """Press at the first point, release at the last."""
    canvas, left = workspace.canvas, Qt.MouseButton.LeftButton
    nothing = Qt.KeyboardModifier.NoModifier
    places = [at(workspace, *point) for point in points]
    QTest.mousePress(canvas, left, nothing, places[0])
    for place in places[1:]:
        QTest.mouseMove(canvas, place)
    QTest.mouseRelease(canvas, left, nothing, places[-1])


def selected(qtbot: QtBot, workspace: Editor, x: float, y: float) -> None:
    """Click an object and wait for the mask."""
    with qtbot.waitSignal(workspace.session.mask_changed, timeout=WAIT_MS):
        click(workspace, x, y)


def removed(qtbot: QtBot, workspace: Editor) -> None:
    """Press Delete and wait for the result."""
    with qtbot.waitSignal(workspace.session.image_changed, timeout=WAIT_MS):
        QTest.keyClick(workspace.canvas, Qt.Key.Key_Delete)


def settled(qtbot: QtBot, workspace: Editor) -> None:
    """Wait until no job is under way."""
    qtbot.waitUntil(lambda: not workspace.jobs.is_busy, timeout=WAIT_MS)


def is_enabled(workspace: Editor, name: str) -> bool:
    """Whether an action can be used now, also before the event loop is idle."""
    workspace.actions.refresh()
    return workspace.actions[name].isEnabled()


def written(blocker: SignalBlocker) -> Path:
    """The file that `files.wrote` told of."""
    assert blocker.args is not None
    return Path(blocker.args[0])
