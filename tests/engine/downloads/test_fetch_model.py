import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engine.downloads import fetch_model as obtaining
from engine.downloads.fetch_model import DownloadSources, delete, is_whole, obtain, verify
from engine.downloads.hub import Hub, endpoints, is_endpoint
from engine.downloads.ledger import NAME, Ledger
from engine.errors import (
    Cancelled,
    DiskFull,
    Gated,
    ModelCorrupt,
    ModelUnreadable,
    Offline,
    RemoteBroken,
    RemoteMissing,
)
from engine.models import catalog
from engine.models.catalog import CatalogEntry, RemoteFile
from engine.net.http import HttpTimeouts
from engine.net.tokens import Tokens
from tests.engine.downloads.test_downloads import Job
from tests.support import hub as stand_in
from tests.support.hub import COMMIT, running

REPO = "maker/model"
WEIGHTS = os.urandom(400_000)
FILES = {"model_index.json": b"{}", "unet/model.safetensors": WEIGHTS}
QUICK = HttpTimeouts(connect_s=2, stall_s=2, pauses_s=(0.02, 0.02))


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[stand_in.Hub]:
    for name, content in FILES.items():
        path = tmp_path / "hub" / REPO / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    with running(tmp_path / "hub") as server:
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "models"


def entry(**changes: Any) -> CatalogEntry:
    sdxl = catalog.load().get("sdxl-inpaint")
    assert sdxl is not None
    files = tuple(
        RemoteFile(path=name, save_as=f"checkpoints/x/{name}", size=None, sha256=None)
        for name in FILES
    )
    usual = {"id": "x", "repo": REPO, "commit": None, "files": files, "licence_page": "https://p/q"}
    return replace(sdxl, **(usual | changes))


def sources(*urls: str, token: str = "", tmp: Path = Path("/nowhere")) -> DownloadSources:
    environ = {"HF_HOME": str(tmp)}
    if token:
        environ |= {"HF_TOKEN": token, "HF_ENDPOINT": urls[0]}
    tokens = Tokens("test", environ=environ, limit_s=5)
    return DownloadSources(endpoints=urls, tokens=tokens, timeouts=QUICK)


def one_file(**changes: Any) -> CatalogEntry:
    file = RemoteFile(
        path="unet/model.safetensors", save_as="checkpoints/m.safetensors", size=None, sha256=None
    )
    return entry(files=(replace(file, **changes),))


def test_what_is_not_known_is_asked_once_and_noted(hub: stand_in.Hub, folder: Path) -> None:
    job = Job()
    obtain(entry(), folder, sources(hub.url), job)
    for name, content in FILES.items():
        assert (folder / "checkpoints/x" / name).read_bytes() == content
    record = Ledger(folder).record("checkpoints/x/unet/model.safetensors")
    assert record is not None
    assert (record.commit, record.size) == (COMMIT, len(WEIGHTS))
    assert record.sha256 == hashlib.sha256(WEIGHTS).hexdigest()
    assert job.fractions[-1] == pytest.approx(1.0)
    assert {"connect", "download"} & job.notes
    assert is_whole(entry(), folder)
    assert verify(entry(), folder, Job())


def test_files_are_asked_of_the_commit_and_never_of_a_branch(
    hub: stand_in.Hub, folder: Path
) -> None:
    obtain(entry(), folder, sources(hub.url), Job())
    files = [asked.path for asked in hub.asked if "/resolve/" in asked.path]
    assert len(files) == 2
    assert all(f"/resolve/{COMMIT}/" in path for path in files)


def test_a_later_fetch_keeps_the_commit_of_the_first(hub: stand_in.Hub, folder: Path) -> None:
    obtain(entry(), folder, sources(hub.url), Job())
    hub.forget()
    (folder / "checkpoints/x/unet/model.safetensors").unlink()
    obtain(entry(), folder, sources(hub.url), Job())
    assert hub.asked[0].path.endswith(f"revision/{COMMIT}")


def test_a_catalog_that_knows_everything_asks_nothing_else(hub: stand_in.Hub, folder: Path) -> None:
    known = one_file(size=len(WEIGHTS), sha256=hashlib.sha256(WEIGHTS).hexdigest())
    obtain(replace(known, commit=COMMIT), folder, sources(hub.url), Job())
    assert len(hub.asked) == 1


@pytest.mark.parametrize(
    ("known", "reason"), [({"size": 5}, "size"), ({"sha256": "a" * 64}, "checksum")]
)
def test_the_catalog_is_right_and_the_hub_is_not(
    hub: stand_in.Hub, folder: Path, known: dict[str, Any], reason: str
) -> None:
    with pytest.raises(RemoteBroken) as trouble:
        obtain(one_file(**known), folder, sources(hub.url), Job())
    assert trouble.value.reason == reason
    assert not hub.bodies


def test_what_the_hub_announces_is_held_against_what_it_sends(
    hub: stand_in.Hub, folder: Path
) -> None:
    hub.faults.corrupt = True
    with pytest.raises(RemoteBroken) as trouble:
        obtain(one_file(), folder, sources(hub.url), Job())
    assert trouble.value.reason == "checksum"
    assert Ledger(folder).record("checkpoints/m.safetensors") is None


def test_a_file_that_the_repository_lacks(hub: stand_in.Hub, folder: Path) -> None:
    with pytest.raises(RemoteMissing) as trouble:
        obtain(one_file(path="gone.safetensors"), folder, sources(hub.url), Job())
    assert trouble.value.url.endswith("gone.safetensors")
    with pytest.raises(RemoteMissing):
        obtain(entry(repo="maker/nothing"), folder, sources(hub.url), Job())


@pytest.mark.parametrize(("token", "status"), [("", 401), ("hf_wrong", 403)])
def test_a_gated_model_leads_to_its_licence(
    hub: stand_in.Hub, folder: Path, token: str, status: int
) -> None:
    hub.gated[REPO] = {"hf_good"}
    with pytest.raises(Gated) as trouble:
        obtain(one_file(), folder, sources(hub.url, token=token), Job())
    assert (trouble.value.status, trouble.value.page) == (status, "https://p/q")
    obtain(one_file(), folder, sources(hub.url, token="hf_good"), Job())
    assert hub.hosts_of("hf_good") == {"127.0.0.1"}


def test_a_token_does_not_go_to_a_mirror(hub: stand_in.Hub, folder: Path, tmp_path: Path) -> None:
    with running(tmp_path / "hub") as official:
        mirrored = DownloadSources(
            endpoints=(hub.url, official.url),
            tokens=Tokens(
                "test",
                environ={"HF_TOKEN": "hf_good", "HF_ENDPOINT": official.url, "HF_HOME": "/no"},
            ),
            timeouts=QUICK,
        )
        hub.gated[REPO] = official.gated[REPO] = {"hf_good"}
        obtain(one_file(), folder, mirrored, Job())
        assert hub.hosts_of("hf_good") == set()
        assert official.hosts_of("hf_good")
        assert not hub.bodies


def test_mirrors_are_asked_in_turn(hub: stand_in.Hub, folder: Path) -> None:
    obtain(one_file(), folder, sources("http://127.0.0.1:9", hub.url), Job())
    with pytest.raises(Offline):
        obtain(one_file(), folder, sources("http://127.0.0.1:9"), Job())


def test_cancelled_in_the_middle_goes_on(hub: stand_in.Hub, folder: Path) -> None:
    hub.faults.drip_s = 0.005
    with pytest.raises(Cancelled):
        obtain(one_file(), folder, sources(hub.url), Job(lambda fraction, _: fraction > 0.5))
    arrived = obtaining.arrived_bytes(one_file(), folder)
    assert arrived > len(WEIGHTS) // 2
    hub.forget()
    obtain(one_file(), folder, sources(hub.url), Job())
    assert hub.sent == len(WEIGHTS) - arrived


def test_room_for_all_files_is_looked_for_first(
    hub: stand_in.Hub, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = len(WEIGHTS) - 1
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    with pytest.raises(DiskFull):
        obtain(entry(), folder, sources(hub.url), Job())
    assert not [asked for asked in hub.asked if "/resolve/" in asked.path]


def test_a_plain_download_needs_no_hub(hub: stand_in.Hub, folder: Path) -> None:
    url = hub.file_url(REPO, "unet/model.safetensors")
    plain = replace(one_file(url=url, sha256=hashlib.sha256(WEIGHTS).hexdigest()), repo="")
    obtain(plain, folder, sources("http://127.0.0.1:9"), Job())
    assert verify(plain, folder, Job())
    assert len(hub.asked) == 1


def test_a_plain_download_is_held_to_what_came_first(hub: stand_in.Hub, folder: Path) -> None:
    """Nobody else tells its checksum: the ledger does, and what is here is not fetched again."""
    url = f"{hub.url}/{REPO}/resolve/main/unet/model.safetensors"
    mine = entry(repo="", files=one_file(url=url).files)
    obtain(mine, folder, sources(), Job())
    assert verify(mine, folder, Job())
    hub.forget()
    obtain(mine, folder, sources(), Job())
    assert not hub.asked
    (folder / "checkpoints" / "m.safetensors").write_bytes(b"cut")
    hub.faults.corrupt = True
    with pytest.raises(RemoteBroken) as caught:
        obtain(mine, folder, sources(), Job())
    assert caught.value.reason == "checksum"


def test_verify_finds_what_changed(hub: stand_in.Hub, folder: Path) -> None:
    obtain(one_file(), folder, sources(hub.url), Job())
    path = folder / "checkpoints/m.safetensors"
    path.write_bytes(WEIGHTS[:-1] + b"!")
    with pytest.raises(ModelCorrupt) as trouble:
        verify(one_file(), folder, Job())
    assert trouble.value.expected == hashlib.sha256(WEIGHTS).hexdigest()
    path.unlink()
    with pytest.raises(ModelUnreadable) as missing:
        verify(one_file(), folder, Job())
    assert missing.value.reason == "missing"


def test_what_nobody_knows_is_not_called_right(folder: Path) -> None:
    path = folder / "checkpoints/m.safetensors"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"put here by hand")
    assert not verify(one_file(), folder, Job())


def test_delete_takes_what_was_fetched_and_no_more(hub: stand_in.Hub, folder: Path) -> None:
    obtain(entry(), folder, sources(hub.url), Job())
    own = folder / "checkpoints" / "mine.safetensors"
    own.write_bytes(b"mine")
    delete(entry(), folder)
    assert sorted(p.name for p in folder.rglob("*") if p.is_file()) == [NAME, own.name]
    assert not (folder / "checkpoints" / "x").exists()
    assert Ledger(folder).record("checkpoints/x/unet/model.safetensors") is None
    delete(entry(), folder)


@pytest.mark.parametrize("content", ["", "[]", "{", '{"files": 3}', '{"files": {"a": 1}}'])
def test_a_damaged_ledger_counts_as_empty(folder: Path, content: str) -> None:
    folder.mkdir()
    (folder / NAME).write_text(content)
    assert Ledger(folder).record("a") is None
    assert Ledger(folder).commit("a") is None


# the hub's API


def test_access_and_names(hub: stand_in.Hub) -> None:
    hub.gated[REPO] = {"hf_good"}
    good = sources(hub.url, token="hf_good").tokens.find(hub.url)[0]
    ours = Hub(endpoint=hub.url, token=good, timeouts=QUICK)
    ours.check_access(REPO)
    assert ours.user() == "tester"
    nobody = Hub(endpoint=hub.url, timeouts=QUICK)
    assert nobody.user() == ""
    with pytest.raises(Gated) as trouble:
        nobody.check_access(REPO)
    assert trouble.value.page == f"{hub.url}/{REPO}"
    with pytest.raises(RemoteMissing):
        ours.check_access("maker/nothing")


def test_the_api_is_asked_again_after_trouble_that_passes(hub: stand_in.Hub) -> None:
    hub.faults.api_statuses = [503, 429]
    assert Hub(endpoint=hub.url, timeouts=QUICK).commit(REPO) == COMMIT


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"sha": "main"}', b"[" * 100_000, b"null"])
def test_answers_that_make_no_sense(
    hub: stand_in.Hub, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    monkeypatch.setattr(stand_in.json, "dumps", lambda _: SimpleNamespace(encode=lambda: body))
    with pytest.raises(RemoteBroken):
        Hub(endpoint=hub.url, timeouts=QUICK).commit(REPO)


def test_an_endless_answer_is_cut(hub: stand_in.Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.downloads.hub.MAX_JSON", 1000)
    body = json.dumps(["x" * 2000]).encode()
    monkeypatch.setattr(stand_in.json, "dumps", lambda _: SimpleNamespace(encode=lambda: body))
    with pytest.raises(RemoteBroken) as trouble:
        Hub(endpoint=hub.url, timeouts=QUICK).files(REPO, COMMIT)
    assert trouble.value.reason == "size"


def test_endpoints() -> None:
    assert endpoints((), {}) == ["https://huggingface.co"]
    assert endpoints(("https://m.example/hf/",), {}) == [
        "https://m.example/hf",
        "https://huggingface.co",
    ]
    assert endpoints((), {"HF_ENDPOINT": "http://127.0.0.1:8"}) == ["http://127.0.0.1:8"]
    for bad in ("http://m.example", "file:///x", "ftp://x", "", "https://", "https://x?y=1"):
        assert not is_endpoint(bad), bad
    assert endpoints(("http://m.example", "nonsense"), {}) == ["https://huggingface.co"]
