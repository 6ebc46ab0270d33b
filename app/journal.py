"""Autosave: each edit is on its way to disk when it is done, so that a crash loses none.

    FOLDER/NAME/lock          held while the document is open: nobody else takes it for left behind
    FOLDER/NAME/head.json     what it is based on
    FOLDER/NAME/source.bin    the bytes of the opened file, or base.lacuna for any other document
    FOLDER/NAME/log           what each edit left behind

The window's thread only copies the changed tiles; a thread of the journal packs and writes them,
within milliseconds. `flush` waits for it. What the system has taken survives `kill -9`.
"""

import os
import shutil
import sys
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from typing import Self, TypeAlias

from app import journal_folder
from app.background import Lane
from app.document import Document, Lease, Target, Variant
from app.history import Changes, History
from app.journal_base import Head, is_complete, open_base, write_base
from app.journal_folder import LOCK, LOG, Recovery
from app.journal_log import Entry, append
from app.journal_merge import apply, merge, shorten
from app.locks import FileLock
from app.tiles import cells, single_value
from engine import atomic
from engine.errors import Cancelled, FileError, ProjectUnreadable
from engine.geometry import Rect
from engine.limits import Limits

SHORTEN_FROM = 64 << 20  # bytes of log
SHORT = "log.short"

Report: TypeAlias = Callable[[FileError], None]


class Journal:
    """The open journal of one document. `report` is called from a thread, once for each trouble.

    Trouble stops nothing: the next edit writes what is still owed.
    """

    def __init__(
        self, folder: Path, lock: FileLock, document: Document, history: History, report: Report
    ) -> None:
        """To be had from `start` or `resume`."""
        self.folder = folder
        self._lock, self._document, self._history = lock, document, history
        self._report = report
        self._lane, self._slow = Lane("journal"), Lane("journal, slow")
        self._log = _open_log(folder)
        self._owed: Entry | None = None
        self._variants = document.variants
        self._shorten_at = SHORTEN_FROM
        self._is_failing = self._is_baseless = self._is_closing = False
        history.listeners.append(self._on_changes)

    @classmethod
    def start(
        cls,
        folder: Path,
        document: Document,
        history: History,
        report: Report,
        *,
        source: Path | None = None,
    ) -> Self:
        """Begin a journal below `folder`.

        `source` is the file that the document was opened from just now; without it the document
        itself is written as the base. Raises DiskFull or ImageUnwritable.
        """
        try:
            head = Head.of(document, source)
            own, lock = journal_folder.create(folder, head)
            journal = cls(own, lock, document, history, report)
        except OSError as error:
            raise atomic.explained(folder, folder, error) from error
        journal._begin_base(head)
        return journal

    @classmethod
    def resume(
        cls, recovery: Recovery, document: Document, history: History, report: Report
    ) -> Self:
        """Go on with the journal that `document` was recovered from; it has unsaved changes.

        Raises ProjectUnreadable with reason busy when another window was quicker.
        """
        folder = recovery.folder
        lock = FileLock.take(folder / LOCK)
        if lock is None:
            raise ProjectUnreadable(folder, "busy")
        with _open_log(folder) as log:
            log.truncate(merge(log).end)
        journal = cls(folder, lock, document, history, report)
        history.mark_dirty()
        head = Head.read(folder)
        if not is_complete(folder, head):
            journal._begin_base(head)
        return journal

    def mark_saved(self, path: Path) -> None:
        """The document is now in this project: nothing is lost if the program ends here."""
        self._submit(Entry(facts={"saved": str(path), "clean": self._history.is_clean}))

    def flush(self) -> None:
        """Wait until everything done so far is with the system."""
        self._lane.flush()

    def settle(self) -> None:
        """Wait for the base, and for a log that is being shortened, too."""
        self._lane.flush()
        self._slow.flush()
        self._lane.flush()
        self._lane.flush()

    def close(self) -> None:
        """The document is closed and needs no recovery."""
        self._history.listeners.remove(self._on_changes)
        self._is_closing = True
        self._slow.close()
        self._lane.close()
        self._log.close()
        journal_folder.remove(self.folder, self._lock)

    # --- in the window's thread

    def _on_changes(self, changes: Changes) -> None:
        document = self._document
        entry = Entry(facts={"clean": self._history.is_clean, "revision": document.revision})
        entry.marks = document.marks if changes.marks else None
        for target, rects in _targets(changes):
            array = document.array(target)
            for cell in {cell for rect in rects for cell in cells(rect)}:
                tile = array[cell.rect(document.size).slices]
                value = single_value(tile) if target == "mask" else None
                entry.tiles[target, cell] = tile.copy() if value is None else value
        if changes.kind == "variants":
            entry.kept, entry.dropped = _difference(self._variants, document.variants)
            self._variants = document.variants
        self._submit(entry)
        if self._is_baseless:
            self._is_baseless = False
            self._begin_base(Head.of(document, None))

    def _submit(self, entry: Entry) -> None:
        self._lane.submit(lambda: self._append(entry))

    def _begin_base(self, head: Head) -> None:
        """Write what the log is based on, in a thread: large files take their time."""
        lease = None if head.is_copy else self._document.lease()
        self._slow.submit(lambda: self._write_base(head, lease))

    # --- in the journal's threads

    def _append(self, entry: Entry) -> None:
        if self._owed is not None:
            entry = self._owed.then(entry)
        try:
            append(self._log, entry)
        except OSError as error:
            self._owed = entry
            self._fail(atomic.explained(self.folder, self.folder / LOG, error))
            return
        self._owed, self._is_failing = None, False
        if self._log.tell() > self._shorten_at:
            self._shorten_at = sys.maxsize  # one at a time
            self._slow.submit(self._shorten)

    def _shorten(self) -> None:
        """Leave out what later edits painted over, beside the log, which goes on meanwhile."""
        beside = self.folder / SHORT
        try:
            with _open_log(self.folder) as log, beside.open("wb") as into:
                merged = merge(log)
                shorten(log, merged, into)
        except OSError as error:
            self._fail(atomic.explained(self.folder, beside, error))
            return  # the log only grows from now on
        self._lane.submit(lambda: self._put_short(merged.end))

    def _put_short(self, end: int) -> None:
        """Take the short log, and after it what was written since."""
        beside = self.folder / SHORT
        try:
            with beside.open("ab") as into:
                self._log.seek(end)
                shutil.copyfileobj(self._log, into)
            os.replace(beside, self.folder / LOG)
        except OSError as error:
            self._fail(atomic.explained(self.folder, beside, error))
            return
        self._log.close()
        self._log = _open_log(self.folder)
        self._shorten_at = max(SHORTEN_FROM, 2 * self._log.seek(0, os.SEEK_END))

    def _write_base(self, head: Head, lease: Lease | None) -> None:
        try:
            write_base(self.folder, head, lease, self._check)
        except ProjectUnreadable:
            self._is_baseless = True  # the source changed at once: the next edit keeps the document
        except FileError as error:
            self._is_baseless = True
            self._fail(error)
        except Cancelled:
            pass

    def _check(self) -> None:
        if self._is_closing:
            raise Cancelled

    def _fail(self, error: FileError) -> None:
        if not self._is_failing:
            self._is_failing = True
            self._report(error)


def pending(folder: Path) -> list[Recovery]:
    """Documents with unsaved changes whose program ended, the newest first.

    What needs no recovery is tidied away; open journals are left alone.
    """
    found = (journal_folder.look(each) for each in journal_folder.journals(folder))
    return sorted((each for each in found if each), key=lambda each: -each.changed)


def recover(recovery: Recovery, limits: Limits | None = None) -> Document:
    """The document as it was after the last whole edit; `Journal.resume` goes on with it.

    Raises ProjectUnreadable or another FileError; the journal stays.
    """
    folder = recovery.folder
    try:
        document = open_base(folder, Head.read(folder), limits or Limits())
        with _open_log(folder) as log:
            apply(merge(log), log, document)
    except FileError:
        raise
    except Exception as error:  # bytes that something else wrote
        raise ProjectUnreadable(folder, "damaged") from error
    if recovery.saved is not None:
        document.path = recovery.saved
    return document


def discard(recovery: Recovery) -> None:
    """The user does not want it back."""
    lock = FileLock.take(recovery.folder / LOCK)
    if lock is not None:
        journal_folder.remove(recovery.folder, lock)


def _open_log(folder: Path) -> FileIO:
    return FileIO(folder / LOG, "a+")


def _targets(changes: Changes) -> tuple[tuple[Target, tuple[Rect, ...]], ...]:
    return ("image", changes.image), ("mask", changes.mask)


def _difference(
    before: tuple[Variant, ...], now: tuple[Variant, ...]
) -> tuple[tuple[Variant, ...], tuple[int, ...]]:
    """Variants that are new, and numbers of those that are gone."""
    known = {id(variant) for variant in before}
    numbers = {variant.number for variant in now}
    kept = tuple(variant for variant in now if id(variant) not in known)
    return kept, tuple(v.number for v in before if v.number not in numbers)
