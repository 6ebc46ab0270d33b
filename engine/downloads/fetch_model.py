"""Fetches, verifies and deletes the files of one catalog entry."""

import contextlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from engine.downloads.download import RESERVE, FetchedFile, FileSource, WantedFile, fetch
from engine.downloads.hub import Hub, HubFile
from engine.downloads.ledger import Ledger, LedgerRecord
from engine.downloads.partial_file import PartialFile, sha256_of
from engine.errors import (
    DiskFull,
    DownloadError,
    ModelCorrupt,
    ModelUnreadable,
    RemoteBroken,
    RemoteMissing,
)
from engine.geometry import Image
from engine.jobs.backend import JobContext
from engine.models.catalog import CatalogEntry, RemoteFile
from engine.net.http import HTTP_TIMEOUTS, HttpTimeouts
from engine.net.tokens import Tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadSources:
    """The hubs and tokens that models are fetched with."""

    endpoints: tuple[str, ...]  # hubs and mirrors, asked in turn
    tokens: Tokens
    timeouts: HttpTimeouts = HTTP_TIMEOUTS


@dataclass(frozen=True, slots=True)
class _Share:
    """A job's context for a part of it."""

    job: JobContext
    start: float
    span: float

    def report(self, fraction: float, note: str = "", preview: Image | None = None) -> None:
        self.job.report(self.start + self.span * fraction, note, preview)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listing:
    """The files of an entry at a hub."""

    commit: str
    files: Mapping[str, HubFile]


def obtain(entry: CatalogEntry, folder: Path, sources: DownloadSources, job: JobContext) -> None:
    """Fetch all files of an entry below a folder of models, and note what they are.

    What the catalog does not know is asked of the hub, which is then held to it. Ended early, it
    goes on next time. Raises DownloadError, DiskFull, ImageUnwritable, Cancelled.
    """
    ledger, hubs = Ledger(folder), _hubs(sources, job) if entry.repo else ()
    listing = _listing(entry, hubs, ledger.commit(entry.id))
    wanted = [
        _as_before(_wanted(entry, file, folder, hubs, listing), ledger.record(file.save_as))
        for file in entry.files
    ]
    sizes = [file.size or 1 for file in wanted]
    _check_room(folder, wanted)
    done = 0
    for file, asked, size in zip(entry.files, wanted, sizes):
        share = _Share(job, done / sum(sizes), size / sum(sizes))
        fetched = fetch(asked, share, sources.timeouts)
        ledger.note(file.save_as, _record(entry, asked, fetched, listing.commit))
        done += size


def verify(entry: CatalogEntry, folder: Path, job: JobContext) -> bool:
    """Read an entry's files and compare them; False where nobody knows what they should be.

    Raises ModelUnreadable for one that is missing, ModelCorrupt, Cancelled.
    """
    ledger, is_known = Ledger(folder), True
    count = len(entry.files)
    for number, file in enumerate(entry.files):
        record = ledger.record(file.save_as)
        expected = file.sha256 or (record.sha256 if record else None)
        share = _Share(job, number / count, 1 / count)
        is_known &= verify_file(folder / file.save_as, expected, share)
    return is_known


def verify_file(path: Path, expected: str | None, job: JobContext) -> bool:
    """The same for one file, wherever it lies."""
    if not path.is_file():
        raise ModelUnreadable(path, "missing")
    if expected is None:
        return False
    try:
        found = sha256_of(path, lambda share: job.report(share, "verify"))
    except OSError as error:
        raise ModelUnreadable(path, "missing", error.strerror or "") from error
    if found != expected:
        raise ModelCorrupt(path, expected, found)
    return True


def delete(entry: CatalogEntry, folder: Path) -> None:
    """Take an entry's files, whole and partial, and the folders that are empty then."""
    ledger = Ledger(folder)
    for file in entry.files:
        path = folder / file.save_as
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        PartialFile(path).drop()
        ledger.forget(file.save_as)
        for parent in (folder / place for place in Path(file.save_as).parents):
            if parent != folder:
                with contextlib.suppress(OSError):
                    parent.rmdir()


def is_whole(entry: CatalogEntry, folder: Path) -> bool:
    """Whether every file of an entry is there, with the size that is known."""
    ledger = Ledger(folder)
    for file in entry.files:
        record, path = ledger.record(file.save_as), folder / file.save_as
        size = file.size or (record.size if record else None)
        if not path.is_file() or size not in (None, path.stat().st_size):
            return False
    return True


def arrived_bytes(entry: CatalogEntry, folder: Path) -> int:
    """Bytes of an unfinished download."""
    return sum(PartialFile(folder / file.save_as).length for file in entry.files)


def _hubs(sources: DownloadSources, job: JobContext) -> tuple[Hub, ...]:
    return tuple(
        Hub(
            endpoint=endpoint,
            token=sources.tokens.find(endpoint)[0],
            waiting=lambda: job.report(0.0, "connect"),
            timeouts=sources.timeouts,
        )
        for endpoint in sources.endpoints
    )


def _listing(entry: CatalogEntry, hubs: tuple[Hub, ...], begun: str | None) -> _Listing:
    """The listing of the first hub that answers; not asked when the catalog knows it all."""
    if not hubs or (entry.commit and all(file.size and file.sha256 for file in entry.files)):
        return _Listing(commit=entry.commit or "", files={})
    for hub in hubs[:-1]:
        with contextlib.suppress(DownloadError):
            return _listed(entry, hub, begun)
    return _listed(entry, hubs[-1], begun)


def _listed(entry: CatalogEntry, hub: Hub, begun: str | None) -> _Listing:
    commit = entry.commit or _present(entry, hub, begun) or hub.commit(entry.repo)
    return _Listing(commit=commit, files=hub.files(entry.repo, commit))


def _present(entry: CatalogEntry, hub: Hub, begun: str | None) -> str | None:
    """The commit that the download began with, while the hub still has it."""
    if begun is not None:
        with contextlib.suppress(RemoteMissing):
            return hub.commit(entry.repo, begun)
    return None


def _wanted(
    entry: CatalogEntry, file: RemoteFile, folder: Path, hubs: tuple[Hub, ...], listing: _Listing
) -> WantedFile:
    stored = listing.files.get(file.path)
    if listing.files:
        url = hubs[-1].file_url(entry.repo, listing.commit, file.path)
        if stored is None:
            raise RemoteMissing(url)
        if file.size not in (None, stored.size):
            raise RemoteBroken(url, "size", str(file.size), str(stored.size))
        if file.sha256 and stored.sha256 not in (None, file.sha256):
            raise RemoteBroken(url, "checksum", file.sha256, str(stored.sha256))
    return WantedFile(
        dest=folder / file.save_as,
        addresses=_addresses(entry, file, hubs, listing.commit),
        size=file.size or (stored.size if stored else None),
        sha256=file.sha256 or (stored.sha256 if stored else None),
    )


def _as_before(wanted: WantedFile, record: LedgerRecord | None) -> WantedFile:
    """What nobody else tells of a plain download is what it was when it came first."""
    if record is None or wanted.sha256 or record.url != wanted.addresses[-1].url:
        return wanted
    return replace(wanted, size=wanted.size or record.size, sha256=record.sha256)


def _addresses(
    entry: CatalogEntry, file: RemoteFile, hubs: tuple[Hub, ...], commit: str
) -> tuple[FileSource, ...]:
    if file.url:
        return (FileSource(url=file.url, page=entry.licence_page),)
    return tuple(
        FileSource(
            url=hub.file_url(entry.repo, commit, file.path),
            token=hub.token,
            repo=entry.repo,
            page=entry.licence_page,
        )
        for hub in hubs
    )


def _check_room(folder: Path, wanted: list[WantedFile]) -> None:
    """Before the first file is asked for: there must be room for all. Raises DiskFull."""
    missing = sum(
        max(0, (file.size or 0) - PartialFile(file.dest).length)
        for file in wanted
        if not file.dest.exists()
    )
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    free = shutil.disk_usage(existing).free
    if free < missing + RESERVE:
        raise DiskFull(wanted[0].dest, -(-(missing + RESERVE) // 1_000_000), free // 1_000_000)


def _record(
    entry: CatalogEntry, wanted: WantedFile, fetched: FetchedFile, commit: str
) -> LedgerRecord:
    return LedgerRecord(
        id=entry.id,
        commit=commit,
        size=fetched.size,
        sha256=fetched.sha256,
        url=wanted.addresses[-1].url,
    )
