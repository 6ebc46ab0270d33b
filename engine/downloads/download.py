"""Downloads one file: resumes, verifies its checksum, and leaves whole files only.

The hub's own client throws a cancelled download away and verifies no checksum.
"""

import errno
import hashlib
import logging
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from engine.downloads.partial_file import DownloadStart, PartialFile, only_writer, sha256_of
from engine.downloads.transfer import RetryableError, Transfer, persist, refusal
from engine.errors import DiskFull, DownloadError, FileError, RemoteBroken
from engine.jobs.backend import JobContext
from engine.net.http import HTTP_TIMEOUTS, HttpResponse, HttpTimeouts
from engine.net.tokens import Secret
from engine.storage import atomic_file as atomic

RESERVE = 256 << 20  # bytes that stay free on the disk, and how often that is looked at

_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSource:
    """One place that has the file."""

    url: str
    token: Secret | None = None  # for this host alone
    repo: str = ""
    page: str = ""  # where access is asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedFile:
    """A file to be fetched; None: not known."""

    dest: Path
    addresses: tuple[FileSource, ...]  # tried in turn
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedFile:
    """A file that is whole."""

    path: Path
    size: int
    sha256: str
    received: int  # bytes that came over the line for it, this time


def fetch(
    wanted: WantedFile, job: JobContext, timeouts: HttpTimeouts = HTTP_TIMEOUTS
) -> FetchedFile:
    """Fetch a file, or what is missing of it; one that is there and right is left alone.

    Whatever ends this early keeps what has arrived, and the next call goes on from there.
    Raises DownloadError, DiskFull, ImageUnwritable, Cancelled.
    """
    try:
        wanted.dest.parent.mkdir(parents=True, exist_ok=True)
        with only_writer(wanted.dest, lambda: job.report(0.0, "wait")):
            return _Download(wanted, job, timeouts).run()
    except OSError as error:
        raise atomic.explained(wanted.dest, wanted.dest, error) from error


class _Download:
    """One call of `fetch`."""

    def __init__(self, wanted: WantedFile, job: JobContext, timeouts: HttpTimeouts) -> None:
        self._wanted, self._job, self._timeouts = wanted, job, timeouts
        self._part = PartialFile(wanted.dest)
        self._sum = hashlib.sha256()
        self._summed = 0  # bytes of the part that the sum has seen
        self._received = 0
        self._total = wanted.size

    def run(self) -> FetchedFile:
        if (present := self._present()) is not None:
            return present
        addresses = self._wanted.addresses
        address, found = self._whole(addresses)
        if self._is_wrong(found):
            logger.warning("wrong checksum, fetched again: %s", address.url)
            self._part.drop()
            address, found = self._whole(addresses[1:] + addresses[:1])
        if self._is_wrong(found):
            self._part.drop()
            raise RemoteBroken(address.url, "checksum", self._wanted.sha256 or "", found)
        size = self._part.length
        self._part.settle()
        return self._fetched(size, found)

    def _whole(self, addresses: tuple[FileSource, ...]) -> tuple[FileSource, str]:
        """All of the file, where it came from, and its checksum."""
        address = self._arrive(addresses)
        return address, self._digest()

    def _is_wrong(self, found: str) -> bool:
        return self._wanted.sha256 not in (None, found)

    def _present(self) -> FetchedFile | None:
        """The file itself, if it is already there and known to be right."""
        path, wanted = self._wanted.dest, self._wanted
        if wanted.sha256 is None or not path.is_file():
            return None
        size = path.stat().st_size
        if wanted.size not in (None, size):
            return None
        found = sha256_of(path, lambda share: self._job.report(share, "verify"))
        return self._fetched(size, found) if found == wanted.sha256 else None

    def _fetched(self, size: int, sha256: str) -> FetchedFile:
        return FetchedFile(
            path=self._wanted.dest, size=size, sha256=sha256, received=self._received
        )

    def _arrive(self, addresses: tuple[FileSource, ...]) -> FileSource:
        """Get all bytes from the first address that has them; the last one's trouble is told."""
        for address in addresses[:-1]:
            try:
                self._persist(address)
                return address
            except DownloadError as error:
                logger.info("next mirror after %s", error)
        self._persist(addresses[-1])
        return addresses[-1]

    def _persist(self, address: FileSource) -> None:
        persist(
            lambda: self._attempt(address), self._timeouts, self._report, lambda: self._received
        )

    def _attempt(self, address: FileSource) -> None:
        start = self._part.start(address.url, self._wanted.sha256)
        if self._total is not None and start.offset > self._total:
            start = DownloadStart()
        if start.offset and start.offset == self._total:
            return
        if self._total is not None:
            self._check_room(self._total - start.offset)
        headers = _range(start) if start.offset else {}
        with Transfer(
            address.url, headers=headers, token=address.token, timeouts=self._timeouts
        ) as transfer:
            answer = transfer.answer(self._report)
            if self._accept(answer, address, start):
                self._store(transfer, address)

    def _accept(self, answer: HttpResponse, address: FileSource, start: DownloadStart) -> bool:
        """Check what the server offers; True when its body is to be stored."""
        if answer.status == 416 and start.offset:
            return self._past_the_end(answer, address, start)
        refused = refusal(answer, address.url, repo=address.repo, page=address.page)
        if refused is not None:
            raise refused
        if answer.status == 206:
            self._go_on(answer, address, start)
        elif answer.status == 200:
            self._begin(answer, address)
        else:
            raise RemoteBroken(address.url, "status", found=str(answer.status))
        return True

    def _past_the_end(
        self, answer: HttpResponse, address: FileSource, start: DownloadStart
    ) -> bool:
        """The server says that there is nothing more: right if all is there, else from the top."""
        total = answer.headers.get("content-range", "").rpartition("/")[2]
        if total == str(start.offset) and self._wanted.sha256 is not None:
            self._total = start.offset
            return False
        self._part.drop()
        raise RetryableError(RemoteBroken(address.url, "status", found="416"))

    def _go_on(self, answer: HttpResponse, address: FileSource, start: DownloadStart) -> None:
        place = _RANGE.fullmatch(answer.headers.get("content-range", ""))
        if place is None or int(place[1]) != start.offset:
            self._part.drop()
            raise RetryableError(RemoteBroken(address.url, "size"))
        self._set_total(int(place[3]), address)

    def _begin(self, answer: HttpResponse, address: FileSource) -> None:
        length = answer.headers.get("content-length", "")
        plain = answer.headers.get("content-encoding", "identity") == "identity"
        if not plain:
            raise RemoteBroken(address.url, "size", str(self._total or ""), "compressed")
        if length.isascii() and length.isdigit():
            self._set_total(int(length), address)
            self._check_room(int(length))
        self._part.begin(address.url, answer.headers.get("etag", ""), self._wanted.sha256)
        self._sum, self._summed = hashlib.sha256(), 0

    def _set_total(self, total: int, address: FileSource) -> None:
        if self._wanted.size not in (None, total):
            raise RemoteBroken(address.url, "size", str(self._wanted.size), str(total))
        self._total = total

    def _store(self, transfer: Transfer, address: FileSource) -> None:
        length = looked_at = self._part.length
        with self._part.open() as file:
            for chunk in transfer.chunks(self._report):
                if self._total is not None and length + len(chunk) > self._total:
                    self._part.drop()
                    found = f"> {self._total}"
                    raise RemoteBroken(address.url, "size", str(self._total), found)
                self._write(file, chunk)
                length += len(chunk)
                self._report()
                if length - looked_at >= RESERVE:
                    looked_at = length
                    self._check_room((self._total or length) - length)
        if self._total is not None and length < self._total:
            raise RetryableError(RemoteBroken(address.url, "stalled"))
        self._total = length

    def _write(self, file: BinaryIO, chunk: bytes) -> None:
        if self._summed == self._part.length:
            self._sum.update(chunk)
            self._summed += len(chunk)
        rest = memoryview(chunk)
        self._received += len(chunk)
        try:
            while rest:
                rest = rest[file.write(rest) :]
        except OSError as error:
            raise self._unwritable(error) from error

    def _digest(self) -> str:
        if self._summed == self._part.length:
            return self._sum.hexdigest()
        return self._part.digest(lambda share: self._job.report(share, "verify"))

    def _check_room(self, rest: int) -> None:
        """Raises DiskFull when the disk has not that much and the reserve."""
        free = shutil.disk_usage(self._wanted.dest.parent).free
        if free < rest + RESERVE:
            raise DiskFull(self._wanted.dest, _mb(rest + RESERVE), free // 1_000_000)

    def _unwritable(self, error: OSError) -> FileError:
        if error.errno in FULL:
            rest = max(0, (self._total or 0) - self._part.length)
            free = shutil.disk_usage(self._wanted.dest.parent).free
            return DiskFull(self._wanted.dest, _mb(rest + RESERVE), free // 1_000_000)
        return atomic.explained(self._wanted.dest, self._part.path, error)

    def _report(self) -> None:
        share = self._part.length / self._total if self._total else 0.0
        self._job.report(share, "download")


def _range(start: DownloadStart) -> dict[str, str]:
    asked = {"Range": f"bytes={start.offset}-"}
    return asked | {"If-Range": start.etag} if start.etag else asked


def _mb(size: int) -> int:
    """Rounded up, what is free is rounded down: the numbers must show what is wrong."""
    return -(-size // 1_000_000)
