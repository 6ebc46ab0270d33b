"""The files of one window's tasks: written and thrown away in a thread of their own, in order.

A task is ours from the moment it is written, or found, until it is over, or the window is closed:
the system holds the lock, so that a program that falls leaves its tasks to the next one.
"""

import contextlib
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import chain
from pathlib import Path

from app.journal import pending_tasks as pending
from app.journal.pending_tasks import Kept, PendingTask
from app.serialization import exact_png as png
from engine.errors import FileError
from engine.geometry import Native, Size
from engine.storage.file_lock import FileLock

logger = logging.getLogger(__name__)

LOCK = ".lock"
PART_S = 3600.0  # what was not written to its end by then never will be


class TaskFiles:
    """Made at once; the folder is made with the first task."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="tasks")
        self._guard = threading.Lock()
        self._locks: dict[Path, FileLock] = {}
        self._encoded: dict[int, tuple[Native, bytes]] = {}  # of the last task, by id

    def keep(self, request: Kept, size: Size) -> PendingTask:
        """The request, on its way to disk."""
        lasting = pending.lasting(self.folder, request, size)
        return replace(lasting, kept=self._thread.submit(self._write, lasting))

    def keep_on(self, lasting: PendingTask) -> None:
        """It is asked for again, and may have been thrown away meanwhile."""
        self._thread.submit(self._write, lasting)

    def forget(self, lasting: PendingTask) -> None:
        """It is over."""
        self._thread.submit(self._forget, lasting.path)

    def close(self) -> None:
        """Wait until all is on disk that was asked, and leave it to others."""
        self._thread.shutdown()
        for path in list(self._locks):
            self.release(path)

    # whose it is; from any thread

    def take(self, path: Path) -> bool:
        """False while a window has it, this one or another."""
        with self._guard:
            if path in self._locks:
                return False
            lock = _locked(path)
            if lock is not None:
                self._locks[path] = lock
            return lock is not None

    def release(self, path: Path) -> None:
        """Others may have it."""
        with self._guard:
            lock = self._locks.pop(path, None)
        if lock is not None:
            lock.release()
            with contextlib.suppress(OSError):
                path.with_suffix(LOCK).unlink()

    def tidy(self) -> None:
        """Throw away what a program left that fell while it wrote."""
        for path in (*self.folder.glob(".*.part"), *self.folder.glob(f"*{LOCK}")):
            is_of_task = path.with_suffix(pending.ENDING).exists()
            if not is_of_task and time.time() - pending.changed_s(path) > PART_S:
                with contextlib.suppress(OSError):
                    path.unlink()

    def _write(self, lasting: PendingTask) -> None:
        try:
            if not lasting.path.exists():
                lasting.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                self.take(lasting.path)
                self._drop_others(lasting)
                pending.write(lasting, self._encode)
        except (FileError, OSError) as error:  # the task itself can be done all the same
            logger.warning("a task is not kept: %s", error)
            self.release(lasting.path)

    def _encode(self, pixels: Native) -> bytes:
        """Variants that were asked for together have the same pictures."""
        if id(pixels) not in self._encoded:
            self._encoded[id(pixels)] = pixels, png.encode(pixels)
        return self._encoded[id(pixels)][1]

    def _drop_others(self, lasting: PendingTask) -> None:
        arrays = ((hole.image, hole.mask, hole.blend) for hole in lasting.request.holes)
        ours = {id(each) for each in chain.from_iterable(arrays)}
        self._encoded = {key: known for key, known in self._encoded.items() if key in ours}

    def _forget(self, path: Path) -> None:
        self._encoded.clear()
        with contextlib.suppress(OSError):
            path.unlink(missing_ok=True)
        self.release(path)


def _locked(path: Path) -> FileLock | None:
    """None while somebody has it, or when it is gone."""
    with contextlib.suppress(OSError):
        return FileLock.take(path.with_suffix(LOCK))
    return None
