"""Records of what servers were asked for."""

import json
import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from engine.comfy.jobs.job_store import PART_S, KeptJob, KeptJobs, RemoteState
from engine.comfy.prompt_plan import Plan
from tests.engine.comfy.job_fixtures import kept, painting, removal

URL = "http://127.0.0.1:8188"


def record(
    plan: Plan, *, state: RemoteState = RemoteState.POSTED, created_s: float | None = None
) -> KeptJob:
    return KeptJob(
        server="lab",
        url=URL,
        prompt_id="0b0ce4a4-6a0f-4a53-8ab6-27bd3cdee0a3",
        client_id="c",
        graph=plan.graph,
        wanted=plan.wanted,
        uploads=("lacuna/x.png",),
        state=state,
        created_s=time.time() if created_s is None else created_s,
    )


def test_a_record_is_found_by_the_same_work_alone(tmp_path: Path) -> None:
    jobs, written = KeptJobs(tmp_path / "jobs"), record(removal())
    jobs.put(written)
    assert KeptJobs(tmp_path / "jobs").find(URL, removal()) == written
    others = [removal(seed=1), painting(), replace(removal(), wanted=("lama",))]
    assert [jobs.find(URL, other) for other in others] == [None] * 3
    assert jobs.find(URL + "/x", removal()) is None
    jobs.drop(written)
    assert jobs.find(URL, removal()) is None
    assert kept(tmp_path / "jobs") == []


def test_what_was_left_is_to_be_stopped(tmp_path: Path) -> None:
    jobs = KeptJobs(tmp_path)
    jobs.put(record(removal()))
    assert jobs.left(URL) == ()
    jobs.leave(URL, removal())
    jobs.leave(URL, painting())  # was never sent
    assert [each.state for each in jobs.left(URL)] == [RemoteState.CANCELLED]
    assert jobs.left(URL + "/x") == ()


def test_what_is_wanted_again_is_not_to_be_stopped(tmp_path: Path) -> None:
    jobs = KeptJobs(tmp_path)
    jobs.put(record(removal(), state=RemoteState.CANCELLED))
    with jobs.held(URL, removal()):
        assert jobs.left(URL) == ()
    assert len(jobs.left(URL)) == 1


def test_only_one_of_two_same_jobs_has_the_record(tmp_path: Path) -> None:
    jobs = KeptJobs(tmp_path)
    with jobs.held(URL, removal()) as first:
        with jobs.held(URL, removal()) as second, jobs.held(URL, painting()) as other:
            assert (first, second, other) == (True, False, True)
        with jobs.held(URL, removal()) as third:
            assert not third  # the end of the second does not free it
    with jobs.held(URL, removal()) as again:
        assert again


def test_old_records_are_thrown_away(tmp_path: Path) -> None:
    jobs = KeptJobs(tmp_path)
    jobs.put(record(removal(), created_s=time.time() - 15 * 24 * 3600))
    jobs.put(record(painting()))
    jobs.forget_old()
    assert jobs.find(URL, removal()) is None
    assert jobs.find(URL, painting()) is not None


def test_what_was_not_written_to_its_end_is_thrown_away(tmp_path: Path) -> None:
    old, new = tmp_path / ".a.json.1.part", tmp_path / ".b.json.2.part"
    for path in (old, new):
        path.write_bytes(b"{")
    os.utime(old, (time.time() - PART_S - 60,) * 2)
    KeptJobs(tmp_path).forget_old()
    assert list(tmp_path.iterdir()) == [new]


def test_what_is_wanted_and_what_is_left_are_told_apart(tmp_path: Path) -> None:
    jobs = KeptJobs(tmp_path)
    assert (jobs.has_wanted(URL), jobs.has_abandoned) == (False, False)
    jobs.put(record(removal()))
    assert (jobs.has_wanted(URL), jobs.has_abandoned) == (True, False)
    assert not jobs.has_wanted(URL + "/x")
    with jobs.held(URL, removal()):
        assert not jobs.has_wanted(URL)
    jobs.leave(URL, removal())
    assert (jobs.has_wanted(URL), jobs.has_abandoned) == (False, True)


@pytest.mark.skipif(sys.platform == "win32", reason="no such bits")
def test_nobody_else_may_read_what_was_asked(tmp_path: Path) -> None:
    KeptJobs(tmp_path / "jobs").put(record(removal()))
    assert (tmp_path / "jobs").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b"[" * 100_000,
        b'{"server": "lab"}',
        None,  # of another work
    ],
)
def test_damaged_records_are_none(tmp_path: Path, damage: bytes | None) -> None:
    jobs = KeptJobs(tmp_path)
    jobs.put(record(removal()))
    [path] = kept(tmp_path)
    if damage is None:
        damage = json.dumps(json.loads(path.read_bytes()) | {"wanted": ["lama"]}).encode()
    path.write_bytes(damage)
    assert jobs.find(URL, removal()) is None


def test_a_folder_that_cannot_be_made_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "jobs").write_bytes(b"a file")
    jobs = KeptJobs(tmp_path / "jobs")
    jobs.put(record(removal()))
    assert jobs.find(URL, removal()) is None
    assert jobs.left(URL) == ()
    jobs.drop(record(removal()))
