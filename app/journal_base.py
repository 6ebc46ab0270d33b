"""What a log is added to: the file as it was opened, or the document as it was made."""

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

from app import forms, project
from app.document import Document, Lease
from engine import atomic
from engine.errors import ProjectUnreadable
from engine.limits import Limits
from engine.reading import read

HEAD, COPY, SNAPSHOT = "head.json", "source.bin", "base.lacuna"
VERSION = 1
_PART = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a journal says about itself. `path` is the document's; a file only if `is_copy`."""

    name: str
    path: str | None
    is_copy: bool  # the base is that file as it was opened; else the document, as a project
    size: int = 0
    mtime_ns: int = 0
    sha256: str = ""
    version: int = VERSION

    @classmethod
    def of(cls, document: Document, source: Path | None) -> Self:
        """Raises OSError when the source is gone already."""
        path = source or document.path
        name = path.name if path else ""
        full = str(path.absolute()) if path else None
        if source is None:
            return cls(name=name, path=full, is_copy=False)
        found = source.stat()
        times = found.st_mtime_ns
        return cls(name=name, path=full, is_copy=True, size=found.st_size, mtime_ns=times)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Raises OSError, or ValueError and its like when damaged or of another version."""
        form = dict(forms.mapping(json.loads((folder / HEAD).read_bytes())))
        if form.get("version") != VERSION:
            raise ValueError("another version")
        return cls(**form)

    def write(self, folder: Path) -> None:
        with atomic.replace(folder / HEAD) as file:
            file.write(json.dumps(asdict(self)).encode())


def write_base(folder: Path, head: Head, lease: Lease | None, check: Callable[[], None]) -> None:
    """Make the journal stand by itself; `check` may raise to cancel. Raises FileError."""
    if lease is None:
        _copy_source(folder, head, check)
    else:
        project.save(lease, folder / SNAPSHOT, lambda _fraction, _note: check())
        replace(head, is_copy=False).write(folder)


def is_complete(folder: Path, head: Head) -> bool:
    return (folder / (COPY if head.is_copy else SNAPSHOT)).exists()


def _copy_source(folder: Path, head: Head, check: Callable[[], None]) -> None:
    """Keep the bytes of the source: it may be moved, changed or deleted meanwhile."""
    digest = hashlib.sha256()
    path = Path(head.path or "")
    _unchanged(path, head)
    with atomic.replace(folder / COPY) as copy, path.open("rb") as source:
        while part := source.read(_PART):
            check()
            digest.update(part)
            copy.write(part)
        if not _is_same(os.fstat(source.fileno()), head):
            raise ProjectUnreadable(path, "changed")
    replace(head, sha256=digest.hexdigest()).write(folder)


def open_base(folder: Path, head: Head, limits: Limits) -> Document:
    """The document that the log starts from. Raises FileError, OSError."""
    path = Path(head.path) if head.path else None
    if not head.is_copy or path is None:
        document = project.load(folder / SNAPSHOT, limits)
    else:
        kept = folder / COPY if _is_whole(folder / COPY, head) else _unchanged(path, head)
        document = _opened(kept, path, limits)
    document.path = path
    return document


def _opened(kept: Path, path: Path, limits: Limits) -> Document:
    if path.suffix.lower() in project.SUFFIXES:
        return project.load(kept, limits)
    return Document.from_picture(read(kept, limits))


def _is_whole(kept: Path, head: Head) -> bool:
    if not kept.exists():
        return False
    with kept.open("rb") as file:
        # the head learns the checksum after the copy is made: a crash may come between
        return head.sha256 in ("", hashlib.file_digest(file, "sha256").hexdigest())


def _unchanged(path: Path, head: Head) -> Path:
    if not path.exists():
        raise ProjectUnreadable(path, "missing")
    if not _is_same(path.stat(), head):
        raise ProjectUnreadable(path, "changed")
    return path


def _is_same(found: os.stat_result, head: Head) -> bool:
    return (found.st_size, found.st_mtime_ns) == (head.size, head.mtime_ns)
