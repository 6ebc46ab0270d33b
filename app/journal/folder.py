"""The folder of a journal: created, inspected while nobody has it locked, and removed."""

import contextlib
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.journal.base import HEAD, JournalHead, can_open, read_thumbnail
from app.journal.reader import MergedLog, merge
from engine.geometry import Image
from engine.storage.file_lock import FileLock

LOCK, LOG = "lock", "log"
_NEW, _NEW_FOR_S = ".new-", 86_400


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recovery:
    """A document with unsaved changes that was open when the program ended."""

    folder: Path
    name: str  # of the file or project; empty for a picture that had none
    source: Path | None  # the file that it was opened from
    saved: Path | None  # the project it was last saved to
    changed: float  # seconds since 1970
    edits: int  # since it was opened or saved; an undo is one more
    thumbnail: Image | None  # the picture as it was opened, at most 128 px wide and high


def create(parent: Path, head: JournalHead) -> tuple[Path, FileLock]:
    """Create a folder with a lock and a head; it is renamed when it has both.

    Raises OSError or FileError and leaves nothing behind.
    """
    name = f"{time.time_ns():x}-{secrets.token_hex(4)}"
    temporary = parent / f"{_NEW}{name}"
    temporary.mkdir(mode=0o700, parents=True)
    lock = None
    try:
        lock = FileLock.take(temporary / LOCK)
        if lock is None:
            raise OSError("a new lock is held by another")
        head.write(temporary)
        temporary.rename(parent / name)
    except BaseException:
        if lock is not None:
            lock.release()
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return parent / name, lock


def remove(folder: Path, lock: FileLock) -> None:
    """Delete a folder; the head first, so that half of a journal is never offered."""
    with contextlib.suppress(OSError):
        (folder / HEAD).unlink()
    lock.release()
    shutil.rmtree(folder, ignore_errors=True)


def journals(parent: Path) -> Iterator[Path]:
    """The folders of journals; left-overs of folders never finished are deleted."""
    with contextlib.suppress(OSError):
        for folder in sorted(parent.iterdir()):
            if not folder.name.startswith(_NEW):
                yield folder
            elif _is_old(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_old(folder: Path) -> bool:
    with contextlib.suppress(OSError):  # it has just got its name
        return folder.stat().st_mtime < time.time() - _NEW_FOR_S
    return False


def inspect(folder: Path) -> Recovery | None:
    """The recovery of a journal; None while it is open. One without changes is removed."""
    with contextlib.suppress(OSError, ValueError, TypeError, LookupError):
        lock = FileLock.take(folder / LOCK)
        if lock is None:
            return None
        try:
            return _recovery_of(folder, lock)
        finally:
            lock.release()
    return None


def _recovery_of(folder: Path, lock: FileLock) -> Recovery | None:
    head, log, merged = _head(folder), folder / LOG, MergedLog()
    if head is not None and log.exists():
        with log.open("rb") as file:
            merged = merge(file)
    if head is None or _is_clean(head, merged):
        remove(folder, lock)
        return None
    saved = Path(merged.facts.saved) if merged.facts.saved is not None else None
    return Recovery(
        folder=folder,
        name=saved.name if saved else head.name,
        source=head.source,
        saved=saved,
        changed=(log if log.exists() else folder / HEAD).stat().st_mtime,
        edits=merged.facts.edits or 0,
        thumbnail=read_thumbnail(folder),
    )


def _head(folder: Path) -> JournalHead | None:
    """None when there is nothing to recover from: the program ended too soon."""
    if not (folder / HEAD).exists():
        return None
    head = JournalHead.read(folder)
    return head if can_open(folder, head) else None


def _is_clean(head: JournalHead, merged: MergedLog) -> bool:
    """A picture without a file is unsaved from the start."""
    clean = merged.facts.clean
    return head.path is not None if clean is None else clean
