"""Autosave: every edit is appended to a log on disk at once, so that a crash loses none.

    FOLDER/NAME/lock          locked while the document is open
    FOLDER/NAME/head.json     the base of the log: see `base`
    FOLDER/NAME/log           one record for each edit: see `log`

The caller's thread only copies the changed tiles; the threads of `writer` pack and write them,
within milliseconds. `flush` waits for it. What the system has taken survives `kill -9`.
"""

import contextlib
import logging
from pathlib import Path
from typing import Self, TypeAlias

from app.document.document import Document, Target, Variant
from app.document.file_stamp import FileStamp
from app.document.history import Changes, History
from app.document.tiles import cells
from app.journal import folder as journal_folder
from app.journal.base import JournalHead, open_base
from app.journal.folder import LOCK, Recovery
from app.journal.log import LogEntry, LogFacts
from app.journal.reader import MergedLog, apply, merge
from app.journal.writer import JournalWriter, Report, open_log, unwritable
from app.project.reader import Report as ReadReport
from engine.errors import Cancelled, FileError, JournalUnwritable, ProjectUnreadable
from engine.geometry import Rect
from engine.image_io.limits import Limits
from engine.storage.file_lock import FileLock

Variants: TypeAlias = tuple[Variant, ...]

logger = logging.getLogger(__name__)


class Journal:
    """The open journal of one document. `report` is called from a thread, once for each trouble.

    Trouble stops nothing: what could not be written is tried again.
    """

    def __init__(
        self,
        writer: JournalWriter,
        document: Document,
        history: History,
        report: Report,
        head: JournalHead,
    ) -> None:
        """Use `start` or `resume`."""
        self._writer, self._head, self._report = writer, head, report
        self._document, self._history = document, history
        self._variants, self._last_removal = document.variants, document.last_removal
        self._edits = 0
        self._has_no_folder = False  # it was deleted, and no other can be created
        self._begin_base()
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

        `source` is the file that the document was opened from; without it the document itself
        is written as the base. Raises JournalUnwritable.
        """
        head = JournalHead.of(document, source)
        return cls(_created(folder, head, report), document, history, report, head)

    @classmethod
    def resume(
        cls, recovery: Recovery, document: Document, history: History, report: Report
    ) -> Self:
        """Go on with the journal that `document` was recovered from; it has unsaved changes.

        Raises ProjectUnreadable with reason busy when another window was quicker, or
        JournalUnwritable.
        """
        folder = recovery.folder
        history.mark_dirty()
        try:
            lock = FileLock.take(folder / LOCK)
        except OSError as error:
            raise unwritable(folder, error) from error
        if lock is None:
            raise ProjectUnreadable(folder, "busy")
        try:
            head, merged = JournalHead.read(folder), _without_torn_end(folder)
            next_key = max(merged.arrays, default=-1) + 1
            writer = JournalWriter(folder, lock, report, next_key=next_key)
        except OSError as error:
            lock.release()
            raise unwritable(folder, error) from error
        journal = cls(writer, document, history, report, head)
        journal._edits = merged.facts.edits or 0
        return journal

    @property
    def folder(self) -> Path:
        return self._writer.folder

    def mark_saved(self, path: Path) -> None:
        """Record that this project has the document as it is."""
        if self._history.is_clean:
            self._edits = 0
        self._writer.submit(LogEntry(facts=self._facts(saved=path, stamp=self._document.stamp)))

    def flush(self) -> None:
        """Wait until everything done so far is with the system."""
        self._writer.flush()

    def settle(self) -> None:
        """Wait for the base, and for a log that is being shortened, too."""
        self._writer.settle()

    def close(self) -> None:
        """End the threads and delete the journal: the document is closed."""
        self._history.listeners.remove(self._on_changes)
        self._writer.close()

    def _on_changes(self, changes: Changes) -> None:
        self._edits += 1
        if self._writer.is_gone():
            self._start_over()
        self._writer.submit(self._entry(changes))

    def _entry(self, changes: Changes) -> LogEntry:
        document = self._document
        entry = LogEntry(facts=self._facts(revision=document.revision))
        entry.marks = document.marks if changes.marks else None
        for target, rects in _targets(changes):
            touched = {cell for rect in rects for cell in cells(rect)}
            for cell in touched:
                value = document.mask_tiles[cell] if target == "mask" else None
                tile = document.array(target)[cell.rect(document.size).slices]
                entry.tiles[target, cell] = tile.copy() if value is None else value
        if changes.kind == "variants":
            entry.kept, entry.dropped = _difference(self._variants, document.variants)
            self._variants = document.variants
            entry.discarded = document.discarded if entry.dropped else {}
            if document.last_removal is not self._last_removal:
                entry.last_removal = self._last_removal = document.last_removal
        return entry

    def _facts(
        self,
        *,
        saved: Path | None = None,
        stamp: FileStamp | None = None,
        revision: int | None = None,
    ) -> LogFacts:
        return LogFacts(
            clean=self._history.is_clean,
            edits=self._edits,
            revision=revision,
            saved=None if saved is None else str(saved),
            stamp=stamp,
        )

    def _begin_base(self) -> None:
        """Write what the log is based on, in a thread: large files take their time."""
        self._writer.begin_base(self._head, self._document.lease())

    def _start_over(self) -> None:
        """The folder was deleted: begin another journal with the document as it is now."""
        logger.warning("the journal %s is gone", self.folder)
        head = JournalHead.of(self._document, None)
        try:
            writer = _created(self.folder.parent, head, self._report)
        except JournalUnwritable as error:
            if not self._has_no_folder:
                self._has_no_folder = True
                self._report(error)
            return
        old, self._writer, self._head = self._writer, writer, head
        self._has_no_folder = False
        self._begin_base()
        writer.later(old.close)


def pending(folder: Path) -> list[Recovery]:
    """Documents with unsaved changes whose program ended, the newest first.

    Journals that need no recovery are deleted; open ones are left alone.
    """
    found = (journal_folder.inspect(each) for each in journal_folder.journals(folder))
    return sorted((each for each in found if each), key=lambda each: -each.changed)


def recover(
    recovery: Recovery, limits: Limits | None = None, report: ReadReport | None = None
) -> Document:
    """The document as it was after the last whole edit; `Journal.resume` goes on with it.

    `report(fraction, code)` may raise to cancel. Raises ProjectUnreadable or another FileError; the
    journal stays.
    """
    folder = recovery.folder
    try:
        document = open_base(folder, JournalHead.read(folder), limits or Limits(), report)
        with open_log(folder) as log:
            merged = merge(log)
            apply(merged, log, document, report=report)
    except FileNotFoundError as error:
        raise ProjectUnreadable(folder, "missing") from error
    except PermissionError as error:
        raise ProjectUnreadable(folder, "permission") from error
    except (FileError, MemoryError, Cancelled):
        raise
    except Exception as error:  # bytes that something else wrote
        raise ProjectUnreadable(folder, "damaged") from error
    if recovery.saved is not None:
        document.path, document.stamp = recovery.saved, merged.facts.stamp
    return document


def discard(recovery: Recovery) -> None:
    """Delete what could be recovered."""
    with contextlib.suppress(OSError):  # gone already
        lock = FileLock.take(recovery.folder / LOCK)
        if lock is not None:
            journal_folder.remove(recovery.folder, lock)


def _created(folder: Path, head: JournalHead, report: Report) -> JournalWriter:
    try:
        own, lock = journal_folder.create(folder, head)
        try:
            return JournalWriter(own, lock, report)
        except OSError:
            journal_folder.remove(own, lock)
            raise
    except (OSError, FileError) as error:
        raise unwritable(folder, error) from error


def _without_torn_end(folder: Path) -> MergedLog:
    """Truncate a torn last record. Raises OSError."""
    with open_log(folder) as log:
        merged = merge(log)
        log.truncate(merged.end)
    return merged


def _targets(changes: Changes) -> tuple[tuple[Target, tuple[Rect, ...]], ...]:
    return ("image", changes.image), ("mask", changes.mask), ("alpha", changes.alpha)


def _difference(before: Variants, now: Variants) -> tuple[Variants, tuple[int, ...]]:
    """Variants that are new, and numbers of those that are gone."""
    known = {id(variant) for variant in before}
    numbers = {variant.number for variant in now}
    kept = tuple(variant for variant in now if id(variant) not in known)
    return kept, tuple(v.number for v in before if v.number not in numbers)
