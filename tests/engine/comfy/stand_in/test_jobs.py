"""Jobs of the stand-in: their order, their states, and how they are stopped."""

from typing import Any

import numpy as np
import pytest

from tests.engine.comfy.raw_client import (
    RawClient,
    kinds,
    node,
    raw_client,
    said,
    shown,
    until_end,
)

GREY = np.full((24, 32, 3), 128, np.uint8)
NOBODY = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def talk():
    with raw_client() as talk:
        talk.upload("a.png", GREY)
        yield talk


def test_a_node_without_steps_runs_to_its_end(talk: RawClient) -> None:
    talk.server.pause("LoadImage")
    with talk.listening() as socket:
        job = talk.posted(shown(last=node("LoadImage", image="a.png")))
        talk.server.wait_held()
        talk.http.post("/interrupt", json={"prompt_id": job})
        talk.server.resume()
        story = until_end(socket)
    assert kinds(story)[-5:] == [
        "progress_state",
        "executing out",
        "execution_interrupted",
        "status 0",
        "executing None",
    ]


def test_an_interrupt_as_a_job_starts_is_lost(talk: RawClient) -> None:
    talk.server.pause("start")
    job = talk.posted(said())
    talk.server.wait_held()
    assert talk.http.post("/interrupt", json={"prompt_id": job}).status_code == 200
    talk.server.resume()
    talk.server.wait_idle()
    assert talk.history(job)["status"]["status_str"] == "success"


def test_a_cancel_is_never_lost(talk: RawClient) -> None:
    talk.server.pause("start")
    running, waiting = talk.posted(said("1")), talk.posted(said("2"))
    talk.server.wait_held()
    assert cancel(talk, running) == {"cancelled": True}
    assert cancel(talk, waiting) == {"cancelled": True}
    talk.server.resume()
    talk.server.wait_idle()
    assert talk.http.get(f"/api/jobs/{running}").json()["status"] == "cancelled"
    assert talk.http.get(f"/api/jobs/{waiting}").status_code == 404
    assert cancel(talk, running) == {"cancelled": False}
    assert cancel(talk, NOBODY) == {"error": "Job not found"}


def cancel(talk: RawClient, job: str) -> dict[str, Any]:
    return talk.http.post(f"/api/jobs/{job}/cancel").json()


def test_jobs_are_listed_by_their_state(talk: RawClient) -> None:
    done = talk.posted(said("1"))
    talk.server.wait_idle()
    talk.server.pause("start")
    running, waiting = talk.posted(said("2")), talk.posted(said("3"))
    talk.server.wait_held()
    jobs = talk.http.get("/api/jobs").json()
    states = {job["id"]: job["status"] for job in jobs["jobs"]}
    assert states == {done: "completed", running: "in_progress", waiting: "pending"}
    few = talk.http.get("/api/jobs?status=pending&limit=1").json()
    assert [job["id"] for job in few["jobs"]] == [waiting]
    assert talk.http.get("/api/jobs?status=nonsense").status_code == 400
    assert talk.http.get(f"/api/jobs/{done}").json()["outputs"]["say"] == {"text": ["1"]}


@pytest.mark.parametrize("version", ["0.3.64", "0.11.1"])
def test_old_versions_cancel_no_jobs(version: str) -> None:
    with raw_client(version=version) as talk:
        listed = talk.http.get("/api/jobs?limit=1").status_code
        assert listed == (404 if version == "0.3.64" else 200)
        assert talk.http.post(f"/api/jobs/{NOBODY}/cancel").status_code == 404


def test_an_interrupt_of_an_old_version_stops_whatever_runs() -> None:
    with raw_client(version="0.3.57") as talk:
        talk.server.pause("PreviewAny")
        job = talk.posted(said() | {"two": node("PreviewAny", source="2")})
        talk.server.wait_held()
        talk.http.post("/interrupt", json={"prompt_id": NOBODY})
        talk.server.resume()
        talk.server.wait_idle()
        assert talk.history(job)["status"]["status_str"] == "error"


def test_very_old_versions_choose_their_own_ids() -> None:
    with raw_client(version="0.3.40") as talk:
        assert talk.post(said(), prompt_id=NOBODY).json()["prompt_id"] != NOBODY
