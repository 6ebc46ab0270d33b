"""The queue: order, lanes, exactly one ending for each job, and what a job's errors become."""

import logging
import queue
import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from engine import errors
from engine.jobs.backend import JobContext
from engine.jobs.events import Event, Failed, Finished, JobCancelled, Progress, Started
from engine.jobs.requests import PrepareRequest, Priority, Request, Result
from engine.jobs.worker import Worker

ENDINGS = (Finished, Failed, JobCancelled)
WAIT_S = 10


class Bench:
    """A worker whose jobs are looked up by the request's key."""

    def __init__(self) -> None:
        self.events: queue.Queue[Event] = queue.Queue()
        self.seen: list[Event] = []
        self.jobs: dict[str, Callable[[JobContext], Result]] = {}
        self.order: list[str] = []
        self.worker = Worker(self._execute, self.events.put)

    def _execute(self, request: Request, job: JobContext) -> Result:
        assert isinstance(request, PrepareRequest)
        self.order.append(request.key)
        return self.jobs.get(request.key, lambda _: None)(job)

    def submit(
        self, key: str, priority: Priority = Priority.EDIT, replace: str | None = None
    ) -> int:
        request = PrepareRequest(image=np.zeros((1, 1, 3), np.uint8), key=key)
        return self.worker.submit(request, priority, replace)

    def until(self, job_id: int, *kinds: type[Event]) -> Event:
        while True:
            for event in self.seen:
                if event.job_id == job_id and isinstance(event, kinds):
                    return event
            self.seen.append(self.events.get(timeout=WAIT_S))

    def end(self, job_id: int) -> Event:
        return self.until(job_id, *ENDINGS)


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.worker.close()


def held(bench: Bench, key: str = "held") -> threading.Event:
    """A job that stands still until the returned event is set."""
    release = threading.Event()

    def wait(job: JobContext) -> None:
        release.wait(WAIT_S)
        job.report(0.5)

    bench.jobs[key] = wait
    return release


def test_clicks_come_before_edits_before_preparation(bench: Bench) -> None:
    release = held(bench)
    bench.until(bench.submit("held"), Started)
    last = bench.submit("prepare", Priority.PREPARE)
    bench.submit("edit 1", Priority.EDIT)
    bench.submit("click", Priority.CLICK)
    bench.submit("edit 2", Priority.EDIT)
    release.set()
    bench.end(last)
    assert bench.order == ["held", "click", "edit 1", "edit 2", "prepare"]


def test_a_newer_job_of_a_lane_replaces_queued_and_running_ones(bench: Bench) -> None:
    release = held(bench, "click 1")
    first = bench.submit("click 1", Priority.CLICK, "click")
    bench.until(first, Started)
    other = bench.submit("other", Priority.EDIT)
    second = bench.submit("click 2", Priority.CLICK, "click")
    third = bench.submit("click 3", Priority.CLICK, "click")
    assert isinstance(bench.end(second), JobCancelled)  # while the first still runs
    release.set()
    assert isinstance(bench.end(first), JobCancelled)
    assert isinstance(bench.end(third), Finished)
    assert isinstance(bench.end(other), Finished)
    assert bench.order == ["click 1", "click 3", "other"]


def test_cancel_reaches_the_next_report_and_later_cancels_do_nothing(bench: Bench) -> None:
    release = held(bench)
    job_id = bench.submit("held")
    bench.until(job_id, Started)
    bench.worker.cancel(job_id)
    release.set()
    assert isinstance(bench.end(job_id), JobCancelled)
    bench.worker.cancel(job_id)
    bench.end(bench.submit("after"))
    assert sum(event.job_id == job_id for event in bench.seen if isinstance(event, ENDINGS)) == 1


def test_progress_comes_at_most_twenty_times_a_second(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = 0.0
    monkeypatch.setattr("engine.jobs.worker.time.monotonic", lambda: now_s)

    def report_for_two_seconds(job: JobContext) -> None:
        nonlocal now_s
        for step in range(2000):
            now_s = step / 1000
            job.report(step / 2000, "fill")

    bench.jobs["busy"] = report_for_two_seconds
    job_id = bench.submit("busy")
    bench.end(job_id)
    reports = [event for event in bench.seen if isinstance(event, Progress)]
    assert 35 <= len(reports) <= 41
    assert reports[-1].note == "fill"
    assert [report.fraction for report in reports] == sorted(report.fraction for report in reports)


def test_expected_trouble_arrives_as_it_is_without_its_frames(bench: Bench) -> None:
    def fail(_: JobContext) -> None:
        try:
            raise KeyError("inner")
        except KeyError as error:
            raise errors.HoleTooLarge(0.97) from error

    bench.jobs["fails"] = fail
    event = bench.end(bench.submit("fails"))
    assert isinstance(event, Failed)
    assert isinstance(event.error, errors.HoleTooLarge)
    assert event.error.__traceback__ is event.error.__cause__ is event.error.__context__ is None


def test_a_bug_is_logged_once_and_the_worker_goes_on(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    bench.jobs["bug"] = lambda _: {}["missing"]  # type: ignore[return-value,index]
    with caplog.at_level(logging.ERROR):
        event = bench.end(bench.submit("bug"))
    assert isinstance(event, Failed)
    assert isinstance(event.error, errors.Bug)
    assert "KeyError" in event.error.summary
    assert "missing" in event.error.traceback
    assert [record.exc_info is not None for record in caplog.records] == [True]
    assert isinstance(bench.end(bench.submit("next")), Finished)


def test_no_memory_is_expected_trouble(bench: Bench) -> None:
    def exhaust(_: JobContext) -> None:
        raise MemoryError

    bench.jobs["big"] = exhaust
    event = bench.end(bench.submit("big"))
    assert isinstance(event, Failed)
    assert isinstance(event.error, errors.OutOfMemory)


def test_closing_cancels_everything_and_ends_the_thread(bench: Bench) -> None:
    release = held(bench)
    running = bench.submit("held")
    bench.until(running, Started)
    queued = bench.submit("queued")
    closer = threading.Thread(target=bench.worker.close)
    closer.start()
    assert isinstance(bench.end(queued), JobCancelled)
    release.set()
    closer.join(WAIT_S)
    assert isinstance(bench.end(running), JobCancelled)
    with pytest.raises(RuntimeError):
        bench.submit("late")


def test_every_job_ends_exactly_once_whatever_is_cancelled(bench: Bench) -> None:
    chance = np.random.default_rng(7)
    ids: list[int] = []
    for index in range(300):
        lane = "lane" if chance.random() < 0.3 else None
        ids.append(bench.submit(f"job {index}", Priority(int(chance.integers(3))), lane))
        if chance.random() < 0.4:
            bench.worker.cancel(int(chance.choice(ids)))
    bench.worker.close()
    while not bench.events.empty():
        bench.seen.append(bench.events.get())
    ended = [event.job_id for event in bench.seen if isinstance(event, ENDINGS)]
    assert sorted(ended) == ids
