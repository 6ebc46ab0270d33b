"""The engine's process: what it answers, how it is stopped, and that its death costs one job."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import BackendStopped, Bug, Cancelled, EngineMissing, OutOfMemory
from engine.local.process import child, shared_memory
from engine.local.process.client import (
    ProcessClient,
)
from engine.local.process.shared_memory import Blocks

FAKE = ("--executor", "tests.support.fake_stage:Stage")
SHM = Path("/dev/shm")


class Listener:
    """A job context that remembers, and cancels when told."""

    def __init__(self, on_note: Callable[[str], None] = lambda _: None) -> None:
        self.notes: list[str] = []
        self.previews: list[Any] = []
        self.cancelled = threading.Event()
        self._on_note = on_note

    def report(self, fraction: float, note: str = "", preview: Any = None) -> None:
        if self.cancelled.is_set():
            raise Cancelled
        if preview is not None:
            self.previews.append(preview)
        if note and note not in self.notes:
            self.notes.append(note)
            self._on_note(note)


def leftovers() -> set[str]:
    """Of this test run: a Lacuna that works beside it has blocks of its own."""
    names = {path.name for path in SHM.glob("lacuna-*")} if SHM.is_dir() else set()
    return {name for name in names if not is_of_another_program(name)}


def is_of_another_program(name: str) -> bool:
    """Its owner lives, and is not ours: ours have ended when this is asked."""
    owner = name.split("-")[1].split("w")[0]  # a window's number, or of its process: 12w34
    return owner.isdigit() and int(owner) != os.getpid() and Path(f"/proc/{owner}").exists()


@pytest.fixture
def link() -> Iterator[ProcessClient]:
    before = leftovers()
    threads = set(threading.enumerate())
    ours = ProcessClient(arguments=FAKE, grace_s=0.5)
    yield ours
    ours.close()
    assert leftovers() <= before
    assert set(threading.enumerate()) <= threads


def ask(link: ProcessClient, *operation: Any, job: Listener | None = None) -> Any:
    return link(operation, job or Listener())  # type: ignore[arg-type]


def test_arrays_go_both_ways_unchanged(link: ProcessClient) -> None:
    image = np.random.default_rng(1).integers(0, 256, (1024, 1000, 3)).astype(np.uint8)
    floats = np.linspace(0, 1, 7, dtype=np.float32)
    back, small = ask(link, "echo", image, floats)
    assert np.array_equal(back, image)
    assert np.array_equal(small, floats)
    back[0, 0] = 1  # a copy, and ours


def test_it_starts_once_and_says_what_it_does(link: ProcessClient) -> None:
    listener = Listener()
    assert not link.is_running
    first = ask(link, "pid", job=listener)
    assert listener.notes[:2] == ["start", "import"]
    assert ask(link, "pid") == first
    assert link.device is not None
    assert link.device.name == "fake"


def test_what_is_not_ours_is_not_let_into_the_window(
    link: ProcessClient, caplog: pytest.LogCaptureFixture
) -> None:
    """One name of torch's in an answer, and the window would import all of it."""
    with pytest.raises(BackendStopped):
        ask(link, "foreign")
    assert "fractions.Fraction" in caplog.text
    assert ask(link, "chatter") == 1


def test_progress_and_previews_arrive(link: ProcessClient) -> None:
    listener = Listener()
    assert ask(link, "steps", 6, 0.06, job=listener) == 6
    assert "sample" in listener.notes
    assert listener.previews[-1].shape == (8, 8, 3)


def test_what_libraries_print_disturbs_nothing(link: ProcessClient) -> None:
    assert ask(link, "chatter") == 1
    assert ask(link, "chatter") == 1


def test_errors_arrive_as_what_they_are(link: ProcessClient) -> None:
    with pytest.raises(OutOfMemory) as caught:
        ask(link, "fail", "memory")
    assert caught.value.needed_mb == 900
    with pytest.raises(Bug):
        ask(link, "fail", "bug")
    assert ask(link, "chatter") == 1  # it lives on


def test_a_cooperative_job_is_cancelled_and_the_process_lives(link: ProcessClient) -> None:
    pid = ask(link, "pid")
    listener = Listener()
    listener._on_note = lambda note: listener.cancelled.set() if note == "sample" else None
    started = time.monotonic()
    with pytest.raises(Cancelled):
        ask(link, "steps", 1000, 0.05, job=listener)
    assert time.monotonic() - started < 5
    assert ask(link, "pid") == pid


def test_a_stuck_job_is_cancelled_by_ending_the_process(link: ProcessClient) -> None:
    pid = ask(link, "pid")
    listener = Listener()
    listener._on_note = lambda note: listener.cancelled.set() if note == "stuck" else None
    with pytest.raises(Cancelled):
        ask(link, "stuck", 60, job=listener)
    assert ask(link, "pid") != pid


def killed_at(link: ProcessClient, note: str, *operation: Any) -> float:
    """Kill -9 when the job says `note`; seconds until the caller knew."""
    killed: list[float] = []

    def on_note(said: str) -> None:
        if said == note:
            time.sleep(0.05)
            killed.append(time.monotonic())
            os.kill(link.pid, signal.SIGKILL)

    with pytest.raises(BackendStopped) as caught:
        ask(link, *operation, job=Listener(on_note))
    assert caught.value.reason == "killed"
    return time.monotonic() - killed[0]


@pytest.mark.skipif(os.name == "nt", reason="there is no kill -9")
@pytest.mark.parametrize(
    ("note", "operation"),
    [
        ("start", ("pid",)),
        ("import", ("pid",)),
        ("load", ("stuck", 60, "load")),
        ("encode", ("stuck", 60, "encode")),
        ("sample", ("steps", 1000, 0.05)),
        ("stuck", ("stuck", 60)),
        ("hand over", ("hand_over", 300)),
    ],
)
def test_a_killed_process_fails_its_job_and_the_next_works(
    note: str, operation: tuple[Any, ...], link: ProcessClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    if note == "import":
        monkeypatch.setenv("FAKE_IMPORT_S", "30")
    if note == "start":
        ask(link, "pid")
        os.kill(link.pid, signal.SIGKILL)  # between two jobs: the next one starts anew
        time.sleep(0.3)
    else:
        assert killed_at(link, note, *operation) < 2
    monkeypatch.delenv("FAKE_IMPORT_S", raising=False)
    assert ask(link, "chatter") == 1


@pytest.mark.skipif(os.name == "nt", reason="there is no kill -9")
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_a_process_that_is_killed_while_a_request_is_sent_is_noticed(
    share: float, link: ProcessClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two megabytes, by the pipe: before, amid and after all of them are written."""
    ask(link, "pid")
    monkeypatch.setattr(shared_memory, "SMALL", 1 << 40)

    def write(stream: Any, frame: shared_memory.Frame) -> None:
        written = io.BytesIO()
        as_ever(written, frame)
        until = int(share * len(written.getvalue()))
        stream.write(written.getvalue()[:until])
        stream.flush()
        os.kill(link.pid, signal.SIGKILL)
        stream.write(written.getvalue()[until:])
        stream.flush()

    as_ever = shared_memory.write_frame
    with monkeypatch.context() as patched:
        patched.setattr(shared_memory, "write_frame", write)
        with pytest.raises(BackendStopped) as caught:
            ask(link, "stuck", 60, "load", np.zeros(2 << 20, np.uint8))
    assert caught.value.reason == "killed"
    assert ask(link, "chatter") == 1


def test_a_running_job_fails_when_memory_is_freed(link: ProcessClient) -> None:
    timer = threading.Timer(1.0, link.free)
    timer.start()
    with pytest.raises(BackendStopped) as caught:
        ask(link, "stuck", 60)
    timer.join()
    assert caught.value.reason == "freed"
    assert not link.is_running
    assert ask(link, "chatter") == 1


@pytest.mark.skipif(os.name == "nt", reason="there are no signals")
@pytest.mark.parametrize(
    ("verb", "reason"), [("crash", "Segmentation fault"), ("leave", "the driver says goodbye")]
)
def test_what_is_known_of_a_crash_is_said(verb: str, reason: str, link: ProcessClient) -> None:
    with pytest.raises(BackendStopped) as caught:
        ask(link, verb)
    assert caught.value.reason == reason


@pytest.mark.skipif(os.name == "nt", reason="there are no signals")
def test_an_interrupt_in_the_terminal_is_for_the_window(link: ProcessClient) -> None:
    pid = ask(link, "pid")
    os.kill(pid, signal.SIGINT)
    assert ask(link, "pid") == pid


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says so")
def test_without_memory_the_process_goes_before_the_window(link: ProcessClient) -> None:
    pid = ask(link, "pid")
    assert int(Path(f"/proc/{pid}/oom_score_adj").read_text()) >= 500


@pytest.mark.skipif(not hasattr(os, "nice"), reason="no nice")
def test_a_processor_that_computes_lets_the_window_go_first(link: ProcessClient) -> None:
    pid = ask(link, "pid")
    wanted = min(os.getpriority(os.PRIO_PROCESS, 0) + 10, 19)  # no process can be nicer
    assert os.getpriority(os.PRIO_PROCESS, pid) >= wanted


def test_where_shared_memory_is_small_pixels_go_by_pipe(
    link: ProcessClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_memory, "_has_room", lambda size: False)
    image = np.random.default_rng(1).integers(0, 256, (700, 700, 3)).astype(np.uint8)
    frame = Blocks("test").pack(image)
    assert frame.block == ""
    assert np.array_equal(ask(link, "echo", image)[0], image)


def test_a_process_that_is_deaf_is_ended(link: ProcessClient) -> None:
    ours = ProcessClient(arguments=FAKE, deaf_s=1.5)
    ask(ours, "pid")
    timer = threading.Timer(0.5, lambda: os.kill(ours.pid, signal.SIGSTOP))
    timer.start()
    with pytest.raises(BackendStopped):
        ask(ours, "stuck", 60)
    timer.join()
    ours.close()


@pytest.mark.parametrize(
    ("stage", "reason"), [("torch:NoSuchStage", "absent"), ("no_such_module:Stage", "broken")]
)
def test_missing_libraries_are_said(
    stage: str, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if reason == "absent":
        (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['torch'] = None")
        monkeypatch.setattr(child, "environment", lambda: without(tmp_path))
    ours = ProcessClient(arguments=("--executor", stage))
    with pytest.raises(EngineMissing) as caught:
        ask(ours, "pid")
    ours.close()
    assert caught.value.reason == reason


def without(folder: Path) -> dict[str, str]:
    """The environment, with a folder in front of what Python imports."""
    known = dict(os.environ) | child.SETTINGS
    return known | {"PYTHONPATH": os.pathsep.join((str(folder), str(child.ROOT)))}


def test_a_library_that_is_missing_later_is_said_too(link: ProcessClient) -> None:
    with pytest.raises(EngineMissing) as caught:
        ask(link, "import_it", "no_such_module")
    assert caught.value.reason == "broken"
    assert ask(link, "chatter") == 1


@pytest.mark.parametrize("frozen", [True, False])
def test_without_an_interpreter_there_is_no_engine(
    frozen: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if frozen:
        monkeypatch.setattr(sys, "frozen", True, raising=False)
    ours = ProcessClient(() if frozen else ("/no/such/python",))
    with pytest.raises(EngineMissing):
        ask(ours, "pid")


WINDOW = """
import sys, threading
import numpy as np
from engine.local.process.client import ProcessClient
from tests.engine.local.test_process import FAKE, Listener
link = ProcessClient(arguments=FAKE)
link(("echo", np.zeros(1 << 20, np.uint8)), Listener())
print(link.pid, flush=True)
link(("stuck", 60, ), Listener())
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no kill -9")
def test_when_the_window_is_killed_the_process_goes_and_leaves_nothing() -> None:
    before = leftovers()
    window = subprocess.Popen(
        [sys.executable, "-c", WINDOW], stdout=subprocess.PIPE, cwd=child.ROOT
    )
    assert window.stdout is not None
    pid = int(window.stdout.readline())
    window.kill()
    window.wait()
    window.stdout.close()
    _gone(pid, before)


@pytest.mark.skipif(not SHM.is_dir(), reason="Linux only")
def test_when_both_are_killed_nothing_is_left() -> None:
    before = leftovers()
    program = WINDOW.replace('("stuck", 60, )', '("hand_over", 500)')
    window = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=child.ROOT
    )
    assert window.stdout is not None
    pid = int(window.stdout.readline())
    until = time.monotonic() + 5
    while not list(SHM.glob(f"lacuna-{window.pid}*")) and time.monotonic() < until:
        time.sleep(0.001)
    os.kill(pid, signal.SIGSTOP)  # it must not notice that the window goes
    window.kill()
    os.kill(pid, signal.SIGKILL)
    window.wait()
    window.stdout.close()
    _gone(pid, before)


def _gone(pid: int, before: set[str]) -> None:
    until = time.monotonic() + 5
    while time.monotonic() < until and (_is_alive(pid) or leftovers() - before):
        time.sleep(0.05)
    assert not _is_alive(pid)
    assert leftovers() <= before


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False
