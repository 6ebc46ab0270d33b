"""The base of a journal's log: a copy of the opened file, or a snapshot of the document.

source.bin   the bytes of the file; the head has their checksum
base.raw     the snapshot, where there is no file or it changed too soon; it counts first
small.png    a thumbnail
"""

import contextlib
import hashlib
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self, cast

import numpy as np

from app.document.document import Document, Lease
from app.document.file_stamp import FileStamp
from app.journal import snapshot
from app.project import project
from app.project.reader import Report
from app.serialization import exact_png as png
from engine.colour.thumbnail import thumbnail
from engine.errors import (
    DiskFull,
    FileError,
    ImageTooLarge,
    ImageUnreadable,
    ProjectTooLarge,
    ProjectUnreadable,
)
from engine.geometry import Image, Size
from engine.image_io.limits import Limits
from engine.image_io.reader import read, read_bytes
from engine.storage import atomic_file as atomic
from engine.storage.foreign_file import open_file
from engine.storage.json_records import decode_with_paths, encode

HEAD, COPY, RAW, THUMBNAIL = "head.json", "source.bin", "base.raw", "small.png"
THUMBNAIL_PX = 128
VERSION = 2  # since then marks name arrays of earlier records
_PART = 1 << 20

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalHead:
    """The file head.json: `path` is the document's, and that of a file only if `is_copy`."""

    name: str
    path: str | None
    is_copy: bool  # the base is that file as it was opened; else the document itself
    size: int = 0  # of the file, when it was opened or saved; with its time its stamp
    mtime_ns: int = 0
    sha256: str = ""
    version: int = VERSION

    @classmethod
    def of(cls, document: Document, source: Path | None) -> Self:
        """The head for a document opened from `source`; without it where that file is gone."""
        path = source or document.path
        name = path.name if path else ""
        full = str(path.absolute()) if path else None
        stamp = document.stamp or (FileStamp.of(source) if source else None)
        if stamp is None:
            return cls(name=name, path=full, is_copy=False)
        is_copy = source is not None
        return cls(name=name, path=full, is_copy=is_copy, size=stamp.size, mtime_ns=stamp.mtime_ns)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Raises OSError, or ValueError when damaged or of another version."""
        head = decode_with_paths((folder / HEAD).read_bytes(), cls)
        if not 1 <= head.version <= VERSION:
            raise ValueError("another version")
        return head

    def write(self, folder: Path) -> None:
        with atomic.replace(folder / HEAD, private=True) as file:
            file.write(encode(self))

    @property
    def source(self) -> Path | None:
        return Path(self.path) if self.path else None

    @property
    def stamp(self) -> FileStamp:
        return FileStamp(self.size, self.mtime_ns)


def write_base(folder: Path, head: JournalHead, lease: Lease, check: Callable[[], None]) -> None:
    """Write the base; `check` may raise to cancel. Raises FileError.

    A source that was changed, or cannot be read any more, is replaced by the document.
    """
    if not (head.is_copy and _copied(folder, head, check)):
        try:
            snapshot.write(folder / RAW, lease, check)
        except OSError as error:
            trouble = atomic.explained(folder, folder / RAW, error)
            with contextlib.suppress(OSError):  # make room
                (folder / RAW).unlink()
            raise trouble from error
    _write_thumbnail(folder, lease.view)


def is_complete(folder: Path) -> bool:
    """Whether the document can be recovered whatever happens to its file."""
    return (folder / COPY).exists() or snapshot.is_there(folder / RAW)


def can_open(folder: Path, head: JournalHead) -> bool:
    """False when the program ended before there was anything to recover from."""
    return head.is_copy or is_complete(folder)


def open_base(
    folder: Path, head: JournalHead, limits: Limits, report: Report | None = None
) -> Document:
    """The document that the log starts from. Raises FileError, OSError."""
    source = head.source
    if snapshot.is_there(folder / RAW) or source is None or not head.is_copy:
        document = snapshot.read(folder / RAW, limits)
    elif _is_whole(folder / COPY, head):
        document = _opened(folder / COPY, source, limits, report)
    else:
        document = _opened(_unchanged(source, head), source, limits, report)
    document.path = source
    document.stamp = head.stamp if head.mtime_ns else None
    return document


def read_thumbnail(folder: Path) -> Image | None:
    """The thumbnail, (H, W, 3) uint8; None where there is none."""
    try:
        limits = Limits(pixels=THUMBNAIL_PX * THUMBNAIL_PX)
        pixels = read_bytes((folder / THUMBNAIL).read_bytes(), THUMBNAIL, limits).pixels
    except (OSError, FileError):
        return None
    return cast(Image, pixels) if pixels.ndim == 3 and pixels.dtype == np.uint8 else None


def _copied(folder: Path, head: JournalHead, check: Callable[[], None]) -> bool:
    try:
        _copy_source(folder, head, check)
    except DiskFull:
        raise
    except (OSError, FileError) as error:
        logger.warning("the journal keeps the document, not its file: %s", error)
        return False
    return True


def _copy_source(folder: Path, head: JournalHead, check: Callable[[], None]) -> None:
    """Keep the bytes of the source: it may be moved, changed or deleted meanwhile."""
    digest = hashlib.sha256()
    path = _unchanged(Path(head.path or ""), head)
    kept = atomic.replace(folder / COPY, private=True)
    with open_file(path) as source, kept as copy:
        while part := source.read(_PART):
            check()
            digest.update(part)
            copy.write(part)
        if FileStamp.of_stat(os.fstat(source.fileno())) != head.stamp:
            raise ProjectUnreadable(path, "changed")
    replace(head, sha256=digest.hexdigest()).write(folder)


def _write_thumbnail(folder: Path, view: Image) -> None:
    step = max(1, max(Size.of(view)) // (4 * THUMBNAIL_PX))
    try:
        with atomic.replace(folder / THUMBNAIL, private=True) as file:
            file.write(png.encode(thumbnail(view[::step, ::step].copy(), THUMBNAIL_PX)))
    except FileError as error:
        logger.warning("no small picture for the journal: %s", error)


def _opened(kept: Path, path: Path, limits: Limits, report: Report | None) -> Document:
    """The document in `kept`; errors name `path`, the file that the user knows."""
    try:
        if path.suffix.lower() in project.SUFFIXES:
            return project.load(kept, limits, report)
        return Document.from_picture(read(kept, limits))
    except ImageUnreadable as error:
        raise ImageUnreadable(path, error.reason, error.detail) from error
    except ImageTooLarge as error:
        raise ImageTooLarge(path, error.what, error.found, error.limit) from error
    except ProjectUnreadable as error:
        raise ProjectUnreadable(path, error.reason) from error
    except ProjectTooLarge as error:
        raise ProjectTooLarge(path, error.what, error.found, error.limit) from error


def _is_whole(kept: Path, head: JournalHead) -> bool:
    if not kept.exists():
        return False
    with kept.open("rb") as file:
        # the head learns the checksum after the copy is made: a crash may come between
        return head.sha256 in ("", hashlib.file_digest(file, "sha256").hexdigest())


def _unchanged(path: Path, head: JournalHead) -> Path:
    stamp = FileStamp.of(path)
    if stamp is None:
        raise ProjectUnreadable(path, "missing")
    if stamp != head.stamp:
        raise ProjectUnreadable(path, "changed")
    return path
