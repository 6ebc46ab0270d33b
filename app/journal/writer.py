"""Writes a journal in two threads.

One appends to the log, so that an edit is on disk within milliseconds; the other writes the base,
compacts a log that has grown long, and waits for room on the disk.
"""

import contextlib
import logging
import os
import shutil
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import FileIO
from pathlib import Path
from typing import TypeAlias

from app.document import background
from app.document.document import Lease
from app.journal import folder as journal_folder
from app.journal.base import JournalHead, is_complete, write_base
from app.journal.folder import LOG
from app.journal.log import KnownArrays, LogEntry, append
from app.journal.reader import compact, merge
from engine.errors import Cancelled, DiskFull, FileError, ImageUnwritable, JournalUnwritable
from engine.storage import atomic_file as atomic
from engine.storage.file_lock import FileLock

COMPACT_FROM = 64 << 20  # bytes of log
RETRY_S = 5.0
COMPACTED = "log.short"

Report: TypeAlias = Callable[[JournalUnwritable], None]

logger = logging.getLogger(__name__)


class JournalWriter:
    """Appends entries; what could not be written is tried again until it is on disk.

    `report` is called from a thread, once for each kind of failure until it has worked again.
    """

    def __init__(self, folder: Path, lock: FileLock, report: Report, *, next_key: int = 0) -> None:
        """`next_key` is above all keys of arrays in the log. Raises OSError."""
        self._known = KnownArrays(next_key)
        self.folder = folder
        self._lock, self._report = lock, report
        self._log = open_log(folder)
        self._end = self._log.seek(0, os.SEEK_END)  # of the last whole record
        self._changing = threading.Lock()  # held while a compacted log replaces this one
        self._quick = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")
        self._slow = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal, slow")
        self._unwritten: LogEntry | None = None
        self._compact_at = COMPACT_FROM
        self._failing: set[str] = set()
        self._closing = threading.Event()

    def submit(self, entry: LogEntry) -> None:
        background.submit(self._quick, lambda: self._append(entry))

    def begin_base(self, head: JournalHead, lease: Lease) -> None:
        """Write what the log is based on; the lease is released at the end."""
        background.submit(self._slow, lambda: self._write_base(head, lease))

    def later(self, task: Callable[[], None]) -> None:
        """Do something when the base is written."""
        background.submit(self._slow, task)

    def is_gone(self) -> bool:
        """Whether the log was deleted, so that nobody would find what is written."""
        with self._changing, contextlib.suppress(OSError):
            ours = os.fstat(self._log.fileno())
            return not os.path.samestat(os.stat(self.folder / LOG), ours)
        return True

    def flush(self) -> None:
        """Wait until everything submitted so far is with the system."""
        background.flush(self._quick)

    def settle(self) -> None:
        """Wait for the base, and for a log that is being compacted, too."""
        for executor in (self._quick, self._slow, self._quick, self._quick):
            background.flush(executor)

    def close(self) -> None:
        """End the threads and delete the journal."""
        self._closing.set()
        background.flush(self._quick)
        self._slow.shutdown()
        self._quick.shutdown()
        self._log.close()
        journal_folder.remove(self.folder, self._lock)

    def _do_slowly(self, task: Callable[[], None]) -> bool:
        """From within a task; False when the journal is being closed and nothing is wanted."""
        try:
            background.submit(self._slow, task)
        except RuntimeError:
            return False
        return True

    # --- the quick thread

    def _append(self, entry: LogEntry) -> None:
        if self._unwritten is not None:
            entry = self._unwritten.then(entry)
        try:
            self._end = append(self._log, entry, self._end, known=self._known)
        except Exception as error:  # noqa: BLE001 a bug, too, must not lose what comes later
            if self._unwritten is None:
                self._do_slowly(self._try_again)
            self._unwritten = entry
            self._fail(LOG, error)
            return
        self._unwritten = None
        self._failing.discard(LOG)
        if self._end > self._compact_at:
            self._compact_at = sys.maxsize  # one at a time
            self._do_slowly(self._compact)

    def _write_unwritten(self) -> None:
        if self._unwritten is not None:
            unwritten, self._unwritten = self._unwritten, None
            self._append(unwritten)

    def _take_compacted(self, end: int) -> None:
        """Replace the log by the compacted one and what was written since."""
        beside = self.folder / COMPACTED
        try:
            with beside.open("ab") as into:
                self._log.seek(end)
                shutil.copyfileobj(self._log, into)
                into.flush()
                os.fsync(into.fileno())
            self._replace_log(beside)
        except OSError as error:
            self._keep_long(error)
            return
        self._compact_at = max(COMPACT_FROM, 2 * self._end)
        self._failing.discard(COMPACTED)

    def _replace_log(self, by: Path) -> None:
        """Not every system replaces a file that is open."""
        with self._changing:
            self._log.close()
            try:
                os.replace(by, self.folder / LOG)
            finally:
                self._log = open_log(self.folder)
                self._end = self._log.seek(0, os.SEEK_END)

    # --- the slow thread

    def _try_again(self) -> None:
        """Without waiting for the next edit: the user may make room and leave."""
        if not self._closing.wait(RETRY_S):
            background.submit(self._quick, self._write_unwritten)

    def _write_base(self, head: JournalHead, lease: Lease) -> None:
        try:
            self._check()
            if not is_complete(self.folder):
                write_base(self.folder, head, lease, self._check)
        except Cancelled:
            pass
        except Exception as error:  # noqa: BLE001 a bug, too, leaves the base owed
            self._fail("base", error)
            if self._do_slowly(lambda: self._write_base_later(head, lease)):
                return
        else:
            self._failing.discard("base")
        lease.release()

    def _write_base_later(self, head: JournalHead, lease: Lease) -> None:
        self._closing.wait(RETRY_S)
        self._write_base(head, lease)

    def _compact(self) -> None:
        """Write a log without what later edits painted over, beside the log, which goes on."""
        beside = self.folder / COMPACTED
        try:
            with (
                open_log(self.folder) as log,
                open(beside, "wb", opener=atomic.private_opener) as into,
            ):
                merged = merge(log)
                compact(log, merged, into)
        except Exception as error:  # noqa: BLE001 the long log is as good
            self._keep_long(error)
            return
        if not self._closing.is_set():
            background.submit(self._quick, lambda: self._take_compacted(merged.end))

    def _keep_long(self, error: Exception) -> None:
        """Delete the unfinished log; the long one goes on growing."""
        with contextlib.suppress(OSError):
            (self.folder / COMPACTED).unlink()
        self._compact_at = 2 * self._end
        self._fail(COMPACTED, error)

    def _check(self) -> None:
        if self._closing.is_set():
            raise Cancelled

    def _fail(self, what: str, error: Exception) -> None:
        if what not in self._failing:
            self._failing.add(what)
            if not isinstance(error, OSError | MemoryError | FileError):
                logger.error("the journal cannot be written", exc_info=error)
            self._report(unwritable(self.folder, error))


def unwritable(folder: Path, error: Exception) -> JournalUnwritable:
    """The error as JournalUnwritable, with a reason: full, memory, folder..."""
    if isinstance(error, OSError):
        error = atomic.explained(folder, folder, error)
    if isinstance(error, DiskFull):
        reason = "full"
    elif isinstance(error, MemoryError):
        reason = "memory"
    else:
        reason = error.reason if isinstance(error, ImageUnwritable) else "other"
    return JournalUnwritable(folder, reason)


def open_log(folder: Path) -> FileIO:
    return FileIO(folder / LOG, "a+", opener=atomic.private_opener)
