"""The engine's process: what it answers, how it is stopped, and that its death costs one job."""

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.errors import BackendStopped, Bug, Cancelled, EngineMissing, OutOfMemory
from engine.local import child
from engine.local.link import Link

FAKE = ("--stage", "tests.unit.fake_stage:Stage")
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
    return {path.name for path in SHM.glob("lacuna-*")} if SHM.is_dir() else set()


@pytest.fixture
def link() -> Iterator[Link]:
    before = leftovers()
    ours = Link(arguments=FAKE, grace_s=0.5)
    yield ours
    ours.close()
    assert leftovers() <= before


def ask(link: Link, *operation: Any, job: Listener | None = None) -> Any:
    return link(operation, job or Listener())  # type: ignore[arg-type]


def test_arrays_go_both_ways_unchanged(link: Link) -> None:
    image = np.random.default_rng(1).integers(0, 256, (1024, 1000, 3)).astype(np.uint8)
    floats = np.linspace(0, 1, 7, dtype=np.float32)
    back, small = ask(link, "echo", image, floats)
    assert np.array_equal(back, image)
    assert np.array_equal(small, floats)
    back[0, 0] = 1  # a copy, and ours


def test_it_starts_once_and_says_what_it_does(link: Link) -> None:
    listener = Listener()
    assert not link.is_running
    first = ask(link, "pid", job=listener)
    assert listener.notes[:2] == ["start", "import"]
    assert ask(link, "pid") == first
    assert link.device is not None
    assert link.device.name == "fake"


def test_progress_and_previews_arrive(link: Link) -> None:
    listener = Listener()
    assert ask(link, "steps", 6, 0.06, job=listener) == 6
    assert "sample" in listener.notes
    assert listener.previews[-1].shape == (8, 8, 3)


def test_what_libraries_print_disturbs_nothing(link: Link) -> None:
    assert ask(link, "chatter") == 1
    assert ask(link, "chatter") == 1


def test_errors_arrive_as_what_they_are(link: Link) -> None:
    with pytest.raises(OutOfMemory) as caught:
        ask(link, "fail", "memory")
    assert caught.value.needed_mb == 900
    with pytest.raises(Bug):
        ask(link, "fail", "bug")
    assert ask(link, "chatter") == 1  # it lives on


def test_a_cooperative_job_is_cancelled_and_the_process_lives(link: Link) -> None:
    pid = ask(link, "pid")
    listener = Listener()
    listener._on_note = lambda note: listener.cancelled.set() if note == "sample" else None
    started = time.monotonic()
    with pytest.raises(Cancelled):
        ask(link, "steps", 1000, 0.05, job=listener)
    assert time.monotonic() - started < 5
    assert ask(link, "pid") == pid


def test_a_stuck_job_is_cancelled_by_ending_the_process(link: Link) -> None:
    pid = ask(link, "pid")
    listener = Listener()
    listener._on_note = lambda note: listener.cancelled.set() if note == "stuck" else None
    with pytest.raises(Cancelled):
        ask(link, "stuck", 60, job=listener)
    assert ask(link, "pid") != pid


def killed_at(link: Link, note: str, *operation: Any) -> float:
    """Kill -9 when the job says `note`; seconds until the caller knew."""
    killed: list[float] = []

    def on_note(said: str) -> None:
        if said == note:
            time.sleep(0.05)
            killed.append(time.monotonic())
            os.kill(link.pid, signal.SIGKILL)

    with pytest.raises(BackendStopped):
        ask(link, *operation, job=Listener(on_note))
    return time.monotonic() - killed[0]


@pytest.mark.skipif(os.name == "nt", reason="there is no kill -9")
@pytest.mark.parametrize(
    ("note", "operation"),
    [
        ("start", ("pid",)),
        ("import", ("pid",)),
        ("sample", ("steps", 1000, 0.05)),
        ("stuck", ("stuck", 60)),
        ("hand over", ("hand_over", 300)),
    ],
)
def test_a_killed_process_fails_its_job_and_the_next_works(
    note: str, operation: tuple[Any, ...], link: Link, monkeypatch: pytest.MonkeyPatch
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


def test_a_running_job_fails_when_memory_is_freed(link: Link) -> None:
    timer = threading.Timer(1.0, link.free)
    timer.start()
    with pytest.raises(BackendStopped):
        ask(link, "stuck", 60)
    timer.join()
    assert not link.is_running


def test_a_process_that_is_deaf_is_ended(link: Link) -> None:
    ours = Link(arguments=FAKE, deaf_s=1.5)
    ask(ours, "pid")
    timer = threading.Timer(0.5, lambda: os.kill(ours.pid, signal.SIGSTOP))
    timer.start()
    with pytest.raises(BackendStopped):
        ask(ours, "stuck", 60)
    timer.join()
    ours.close()


def test_missing_libraries_are_said() -> None:
    ours = Link(arguments=("--stage", "no_such_module:Stage"))
    with pytest.raises(EngineMissing):
        ask(ours, "pid")
    ours.close()


WINDOW = """
import sys, threading
import numpy as np
from engine.local.link import Link
from tests.unit.test_local_link import FAKE, Listener
link = Link(arguments=FAKE)
link(("echo", np.zeros(1 << 20, np.uint8)), Listener())
print(link.pid, flush=True)
link(("stuck", 60, ), Listener())
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no kill -9")
def test_when_the_window_is_killed_the_process_goes_and_leaves_nothing() -> None:
    before = leftovers()
    window = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WINDOW)], stdout=subprocess.PIPE, cwd=child.ROOT
    )
    assert window.stdout is not None
    pid = int(window.stdout.readline())
    window.kill()
    window.wait()
    window.stdout.close()
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


def test_the_environment_is_cleaned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/frozen")
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/before")
    monkeypatch.setenv("_PYI_ARCHIVE_FILE", "x")
    monkeypatch.setenv("QT_PLUGIN_PATH", "x")
    found = child.environment()
    assert found["LD_LIBRARY_PATH"] == "/before"
    assert not [name for name in found if name.startswith(("_PYI", "QT_"))]
    assert found["HF_HUB_OFFLINE"] == "1"
