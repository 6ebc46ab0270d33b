"""Work under way: seen in the status bar, and never lost by closing without a question."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from app.services.jobs import JobQueue, JobState
from app.window import running_task
from app.window.editor import Editor
from app.window.files.close_question import CloseQuestion
from app.window.files.unfinished_work import WorkQuestion
from engine.geometry import Image
from engine.jobs.backend import JobContext
from engine.jobs.fake import FakeBackend
from engine.jobs.requests import Hole, Priority
from tests.app.support.slow_engine import waited
from tests.app.support.stories import WAIT_MS, editor, opened, photo_file, selected, settled


class SlowRemoval(FakeBackend):
    """Begins a removal only when it is let go."""

    def __init__(self) -> None:
        self.lets_go = threading.Event()

    def fill(self, hole: Hole, seed: int, job: JobContext) -> Image:
        waited(self.lets_go, job)
        return super().fill(hole, seed, job)


class Saving:
    """A file that is written until it is let go."""

    def __init__(self) -> None:
        self.lets_go = threading.Event()

    def run(self, job: JobContext) -> None:
        waited(self.lets_go, job)


class Ends:
    """Says that the work before it, in the same thread, is over."""

    def __init__(self, ended: threading.Event) -> None:
        self._ended = ended

    def run(self, job: JobContext) -> None:
        self._ended.set()


@pytest.fixture
def backend() -> SlowRemoval:
    return SlowRemoval()


@pytest.fixture
def w(
    qtbot: QtBot, backend: SlowRemoval, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Editor]:
    monkeypatch.setattr(running_task, "DELAY_MS", 0)
    with editor(qtbot, lambda: backend) as workspace:
        opened(qtbot, workspace, photo_file(tmp_path))
        selected(qtbot, workspace, 120, 80)
        settled(qtbot, workspace)
        yield workspace
        backend.lets_go.set()


def removing(qtbot: QtBot, w: Editor) -> None:
    w.actions.trigger("remove.remove")
    qtbot.waitUntil(w.status_bar.task.isVisible, timeout=WAIT_MS)


def title(w: Editor) -> str:
    """What the task is called that the status bar shows."""
    row = w.status_bar.task.row
    return "" if row is None else row.title.text()


def questions(w: Editor) -> list[WorkQuestion]:
    return [found for found in w.window.findChildren(WorkQuestion) if found.isVisible()]


def answered(qtbot: QtBot, w: Editor, name: str) -> None:
    """Press a button of the question."""
    (question,) = questions(w)
    button: QAbstractButton = getattr(question, name)
    with qtbot.waitSignal(question.answered, timeout=WAIT_MS):
        button.click()


def test_a_task_is_seen_whatever_panel_is_in_front(
    qtbot: QtBot, w: Editor, backend: SlowRemoval
) -> None:
    task = w.status_bar.task
    assert not task.isVisible()
    w.docks["paint"].raise_()
    removing(qtbot, w)
    assert task.row is not None
    assert title(w) == "Removing"
    assert not task.more.isVisible()
    saving = Saving()
    w.jobs.ask("save", saving, lambda _: None, queue=JobQueue.SAVING)
    qtbot.waitUntil(lambda: task.more.text() == "+ 1", timeout=WAIT_MS)
    assert task.more.toolTip() == "Saving the project"
    task.row.cancel_button.click()
    qtbot.waitUntil(lambda: title(w) == "Saving the project", timeout=WAIT_MS)
    saving.lets_go.set()
    qtbot.waitUntil(lambda: not task.isVisible(), timeout=WAIT_MS)
    assert not w.variants.all


def test_a_task_that_is_cancelled_at_its_very_end_gives_nothing(qtbot: QtBot, w: Editor) -> None:
    """Its result is on the way from the thread already."""
    saving, given, ended = Saving(), list[None](), threading.Event()
    saving.lets_go.set()
    job = w.jobs.ask("export", saving, given.append, queue=JobQueue.SAVING)
    w.jobs.worker(JobQueue.SAVING).submit(Ends(ended), Priority.EDIT)
    assert ended.wait(20)
    with qtbot.waitSignal(w.jobs.ended, timeout=WAIT_MS):
        w.jobs.cancel(job)
    assert job.state is JobState.CANCELLED
    assert not given


def test_a_removal_is_not_lost_by_closing(qtbot: QtBot, w: Editor, backend: SlowRemoval) -> None:
    removing(qtbot, w)
    for close in (w.window.close, lambda: w.actions.trigger("file.close")):
        assert not close()
        answered(qtbot, w, "cancel_button")
        assert w.window.isVisible()
        assert w.jobs.is_asked("remove")
    backend.lets_go.set()
    qtbot.waitUntil(lambda: bool(w.variants.all), timeout=WAIT_MS)


def test_a_window_closes_when_its_work_is_done(
    qtbot: QtBot, w: Editor, backend: SlowRemoval
) -> None:
    removing(qtbot, w)
    assert not w.window.close()
    answered(qtbot, w, "wait_button")
    assert not questions(w)
    backend.lets_go.set()
    qtbot.waitUntil(lambda: bool(w.window.findChildren(CloseQuestion)), timeout=WAIT_MS)
    assert w.variants.applied_index == 0
    (question,) = w.window.findChildren(CloseQuestion)  # for what was removed is in no file
    with qtbot.waitSignal(w.window.closed, timeout=WAIT_MS):
        question.discard_button.click()


def test_who_cancels_the_work_keeps_the_window(
    qtbot: QtBot, w: Editor, backend: SlowRemoval
) -> None:
    removing(qtbot, w)
    assert not w.window.close()
    answered(qtbot, w, "wait_button")
    w.jobs.cancel_current()
    settled(qtbot, w)
    assert w.window.isVisible()


def test_stopped_work_is_not_asked_for_again(qtbot: QtBot, w: Editor) -> None:
    removing(qtbot, w)
    w.session.mark_clean()
    assert not w.window.close()
    with qtbot.waitSignal(w.window.closed, timeout=WAIT_MS):
        answered(qtbot, w, "stop_button")


def test_a_file_is_written_on_when_only_the_picture_is_closed(qtbot: QtBot, w: Editor) -> None:
    saving = Saving()
    w.jobs.ask("export", saving, lambda _: None, queue=JobQueue.SAVING)
    w.session.mark_clean()
    w.actions.trigger("file.close")
    assert w.session.document is None
    assert not w.window.close()
    assert "Exporting" in questions(w)[0].informativeText()
    answered(qtbot, w, "cancel_button")
    saving.lets_go.set()
    settled(qtbot, w)
    assert w.window.close()
