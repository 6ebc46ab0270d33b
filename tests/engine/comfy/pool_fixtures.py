"""A pool of stand-in servers and its records."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from engine.comfy.jobs.connection import Connection, ConnectionState
from engine.comfy.jobs.pool import JobPool
from engine.comfy.prompt_plan import Plan, PlanOutputs
from engine.comfy.server.address import Server
from tests.engine.comfy.job_fixtures import QUICK, WAIT_S, JobThread, RecordingJob, connect
from tests.engine.comfy.stand_in.server import StandIn


class ChangeCounter:
    """Counts what a pool announces."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.count = 0

    def __call__(self) -> None:
        with self.changed:
            self.count += 1
            self.changed.notify_all()

    def wait_for(self, is_so: Callable[[], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(is_so, WAIT_S), "it was not announced"


class PoolFixture:
    """A pool of stand-ins, named a, b... in order, and the folder of its records."""

    def __init__(self, servers: list[StandIn], folder: Path) -> None:
        self.folder, self.news = folder, ChangeCounter()
        self.named = dict(zip("abc", servers, strict=False))
        self.pool = JobPool(self.connect, changed=self.news, timeouts=QUICK)
        self.pool.set_servers([self.record(name) for name in self.named])

    def connect(self, server: Server, changed: Callable[[], object]) -> Connection:
        return connect(server, self.folder, changed=changed)

    def record(self, name: str) -> Server:
        return Server(name=name, url=self.named[name].url)

    def run(self, plan: Plan, job: RecordingJob | None = None, only: str = "") -> PlanOutputs:
        return self.pool.run(
            lambda _: plan, lambda _: (), job or RecordingJob(), need="remove", only=only
        )

    def start(self, plan: Plan, job: RecordingJob | None = None, only: str = "") -> JobThread:
        return JobThread(lambda: self.run(plan, job, only))

    def is_ready(self, name: str) -> bool:
        states = {each.server.name: each.state for each in self.pool.healths()}
        return states[name] is ConnectionState.READY

    def meet(self) -> None:
        self.pool.refresh()
        self.news.wait_for(lambda: all(map(self.is_ready, self.named)))


@contextmanager
def pool_of(folder: Path, *servers: StandIn) -> Iterator[PoolFixture]:
    with ExitStack() as stack:
        desk = PoolFixture([stack.enter_context(each) for each in servers], folder)
        stack.callback(desk.pool.close)
        yield desk
