"""Files are replaced as a whole, with the right mode, and killed programs leave nothing behind."""

import errno
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.errors import ImageUnwritable
from engine.storage import atomic_file
from engine.storage.atomic_file import replace

posix = pytest.mark.skipif(os.name == "nt", reason="modes and locks of POSIX")
WRITER = """
import sys
from pathlib import Path
from engine.storage.atomic_file import replace
with replace(Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    print("writing", flush=True)
    sys.stdin.read()
"""


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def written(path: Path, **options: object) -> None:
    with replace(path, **options) as file:  # type: ignore[arg-type]
        file.write(b"new")


@posix
def test_the_mode_is_that_of_the_old_file_or_as_asked(tmp_path: Path) -> None:
    usual, asked, private = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    before = os.umask(0o022)
    try:
        written(usual)
        written(asked, mode=0o640)
        written(private, private=True)
        assert (mode(usual), mode(asked), mode(private)) == (0o644, 0o640, 0o600)
        usual.chmod(0o604)
        written(usual, mode=0o600)
        assert mode(usual) == 0o604
        written(usual, private=True)
        assert mode(usual) == 0o600
    finally:
        os.umask(before)


@posix
def test_nobody_else_reads_what_is_being_written(tmp_path: Path) -> None:
    with replace(tmp_path / "a", mode=0o644) as file:
        file.write(b"private so far")
        (beside,) = tmp_path.iterdir()
        assert mode(beside) == 0o600
    assert mode(tmp_path / "a") == 0o644


@posix
def test_the_next_save_removes_what_a_killed_one_left(tmp_path: Path) -> None:
    target, other = tmp_path / "cat.lacuna", tmp_path / ".dog.lacuna.0123abcd.part"
    theirs = tmp_path / ".cat.lacuna.important.part"
    other.write_bytes(b"of another file")
    theirs.write_bytes(b"of another program")
    with _writing(target) as killed:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    assert len(list(tmp_path.iterdir())) == 3
    (tmp_path / ".cat.lacuna.0123abcd.part").write_bytes(b"of an earlier version")
    written(target)
    assert sorted(tmp_path.iterdir()) == sorted([target, other, theirs])


@posix
def test_a_file_that_another_program_is_writing_stays(tmp_path: Path) -> None:
    target = tmp_path / "cat.lacuna"
    with _writing(target) as slow:
        written(target)
        assert target.read_bytes() == b"new"
        assert len(list(tmp_path.iterdir())) == 2
        slow.communicate("")
        assert slow.returncode == 0
    assert target.read_bytes() == b"half"
    assert list(tmp_path.iterdir()) == [target]


@posix
def test_a_new_file_that_is_taken_for_a_left_over_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, made = atomic_file._opened, []

    def taken_once(path: Path) -> object:
        file = opened(path)
        made.append(path)
        if len(made) == 1:
            path.unlink()
        return file

    monkeypatch.setattr(atomic_file, "_opened", taken_once)
    written(tmp_path / "a")
    assert (tmp_path / "a").read_bytes() == b"new"
    assert len(made) == 2


def test_without_locks_only_old_left_overs_are_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(atomic_file, "fcntl", None)
    fresh, old = tmp_path / ".a.00000000.part", tmp_path / ".a.11111111.part"
    for path in (fresh, old):
        path.write_bytes(b"")
    long_ago = time.time() - 7_200
    os.utime(old, (long_ago, long_ago))
    written(tmp_path / "a")
    assert sorted(tmp_path.iterdir()) == sorted([fresh, tmp_path / "a"])


def test_a_folder_that_takes_no_files_is_not_said_to_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As /proc answers."""

    def refused(path: Path) -> None:
        raise FileNotFoundError(errno.ENOENT, "refused", str(path))

    monkeypatch.setattr(atomic_file, "_opened", refused)
    with pytest.raises(ImageUnwritable) as caught, atomic_file.replace(tmp_path / "a.png"):
        pass
    assert caught.value.reason == "other"


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ImageUnwritable) as caught:
        written(tmp_path / "no" / "a")
    assert caught.value.reason == "folder"


def _writing(target: Path) -> subprocess.Popen[str]:
    """A program in the middle of a save."""
    running = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(target)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    assert running.stdout.readline() == "writing\n"
    return running
