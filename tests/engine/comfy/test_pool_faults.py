"""Several servers, of which one fails: every job ends, and none is done twice."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.comfy.errors import ServerDenied, ServerFailed, ServerRefused, ServerUnreachable
from engine.comfy.jobs.job_store import KeptJob, KeptJobs, RemoteState
from engine.comfy.prompt_plan import Plan, PlanOutputs
from engine.comfy.protocol.snapshot import CHECKPOINTS, ServerSnapshot
from engine.errors import Cancelled, ServerMissing
from tests.engine.comfy.job_fixtures import RecordingJob, kept, node, painting, prompts, removal
from tests.engine.comfy.pool_fixtures import PoolFixture, pool_of
from tests.engine.comfy.stand_in.build import MODELS
from tests.engine.comfy.stand_in.faults import ORDINARY, answered, denied, dropped, slow
from tests.engine.comfy.stand_in.server import StandIn

NEW_MODEL = "new.safetensors"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[PoolFixture]:
    """Of two equal servers, not met yet."""
    with pool_of(tmp_path, StandIn(), StandIn()) as desk:
        yield desk


def successes(server: StandIn) -> int:
    entries = server.queue.history.values()
    return sum(entry["status"]["status_str"] == "success" for entry in entries)


def test_a_job_moves_when_its_server_dies_and_is_not_done_twice(desk: PoolFixture) -> None:
    desk.meet()
    first = desk.named["a"]
    first.pause("LamaRemover")
    job = RecordingJob()
    runner = desk.start(removal(), job)
    first.wait_held()
    job.wait_for("sampling")
    first.faults.on("/", dropped(), times=None)  # it lives, and nobody can see it
    end = runner.end()
    assert isinstance(end, PlanOutputs)
    assert end.server == "b"
    assert job.fractions == sorted(job.fractions)
    assert not desk.is_ready("a")
    [record] = kept(desk.folder)
    first.faults.clear()
    desk.pool.refresh("a")
    first.wait_for("POST", f"/api/jobs/{prompts(first)[0]}/cancel")
    first.resume()
    first.wait_idle()
    desk.news.wait_for(lambda: desk.is_ready("a"))
    assert (successes(first), successes(desk.named["b"])) == (0, 1)
    assert desk.run(removal(seed=1), only="a").server == "a"
    wait_until_gone(record)


def test_a_job_that_is_stopped_while_it_moves_is_stopped_everywhere(desk: PoolFixture) -> None:
    desk.meet()
    for server in desk.named.values():
        server.pause("start")
    fillers = [desk.start(removal(seed), only="b") for seed in (1, 2)]
    desk.named["b"].wait_for("POST", "/prompt", 2)
    job = RecordingJob()
    runner = desk.start(removal(), job)
    desk.named["a"].wait_held()
    desk.named["a"].kill()
    job.wait_for("server_gone")
    job.wait_for("queued:2")
    job.cancel()
    assert isinstance(runner.end(), Cancelled)
    assert [record.state for record in records(desk)] == [RemoteState.CANCELLED]
    desk.named["b"].resume()
    assert all(isinstance(filler.end(), PlanOutputs) for filler in fillers)


def records(desk: PoolFixture) -> tuple[KeptJob, ...]:
    return KeptJobs(desk.folder).left(desk.named["a"].url)


def wait_until_gone(path: Path) -> None:
    pause = threading.Event()
    for _ in range(200):
        if not path.exists():
            return
        pause.wait(0.02)
    raise TimeoutError("the record stays")


def test_all_jobs_end_when_one_of_two_servers_dies(desk: PoolFixture) -> None:
    desk.meet()
    desk.named["a"].faults.on_node("LamaRemover", desk.named["a"].die)
    runners = [desk.start(removal(seed)) for seed in range(6)]
    ends = [runner.end() for runner in runners]
    assert all(isinstance(end, PlanOutputs) for end in ends), ends
    assert {end.server for end in ends if isinstance(end, PlanOutputs)} <= {"a", "b"}
    masks = [seen.json["prompt"]["mask"] for seen in desk.named["b"].calls("POST", "/prompt")]
    assert len(masks) == len({str(mask) for mask in masks})
    assert successes(desk.named["b"]) == len(masks)


def test_a_server_is_tried_twice(tmp_path: Path) -> None:
    with pool_of(tmp_path, StandIn()) as desk:
        desk.meet()
        desk.named["a"].faults.on("/upload/image", dropped(), times=2)
        assert desk.run(removal()).server == "a"
        assert desk.is_ready("a")
        desk.named["a"].faults.on("/upload/image", dropped(), times=None)
        with pytest.raises(ServerUnreachable):
            desk.run(removal(seed=1))
        assert not desk.is_ready("a")


def test_a_server_that_does_not_let_us_in_is_passed_by(desk: PoolFixture) -> None:
    desk.meet()
    desk.named["a"].faults.on("/upload/image", denied(), times=None)
    assert desk.run(removal()).server == "b"
    assert isinstance(desk.pool.healths()[0].error, ServerDenied)


def test_a_job_that_fails_is_not_tried_elsewhere(desk: PoolFixture) -> None:
    desk.meet()
    desk.named["a"].faults.on_node("LamaRemover", ORDINARY)
    with pytest.raises(ServerFailed) as caught:
        desk.run(removal())
    assert caught.value.server == "a"
    assert not prompts(desk.named["b"])


def test_when_the_lists_have_changed_they_are_asked_for_again(tmp_path: Path) -> None:
    models = {**MODELS, CHECKPOINTS: dict(MODELS[CHECKPOINTS])}
    seen: list[tuple[str, ...]] = []

    def make(snapshot: ServerSnapshot) -> Plan:
        seen.append(snapshot.folder(CHECKPOINTS))
        plan = painting()
        loader = node("CheckpointLoaderSimple", ckpt_name=snapshot.folder(CHECKPOINTS)[0])
        return replace(plan, graph={**plan.graph, "model": loader})

    with pool_of(tmp_path, StandIn(models=models)) as desk:
        desk.meet()
        first = sorted(models[CHECKPOINTS])[0]
        models[CHECKPOINTS] = {NEW_MODEL: None}  # was replaced meanwhile
        outputs = desk.pool.run(make, lambda _: (), RecordingJob(), need="inpaint")
        assert outputs.server == "a"
        assert [files[0] for files in seen] == [first, NEW_MODEL]


def test_lists_are_asked_for_again_only_once(tmp_path: Path) -> None:
    plan = painting()
    loader = node("CheckpointLoaderSimple", ckpt_name="no.safetensors")
    with pool_of(tmp_path, StandIn()) as desk:
        with pytest.raises(ServerRefused):
            desk.run(replace(plan, graph={**plan.graph, "model": loader}))
        assert len(prompts(desk.named["a"])) == 2


def test_who_has_the_work_already_is_waited_for(tmp_path: Path) -> None:
    """After the program was ended: another server answers first, and must not do it again."""
    first, second = StandIn(), StandIn()
    with pool_of(tmp_path, first, second) as desk:
        desk.meet()
        second.pause("KSampler", step=1)
        job = RecordingJob()
        runner = desk.start(painting(), job, only="b")
        second.wait_held()
        desk.pool.detach()
        job.cancel()
        assert isinstance(runner.end(), Cancelled)
        again = PoolFixture([first, second], tmp_path)
        second.faults.on("/system_stats", slow(0.3))
        runner = again.start(painting())
        second.resume()
        outputs = runner.end()
        assert isinstance(outputs, PlanOutputs)
        assert outputs.server == "b"
        assert (prompts(first), len(prompts(second)), kept(tmp_path)) == ([], 1, [])
        again.pool.close()


def test_a_second_try_is_left_to_the_server_as_well(tmp_path: Path) -> None:
    """That the first one failed there is no reason to stop it when the program ends."""
    server = StandIn()
    with pool_of(tmp_path, server) as desk:
        desk.meet()
        server.faults.on("/upload/image", answered(500), times=1)
        server.pause("KSampler", step=1)
        job = RecordingJob()
        plan = replace(painting(), uploads=removal().uploads)
        runner = desk.start(plan, job)
        server.wait_held()
        desk.pool.detach()
        job.cancel()
        assert isinstance(runner.end(), Cancelled)
        server.resume()
        server.wait_idle()
        again = PoolFixture([server], tmp_path)
        again.meet()
        again.pool.stop_abandoned(lambda: None)
        assert isinstance(again.run(plan), PlanOutputs)
        assert len(prompts(server)) == 1
        again.pool.close()


def test_one_that_has_the_work_and_is_away_is_not_waited_for(tmp_path: Path) -> None:
    first, second = StandIn(), StandIn()
    with pool_of(tmp_path, first, second) as desk:
        desk.meet()
        second.pause("KSampler", step=1)
        job = RecordingJob()
        runner = desk.start(painting(), job, only="b")
        second.wait_held()
        desk.pool.detach()
        job.cancel()
        assert isinstance(runner.end(), Cancelled)
        second.resume()
        second.kill()
        again = PoolFixture([first, second], tmp_path)
        outputs = again.run(painting())
        assert outputs.server == "a"
        again.pool.close()


def test_a_job_that_waits_is_told_when_all_servers_are_gone(tmp_path: Path) -> None:
    with pool_of(tmp_path, StandIn()) as desk:
        desk.meet()
        server = desk.named["a"]
        server.pause("KSampler", step=1)
        running = [desk.start(painting(seed=seed)) for seed in range(2)]
        server.wait_held()
        job = RecordingJob()
        waiting = desk.start(painting(seed=5), job)
        job.wait_for("queued:2")
        desk.pool.set_servers([])
        assert isinstance(waiting.end(), ServerMissing)
        server.resume()
        assert all(isinstance(each.end(), PlanOutputs) for each in running)


def test_what_somebody_else_was_told_is_not_asked_again(desk: PoolFixture) -> None:
    server = desk.named["a"]
    connection = desk.connect(desk.record("a"), lambda: None)
    desk.pool.meet(connection.probe(lambda: None))
    connection.close()
    assert desk.run(removal()).server == "a"
    assert len(server.calls("GET", "/object_info")) == 1
