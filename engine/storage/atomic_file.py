"""Replaces a file atomically: written beside it, synced, then renamed."""

import contextlib
import errno
import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from engine.errors import DiskFull, FileError, ImageUnwritable

try:
    import fcntl
except ImportError:  # Windows: an open file cannot be deleted, which protects it as a lock does
    fcntl = None

PRIVATE = 0o600
"""The mode of a file that is nobody else's business."""

_TRIES = 20
_OLD_S = 3_600
_REASONS = {
    errno.EACCES: "permission",
    errno.EPERM: "permission",
    errno.EROFS: "read-only",
    errno.ENOENT: "folder",
    errno.ENOTDIR: "folder",
    errno.EISDIR: "folder",
    errno.ENAMETOOLONG: "name",
}


@contextlib.contextmanager
def replace(path: Path, *, mode: int | None = None, private: bool = False) -> Generator[BinaryIO]:
    """A new file that takes the place of `path` when the block ends without an exception.

    On any failure the new file is removed and what was there before is untouched. A symbolic
    link is followed. The new file has the permission bits of the old one; where there is none
    those of `mode`, or the usual ones. A private one is for its owner alone in any case, and so is
    every one until it is whole. What a killed program left of the same file is deleted.
    Raises DiskFull, or ImageUnwritable with a reason: permission, read-only, folder, name, other.
    """
    target = Path(os.path.realpath(path))
    beside = target
    try:
        _remove_left_overs(target)
        new = _created(target)
        beside = new.path
        try:
            with new.file:
                yield new.file
                new.file.flush()
                os.fsync(new.file.fileno())
            if not private:
                _set_mode(new, target, mode)
            os.replace(beside, target)
        finally:
            new.unlock()
            with contextlib.suppress(OSError):
                beside.unlink()
        _sync_folder(target.parent)
    except OSError as error:
        raise explained(path, beside, error) from error


@dataclass(frozen=True, slots=True)
class _NewFile:
    """A file that is being written, locked while its program lives."""

    path: Path
    file: BinaryIO
    usual_mode: int
    lock: int | None  # a second descriptor of the file: the lock outlives the first

    def unlock(self) -> None:
        if self.lock is not None:
            os.close(self.lock)


def _created(target: Path) -> _NewFile:
    """A new file beside the target; another one where it was taken for a left-over at once."""
    for _ in range(_TRIES):
        path = target.with_name(f".{target.name[:64]}.{secrets.token_hex(4)}.part")
        file = _opened(path)
        usual_mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        with contextlib.suppress(OSError):
            path.chmod(PRIVATE)
        lock = os.dup(file.fileno()) if fcntl is not None else None
        if lock is None or (_locks(lock) and _is_at(path, lock)):
            return _NewFile(path, file, usual_mode, lock)
        os.close(lock)
        file.close()
    raise OSError(errno.EBUSY, "the new file is deleted again and again", str(target))


def _opened(path: Path) -> BinaryIO:
    return open(path, "xb")


def mode_of(path: Path | None) -> int | None:
    """The mode of a new file that is as private as the one at `path`; its owner may write to it.

    None where there is no file, or none that may be looked at.
    """
    with contextlib.suppress(OSError):
        return None if path is None else path.stat().st_mode & 0o777 | PRIVATE
    return None


def private_opener(path: str, flags: int) -> int:
    """The `opener` of `open` for files that nobody else may read."""
    return os.open(path, flags, PRIVATE)


def _locks(descriptor: int) -> bool:
    """Lock an open file, unless another has; true where the file system knows no locks."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno not in (errno.EWOULDBLOCK, errno.EACCES)
    return True


def _is_at(path: Path, descriptor: int) -> bool:
    with contextlib.suppress(OSError):
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    return False


def _set_mode(new: _NewFile, target: Path, mode: int | None) -> None:
    with contextlib.suppress(OSError):
        wanted = new.usual_mode if mode is None else mode & 0o666
        with contextlib.suppress(FileNotFoundError):
            wanted = target.stat().st_mode & 0o777
        new.path.chmod(wanted)


def _remove_left_overs(target: Path) -> None:
    """Delete what programs that were killed have left of the same file."""
    form = re.compile(rf"\.{re.escape(target.name[:64])}\.[0-9a-f]{{8}}\.part")
    with contextlib.suppress(OSError), os.scandir(target.parent) as entries:
        for entry in entries:
            if form.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                _remove_if_left(Path(entry.path))


def _remove_if_left(path: Path) -> None:
    """Delete a file beside a target, unless the program that writes it still runs."""
    with contextlib.suppress(OSError):
        if fcntl is None:
            if path.stat().st_mtime < time.time() - _OLD_S:
                path.unlink()
            return
        with path.open("rb") as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


def _sync_folder(folder: Path) -> None:
    """Make the new name durable; only POSIX lets a folder be opened for that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def explained(path: Path, beside: Path, error: OSError) -> FileError:
    """The FileError for an OSError at `path`, of which `beside` is what could be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return DiskFull(path, _written_mb(beside) + 1, _free_mb(path.parent))
    reason = _REASONS.get(error.errno or 0, "other")
    if error.errno == errno.ENOENT and path.parent.is_dir():
        reason = "other"  # it exists, yet takes no files: /proc
    return ImageUnwritable(path, reason)


def _written_mb(path: Path) -> int:
    with contextlib.suppress(OSError):
        return path.stat().st_size // 1_000_000
    return 0


def _free_mb(folder: Path) -> int:
    with contextlib.suppress(OSError):
        return shutil.disk_usage(folder).free // 1_000_000
    return 0
