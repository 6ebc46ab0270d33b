import errno
import fcntl
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from engine.storage.file_lock import FileLock

HOLD = """
import sys, time
from pathlib import Path
from engine.storage.file_lock import FileLock
lock = FileLock.take(Path(sys.argv[1]))
print(lock is not None, flush=True)
time.sleep(60)
"""


def taken(path: Path) -> FileLock:
    lock = FileLock.take(path)
    assert lock is not None
    return lock


def test_a_lock_is_held_once_and_its_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    first = taken(path)
    assert FileLock.take(path) is None
    first.release()
    first.release()
    assert path.exists()
    taken(path).release()


def test_a_crash_frees_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        assert FileLock.take(path) is None
        holder.kill()
    taken(path).release()


def test_another_thread_releases_it(tmp_path: Path) -> None:
    lock = taken(tmp_path / "lock")
    thread = threading.Thread(target=lock.release)
    thread.start()
    thread.join()
    taken(tmp_path / "lock").release()


def test_it_moves_with_its_folder(tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    lock = taken(tmp_path / "new" / "lock")
    (tmp_path / "new").rename(tmp_path / "named")
    assert FileLock.take(tmp_path / "named" / "lock") is None
    lock.release()
    taken(tmp_path / "named" / "lock").release()


def test_no_folder_is_made_for_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        FileLock.take(tmp_path / "none" / "lock")
    assert not (tmp_path / "none").exists()


def test_a_file_system_without_locks_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And no marker file takes the lock's place: one would outlive a crash."""

    def none(_handle: int, _operation: int) -> None:
        raise OSError(errno.ENOSYS, "no locks here")

    monkeypatch.setattr(fcntl, "flock", none)
    with pytest.raises(OSError, match="no locks here"):
        FileLock.take(tmp_path / "lock")
