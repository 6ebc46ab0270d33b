"""Pending tasks: requests to the user's servers, on disk until they are over.

A server goes on when this program ends or crashes. When a picture is opened whose pixels are those
that a task was cut from, the task is taken up again; the backend finds the job on the server.
"""

import contextlib
import logging
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, TypeAlias, cast
from uuid import uuid4

import msgspec
import numpy as np

from app.document.tiles import PackedMask
from app.serialization import exact_png as png
from app.serialization.blobs import BlobName, BlobReader, BlobWriter
from app.serialization.painting import (
    StoredPainting,
    StoredRemoval,
    load_painting,
    load_removal,
    store_painting,
    store_removal,
)
from app.serialization.safe_zip import Archive, ArchiveLimits
from engine import tasks
from engine.errors import FileError
from engine.geometry import Image, Native, Size
from engine.jobs.backend import Backend, JobContext
from engine.jobs.requests import InpaintRequest, RemoveRequest, Request, Result
from engine.storage import atomic_file as atomic
from engine.storage.json_records import decode, encode

logger = logging.getLogger(__name__)

SUFFIX = ".task"
MAX_AGE_S = 7 * 24 * 3600.0  # after a week nobody waits for it any more
LIMITS = ArchiveLimits(members=100_000, directory=10_000_000, total=2 << 30)
MAX_JSON = 4 << 20
MAX_PIXELS = 1 << 30  # of all pictures of a task, unpacked
POLL_S = 0.1
READ_ERRORS = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    EOFError,
    RecursionError,
    NotImplementedError,
    FileError,
    zipfile.BadZipFile,
    zlib.error,
)
"""All that reading a damaged or hostile file can raise."""

PendingRequest: TypeAlias = RemoveRequest | InpaintRequest


class StoredPaintTask(msgspec.Struct, frozen=True, tag_field="kind", tag="paint"):
    """A painting, cut from a picture of this size."""

    size: Size
    request: StoredPainting


class StoredRemoveTask(msgspec.Struct, frozen=True, tag_field="kind", tag="remove"):
    """A removal, cut from a picture of this size."""

    size: Size
    request: StoredRemoval


Stored: TypeAlias = StoredPaintTask | StoredRemoveTask


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PendingTask:
    """A request that is on disk while it is under way; `size` is that of its document."""

    request: PendingRequest
    size: Size
    path: Path
    written: Future[None] | None = None  # None: it was on disk before


@dataclass(frozen=True, slots=True, eq=False)
class BackendCall:
    """A function to be called with a backend, in the backend's thread."""

    work: Callable[[Backend, JobContext], Any]


def new_task(folder: Path, request: PendingRequest, size: Size) -> PendingTask:
    """The task of a request, with a file name of its own."""
    return PendingTask(request=request, size=size, path=folder / f"{uuid4().hex}{SUFFIX}")


def run(backend: Backend, request: Request | PendingTask | BackendCall, job: JobContext) -> Result:
    """As `tasks.run`, but a pending task is written to disk before the backend is asked."""
    if isinstance(request, BackendCall):
        return request.work(backend, job)
    if not isinstance(request, PendingTask):
        return tasks.run(backend, request, job)
    while request.written is not None and not request.written.done():
        job.report(0.0)
        wait([request.written], POLL_S)
    return tasks.run(backend, request.request, job)


def write(task: PendingTask, to_png: Callable[[Native], bytes] = png.encode) -> None:
    """Write a task, in a folder for this user alone. Raises FileError and OSError."""
    task.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with atomic.replace(task.path, private=True) as file, zipfile.ZipFile(file, "w") as archive:
        names: dict[int, str] = {}

        def put(pixels: Native) -> str:
            if id(pixels) not in names:
                names[id(pixels)] = f"data/{len(names)}.png"
                archive.writestr(zipfile.ZipInfo(names[id(pixels)]), to_png(pixels))
            return names[id(pixels)]

        stored = _stored(task, BlobWriter(pixels=put, mask=_no_mask))
        archive.writestr("lacuna.json", encode(stored))


class Claims(Protocol):
    """Locks of tasks: no two windows take up the same one."""

    def take(self, path: Path) -> bool: ...

    def release(self, path: Path) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FindTasks:
    """Finds the tasks that were cut from a picture and are under way in no window."""

    folder: Path
    view: Image
    revision: int
    claims: Claims  # of which the found tasks are taken

    def run(self, job: JobContext) -> list[PendingTask]:
        return list(self._found(job))

    def _found(self, job: JobContext) -> Iterator[PendingTask]:
        for path in sorted(self.folder.glob(f"*{SUFFIX}"), key=changed_s):
            job.report(0.0)
            if not self.claims.take(path):
                continue
            found = None if _is_old(path) else read(path, Size.of(self.view))
            if found is not None and is_cut_from(found, self.view):
                request = replace(found.request, revision=self.revision)
                yield replace(found, request=request)
            else:
                self.claims.release(path)


def _is_old(path: Path) -> bool:
    """Whether a task is too old; it is then deleted."""
    is_old = time.time() - changed_s(path) > MAX_AGE_S
    if is_old:
        with contextlib.suppress(OSError):
            path.unlink()
    return is_old


def read(path: Path, size: Size) -> PendingTask | None:
    """The task of a picture of this size; None where it is of another, or damaged."""
    try:
        with Archive(path, LIMITS) as archive:
            stored = decode(archive.read("lacuna.json", MAX_JSON), cast(type[Stored], Stored))
            if stored.size != size:
                return None
            return PendingTask(request=_request(stored, archive), size=size, path=path)
    except READ_ERRORS as error:
        logger.warning("a pending task cannot be read: %s: %s", path.name, type(error).__name__)
        return None


def is_cut_from(task: PendingTask, view: Image) -> bool:
    """Whether the picture, (H, W, 3) uint8, has the pixels that the task was cut from."""
    holes = task.request.holes
    return all(np.array_equal(view[hole.rect.slices], hole.image) for hole in holes)


def changed_s(path: Path) -> float:
    """Time of the last change, in seconds since 1970; 0 when there is no file."""
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _stored(task: PendingTask, put: BlobWriter) -> Stored:
    request = task.request
    if isinstance(request, InpaintRequest):
        return StoredPaintTask(task.size, store_painting(request, put))
    return StoredRemoveTask(task.size, store_removal(request, put))


def _request(stored: Stored, archive: Archive) -> PendingRequest:
    left = MAX_PIXELS

    def pixels(name: BlobName, part: Size, channels: int) -> Native:
        nonlocal left
        left -= part.pixels
        if left < 0:
            raise ValueError("too many pixels")
        content = archive.read(str(name), part.pixels * channels * 9 // 8 + 1_000_000)
        return png.decode(content, part, depth=8, channels=channels)

    get = BlobReader(pixels=pixels, mask=_no_packed, native=_no_native, plane=_no_native)
    if isinstance(stored, StoredPaintTask):
        return load_painting(stored.request, stored.size, get)
    return load_removal(stored.request, stored.size, get)


def _no_mask(_mask: PackedMask) -> BlobName:
    raise TypeError("a task has no packed masks")


def _no_native(_name: BlobName, _size: Size) -> Native:
    raise TypeError("a task has no pixels of a document")


def _no_packed(_name: BlobName, _size: Size) -> PackedMask:
    raise TypeError("a task has no packed masks")
