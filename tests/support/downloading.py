"""What the tests of downloads share: a file on a stand-in hub, and ways to ask for it."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.downloads.download import FetchedFile, FileSource, WantedFile, fetch
from engine.errors import Cancelled
from engine.geometry import Image
from engine.net.http import HttpTimeouts
from engine.net.tokens import Secret
from tests.support.hub import Hub, running

REPO, NAME = "maker/model", "weights.safetensors"
SIZE = 3_000_017
CONTENT = os.urandom(SIZE)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
QUICK = HttpTimeouts(connect_s=2, stall_s=0.4, pauses_s=(0.02, 0.02, 0.02))
MIB = 1 << 20


class Job:
    """Notes what is reported; `until` says when the user presses Cancel."""

    def __init__(self, until: Callable[[float, str], bool] | None = None) -> None:
        self.until, self.fractions, self.notes = until, list[float](), set[str]()

    def report(self, fraction: float, note: str = "", preview: Image | None = None) -> None:
        assert 0.0 <= fraction <= 1.0
        self.fractions.append(fraction)
        self.notes.add(note)
        if self.until is not None and self.until(fraction, note):
            raise Cancelled


def wanted(hub: Hub, dest: Path, token: str = "", **known: Any) -> WantedFile:
    facts = {"size": SIZE, "sha256": SHA256} | known
    url = hub.file_url(REPO, NAME)
    address = FileSource(
        url=url, token=Secret(token) if token else None, repo=REPO, page="https://p"
    )
    return WantedFile(dest=dest, addresses=(address,), **facts)


def bring(
    hub: Hub, dest: Path, job: Job | None = None, token: str = "", **known: Any
) -> FetchedFile:
    return fetch(wanted(hub, dest, token, **known), job or Job(), QUICK)


def check(dest: Path, fetched: FetchedFile | None = None) -> None:
    assert dest.read_bytes() == CONTENT
    assert [file.name for file in dest.parent.iterdir()] == [NAME]
    if fetched is not None:
        assert (fetched.path, fetched.size, fetched.sha256) == (dest, SIZE, SHA256)


def part(dest: Path) -> Path:
    return dest.with_name(dest.name + ".part")


@contextmanager
def hub_with_the_file(tmp_path: Path) -> Iterator[Hub]:
    folder = tmp_path / "hub" / REPO
    folder.mkdir(parents=True)
    (folder / NAME).write_bytes(CONTENT)
    with running(tmp_path / "hub") as server:
        yield server
