"""A second start hands its files to the first."""

import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtNetwork import QLocalSocket
from pytestqt.qtbot import QtBot

from app.application import single_instance
from app.application.single_instance import MARK, SOCKET, SingleInstance, hand_over, is_own, parse

SECOND = """
import sys
from pathlib import Path
from app.application.single_instance import hand_over
sys.exit(0 if hand_over(Path(sys.argv[1]), [Path("/a b.png")]) else 1)
"""


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder whose path leaves room for a socket's: those of pytest may be too long for one."""
    with tempfile.TemporaryDirectory(prefix="lc-") as folder:
        yield Path(folder)


def test_files_reach_the_first_program(qtbot: QtBot, tmp_path: Path) -> None:
    instance = SingleInstance(tmp_path)
    assert instance.listen()
    root = Path(__file__).parents[3]
    with qtbot.waitSignal(instance.files_arrived, timeout=20_000) as arrived:
        second = subprocess.Popen([sys.executable, "-c", SECOND, str(tmp_path)], cwd=root)
    assert arrived.args == [[Path("/a b.png")]]
    assert second.wait(20) == 0
    instance.close()


@pytest.mark.skipif(sys.platform == "win32", reason="pipes have no folder")
def test_a_message_in_pieces_is_awaited_without_standing_still(
    qtbot: QtBot, short_path: Path
) -> None:
    """The pieces come from the very thread that reads them: waiting for them would lose them."""
    instance = SingleInstance(short_path)
    assert instance.listen()
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(str(short_path / SOCKET))
        with qtbot.waitSignal(instance.files_arrived) as arrived:
            for piece in (b'["/a', b" b.png", b'"]\n'):
                QTimer.singleShot(0, partial(caller.sendall, piece))
                qtbot.wait(30)
        assert arrived.args == [[Path("/a b.png")]]
        assert caller.recv(10) == b"ok\n"
    instance.close()


@pytest.mark.skipif(sys.platform == "win32", reason="pipes have no folder")
@pytest.mark.parametrize("sent", [b"[", b"nothing of ours\n", b"[" * 60])
def test_a_caller_that_says_nothing_of_ours_is_let_go(
    sent: bytes, qtbot: QtBot, short_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(single_instance, "READ_MS", 50)
    monkeypatch.setattr(single_instance, "LONGEST", 50)
    instance = SingleInstance(short_path)
    assert instance.listen()
    with socket.socket(socket.AF_UNIX) as caller:
        caller.connect(str(short_path / SOCKET))
        caller.sendall(sent)
        caller.setblocking(False)
        with qtbot.assertNotEmitted(instance.files_arrived):
            qtbot.waitUntil(lambda: not _is_open(caller))
    qtbot.waitUntil(lambda: not instance.findChildren(QLocalSocket))
    instance.close()


def _is_open(caller: socket.socket) -> bool:
    try:
        return caller.recv(10) != b""
    except BlockingIOError:
        return True
    except ConnectionError:
        return False


def test_nobody_there_is_no_hand_over(tmp_path: Path) -> None:
    assert not hand_over(tmp_path, [])


def test_the_mark_goes_with_the_program(qtbot: QtBot, tmp_path: Path) -> None:
    instance = SingleInstance(tmp_path)
    instance.listen()
    assert (tmp_path / MARK).exists()
    instance.close()
    assert not (tmp_path / MARK).exists()


def test_what_a_crash_left_is_swept_away(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / MARK).touch()
    assert not hand_over(tmp_path, [])
    instance = SingleInstance(tmp_path)
    assert instance.listen()
    instance.close()


@pytest.mark.skipif(sys.platform == "win32", reason="pipes have no folder")
def test_the_socket_lies_in_a_folder_of_the_user(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, short_path: Path
) -> None:
    runtime = short_path / "run"
    runtime.mkdir(mode=0o700)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
    short, long = short_path / "s", tmp_path / ("long" * 30)
    for folder in (short, long):
        folder.mkdir(mode=0o700)
        instance = SingleInstance(folder)
        assert instance.listen()
        instance.close()
    short.chmod(0o777)  # anybody could put a socket there
    assert not SingleInstance(short).listen()
    assert not hand_over(short, [])


@pytest.mark.skipif(not hasattr(socket, "SO_PEERCRED"), reason="the system does not tell")
def test_the_other_side_of_a_socket_has_to_be_of_this_user(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert is_own(ours.fileno())
        monkeypatch.setattr("os.getuid", lambda: 12345)
        assert not is_own(ours.fileno())


def test_foreign_messages_are_no_paths() -> None:
    assert parse(b'["/a.png"]') == [Path("/a.png")]
    assert parse(b"[]") == []
    for line in (b"", b"{}", b"[1]", b'"x"', b"\xff\xfe", b"["):
        assert parse(line) is None
