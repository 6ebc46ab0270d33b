"""Replaces a file atomically: written beside it, synced, then renamed."""

import contextlib
import errno
import os
import secrets
import shutil
from collections.abc import Generator
from pathlib import Path
from typing import BinaryIO

from engine.errors import DiskFull, FileError, ImageUnwritable

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
def replace(path: Path) -> Generator[BinaryIO]:
    """A new file that takes the place of `path` when the block ends without an exception.

    On any failure the new file is removed and what was there before is untouched. A symbolic
    link is followed; permission bits of the old file are kept.
    Raises DiskFull, or ImageUnwritable with a reason: permission, read-only, folder, name, other.
    """
    target = Path(os.path.realpath(path))
    beside = target.with_name(f".{target.name[:64]}.{secrets.token_hex(4)}.part")
    try:
        with _created(beside) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _keep_mode(target, beside)
        os.replace(beside, target)
        _sync_folder(target.parent)
    except OSError as error:
        raise explained(path, beside, error) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()


def _created(path: Path) -> BinaryIO:
    return open(path, "xb")


def _keep_mode(old: Path, new: Path) -> None:
    with contextlib.suppress(OSError):
        new.chmod(old.stat().st_mode & 0o777)


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
    return ImageUnwritable(path, _REASONS.get(error.errno or 0, "other"))


def _written_mb(path: Path) -> int:
    with contextlib.suppress(OSError):
        return path.stat().st_size // 1_000_000
    return 0


def _free_mb(folder: Path) -> int:
    with contextlib.suppress(OSError):
        return shutil.disk_usage(folder).free // 1_000_000
    return 0
