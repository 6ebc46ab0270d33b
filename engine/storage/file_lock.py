"""A lock that the system gives back when its process ends, however it ends."""

import contextlib
import os
import sys
from pathlib import Path
from typing import Self

if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


class FileLock:
    """Held from its making until `release`."""

    def __init__(self, handle: int) -> None:
        self._handle: int | None = handle

    @classmethod
    def take(cls, path: Path) -> Self | None:
        """The lock, or None while someone else holds it. OSError when there is no such folder."""
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(handle)
        except OSError:
            os.close(handle)
            return None
        return cls(handle)

    def is_of(self, path: Path) -> bool:
        """Whether the file at the path is still the one that was locked."""
        with contextlib.suppress(OSError):
            return self._handle is not None and os.path.samestat(
                os.fstat(self._handle), os.stat(path)
            )
        return False

    def release(self) -> None:
        """Let go; the file stays where it is."""
        handle, self._handle = self._handle, None
        if handle is not None:
            with contextlib.suppress(OSError):
                os.close(handle)
