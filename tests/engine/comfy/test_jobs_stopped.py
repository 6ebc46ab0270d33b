"""Jobs on a server that somebody stops: the user, or somebody else."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web

from engine.comfy.errors import ServerStopped
from engine.comfy.prompt_plan import PlanOutputs
from engine.errors import Cancelled
from tests.engine.comfy.job_fixtures import (
    QUICK,
    JobThread,
    RecordingJob,
    connected,
    kept,
    painting,
    prompts,
    removal,
)
from tests.engine.comfy.stand_in.faults import Answer, dropped, slow
from tests.engine.comfy.stand_in.server import StandIn

OLD, LAB, NEW = "0.3.64", "0.11.1", "0.33.0"
GONE_S = 5.0


@pytest.fixture
def server() -> Iterator[StandIn]:
    with StandIn() as server:
        yield server


@pytest.mark.parametrize("version", [OLD, LAB, NEW])
def test_a_waiting_job_is_taken_out_of_the_queue(version: str, tmp_path: Path) -> None:
    with StandIn(version=version) as server, connected(server, tmp_path) as connection:
        server.pause("start")
        server.queue_foreign(2)
        server.wait_held()
        job = RecordingJob()
        runner = JobThread(lambda: connection.run(removal(), job, gone_s=GONE_S))
        job.wait_for("queued:2")
        job.cancel()
        assert isinstance(runner.end(), Cancelled)
        rows = server.queue.rows()
        assert len(rows["queue_running"]) + len(rows["queue_pending"]) == 2
        assert not server.calls("POST", "/interrupt")
        server.resume()
        server.wait_idle()
        assert len(server.queue.history) == 2
        assert kept(tmp_path) == []


@pytest.mark.parametrize("version", [OLD, LAB, NEW])
def test_a_running_job_is_interrupted_and_no_other(version: str, tmp_path: Path) -> None:
    with StandIn(version=version) as server, connected(server, tmp_path) as connection:
        job = RecordingJob()
        server.pause("KSampler", step=2)
        runner = JobThread(lambda: connection.run(painting(), job, gone_s=GONE_S))
        server.wait_held()
        [theirs] = server.queue_foreign()
        job.cancel()
        assert isinstance(runner.end(), Cancelled)
        server.wait_idle()
        assert server.queue.history[theirs]["status"]["status_str"] == "success"
        assert server.queue.history[prompts(server)[0]]["status"]["status_str"] == "error"
        assert "stopping" in job.notes
        assert all(seen.json.get("prompt_id") for seen in server.calls("POST", "/interrupt"))
        assert not any("clear" in seen.json for seen in server.calls("POST", "/queue"))
        assert kept(tmp_path) == []


def test_a_lost_interrupt_is_sent_again(tmp_path: Path) -> None:
    with StandIn(version=OLD) as server, connected(server, tmp_path) as connection:
        job = RecordingJob()
        server.faults.on_node("KSampler", lambda: server.wait_for("POST", "/interrupt", 2))
        server.pause("start")  # its flag is cleared after that
        runner = JobThread(lambda: connection.run(painting(), job, gone_s=GONE_S))
        server.wait_held()
        job.cancel()
        server.wait_for("POST", "/interrupt")
        server.resume()
        assert isinstance(runner.end(), Cancelled)
        assert kept(tmp_path) == []


@pytest.mark.parametrize(
    ("path", "method", "posts"), [("/upload/image", "POST", 0), ("/view", "GET", 1)]
)
def test_uploads_and_results_are_stopped_at_once(
    server: StandIn, path: str, method: str, posts: int, tmp_path: Path
) -> None:
    begun = threading.Event()

    async def begin(_request: web.Request, answer: Answer) -> web.StreamResponse:
        begun.set()
        return await slow(4.0)(_request, answer)

    server.faults.on(path, begin, method=method)
    with connected(server, tmp_path) as connection:
        job = RecordingJob()
        runner = JobThread(lambda: connection.run(removal(), job, gone_s=GONE_S))
        assert begun.wait(5)
        started_s = time.monotonic()
        job.cancel()
        assert isinstance(runner.end(), Cancelled)
        assert time.monotonic() - started_s < 2  # not when the server is done
    assert len(prompts(server)) == posts
    assert kept(tmp_path) == []


def test_a_node_that_does_not_listen_is_not_waited_for_for_ever(
    server: StandIn, tmp_path: Path
) -> None:
    job = RecordingJob()
    server.pause("LamaRemover")
    with connected(server, tmp_path, replace(QUICK, stop_s=0.3)) as connection:
        runner = JobThread(lambda: connection.run(removal(), job, gone_s=GONE_S))
        server.wait_held()
        job.cancel()
        assert isinstance(runner.end(), Cancelled)
        assert len(kept(tmp_path)) == 1
        server.resume()
        connection.stop_abandoned(lambda: None)
        assert kept(tmp_path) == []


def test_a_job_is_stopped_when_its_server_is_back(server: StandIn, tmp_path: Path) -> None:
    job = RecordingJob()
    server.pause("LamaRemover")
    with connected(server, tmp_path) as connection:
        runner = JobThread(lambda: connection.run(removal(), job, gone_s=GONE_S))
        server.wait_held()
        server.faults.on("/", dropped(), times=None)
        job.wait_for("server_gone")
        job.cancel()
        assert isinstance(runner.end(), Cancelled)
        assert len(kept(tmp_path)) == 1
        server.faults.clear()
        stopping = threading.Thread(target=lambda: connection.stop_abandoned(lambda: None))
        stopping.start()
        [cancelled] = server.wait_for("POST", f"/api/jobs/{prompts(server)[0]}/cancel")
        assert cancelled.status == 200
        server.resume()
        stopping.join()
    assert server.queue.history[prompts(server)[0]]["status"]["status_str"] == "error"
    assert kept(tmp_path) == []


def test_a_job_that_was_left_is_not_gone_on_with(server: StandIn, tmp_path: Path) -> None:
    job = RecordingJob()
    server.pause("LamaRemover")
    with connected(server, tmp_path, replace(QUICK, stop_s=0.3)) as connection:
        runner = JobThread(lambda: connection.run(removal(), job, gone_s=GONE_S))
        server.wait_held()
        job.cancel()
        assert isinstance(runner.end(), Cancelled)
        server.resume()
        assert isinstance(connection.run(removal(), RecordingJob(), gone_s=GONE_S), PlanOutputs)
    assert len(set(prompts(server))) == 2


def test_somebody_else_may_stop_it(server: StandIn, tmp_path: Path) -> None:
    server.pause("KSampler", step=1)
    with connected(server, tmp_path) as connection:
        runner = JobThread(lambda: connection.run(painting(), RecordingJob(), gone_s=GONE_S))
        server.wait_held()
        server.interrupt()
        assert isinstance(runner.end(), ServerStopped)
    assert kept(tmp_path) == []
