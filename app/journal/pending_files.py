"""The files of one window's pending tasks, written and deleted in order by a thread of its own.

A task is locked by the window that wrote or found it until it is over or the window is closed. The
system releases the locks of a program that crashes, so that the next one can take its tasks up.
"""

import contextlib
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import chain
from pathlib import Path

from app.journal import pending_tasks
from app.journal.pending_tasks import PendingRequest, PendingTask
from app.serialization import exact_png as png
from engine.errors import FileError
from engine.geometry import Native, Size
from engine.storage.file_lock import FileLock

logger = logging.getLogger(__name__)

LOCK = ".lock"
PART_S = 3600.0  # then an unfinished file is deleted


class TaskFiles:
    """Writes, locks and deletes tasks; the folder is created with the first one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tasks")
        self._guard = threading.Lock()
        self._locks: dict[Path, FileLock] = {}
        self._encoded: dict[int, tuple[Native, bytes]] = {}  # of the last task, by id

    def keep(self, request: PendingRequest, size: Size) -> PendingTask:
        """Write the request; the task's `written` is done when it is on disk."""
        task = pending_tasks.new_task(self.folder, request, size)
        return replace(task, written=self._thread.submit(self._write, task))

    def keep_again(self, task: PendingTask) -> None:
        """Write a task again that may have been forgotten meanwhile."""
        self._thread.submit(self._write, task)

    def forget(self, task: PendingTask) -> None:
        """Delete a task that is over."""
        self._thread.submit(self._forget, task.path)

    def close(self) -> None:
        """Wait until all tasks are on disk, and release their locks."""
        self._thread.shutdown()
        for path in list(self._locks):
            self.release(path)

    # locks; from any thread

    def take(self, path: Path) -> bool:
        """Lock a task; False while a window has it, this one or another."""
        with self._guard:
            if path in self._locks:
                return False
            lock = _locked(path)
            if lock is not None:
                self._locks[path] = lock
            return lock is not None

    def release(self, path: Path) -> None:
        """Unlock a task for other windows."""
        with self._guard:
            lock = self._locks.pop(path, None)
        if lock is not None:
            lock.release()
            with contextlib.suppress(OSError):
                path.with_suffix(LOCK).unlink()

    def tidy(self) -> None:
        """Delete unfinished files of a program that crashed."""
        for path in (*self.folder.glob(".*.part"), *self.folder.glob(f"*{LOCK}")):
            is_of_task = path.with_suffix(pending_tasks.SUFFIX).exists()
            if not is_of_task and time.time() - pending_tasks.changed_s(path) > PART_S:
                with contextlib.suppress(OSError):
                    path.unlink()

    def _write(self, task: PendingTask) -> None:
        try:
            if not task.path.exists():
                task.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self.take(task.path)
                self._drop_others(task)
                pending_tasks.write(task, self._encode)
        except (FileError, OSError) as error:  # the task itself can be done all the same
            logger.warning("a task is not kept: %s", error)
            self.release(task.path)

    def _encode(self, pixels: Native) -> bytes:
        """The PNG of an array; variants that were asked for together share theirs."""
        if id(pixels) not in self._encoded:
            self._encoded[id(pixels)] = pixels, png.encode(pixels)
        return self._encoded[id(pixels)][1]

    def _drop_others(self, task: PendingTask) -> None:
        arrays = ((hole.image, hole.mask, hole.blend) for hole in task.request.holes)
        ours = {id(each) for each in chain.from_iterable(arrays)}
        self._encoded = {key: known for key, known in self._encoded.items() if key in ours}

    def _forget(self, path: Path) -> None:
        self._encoded.clear()
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        self.release(path)


def _locked(path: Path) -> FileLock | None:
    """The lock of a task; None while another has it, or when the task is gone."""
    with contextlib.suppress(OSError):
        return FileLock.take(path.with_suffix(LOCK))
    return None
