"""A lock between processes, by `filelock`; the system frees it when its process ends, however."""

from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import filelock


class FileLock:
    """Held from its making until `release`, from whichever thread."""

    def __init__(self, lock: "filelock.BaseFileLock") -> None:
        self._lock = lock

    @classmethod
    def take(cls, path: Path) -> Self | None:
        """The lock, or None while someone else holds it, or has just removed the file.

        Raises OSError where there is no such folder, or its file system has no locks.
        """
        import filelock  # 25 ms, which no start of the program has to wait for

        path.parent.stat()  # the library would make the folder
        lock = filelock.FileLock(
            path,
            mode=0o600,
            thread_local=False,  # it is released by other threads than take it
            fallback_to_soft=False,  # a lock that outlives its process is worse than none
            preserve_lock_file=True,
        )
        try:
            lock.acquire(blocking=False)
        except filelock.Timeout:
            return None
        return cls(lock)

    def release(self) -> None:
        """Let go; the file stays where it is. A second time does nothing."""
        self._lock.release()
