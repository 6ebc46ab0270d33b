"""The record of downloaded files beside the models: commit, size, checksum and address of each.

What the catalog calls unverified is known from here after the first download.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec

from engine.downloads.partial_file import only_writer
from engine.storage import atomic_file as atomic
from engine.storage import small_file

NAME = "downloads.json"
MAX_BYTES = 4 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerRecord:
    """One file as it arrived."""

    id: str  # of the catalog's entry
    commit: str
    size: int
    sha256: str
    url: str


@dataclass(frozen=True, slots=True)
class _LedgerFile:
    """Places below the folder, and what lies there."""

    files: dict[str, LedgerRecord]


class Ledger:
    """The records of one folder of models. Read when asked; a damaged file is put aside."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME

    def record(self, save_as: str) -> LedgerRecord | None:
        """Of the file at a place below the folder."""
        return self._records().get(save_as)

    def commit(self, id: str) -> str | None:
        """The commit that an entry was first fetched from, while anything of it is here."""
        return next((r.commit for r in self._records().values() if r.id == id and r.commit), None)

    def note(self, save_as: str, record: LedgerRecord) -> None:
        """Raises DiskFull, ImageUnwritable."""
        self._change(lambda records: records.update({save_as: record}))

    def forget(self, save_as: str) -> None:
        self._change(lambda records: records.pop(save_as, None))

    def _change(self, change: Callable[[dict[str, LedgerRecord]], object]) -> None:
        try:
            with only_writer(self._path, lambda: None):
                records = self._records()
                change(records)
                self._write(records)
        except OSError as error:  # of the lock
            raise atomic.explained(self._path, self._path, error) from error

    def _write(self, records: Mapping[str, LedgerRecord]) -> None:
        files = {name: asdict(record) for name, record in sorted(records.items())}
        with atomic.replace(self._path) as file:
            file.write(json.dumps({"version": 1, "files": files}, indent=1).encode())

    def _records(self) -> dict[str, LedgerRecord]:
        return small_file.load(self._path, _parsed, dict[str, LedgerRecord], limit=MAX_BYTES)[0]


def _parsed(content: bytes) -> dict[str, LedgerRecord]:
    return msgspec.json.decode(content, type=_LedgerFile).files
