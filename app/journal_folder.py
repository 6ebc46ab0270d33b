"""The folder of each journal: made whole, looked at only when nobody holds it, taken away."""

import contextlib
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from app.journal_base import HEAD, Head
from app.journal_merge import Merged, merge
from app.locks import FileLock

LOCK, LOG = "lock", "log"
_NEW, _NEW_FOR_S = ".new-", 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """A document that was open when the program ended."""

    folder: Path
    name: str  # of the file; empty for a picture that had none
    saved: Path | None  # the project it was last saved to
    changed: float  # seconds since 1970


def create(parent: Path, head: Head) -> tuple[Path, FileLock]:
    """A folder with a lock and a head; it gets its name when it has both. Raises OSError."""
    name = f"{time.time_ns():x}-{secrets.token_hex(4)}"
    making = parent / f"{_NEW}{name}"
    making.mkdir(parents=True)
    lock = FileLock.take(making / LOCK)
    if lock is None:
        raise OSError("a new lock is held by another")
    head.write(making)
    making.rename(parent / name)
    return parent / name, lock


def remove(folder: Path, lock: FileLock) -> None:
    """Take it away; the head first, so that no half of it is ever offered."""
    with contextlib.suppress(OSError):
        (folder / HEAD).unlink()
    lock.release()
    shutil.rmtree(folder, ignore_errors=True)


def journals(parent: Path) -> Iterator[Path]:
    """All folders but those that are being made."""
    for folder in sorted(parent.iterdir()) if parent.exists() else ():
        if not folder.name.startswith(_NEW):
            yield folder
        elif folder.stat().st_mtime < time.time() - _NEW_FOR_S:
            shutil.rmtree(folder, ignore_errors=True)


def look(folder: Path) -> Recovery | None:
    """What there is to recover; nothing while it is open. Clean ones are removed."""
    with contextlib.suppress(OSError, ValueError, TypeError, LookupError):
        lock = FileLock.take(folder / LOCK)
        if lock is None:
            return None
        try:
            return _looked(folder, lock)
        finally:
            lock.release()
    return None


def _looked(folder: Path, lock: FileLock) -> Recovery | None:
    if not (folder / HEAD).exists():
        remove(folder, lock)
        return None
    head, merged = Head.read(folder), Merged()
    log = folder / LOG
    changed = (log if log.exists() else folder / HEAD).stat().st_mtime
    if log.exists():
        with log.open("rb") as file:
            merged = merge(file)
    # a picture without a file is unsaved from the start
    if merged.facts.get("clean", head.path is not None):
        remove(folder, lock)
        return None
    saved = merged.facts.get("saved")
    return Recovery(
        folder=folder, name=head.name, saved=Path(saved) if saved else None, changed=changed
    )
