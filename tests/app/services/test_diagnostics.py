import logging
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QTabWidget, QTextBrowser
from pytestqt.qtbot import QtBot

from app import paths
from app.dialogs.about import AboutDialog
from app.services import diagnostics
from app.services import logging_setup as logs

ROOT = Path(__file__).parents[3]


@pytest.fixture
def log(tmp_path: Path):
    """The log in a folder of its own; the test runner's handlers stay."""
    root = logging.getLogger()
    level = root.level
    handler = logs.start(tmp_path)
    yield tmp_path / logs.LOG
    root.removeHandler(handler)
    handler.close()
    root.setLevel(level)
    logging.captureWarnings(False)


@pytest.fixture
def hooks():
    told: list[BaseException] = []
    found = logs.CrashHooks(told.append)
    yield told
    found.remove()


def test_what_happens_is_on_disk(log: Path) -> None:
    logging.getLogger("app.session.session").info("opened %s", "a picture")
    assert "INFO MainThread app.session.session: opened a picture" in log.read_text()


def test_the_log_is_bounded(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = "x" * 10_000
    for _ in range(900):
        logging.getLogger("loud").warning(line)
    sizes = [path.stat().st_size for path in log.parent.glob("lacuna.log*")]
    assert len(sizes) == 3
    assert all(size <= 2_000_000 for size in sizes)


def test_an_uncaught_exception_is_logged_and_told(log: Path, hooks: list[BaseException]) -> None:
    try:
        raise KeyError("gone")
    except KeyError as error:
        sys.excepthook(KeyError, error, error.__traceback__)
    text = log.read_text()
    assert "CRITICAL" in text
    assert "test_an_uncaught_exception_is_logged_and_told" in text
    assert [type(error) for error in hooks] == [KeyError]


def test_threads_have_last_words_too(log: Path, hooks: list[BaseException]) -> None:
    def fail() -> None:
        raise ZeroDivisionError("in a thread")

    thread = threading.Thread(target=fail, name="worker-7")
    thread.start()
    thread.join()
    assert "uncaught in thread worker-7" in log.read_text()
    assert isinstance(hooks[0], ZeroDivisionError)


def test_what_python_cannot_raise_is_logged(log: Path, hooks: list[BaseException]) -> None:
    class Bad:
        def __del__(self) -> None:
            raise RuntimeError("in a finalizer")

    Bad()
    assert "in a finalizer" in log.read_text()
    assert isinstance(hooks[0], RuntimeError)


def test_ctrl_c_is_no_bug(log: Path, hooks: list[BaseException], capsys) -> None:
    sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert hooks == []
    assert log.read_text() == ""


def test_the_hooks_are_given_back() -> None:
    before = sys.excepthook, threading.excepthook, sys.unraisablehook
    logs.CrashHooks().remove()
    assert (sys.excepthook, threading.excepthook, sys.unraisablehook) == before


def run(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", program, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)


def test_a_crash_of_the_interpreter_leaves_its_stack(tmp_path: Path) -> None:
    program = (
        "import sys, faulthandler, pathlib; from app.services import logging_setup as logs\n"
        "folder = pathlib.Path(sys.argv[1]); logs.start(folder); file = logs.watch_faults(folder)\n"
        "def deep(): faulthandler._sigabrt()\n"
        "if len(sys.argv) < 3: deep()"
    )
    assert run(program, tmp_path).returncode != 0
    assert "deep" in (tmp_path / logs.FAULTS).read_text()
    again = program.replace("if len(sys.argv) < 3: deep()", "")
    assert run(again, tmp_path).returncode == 0
    assert "an earlier run crashed" in (tmp_path / logs.LOG).read_text()


def test_messages_of_qt_are_logged(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from app.services import logging_setup as logs\n"
        "from PySide6.QtCore import qWarning\n"
        "logs.start(pathlib.Path(sys.argv[1])); logs.catch_qt(); qWarning('from below')"
    )
    assert run(program, tmp_path).returncode == 0
    assert "WARNING MainThread qt.default: from below" in (tmp_path / logs.LOG).read_text()


def test_the_log_needs_no_qt(tmp_path: Path) -> None:
    program = "import sys, app.services.logging_setup; assert 'PySide6' not in sys.modules"
    assert run(program, tmp_path).returncode == 0


def test_the_report_has_what_is_needed_and_no_home(qtbot: QtBot, monkeypatch) -> None:
    log = paths.log_dir() / logs.LOG
    home = str(Path.home())
    lines = [f"line {number} in {home}/Pictures" for number in range(300)]
    log.write_text("\n".join(lines))
    report = diagnostics.text()
    for word in ("Lacuna", "Python", "Qt", "numpy", "Screen", "memory", "offscreen"):
        assert word in report
    assert "line 299" in report
    assert "line 100 " in report
    assert "line 99 " not in report
    assert f"{home}/" not in report
    assert "~/Pictures" in report


def test_a_home_is_hidden_in_every_spelling() -> None:
    home = Path("/home/ann b")
    text = "a /home/ann b/x.png file:///home/ann%20b/y"
    assert diagnostics.anonymous(text, home) == "a ~/x.png file://~/y"
    assert diagnostics.anonymous("/a/b", Path("/")) == "/a/b"


def test_the_report_names_changed_settings(qtbot: QtBot) -> None:
    (paths.config_dir() / "settings.json").write_text('{"version": 1, "undo_mb": 99}')
    assert "undo_mb = 99" in diagnostics.text()


def test_about_shows_licence_and_credits(qtbot: QtBot) -> None:
    dialog = AboutDialog()
    qtbot.addWidget(dialog)
    pages = " ".join(page.toPlainText() for page in dialog.findChildren(QTextBrowser))
    assert "Apache License" in pages
    assert "ISC License" in pages
    assert "Lucide" in pages
    tabs = dialog.findChild(QTabWidget)
    assert tabs.count() == 3
    assert any("Version" in label.text() for label in dialog.findChildren(QLabel))
