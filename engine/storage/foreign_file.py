"""Opens files that may come from strangers: regular files alone, never more bytes than asked for.

Pipes, devices, sockets and folders are refused before a byte is read, and opening never waits: a
picture, project, recipe, mask, model or workflow may be a link to any of these.
"""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

_WITHOUT_WAITING = (
    getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
)


class NoRegularFile(OSError):
    """A folder, pipe, device or socket stands at the path."""


class FileTooLong(OSError):
    """The file has more bytes than the limit, or goes on giving them."""

    def __init__(self, path: Path, found: int, limit: int) -> None:
        super().__init__(errno.EFBIG, "it has too many bytes", str(path))
        self.found, self.limit = found, limit


def open_file(path: Path) -> BinaryIO:
    """The regular file at `path`, open for reading; links are followed.

    Raises OSError: NoRegularFile, FileNotFoundError, PermissionError, ...
    """
    return open(path, "rb", opener=_opener)


def read_file(path: Path, limit: int) -> bytes:
    """All bytes of a regular file that has at most `limit` of them.

    No more than `limit` + 1 are read, whatever size the system tells. Raises OSError:
    FileTooLong, and what `open_file` raises.
    """
    with open_file(path) as file:
        size = os.fstat(file.fileno()).st_size
        content = b"" if size > limit else file.read(limit + 1)
    if max(size, len(content)) > limit:
        raise FileTooLong(path, max(size, len(content)), limit)
    return content


def inside(folder: Path, name: str) -> Path | None:
    """The path that a file in `folder` means by `name`; None where it leads out of the folder.

    Absolute names, `..` and links that lead elsewhere all do. The path need not exist.
    """
    named = Path(name.replace("\\", "/"))
    if "\0" in name or not name or named.is_absolute() or named.drive or ".." in named.parts:
        return None
    home, path = Path(os.path.realpath(folder)), folder / named
    return path if Path(os.path.realpath(path)).is_relative_to(home) else None


def _opener(path: str, flags: int) -> int:
    _check(path, os.stat(path))  # some devices act on being opened
    descriptor = os.open(path, flags | _WITHOUT_WAITING)
    try:
        _check(path, os.fstat(descriptor))
    except OSError:
        os.close(descriptor)
        raise
    return descriptor


def _check(path: str, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise NoRegularFile(errno.EINVAL, "it is no file", path)
