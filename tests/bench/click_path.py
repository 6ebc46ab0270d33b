"""The way of a click and of a removal: Python calls on the UI thread, files, action refreshes.

    python -m tests.bench.click_path [--where]

One whole window, offscreen, with the fake engine. A profile hook counts from the mouse button, or
the Delete key, until the document has changed ("changed": as soon as the event loop is reached
again), until the next turn of the event loop is over ("turn": with painting, and what was put off),
and until the ring is drawn and nothing is left to do ("quiet"). Only functions of `app`, `engine`
and `widgets` count. `--where` lists the calls of the first by function.
"""

import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LACUNA_HOME"] = tempfile.mkdtemp()

import numpy as np
from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app import paths
from app.actions.qt_actions import QtActions
from app.application import start
from app.services.preferences import Preferences
from app.window.editor import Editor
from app.window.main_window import MainWindow
from engine.geometry import Image
from engine.jobs.fake import FakeBackend
from widgets.theme.theme import Theme

ROOT = str(Path(sys.modules[Editor.__module__].__file__ or "").resolve().parents[2])
PACKAGES = tuple(f"{ROOT}/{name}/" for name in ("app", "engine", "widgets"))
RING_S = 0.3  # the ring is asked for a moment after the mask changed
Act = Callable[[Editor], object]


@dataclass(slots=True)
class CallProfile:
    """Counts the calls of the program's own functions on one thread."""

    calls: Counter[CodeType] = field(default_factory=Counter[CodeType])
    file_changes: int = 0
    last_file: str = ""

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        name = frame.f_code.co_filename
        if event != "call" or not name.startswith(PACKAGES):
            return
        self.calls[frame.f_code] += 1
        self.file_changes += name != self.last_file
        self.last_file = name

    @property
    def total(self) -> int:
        return sum(self.calls.values())

    @property
    def files(self) -> int:
        return len({code.co_filename for code in self.calls})

    @property
    def refreshes(self) -> int:
        return self.calls[QtActions.refresh.__code__]


def wait(app: QApplication, until: Callable[[], bool], at_least_s: float = 0.0) -> None:
    """Run the event loop until the answer is yes."""
    end_s = time.monotonic() + at_least_s
    poll = QTimer(interval=5)
    poll.timeout.connect(lambda: app.exit() if time.monotonic() >= end_s and until() else None)
    poll.start()
    app.exec()
    poll.stop()


def profiled(app: QApplication, editor: Editor, act: Act, changed: Any) -> list[CallProfile]:
    """What the UI thread calls from `act` to the change, a turn later, and until all is quiet."""
    profile = CallProfile()
    stages: list[CallProfile] = []
    end = changed.connect(lambda *_: app.exit())
    sys.setprofile(profile)
    try:
        act(editor)
        app.exec()
        stages.append(replace(profile, calls=profile.calls.copy()))
        changed.disconnect(end)
        QTimer.singleShot(0, app.exit)
        app.exec()
        stages.append(replace(profile, calls=profile.calls.copy()))
        wait(app, lambda: not editor.jobs.is_busy, RING_S)
    finally:
        sys.setprofile(None)
    return [*stages, profile]


def picture() -> Image:
    """(160, 240, 3) uint8: grass with a red square in the middle."""
    pixels = np.random.default_rng(7).integers(40, 80, (160, 240, 3)).astype(np.uint8)
    pixels[50:110, 90:150] = (200, 30, 30)
    return pixels


def make_editor(app: QApplication) -> Editor:
    """A window as the program makes it, with a picture in it."""
    preferences = Preferences(paths.config_dir() / "settings.json")
    memory = QSettings(str(paths.config_dir() / "window.ini"), QSettings.Format.IniFormat)
    window = MainWindow(memory)
    window.resize(1100, 760)
    editor = Editor(window, preferences, Theme(app), FakeBackend)
    window.fill(editor, editor.docks.arrange)
    window.show()
    editor.files.adopt_pixels(picture())
    wait(app, lambda: not editor.jobs.is_busy, RING_S)
    return editor


def click(editor: Editor) -> None:
    place = editor.canvas.navigator.place(120, 80).toPoint()
    left, nothing = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mouseClick(editor.canvas, left, nothing, place)


def remove(editor: Editor) -> None:
    QTest.keyClick(editor.canvas, Qt.Key.Key_Delete)


def report(name: str, profiles: list[CallProfile], *, where: bool) -> None:
    for stage, profile in zip(("changed", "turn", "quiet"), profiles, strict=True):
        print(
            f"{name:8}{stage:8}{profile.total:7} calls{profile.files:5} files"
            f"{profile.file_changes:6} changes of file{profile.refreshes:4} refreshes"
        )
    for code, count in profiles[0].calls.most_common() if where else ():
        print(f"    {count:5}  {code.co_filename.removeprefix(ROOT)}: {code.co_qualname}")


def main() -> None:
    app = start.make_application()
    editor = make_editor(app)
    where = "--where" in sys.argv
    clicked = profiled(app, editor, click, editor.session.mask_changed)
    report("click", clicked, where=where)
    removed = profiled(app, editor, remove, editor.session.image_changed)
    report("removal", removed, where=where)
    editor.session.mark_clean()
    editor.window.close()


if __name__ == "__main__":
    main()
