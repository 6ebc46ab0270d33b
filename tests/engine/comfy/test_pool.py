"""Several servers: who gets which job, and what becomes of it when one fails."""

import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from engine.comfy.errors import Lack, ServerAddress, ServerLacks, ServerUnreachable
from engine.comfy.jobs.connection import ConnectionState
from engine.comfy.jobs.slots import ServerSlots
from engine.comfy.prompt_plan import Plan, PlanOutputs
from engine.comfy.protocol.snapshot import ServerSnapshot
from engine.comfy.server.address import Server
from engine.errors import Cancelled, ServerMissing
from tests.engine.comfy.job_fixtures import (
    WAIT_S,
    JobThread,
    RecordingJob,
    painting,
    prompts,
    removal,
)
from tests.engine.comfy.pool_fixtures import PoolFixture, pool_of
from tests.engine.comfy.stand_in.server import StandIn


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[PoolFixture]:
    """Of two equal servers, not met yet."""
    with pool_of(tmp_path, StandIn(), StandIn()) as desk:
        yield desk


# who is asked


def test_a_server_is_met_when_it_is_needed(desk: PoolFixture) -> None:
    assert [each.state for each in desk.pool.healths()] == [ConnectionState.UNKNOWN] * 2
    assert desk.run(removal()).server in ("a", "b")
    assert desk.news.count > 0


def test_the_named_server_does_it(desk: PoolFixture) -> None:
    assert [desk.run(removal(seed), only="b").server for seed in range(2)] == ["b", "b"]
    assert not prompts(desk.named["a"])
    assert desk.pool.healths()[0].state is ConnectionState.UNKNOWN


def test_a_name_that_is_no_server_lacks_everything(desk: PoolFixture) -> None:
    with pytest.raises(ServerLacks) as caught:
        desk.run(removal(), only="c")
    assert caught.value.args == ("c", "remove", ())


def test_only_able_servers_are_asked(desk: PoolFixture) -> None:
    lack = (Lack("node", "LamaRemover"),)

    def able(snapshot: ServerSnapshot) -> tuple[Lack, ...]:
        return lack if snapshot.server == "a" else ()

    desk.meet()
    outputs = desk.pool.run(lambda _: removal(), able, RecordingJob(), need="remove")
    assert outputs.server == "b"


def test_when_none_is_able_the_best_says_what_it_lacks(desk: PoolFixture) -> None:
    lacks = {
        "a": (Lack("node", "X"), Lack("node", "Y")),
        "b": (Lack("checkpoints", "Z", "z.safetensors"),),
    }
    with pytest.raises(ServerLacks) as caught:
        desk.pool.run(lambda _: removal(), lambda s: lacks[s.server], RecordingJob(), need="find")
    assert caught.value.args == ("b", "find", lacks["b"])
    assert not prompts(desk.named["a"]) + prompts(desk.named["b"])


def test_what_a_plan_lacks_is_lacking(desk: PoolFixture) -> None:
    def make(snapshot: ServerSnapshot) -> Plan:
        raise ServerLacks(snapshot.server, "inpaint", (Lack("loras", "dog"),))

    with pytest.raises(ServerLacks) as caught:
        desk.pool.run(make, lambda _: (), RecordingJob(), need="inpaint", only="a")
    assert caught.value.args == ("a", "inpaint", (Lack("loras", "dog"),))


def test_when_all_are_down_it_says_so(desk: PoolFixture) -> None:
    for server in desk.named.values():
        server.kill()
    with pytest.raises(ServerUnreachable) as caught:
        desk.run(removal())
    assert caught.value.reason == "refused"
    assert [each.state for each in desk.pool.healths()] == [ConnectionState.DOWN] * 2


def test_a_server_that_was_able_and_is_down_is_the_trouble(desk: PoolFixture) -> None:
    desk.meet()
    desk.named["a"].kill()
    desk.pool.refresh("a")
    desk.news.wait_for(lambda: not desk.is_ready("a"))

    def able(snapshot: ServerSnapshot) -> tuple[Lack, ...]:
        return () if snapshot.server == "a" else (Lack("node", "X"),)

    with pytest.raises(ServerUnreachable) as caught:
        desk.pool.run(lambda _: removal(), able, RecordingJob(), need="remove")
    assert caught.value.server == "a"


def test_a_server_that_came_back_is_asked_again(desk: PoolFixture) -> None:
    server = desk.named["a"]
    server.kill()
    with pytest.raises(ServerUnreachable):
        desk.run(removal(), only="a")
    server.start()
    assert desk.run(removal(), only="a").server == "a"
    assert desk.is_ready("a")


def test_an_address_that_cannot_be_used_is_the_trouble_of_that_server(desk: PoolFixture) -> None:
    records = [Server(name="x", url="http://example.com"), desk.record("b")]
    desk.pool.set_servers(records)
    desk.pool.refresh()
    desk.news.wait_for(lambda: desk.pool.healths()[0].state is ConnectionState.DOWN)
    assert isinstance(desk.pool.healths()[0].error, ServerAddress)
    assert desk.run(removal()).server == "b"


# who gets it


def test_the_idle_server_gets_it(desk: PoolFixture) -> None:
    desk.meet()
    desk.named["a"].pause("start")
    first = desk.start(removal())
    desk.named["a"].wait_held()
    assert desk.run(removal(seed=1)).server == "b"
    desk.named["a"].resume()
    assert isinstance(first.end(), PlanOutputs)


def test_the_server_that_has_the_models_gets_it(desk: PoolFixture) -> None:
    desk.meet()
    assert desk.run(painting(), only="b").server == "b"
    assert [desk.run(painting(seed=seed)).server for seed in (1, 2)] == ["b", "b"]
    assert desk.run(removal()).server == "a"  # needs no model: the first of the list


def test_one_runs_one_waits_there_and_the_others_wait_here(tmp_path: Path) -> None:
    with pool_of(tmp_path, StandIn()) as desk:
        server = desk.named["a"]
        desk.meet()
        server.pause("start")
        jobs = [RecordingJob() for _ in range(4)]
        runners: list[JobThread] = []
        for index, job in enumerate(jobs):
            runners.append(desk.start(removal(seed=index), job))
            if index < 2:
                server.wait_for("POST", "/prompt", index + 1)
            else:
                job.wait_for(f"queued:{index}")
        rows = server.queue.rows()
        assert (len(rows["queue_running"]), len(rows["queue_pending"])) == (1, 1)
        server.resume()
        assert all(isinstance(runner.end(), PlanOutputs) for runner in runners)
        posted = [seen.json["prompt"]["image"] for seen in server.calls("POST", "/prompt")]
        expected = [removal(seed).graph["image"] for seed in range(4)]
        assert posted[:2] == expected[:2]
        assert len(posted) == 4
        assert all(each in posted for each in expected)


def test_who_can_go_elsewhere_does_not_wait_for_who_cannot() -> None:
    slots = ServerSlots()
    waits = threading.Event()

    def work() -> None:
        with slots.hold(lambda: ["a"], min, lambda _: waits.set(), 0.01):
            pass

    with place_of(slots), place_of(slots):
        thread = threading.Thread(target=work)
        thread.start()
        assert waits.wait(WAIT_S)
        with slots.hold(lambda: ["a", "b"], min, lambda _: None, 0.01) as name:
            assert name == "b"
    thread.join(WAIT_S)
    assert not thread.is_alive()


def place_of(slots: ServerSlots) -> AbstractContextManager[str]:
    return slots.hold(lambda: ["a"], min, lambda _: None, 0.01)


def test_the_first_that_waits_is_the_first_that_goes() -> None:
    slots, order = ServerSlots(), list[int]()
    places = [place_of(slots) for _ in range(2)]
    for each in places:
        each.__enter__()
    waits = [threading.Event() for _ in range(3)]
    goes = [threading.Event() for _ in range(3)]

    def work(index: int) -> None:
        with slots.hold(lambda: ["a"], min, lambda _: waits[index].set(), 0.01):
            order.append(index)
            assert goes[index].wait(WAIT_S)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(3)]
    for thread, waits_now in zip(threads, waits, strict=True):
        thread.start()
        assert waits_now.wait(WAIT_S)
    places[0].__exit__(None, None, None)
    for index in range(3):
        goes[index].set()
        threads[index].join(WAIT_S)
    places[1].__exit__(None, None, None)
    assert order == [0, 1, 2]


def test_no_server_is_no_place() -> None:
    with ServerSlots().hold(list, min, lambda _: None, 0.01) as name:
        assert name == ""


def test_a_job_that_waits_here_can_be_stopped(tmp_path: Path) -> None:
    with pool_of(tmp_path, StandIn()) as desk:
        server = desk.named["a"]
        server.pause("start")
        jobs = [RecordingJob() for _ in range(3)]
        runners = [desk.start(removal(seed=index), job) for index, job in enumerate(jobs)]
        server.wait_for("POST", "/prompt", 2)
        [waits] = [index for index, job in enumerate(jobs) if not is_on_its_way(job)]
        jobs[waits].cancel()
        assert isinstance(runners[waits].end(), Cancelled)
        server.resume()
        ends = [runner.end() for index, runner in enumerate(runners) if index != waits]
        assert all(isinstance(end, PlanOutputs) for end in ends)
        assert len(prompts(server)) == 2


def is_on_its_way(job: RecordingJob) -> bool:
    return any(not note.startswith("queued") for note in job.notes)


def test_a_crashed_job_goes_back_to_its_server(desk: PoolFixture) -> None:
    desk.meet()
    server = desk.named["b"]
    server.pause("LamaRemover")
    crashed = desk.start(removal(), Crashing(), only="b")
    server.wait_held()
    assert isinstance(crashed.end(), SystemExit)
    again = desk.start(removal())
    server.wait_for("GET", f"/api/jobs/{prompts(server)[0]}")
    server.resume()
    end = again.end()
    assert isinstance(end, PlanOutputs)
    assert end.server == "b"
    assert not prompts(desk.named["a"])


class Crashing(RecordingJob):
    """The program ends as soon as the job runs."""

    __slots__ = ()

    def report(self, fraction: float, note: str = "", preview: object = None) -> None:
        if note == "sampling":
            raise SystemExit


# the list


def test_servers_come_and_go(desk: PoolFixture) -> None:
    desk.meet()
    before = desk.pool.healths()
    desk.pool.set_servers([desk.record("b"), replace(desk.record("a"), is_on=False)])
    assert [each.server.name for each in desk.pool.healths()] == ["b"]
    assert desk.pool.healths()[0] is before[1]  # it is the same: it is not asked again
    desk.pool.set_servers([replace(desk.record("b"), name="c")])
    assert desk.pool.healths()[0].state is ConnectionState.UNKNOWN
    assert desk.run(removal()).server == "c"
    desk.pool.set_servers([])
    with pytest.raises(ServerMissing):
        desk.run(removal())


def test_a_job_on_a_server_that_is_taken_off_the_list_goes_on(desk: PoolFixture) -> None:
    desk.meet()
    server = desk.named["a"]
    server.pause("LamaRemover")
    runner = desk.start(removal(), only="a")
    server.wait_held()
    desk.pool.set_servers([desk.record("b")])
    server.resume()
    assert isinstance(runner.end(), PlanOutputs)


def test_a_job_that_waits_goes_to_a_server_that_comes(tmp_path: Path) -> None:
    with pool_of(tmp_path, StandIn(), StandIn()) as desk:
        desk.meet()
        desk.pool.set_servers([desk.record("a")])
        desk.named["a"].pause("start")
        runners = [desk.start(removal(seed)) for seed in range(3)]
        desk.named["a"].wait_for("POST", "/prompt", 2)
        desk.pool.set_servers([desk.record("a"), desk.record("b")])
        desk.pool.refresh("b")
        desk.named["b"].wait_for("POST", "/prompt")
        desk.named["a"].resume()
        assert all(isinstance(runner.end(), PlanOutputs) for runner in runners)
