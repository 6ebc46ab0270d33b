"""The downloader against the other stand-in hub, where that is at hand: every fault it knows."""

import hashlib
import importlib.util
import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from engine.downloads import download as downloads
from engine.downloads.download import FileSource, WantedFile, fetch
from engine.downloads.hub import Hub
from engine.errors import Cancelled, DiskFull, Gated, RemoteBroken
from engine.net.http import HttpTimeouts
from engine.net.tokens import Secret
from tests.conftest import SHARED
from tests.engine.downloads.test_downloads import MIB, Job, note, part
from tests.support.recording import full_disk

SERVER = SHARED / "testing" / "hub_server.py"
REPO, NAME = "facebook/sam3", "model.safetensors"
SIZE = 2_500_003
CONTENT = os.urandom(SIZE)
SHA256 = hashlib.sha256(CONTENT).hexdigest()
QUICK = HttpTimeouts(connect_s=2, stall_s=2, pauses_s=(0.02, 0.02, 0.02))

pytestmark = pytest.mark.skipif(not SERVER.is_file(), reason="no shared stand-in hub")


@pytest.fixture(scope="module")
def module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("hub_server", SERVER)
    assert spec is not None
    assert spec.loader is not None
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "hub" / REPO
    folder.mkdir(parents=True)
    (folder / NAME).write_bytes(CONTENT)
    return tmp_path / "hub"


@pytest.fixture
def server(module: ModuleType, root: Path) -> Iterator[Any]:
    with module.HubServer(root) as running:
        yield running


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    return tmp_path / "models" / NAME


def bring(
    server: Any, dest: Path, job: Job | None = None, token: str = "", content: bytes = CONTENT
) -> None:
    hub = Hub(endpoint=server.url, timeouts=QUICK)
    commit = hub.commit(REPO)
    stored = hub.files(REPO, commit)[NAME]
    assert stored.size == SIZE
    address = FileSource(
        url=hub.file_url(REPO, commit, NAME),
        token=Secret(token) if token else None,
        repo=REPO,
        page=hub.page(REPO),
    )
    facts = {"size": stored.size, "sha256": stored.sha256}
    fetch(WantedFile(dest=dest, addresses=(address,), **facts), job or Job(), QUICK)
    assert dest.read_bytes() == content
    assert [file.name for file in dest.parent.iterdir()] == [NAME]


def ranges(server: Any) -> list[str | None]:
    return [entry[2] for entry in server.log if "/resolve/" in entry[1] or "/cdn/" in entry[1]]


def begins(server: Any) -> list[int]:
    """Where each transfer began."""
    return [
        int((asked or "bytes=0-").removeprefix("bytes=").rstrip("-")) for asked in ranges(server)
    ]


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_cut(server: Any, dest: Path, share: float) -> None:
    server.cut[NAME] = int(SIZE * share)
    bring(server, dest)
    first, second = begins(server)
    assert first == 0
    assert int(SIZE * share) - second <= MIB


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_cancel_and_restart(server: Any, dest: Path, share: float) -> None:
    server.delay = 0.005
    with pytest.raises(Cancelled):
        bring(server, dest, Job(lambda fraction, _: fraction >= share))
    kept = part(dest).stat().st_size
    server.log.clear()
    bring(server, dest)
    assert begins(server) == [kept]
    assert kept >= share * SIZE


def test_416(server: Any, dest: Path) -> None:
    hub = Hub(endpoint=server.url, timeouts=QUICK)
    url = hub.file_url(REPO, hub.commit(REPO), NAME)
    dest.parent.mkdir()
    part(dest).write_bytes(CONTENT)
    note(dest, SimpleNamespace(file_url=lambda *_: url), etag=f'"{SHA256}"')  # pyright: ignore[reportArgumentType]
    address = FileSource(url=url)
    server.log.clear()
    fetch(WantedFile(dest=dest, addresses=(address,)), Job(), QUICK)
    assert dest.read_bytes() == CONTENT
    assert [entry[4] for entry in server.log] == [416, 200]


def test_no_range(module: ModuleType, root: Path, dest: Path) -> None:
    with module.HubServer(root, no_range=True, cut={NAME: SIZE // 2}) as server:
        bring(server, dest)
        assert [entry[4] for entry in server.log if "/resolve/" in entry[1]] == [200, 200]


def test_changed_etag(server: Any, root: Path, dest: Path) -> None:
    """Between two runs the file becomes another: nothing of the old one is used."""
    server.delay = 0.005
    with pytest.raises(Cancelled):
        bring(server, dest, Job(lambda fraction, _: fraction >= 0.5))
    changed = os.urandom(SIZE)
    (root / REPO / NAME).write_bytes(changed)
    bring(server, dest, content=changed)


def test_corrupt(module: ModuleType, root: Path, dest: Path) -> None:
    with module.HubServer(root, corrupt=(NAME,)) as server, pytest.raises(RemoteBroken) as trouble:
        bring(server, dest)
    assert (trouble.value.reason, trouble.value.expected) == ("checksum", SHA256)
    assert list(dest.parent.iterdir()) == []


@pytest.mark.parametrize(("token", "status"), [("", 401), ("hf_other", 403)])
def test_gated(module: ModuleType, root: Path, dest: Path, token: str, status: int) -> None:
    with module.HubServer(root, gated={REPO: {"hf_good"}}) as server:
        with pytest.raises(Gated) as trouble:
            bring(server, dest, token=token)
        assert trouble.value.status == status
        bring(server, dest, token="hf_good")


@pytest.mark.parametrize("kind", ["same", "other"])
def test_redirect(module: ModuleType, root: Path, dest: Path, kind: str) -> None:
    with module.HubServer(
        root, gated={REPO: {"hf_good"}}, redirect=kind, cut={NAME: SIZE // 2}
    ) as server:
        bring(server, dest, token="hf_good")
        tokens = {entry[1].split("/")[1]: entry[3] for entry in server.log}
        assert tokens["facebook"] == "hf_good"
        assert tokens["cdn"] == ("hf_good" if kind == "same" else None)


def test_disk_full(server: Any, dest: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = SimpleNamespace(total=SIZE, used=0, free=SIZE - 1)
    monkeypatch.setattr(downloads.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(DiskFull) as trouble:
        bring(server, dest)
    assert ranges(server) == []
    assert trouble.value.needed_mb > trouble.value.free_mb


def test_write_error(server: Any, dest: Path) -> None:
    with full_disk(SIZE * 6 // 10), pytest.raises(DiskFull):
        bring(server, dest)
    assert part(dest).stat().st_size == SIZE * 6 // 10
    server.log.clear()
    bring(server, dest)
    assert begins(server) == [SIZE * 6 // 10]
