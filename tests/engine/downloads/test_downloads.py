import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.downloads import partial_file as partial
from engine.downloads.download import FileSource, WantedFile, fetch
from engine.errors import Cancelled, Gated, Offline, RemoteBroken, RemoteMissing
from engine.net.http import HttpTimeouts
from tests.support.downloading import (
    CONTENT,
    MIB,
    NAME,
    QUICK,
    REPO,
    SHA256,
    SIZE,
    Job,
    bring,
    check,
    hub_with_the_file,
    part,
    wanted,
)
from tests.support.hub import Hub


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    with hub_with_the_file(tmp_path) as server:
        yield server


@pytest.fixture
def dest(tmp_path: Path) -> Path:
    return tmp_path / "models" / NAME


def test_a_file_arrives_whole(hub: Hub, dest: Path) -> None:
    job = Job()
    check(dest, bring(hub, dest, job))
    assert hub.sent == SIZE
    assert job.fractions == sorted(job.fractions)
    assert job.fractions[-1] == 1.0
    assert "download" in job.notes


def test_what_is_there_and_right_is_left_alone(hub: Hub, dest: Path) -> None:
    bring(hub, dest)
    before = len(hub.asked)
    check(dest, bring(hub, dest))
    assert len(hub.asked) == before
    dest.write_bytes(b"x" * SIZE)
    check(dest, bring(hub, dest))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_cut_line_goes_on_where_it_broke(hub: Hub, dest: Path, share: float) -> None:
    hub.faults.cut_at = [int(SIZE * share)]
    check(dest, bring(hub, dest))
    assert hub.sent <= SIZE + MIB
    assert len(hub.bodies) == 2
    assert hub.bodies[1].range


@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_cancelled_and_started_again(hub: Hub, dest: Path, share: float) -> None:
    hub.faults.drip_s = 0.001
    with pytest.raises(Cancelled):
        bring(hub, dest, Job(lambda fraction, _: fraction >= share))
    assert not dest.exists()
    kept = part(dest).stat().st_size
    assert kept >= share * SIZE
    hub.forget()
    check(dest, bring(hub, dest))
    assert hub.sent <= SIZE - kept + MIB


def test_cancel_is_heard_while_the_server_is_silent(hub: Hub, dest: Path) -> None:
    hub.faults.silent_after = 1 << 18
    started_s = time.monotonic()
    patient = HttpTimeouts(stall_s=30, pauses_s=())
    job = Job(lambda _, __: time.monotonic() - started_s > 0.5)
    with pytest.raises(Cancelled):
        fetch(wanted(hub, dest), job, patient)
    assert time.monotonic() - started_s < 5


def test_a_part_that_is_whole_is_checked_and_not_fetched(hub: Hub, dest: Path) -> None:
    dest.parent.mkdir()
    part(dest).write_bytes(CONTENT)
    note(dest, hub)
    check(dest, bring(hub, dest))
    assert hub.sent == 0


def note(dest: Path, hub: Hub, **facts: str) -> None:
    """What an earlier run noted about the part that is there."""
    content = part(dest).read_bytes()
    ours = partial.PartialFile(dest)
    ours.begin(facts.get("url", hub.file_url(REPO, NAME)), facts.get("etag", '"e"'), SHA256)
    part(dest).write_bytes(content)


def test_416_with_everything_there_is_a_success(hub: Hub, dest: Path) -> None:
    dest.parent.mkdir()
    part(dest).write_bytes(CONTENT)
    note(dest, hub, etag=etag(CONTENT))
    check(dest, bring(hub, dest, size=None))
    assert [asked.status for asked in hub.asked] == [416]


def test_416_with_too_much_there_starts_again(hub: Hub, dest: Path) -> None:
    dest.parent.mkdir()
    part(dest).write_bytes(CONTENT + b"more")
    note(dest, hub, etag=etag(CONTENT))
    check(dest, bring(hub, dest, size=None))
    assert [asked.status for asked in hub.asked] == [416, 200]


def etag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:16]}"'


def test_a_server_without_ranges_starts_again(hub: Hub, dest: Path) -> None:
    hub.faults.cut_at, hub.faults.no_range = [SIZE // 2], True
    check(dest, bring(hub, dest))
    assert [body.status for body in hub.bodies] == [200, 200]


@pytest.mark.parametrize("is_known", [True, False])
def test_another_file_under_the_old_name_starts_again(hub: Hub, dest: Path, is_known: bool) -> None:
    """The part is of an older version; by the ETag that is noticed before anything is mixed."""
    dest.parent.mkdir()
    part(dest).write_bytes(os.urandom(SIZE // 2))
    note(dest, hub, etag='"of the older version"')
    fetched = bring(hub, dest) if is_known else bring(hub, dest, sha256=None)
    check(dest, fetched)
    assert [body.status for body in hub.bodies] == [200]


def test_without_an_etag_only_a_checksum_allows_going_on(hub: Hub, dest: Path) -> None:
    hub.faults.no_etag, hub.faults.cut_at = True, [SIZE // 2]
    check(dest, bring(hub, dest))
    assert [body.status for body in hub.bodies] == [200, 206]
    dest.unlink()
    hub.forget()
    hub.faults.cut_at = [SIZE // 2]
    check(dest, bring(hub, dest, sha256=None, size=None))
    assert [body.status for body in hub.bodies] == [200, 200]


def test_a_wrong_checksum_is_tried_once_more_and_told(hub: Hub, dest: Path) -> None:
    hub.faults.corrupt = True
    with pytest.raises(RemoteBroken) as trouble:
        bring(hub, dest)
    assert (trouble.value.reason, trouble.value.expected) == ("checksum", SHA256)
    assert len(trouble.value.found) == 64
    assert trouble.value.found != SHA256
    assert len(hub.bodies) == 2
    assert list(dest.parent.iterdir()) == []
    hub.faults.corrupt = False
    check(dest, bring(hub, dest))


def test_a_damaged_part_is_found_by_the_checksum(hub: Hub, dest: Path) -> None:
    dest.parent.mkdir()
    part(dest).write_bytes(b"\0" * (SIZE // 2))
    note(dest, hub, etag=etag(CONTENT))
    check(dest, bring(hub, dest))
    assert [body.status for body in hub.bodies] == [206, 200]


@pytest.mark.parametrize(("token", "status"), [("", 401), ("hf_wrong", 403)])
def test_gated_files_say_what_is_missing(hub: Hub, dest: Path, token: str, status: int) -> None:
    hub.gated[REPO] = {"hf_good"}
    with pytest.raises(Gated) as trouble:
        bring(hub, dest, token=token)
    assert (trouble.value.repo, trouble.value.status) == (REPO, status)
    assert trouble.value.page == "https://p"
    check(dest, bring(hub, dest, token="hf_good"))


def test_a_token_is_seen_by_one_host_alone(hub: Hub, dest: Path) -> None:
    hub.gated[REPO] = {"hf_good"}
    hub.faults.redirect = "other"
    hub.faults.cut_at = [SIZE // 2]
    check(dest, bring(hub, dest, token="hf_good"))
    assert hub.hosts_of("hf_good") == {"127.0.0.1"}
    assert {body.host for body in hub.bodies} == {"localhost"}
    assert [body.status for body in hub.bodies] == [200, 206]


@pytest.mark.parametrize(
    "target",
    [
        "file:///etc/passwd",
        "http://metadata.example/x",
        "ftp://x.example/y",
        "",
        "https://[x:y/",
        "https://x.example:99999999/y",
    ],
)
def test_odd_redirects_are_refused(hub: Hub, dest: Path, target: str) -> None:
    hub.faults.redirect = target or " "
    with pytest.raises(RemoteBroken) as trouble:
        bring(hub, dest)
    assert trouble.value.reason == "redirect"


def test_redirects_end(hub: Hub, dest: Path) -> None:
    hub.faults.redirect = hub.file_url(REPO, NAME)
    with pytest.raises(RemoteBroken) as trouble:
        bring(hub, dest)
    assert trouble.value.reason == "redirect"
    end_s = time.monotonic() + 5
    while hub.busy and time.monotonic() < end_s:  # the last request is noted after its answer
        time.sleep(0.01)
    assert len(hub.asked) == 6


@pytest.mark.parametrize("status", [429, 500, 503, 408])
def test_trouble_that_passes_is_waited_for(hub: Hub, dest: Path, status: int) -> None:
    hub.faults.statuses = [status, status]
    check(dest, bring(hub, dest))
    assert [asked.status for asked in hub.asked] == [status, status, 200]


def test_trouble_that_stays_is_told(hub: Hub, dest: Path) -> None:
    hub.faults.statuses = [503] * 9
    with pytest.raises(RemoteBroken) as trouble:
        bring(hub, dest)
    assert (trouble.value.reason, trouble.value.found) == ("status", "503")
    assert len(hub.asked) == 4


def test_a_server_that_asks_to_wait_is_obeyed(hub: Hub, dest: Path) -> None:
    hub.faults.statuses, hub.faults.retry_after = [429], "1"
    started_s = time.monotonic()
    check(dest, bring(hub, dest))
    assert time.monotonic() - started_s > 0.9


def test_bytes_that_arrive_earn_new_attempts(hub: Hub, dest: Path) -> None:
    hub.faults.cut_at = [200_000] * 12
    check(dest, bring(hub, dest))
    assert hub.sent <= SIZE + MIB


def test_a_stalled_server_is_given_up(hub: Hub, dest: Path) -> None:
    hub.faults.silent_after = 1 << 18
    with pytest.raises(RemoteBroken) as trouble:
        fetch(wanted(hub, dest), Job(), HttpTimeouts(stall_s=0.2, pauses_s=()))
    assert trouble.value.reason == "stalled"
    assert part(dest).stat().st_size >= 1 << 17
    hub.faults.silent_after = -1
    hub.forget()
    check(dest, bring(hub, dest))
    assert hub.sent <= SIZE - (1 << 18) + MIB


@pytest.mark.parametrize("status", [404, 410])
def test_a_file_that_is_gone(hub: Hub, dest: Path, status: int) -> None:
    hub.faults.statuses = [status]
    with pytest.raises(RemoteMissing):
        bring(hub, dest)
    assert list(dest.parent.iterdir()) == []


def test_nobody_there(hub: Hub, dest: Path) -> None:
    address = FileSource(url="http://127.0.0.1:9/x")
    with pytest.raises(Offline) as trouble:
        fetch(WantedFile(dest=dest, addresses=(address,)), Job(), QUICK)
    assert trouble.value.host == "127.0.0.1"


def test_the_next_mirror_is_asked(hub: Hub, dest: Path) -> None:
    ours = wanted(hub, dest)
    mirrors = (FileSource(url="http://127.0.0.1:9/x"), *ours.addresses)
    check(dest, fetch(WantedFile(dest=dest, addresses=mirrors, sha256=SHA256), Job(), QUICK))


def test_a_mirror_goes_on_with_what_another_sent(hub: Hub, dest: Path) -> None:
    dest.parent.mkdir()
    part(dest).write_bytes(CONTENT[: SIZE // 2])
    note(dest, hub, url="https://first.example/x")
    check(dest, bring(hub, dest))
    assert hub.sent <= SIZE - SIZE // 2 + MIB


def test_a_size_other_than_announced_is_refused(hub: Hub, dest: Path) -> None:
    with pytest.raises(RemoteBroken) as trouble:
        bring(hub, dest, size=SIZE + 1)
    assert (trouble.value.reason, trouble.value.expected) == ("size", str(SIZE + 1))
    assert trouble.value.found == str(SIZE)
    assert not part(dest).exists()


def test_more_than_announced_is_refused(hub: Hub, dest: Path) -> None:
    hub.faults.unsized, hub.faults.extra = True, b"more" * 100_000
    with pytest.raises(RemoteBroken) as trouble:
        bring(hub, dest)
    assert trouble.value.reason == "size"
    assert not part(dest).exists()


def test_less_than_announced_is_no_success(hub: Hub, dest: Path) -> None:
    hub.faults.unsized, hub.faults.cut_at = True, [SIZE // 2]
    check(dest, bring(hub, dest))
    assert hub.sent <= SIZE + MIB


def test_a_compressed_answer_is_refused(hub: Hub, dest: Path) -> None:
    hub.faults.gzip = True
    with pytest.raises(RemoteBroken):
        bring(hub, dest)


def test_nothing_is_known_before(hub: Hub, dest: Path) -> None:
    check(dest, bring(hub, dest, size=None, sha256=None))
