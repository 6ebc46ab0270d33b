"""The beginning of a download in `<name>.part`, and its origin in `<name>.part.json`."""

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

import msgspec

from engine.storage import atomic_file as atomic
from engine.storage.file_lock import FileLock

_BLOCK = 1 << 20
_WAIT_S = 0.1


class DownloadStart(NamedTuple):
    """The offset at which a download goes on, if the server still has what `etag` names."""

    offset: int = 0
    etag: str = ""


class PartialFile:
    """The beginning of a file. Nobody else writes it while `only_writer` is held."""

    def __init__(self, dest: Path) -> None:
        self.dest = dest
        self.path = dest.with_name(dest.name + ".part")
        self._facts = dest.with_name(dest.name + ".part.json")

    @property
    def length(self) -> int:
        with contextlib.suppress(OSError):
            return self.path.stat().st_size
        return 0

    def start(self, url: str, sha256: str | None) -> DownloadStart:
        """The start of the next request: only what is known to be part of the same file is used.

        From the same address with a strong ETag, or from anywhere by the checksum of the whole.
        """
        length, facts = self.length, self._read()
        if length == 0:
            return DownloadStart()
        etag = facts.get("etag", "")
        if facts.get("url") == url and etag and not etag.startswith("W/"):
            return DownloadStart(length, etag)
        if sha256 is not None and facts.get("sha256") == sha256:
            return DownloadStart(length)
        return DownloadStart()

    def begin(self, url: str, etag: str, sha256: str | None) -> None:
        """Throw away what is there and note what comes now."""
        self.drop()
        facts = {"url": url, "etag": etag, "sha256": sha256 or ""}
        with atomic.replace(self._facts) as file:
            file.write(json.dumps(facts).encode())

    def open(self) -> BinaryIO:
        """To append; without a buffer, so that an error tells how much was written."""
        return open(self.path, "ab", buffering=0)

    def digest(self, report: Callable[[float], object]) -> str:
        """SHA-256 of all that is there."""
        return sha256_of(self.path, report)

    def settle(self) -> None:
        """Put the whole file in its place."""
        with open(self.path, "rb") as file:
            os.fsync(file.fileno())
        os.replace(self.path, self.dest)
        with contextlib.suppress(OSError):
            self._facts.unlink()

    def drop(self) -> None:
        for path in (self.path, self._facts):
            with contextlib.suppress(FileNotFoundError):
                path.unlink()

    def _read(self) -> dict[str, str]:
        try:
            return msgspec.json.decode(self._facts.read_bytes()[:10_000], type=dict[str, str])
        except (OSError, ValueError, RecursionError):
            return {}


@contextmanager
def only_writer(dest: Path, waiting: Callable[[], object]) -> Generator[None]:
    """Wait until nobody else, in any process, fetches the same file; `waiting` may raise."""
    path = dest.with_name(f".{dest.name}.lock")
    while (lock := FileLock.take(path)) is None:
        waiting()
        time.sleep(_WAIT_S)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # Windows keeps a file that is open
            path.unlink()
        lock.release()


def sha256_of(path: Path, report: Callable[[float], object]) -> str:
    """Of a whole file; `report` hears how far it is, 0..1, and may raise."""
    size = max(1, path.stat().st_size)
    summed, done = hashlib.sha256(), 0
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            summed.update(block)
            done += len(block)
            report(min(1.0, done / size))
    return summed.hexdigest()
