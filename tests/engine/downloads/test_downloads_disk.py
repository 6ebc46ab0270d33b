import errno
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.downloads import download as downloads
from engine.downloads import partial_file as partial
from engine.downloads.download import RESERVE, FetchedFile
from engine.errors import Cancelled, DiskFull, DownloadError, ImageUnwritable
from tests.support.downloading import MIB, NAME, SIZE, Job, bring, check, hub_with_the_file, part
from tests.support.hub import Hub
from tests.support.recording import full_disk


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with hub_with_the_file(tmp_path) as server:
        yield server


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    return tmp_path / "models" / NAME


# the disk


def faked(monkeypatch: pytest.MonkeyPatch, free: int) -> None:
    usage = SimpleNamespace(total=free, used=0, free=free)
    monkeypatch.setattr(downloads.shutil, "disk_usage", lambda _: usage)


def test_a_disk_too_small_is_told_before_anything_is_asked(
    hub: Hub, dest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faked(monkeypatch, SIZE - 1)
    with pytest.raises(DiskFull) as trouble:
        bring(hub, dest)
    assert hub.asked == []
    assert (trouble.value.needed_mb, trouble.value.free_mb) == (272, 3)


def test_a_size_that_only_the_server_knows_is_checked_before_the_body(
    hub: Hub, dest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faked(monkeypatch, SIZE + RESERVE - 1)
    with pytest.raises(DiskFull):
        bring(hub, dest, size=None)
    assert not part(dest).exists()
    faked(monkeypatch, SIZE + RESERVE)
    check(dest, bring(hub, dest, size=None))


def test_room_is_looked_at_again_on_the_way(
    hub: Hub, dest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "RESERVE", 1 << 20)
    looks = iter([10**9, 10**9, 10**9])
    monkeypatch.setattr(
        downloads.shutil, "disk_usage", lambda _: SimpleNamespace(free=next(looks, 0))
    )
    with pytest.raises(DiskFull):
        bring(hub, dest)
    assert part(dest).stat().st_size >= 1 << 20


def test_a_write_error_keeps_the_part(hub: Hub, dest: Path) -> None:
    with full_disk(SIZE * 6 // 10), pytest.raises(DiskFull):
        bring(hub, dest)
    assert part(dest).stat().st_size == SIZE * 6 // 10
    hub.forget()
    check(dest, bring(hub, dest))
    assert hub.sent <= SIZE - SIZE * 6 // 10 + MIB


def test_a_place_that_cannot_be_written(
    hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ImageUnwritable):
        bring(hub, tmp_path / "file" / NAME)

    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, "broken disk")

    monkeypatch.setattr(partial.os, "replace", refuse)
    with pytest.raises(ImageUnwritable):
        bring(hub, tmp_path / "models" / NAME)


# two at once


def test_two_windows_fetch_a_file_once(hub: Hub, dest: Path) -> None:
    hub.faults.drip_s = 0.001
    results: list[FetchedFile] = []
    threads = [threading.Thread(target=lambda: results.append(bring(hub, dest))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(results) == 3
    check(dest, results[0])
    assert hub.sent == SIZE


def test_who_waits_for_the_other_window_can_stop(hub: Hub, dest: Path) -> None:
    dest.parent.mkdir()
    with partial.only_writer(dest, lambda: None):
        job = Job(lambda _, note: note == "wait")
        with pytest.raises(Cancelled):
            bring(hub, dest, job)
    assert list(dest.parent.iterdir()) == []


def test_every_trouble_is_expected(hub: Hub, dest: Path) -> None:
    """Whatever status comes, it has a type with words."""
    for status in (400, 402, 405, 451, 304, 204):
        hub.faults.statuses = [status]
        with pytest.raises(DownloadError):
            bring(hub, dest)
