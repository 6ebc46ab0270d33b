"""A document with its history and journal, and the journals that a next start would find."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from app.document.document import Document
from app.document.history import History
from app.journal.journal import Journal, pending, recover
from engine.errors import FileError
from tests.support.documents import painting, random_edit, variant


class RecordedDocument:
    """A document with its history and journal, and what the journal reported."""

    def __init__(self, folder: Path, ours: Document, source: Path | None) -> None:
        self.document, self.history = ours, History(ours)
        self.reported: list[FileError] = []
        self.journal = Journal.start(
            folder, ours, self.history, self.reported.append, source=source
        )

    def edits(self, count: int, seed: int) -> None:
        random = np.random.default_rng(seed)
        for _ in range(count):
            match int(random.integers(6)):
                case 0:
                    self.history.undo()
                case 1:
                    self.history.redo()
                case 2 if len(self.document.variants) > 2:
                    self.history.discard_variant(
                        int(random.choice([v.number for v in self.document.variants]))
                    )
                case 3:
                    kind = variant if random.integers(2) else painting
                    self.history.add_variant(kind(random, self.document))
                case _:
                    random_edit(self.document, self.history, random)

    def close(self) -> None:
        self.journal.close()
        self.history.close()


def after_a_crash(folder: Path, tmp_path: Path) -> Path:
    """The journals as the next start finds them: the same bytes, held by nobody.

    Settle first: a file of them may be renamed while they are copied.
    """
    copy = tmp_path / "next start"
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(folder, copy)
    return copy


def recovered(folder: Path) -> Document:
    (recovery,) = pending(folder)
    return recover(recovery)


@contextmanager
def full_disk(room_bytes: int = 20_000) -> Iterator[None]:
    """The system itself refuses, in the middle of a write: no file may grow beyond this."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
