"""The life of a job on a server."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from aiohttp import web

from engine.comfy.errors import ServerBroken, ServerFailed, ServerLost, ServerUnreachable
from engine.comfy.jobs.job_store import KeptJobs
from engine.comfy.prompt_plan import PlanOutputs
from engine.comfy.server.address import Server
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
from tests.engine.comfy.stand_in.faults import (
    ORDINARY,
    Answer,
    denied,
    dropped,
    lost_answer,
    replaced,
)
from tests.engine.comfy.stand_in.server import StandIn

OLD, LAB, NEW = "0.3.64", "0.11.1", "0.33.0"
GONE_S = 5.0


@pytest.fixture
def server() -> Iterator[StandIn]:
    with StandIn() as server:
        yield server


def pixels(outputs: object) -> np.ndarray:
    assert isinstance(outputs, PlanOutputs), outputs
    [content] = outputs.of["out"].images
    return cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)


class Crashed(BaseException):
    """The program ended, as far as the server is concerned."""


class Crashing(RecordingJob):
    """A job whose program ends when it is told to."""

    __slots__ = ()

    def report(self, fraction: float, note: str = "", preview: np.ndarray | None = None) -> None:
        try:
            super().report(fraction, note, preview)
        except Cancelled:
            raise Crashed from None


def crash(server: StandIn, folder: Path) -> None:
    """A removal was posted, and runs, when the program ends."""
    server.pause("LamaRemover")
    with connected(server, folder) as connection:
        job = Crashing()
        runner = JobThread(lambda: connection.run(removal(), job, gone_s=GONE_S))
        server.wait_held()
        job.cancel()
        assert isinstance(runner.end(), Crashed)


@pytest.mark.parametrize("version", [OLD, LAB, NEW])
def test_a_job_from_upload_to_results(version: str, tmp_path: Path) -> None:
    with StandIn(version=version) as server, connected(server, tmp_path) as connection:
        job = RecordingJob()
        server.pause("LamaRemover")
        runner = JobThread(lambda: connection.run(removal(), job, gone_s=GONE_S))
        server.wait_held()
        assert len(kept(tmp_path)) == 1
        job.wait_for("sampling")
        server.resume()
        outputs = runner.end()
        assert pixels(outputs).shape == (24, 32, 3)
        assert isinstance(outputs, PlanOutputs)
        assert (outputs.server, outputs.device) == ("lab", "cuda")
        assert job.notes[0] == "upload"
        assert job.notes[-1] == "fetching"
        assert job.fractions == sorted(job.fractions)
        assert kept(tmp_path) == []
        assert len(prompts(server)) == 1


def test_the_record_is_there_before_the_prompt_is(server: StandIn, tmp_path: Path) -> None:
    records: list[int] = []

    async def look(_request: web.Request, answer: Answer) -> web.StreamResponse:
        records.append(len(kept(tmp_path)))
        return await answer()

    server.faults.on("/prompt", look, method="POST")
    with connected(server, tmp_path) as connection:
        connection.run(removal(), RecordingJob(), gone_s=GONE_S)
    assert records == [1]


def test_a_record_holds_no_secret(tmp_path: Path) -> None:
    from engine.comfy.jobs.connection import Connection
    from engine.comfy.server.transport import Transport

    def open_transport(server: Server) -> Transport:
        return Transport(server, lambda: {"Authorization": "Bearer hush-hush"})

    with StandIn(token="hush-hush") as server:
        server.pause("LamaRemover")
        connection = Connection(
            Server(name="lab", url=server.url),
            open_transport,
            KeptJobs(tmp_path),
            changed=lambda: None,
            timeouts=QUICK,
        )
        connection.probe(lambda: None)
        runner = JobThread(lambda: connection.run(removal(), RecordingJob(), gone_s=GONE_S))
        server.wait_held()
        [path] = kept(tmp_path)
        assert b"hush" not in path.read_bytes()
        server.resume()
        assert isinstance(runner.end(), PlanOutputs)
        connection.close()


def test_previews_of_steps_are_shown(server: StandIn, tmp_path: Path) -> None:
    job = RecordingJob()
    server.pause("KSampler", step=2)
    with connected(server, tmp_path) as connection:
        runner = JobThread(lambda: connection.run(painting(), job, gone_s=GONE_S))
        with job.changed:
            assert job.changed.wait_for(lambda: len(job.previews) > 0, 5)
        server.resume()
        assert isinstance(runner.end(), PlanOutputs)
    assert all(each.ndim == 3 and each.dtype == np.uint8 for each in job.previews)
    assert "loading" in job.notes or "sampling" in job.notes


@pytest.mark.parametrize("version", [OLD, LAB])
def test_the_place_in_the_queue_is_told(version: str, tmp_path: Path) -> None:
    job = RecordingJob()
    with StandIn(version=version) as server, connected(server, tmp_path) as connection:
        server.pause("start")
        server.queue_foreign(3)
        server.wait_held()
        runner = JobThread(lambda: connection.run(removal(), job, gone_s=GONE_S))
        job.wait_for("queued:3")
        server.resume()
        assert isinstance(runner.end(), PlanOutputs)


# without a socket


@pytest.mark.parametrize("version", [OLD, LAB])
def test_without_a_socket_the_server_is_asked(version: str, tmp_path: Path) -> None:
    job = RecordingJob()
    with StandIn(version=version) as server, connected(server, tmp_path) as connection:
        server.faults.on("/ws", denied(404), times=None)
        server.pause("LamaRemover")
        runner = JobThread(lambda: connection.run(removal(), job, gone_s=GONE_S))
        job.wait_for("polling")
        server.resume()
        assert pixels(runner.end()).shape == (24, 32, 3)


@pytest.mark.parametrize("cut", [StandIn.deafen, lambda server: server.restart(empty_queue=False)])
def test_a_socket_that_hears_no_more_is_no_loss(
    server: StandIn, cut: Callable[[StandIn], object], tmp_path: Path
) -> None:
    server.pause("LamaRemover")
    with connected(server, tmp_path) as connection:
        runner = JobThread(lambda: connection.run(removal(), RecordingJob(), gone_s=GONE_S))
        server.wait_held()
        cut(server)
        server.resume()
        assert pixels(runner.end()).shape == (24, 32, 3)
    assert len(prompts(server)) == 1


def test_history_may_come_late(server: StandIn, tmp_path: Path) -> None:
    server.faults.on("/ws", denied(), times=None)
    server.faults.late_history_s = 0.3
    with connected(server, tmp_path) as connection:
        assert pixels(connection.run(removal(), RecordingJob(), gone_s=GONE_S)).shape == (24, 32, 3)
    assert len(prompts(server)) == 1


# sent again, and not


@pytest.mark.parametrize(("action", "posts"), [(lost_answer(), 1), (dropped(), 2)])
def test_a_prompt_whose_answer_was_lost_is_looked_for(
    server: StandIn, action: object, posts: int, tmp_path: Path
) -> None:
    server.faults.on("/prompt", action, method="POST")
    with connected(server, tmp_path) as connection:
        assert isinstance(connection.run(removal(), RecordingJob(), gone_s=GONE_S), PlanOutputs)
    assert len(server.calls("POST", "/prompt")) == posts
    assert len(server.queue.history) == 1


def test_what_the_server_lost_is_sent_again(server: StandIn, tmp_path: Path) -> None:
    job = RecordingJob()
    server.faults.on_node("LamaRemover", server.restart_soon)
    with connected(server, tmp_path) as connection:
        outputs = connection.run(removal(), job, gone_s=GONE_S)
    assert pixels(outputs).shape == (24, 32, 3)
    assert len(set(prompts(server))) == 2
    assert len(server.calls("POST", "/upload/image")) == 2  # they are still there
    assert job.fractions == sorted(job.fractions)
    assert kept(tmp_path) == []


def test_what_is_lost_again_and_again_is_lost(server: StandIn, tmp_path: Path) -> None:
    server.pause("start")
    server.queue_foreign()
    server.wait_held()
    with connected(server, tmp_path) as connection:
        runner = JobThread(lambda: connection.run(removal(), RecordingJob(), gone_s=GONE_S))
        for times in (1, 2, 3):
            server.queue.delete([server.wait_for("POST", "/prompt", times)[-1].json["prompt_id"]])
        assert isinstance(runner.end(), ServerLost)
    assert len(prompts(server)) == 3
    assert kept(tmp_path) == []


def test_what_failed_is_not_sent_again(server: StandIn, tmp_path: Path) -> None:
    server.faults.on_node("LamaRemover", ORDINARY)
    with connected(server, tmp_path) as connection, pytest.raises(ServerFailed):
        connection.run(removal(), RecordingJob(), gone_s=GONE_S)
    assert len(prompts(server)) == 1
    assert kept(tmp_path) == []


def test_a_server_that_does_not_come_back(server: StandIn, tmp_path: Path) -> None:
    job = RecordingJob()
    server.pause("LamaRemover")
    with connected(server, tmp_path) as connection:
        runner = JobThread(lambda: connection.run(removal(), job, gone_s=0.2))
        server.wait_held()
        server.kill()
        error = runner.end()
        assert isinstance(error, ServerUnreachable)
        assert "server_gone" in job.notes
        assert len(kept(tmp_path)) == 1
        server.start()
        assert isinstance(connection.run(removal(), RecordingJob(), gone_s=GONE_S), PlanOutputs)
    assert kept(tmp_path) == []


# found again


def test_a_job_goes_on_after_a_crash(server: StandIn, tmp_path: Path) -> None:
    crash(server, tmp_path)
    with connected(server, tmp_path) as connection:
        runner = JobThread(lambda: connection.run(removal(), RecordingJob(), gone_s=GONE_S))
        server.resume()
        assert pixels(runner.end()).shape == (24, 32, 3)
    assert len(prompts(server)) == 1
    assert kept(tmp_path) == []


@pytest.mark.parametrize("version", [OLD, NEW])
def test_results_are_fetched_after_a_crash(version: str, tmp_path: Path) -> None:
    with StandIn(version=version) as server:
        crash(server, tmp_path)
        server.resume()
        server.wait_idle()
        with connected(server, tmp_path) as connection:
            connection.run(removal(), RecordingJob(), gone_s=GONE_S)
        assert len(prompts(server)) == 1


def test_a_job_is_sent_anew_when_both_were_restarted(server: StandIn, tmp_path: Path) -> None:
    crash(server, tmp_path)
    server.restart()
    with connected(server, tmp_path) as connection:
        connection.run(removal(), RecordingJob(), gone_s=GONE_S)
    assert len(set(prompts(server))) == 2


def test_two_same_jobs_do_not_stop_each_other(server: StandIn, tmp_path: Path) -> None:
    server.pause("LamaRemover")
    with connected(server, tmp_path) as connection:
        jobs = [RecordingJob(), RecordingJob()]
        runners = [
            JobThread(lambda job=job: connection.run(removal(), job, gone_s=GONE_S)) for job in jobs
        ]
        server.wait_for("POST", "/prompt", 2)
        jobs[0].cancel()
        server.resume()
        assert isinstance(runners[0].end(), Cancelled)
        assert isinstance(runners[1].end(), PlanOutputs)


# results


def test_results_that_are_gone_are_made_again(server: StandIn, tmp_path: Path) -> None:
    with connected(server, tmp_path) as connection:
        first = pixels(connection.run(removal(), RecordingJob(), gone_s=GONE_S))
        server.wipe_temp()
        again = pixels(connection.run(removal(), RecordingJob(), gone_s=GONE_S))
    assert np.array_equal(first, again)
    assert len(prompts(server)) == 3


def test_results_that_are_gone_again_are_an_error(server: StandIn, tmp_path: Path) -> None:
    async def gone(_request: web.Request, _answer: Answer) -> web.StreamResponse:
        return web.Response(status=404)

    server.faults.on("/view", gone, times=None, method="GET")
    with connected(server, tmp_path) as connection, pytest.raises(ServerBroken) as caught:
        connection.run(removal(), RecordingJob(), gone_s=GONE_S)
    assert caught.value.reason == "gone"
    assert len(prompts(server)) == 2
    assert kept(tmp_path) == []


def test_no_result_is_an_error(server: StandIn, tmp_path: Path) -> None:
    plan = replace(removal(), wanted=("lama",))
    with connected(server, tmp_path) as connection, pytest.raises(ServerBroken) as caught:
        connection.run(plan, RecordingJob(), gone_s=GONE_S)
    assert (caught.value.reason, caught.value.detail) == ("empty", "lama")


def test_the_names_that_the_server_gives_are_used(server: StandIn, tmp_path: Path) -> None:
    plan = removal()
    name = plan.uploads[0].name.removeprefix("lacuna/")
    other = server.folders["input"] / "elsewhere.png"
    other.write_bytes(plan.uploads[0].content)
    answer = b'{"name": "elsewhere.png", "subfolder": "", "type": "input"}'
    server.faults.on("/upload/image", replaced(answer, "application/json"))
    with connected(server, tmp_path) as connection:
        assert isinstance(connection.run(plan, RecordingJob(), gone_s=GONE_S), PlanOutputs)
    graph = server.calls("POST", "/prompt")[0].json["prompt"]
    assert graph["image"]["inputs"]["image"] == "elsewhere.png"
    assert not (server.folders["input"] / "lacuna" / name).exists()
