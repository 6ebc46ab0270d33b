"""The choice of engines, and that it is said; two queues at once, and their end."""

import threading
import time

import pytest
from pytestqt.qtbot import QtBot

from app.services.engines import Engines
from app.services.jobs import Job, JobQueue, Jobs, JobState
from app.text.engines import device_warning, sentence
from engine.dispatch.choice import BUILTIN, SERVER, EngineState, ServerOffer
from engine.errors import Cancelled, EngineMissing, ModelMissing
from engine.geometry import Image
from engine.jobs.backend import Backend, Capability, JobContext
from engine.jobs.fake import FakeBackend
from engine.jobs.requests import Hole, Priority
from engine.models.families import Family
from tests.app.support.stories import WAIT_MS
from tests.support.models_at_hand import FakeLibrary, device, installed

READY = EngineState(device=device())


class Deaf(FakeBackend):
    """Hears no cancel until its process is ended."""

    def __init__(self) -> None:
        self.has_begun, self.ended = threading.Event(), threading.Event()
        self.freed = 0

    def fill(self, hole: Hole, seed: int, job: JobContext) -> Image:
        self.has_begun.set()
        assert self.ended.wait(20)
        raise Cancelled

    def free_memory(self) -> None:
        self.freed += 1
        self.ended.set()


def run(backend: Backend, request: str, job: JobContext) -> str:
    if request == "fill":
        backend.fill(None, 0, job)  # type: ignore[arg-type]
    return f"{request} by {threading.current_thread().name}"


def test_queues_follow_models_and_wishes(qtbot: QtBot) -> None:
    library = FakeLibrary()
    engines = Engines(library, READY)
    assert engines.queue_for(Capability.REMOVE) is JobQueue.ENGINE
    assert engines.queue_for(Capability.FIND) is None
    assert isinstance(engines.trouble(Capability.FIND), ModelMissing)
    with qtbot.waitSignal(engines.changed, timeout=WAIT_MS):
        library.put(Family.LAMA, Family.SAM3)
    assert (
        engines.queue_for(Capability.REMOVE) is engines.queue_for(Capability.FIND) is JobQueue.LOCAL
    )
    with qtbot.waitSignal(engines.changed, timeout=WAIT_MS):
        engines.set_wanted({Capability.REMOVE: BUILTIN})
    assert engines.queue_for(Capability.REMOVE) is JobQueue.ENGINE


def test_what_the_engine_says_of_itself_is_kept(qtbot: QtBot) -> None:
    engines = Engines(FakeLibrary(Family.LAMA), EngineState())
    assert "processor" not in sentence(Capability.REMOVE, engines.choice(Capability.REMOVE))
    with qtbot.waitSignal(engines.changed, timeout=WAIT_MS):
        threading.Thread(target=engines.tell, args=[device("cpu", "cpu_torch")]).start()
    assert engines.device is not None
    assert "NVIDIA" in device_warning(engines.device)
    assert "processor" in sentence(Capability.REMOVE, engines.choice(Capability.REMOVE))


def test_missing_libraries_are_learnt_from_the_first_task(qtbot: QtBot) -> None:
    engines = Engines(FakeLibrary(Family.LAMA), READY)
    job = Job(1, "remove", JobQueue.LOCAL, None, Priority.EDIT, print, None, None, None)
    engines.hear(job)
    assert engines.queue_for(Capability.REMOVE) is JobQueue.LOCAL
    job.error = EngineMissing("broken", "no such symbol")
    engines.hear(job)
    assert engines.queue_for(Capability.REMOVE) is JobQueue.ENGINE
    assert "do not load" in sentence(Capability.REMOVE, engines.choice(Capability.REMOVE))


@pytest.mark.parametrize("family", [None, Family.LAMA])
def test_every_need_has_a_sentence(family: Family | None) -> None:
    library = FakeLibrary(*([family] if family else []))
    for state in (READY, EngineState(trouble="absent"), EngineState(trouble="broken")):
        engines = Engines(library, state)
        for need in Capability:
            assert sentence(need, engines.choice(need)).endswith(".")


def test_each_engine_has_a_thread_and_is_made_when_needed(qtbot: QtBot) -> None:
    made: list[JobQueue] = []

    def make(queue: JobQueue) -> Backend:
        made.append(queue)
        return FakeBackend()

    jobs = Jobs(
        run, {queue: lambda queue=queue: make(queue) for queue in (JobQueue.ENGINE, JobQueue.LOCAL)}
    )
    answers: list[str] = []
    jobs.ask("remove", "this", answers.append, queue=JobQueue.LOCAL)
    qtbot.waitUntil(lambda: bool(answers), timeout=WAIT_MS)
    assert made == [JobQueue.LOCAL]
    jobs.ask("remove", "that", answers.append, queue=JobQueue.ENGINE)
    qtbot.waitUntil(lambda: len(answers) == 2, timeout=WAIT_MS)
    assert answers == ["this by local", "that by engine"]
    jobs.close()


def test_closing_ends_a_process_that_does_not_listen(qtbot: QtBot) -> None:
    deaf = Deaf()
    jobs = Jobs(run, {JobQueue.ENGINE: FakeBackend, JobQueue.LOCAL: lambda: deaf})
    jobs.ask("remove", "fill", print, queue=JobQueue.LOCAL)
    assert deaf.has_begun.wait(20)
    began_s = time.monotonic()
    jobs.close()
    assert deaf.freed == 1
    assert time.monotonic() - began_s < 8  # the worker alone would wait for ten


def test_free_memory_cancels_and_frees(qtbot: QtBot) -> None:
    deaf = Deaf()
    jobs = Jobs(run, {JobQueue.ENGINE: FakeBackend, JobQueue.LOCAL: lambda: deaf})
    jobs.free_memory()  # nothing is there yet
    job = jobs.ask("remove", "fill", print, queue=JobQueue.LOCAL)
    assert deaf.has_begun.wait(20)
    assert jobs.is_busy_at(JobQueue.LOCAL)
    assert not jobs.is_busy_at(JobQueue.ENGINE)
    jobs.free_memory()
    qtbot.waitUntil(lambda: job.state is JobState.CANCELLED, timeout=WAIT_MS)
    jobs.close()


def test_models_at_hand_are_put_together_once(qtbot: QtBot) -> None:
    """A server may have thousands, and each letter of a prompt asks for them."""
    library = FakeLibrary(Family.SD15)
    engines = Engines(library, READY)
    engines.set_there(ServerOffer(stock=installed(Family.SDXL)))
    both = engines.at_hand(Capability.INPAINT)
    assert [each.family for each in both.models] == [Family.SD15, Family.SDXL]
    assert engines.at_hand(Capability.INPAINT) is both
    assert engines.at_hand_anywhere is both
    engines.set_wanted({Capability.INPAINT: SERVER})
    there = engines.at_hand(Capability.INPAINT)
    assert [each.family for each in there.models] == [Family.SDXL]
    engines.set_there(ServerOffer())
    assert engines.at_hand(Capability.INPAINT).models == ()
    library.put(Family.SD21)
    assert [each.family for each in engines.at_hand_anywhere.models] == [Family.SD21]
