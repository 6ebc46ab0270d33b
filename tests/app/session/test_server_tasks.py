"""Tasks of a server outlive the window: kept, taken up, waited for, and never done twice."""

from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil
from pytestqt.qtbot import QtBot

from app import paths
from app.services.engines import Engines
from app.services.jobs import JobQueue
from app.session.resumable_jobs import FORGET_MS
from app.window.editor import Editor
from tests.app.support.server_window import (  # fmt: skip
    CHECKPOINT,
    asked,
    held,
    server,
    settings,
    tasks,
    w,
    window,
)
from tests.app.support.stories import WAIT_MS, editor, opened, photo_file
from tests.engine.comfy.stand_in.faults import denied
from tests.engine.comfy.stand_in.server import StandIn
from tests.support.models_at_hand import FakeLibrary

__all__ = ["server", "w"]  # fixtures


def test_a_painting_goes_on_while_the_program_is_away(
    qtbot: QtBot, tmp_path: Path, server: StandIn
) -> None:
    settings(server)
    server.pause("KSampler", step=1)
    with window(qtbot, tmp_path) as w:
        asked(qtbot, w, checkpoint=CHECKPOINT, variants=1)
        held(qtbot, server)
    kept = tasks()
    assert len(kept) == 1
    server.resume()
    server.wait_idle()
    with window(qtbot, tmp_path) as w:
        qtbot.waitUntil(lambda: len(w.variants.all) == 1, timeout=WAIT_MS)
        assert w.variants.all[0].seed == 7
        qtbot.waitUntil(lambda: not kept[0].exists(), timeout=WAIT_MS)
    assert len(server.calls("POST", "/prompt")) == 1  # it was not asked again


def test_all_that_was_asked_outlives_the_window(
    qtbot: QtBot, tmp_path: Path, server: StandIn
) -> None:
    """More than the desk has threads: most have not begun."""
    settings(server)
    server.pause("KSampler", step=1)
    with window(qtbot, tmp_path) as w:
        asked(qtbot, w, checkpoint=CHECKPOINT, variants=8)
        held(qtbot, server)
        w.painter.paint()
        qtbot.waitUntil(lambda: len(w.jobs.shown()) == 16, timeout=WAIT_MS)
    assert len(tasks()) == 16


def test_closing_stops_nothing_on_the_server(qtbot: QtBot, tmp_path: Path, server: StandIn) -> None:
    """Also when closing takes so long that a job hears of its end meanwhile."""
    settings(server)
    server.pause("KSampler", step=1)
    with window(qtbot, tmp_path) as w:
        asked(qtbot, w, checkpoint=CHECKPOINT, variants=1)
        held(qtbot, server)
        busy = partial(w.jobs.is_busy_at, JobQueue.SERVER)
        w.session.opened.connect(lambda: qtbot.waitUntil(lambda: not busy(), timeout=WAIT_MS))
    assert not [seen for seen in server.seen if "cancel" in seen.path]
    assert len(tasks()) == 1


def test_a_second_window_of_the_picture_leaves_it_to_the_first(
    qtbot: QtBot, w: Editor, tmp_path: Path, server: StandIn
) -> None:
    server.pause("KSampler", step=1)
    asked(qtbot, w, checkpoint=CHECKPOINT, variants=1)
    held(qtbot, server)
    with window(qtbot, tmp_path) as second:
        qtbot.waitUntil(lambda: not second.jobs.is_busy, timeout=WAIT_MS)
        server.resume()
        qtbot.waitUntil(lambda: len(w.variants.all) == 1, timeout=WAIT_MS)
        assert second.variants.all == ()


@pytest.mark.parametrize("ending", ["done", "cancelled"])
def test_what_is_over_when_the_window_closes_is_over(
    qtbot: QtBot, tmp_path: Path, server: StandIn, ending: str
) -> None:
    settings(server)
    server.pause("KSampler", step=1)
    with window(qtbot, tmp_path) as w:
        asked(qtbot, w, checkpoint=CHECKPOINT, variants=1)
        held(qtbot, server)
        if ending == "cancelled":
            w.jobs.cancel_all()
        server.resume()
        qtbot.waitUntil(lambda: not w.jobs.is_busy_at(JobQueue.SERVER), timeout=WAIT_MS)
        assert len(w.variants.all) == (ending == "done")
    assert tasks() == []


def test_it_waits_for_a_server_that_is_away(qtbot: QtBot, tmp_path: Path, server: StandIn) -> None:
    settings(server)
    server.pause("KSampler", step=1)
    with window(qtbot, tmp_path) as w:
        asked(qtbot, w, checkpoint=CHECKPOINT, variants=1)
        held(qtbot, server)
    server.resume()
    server.wait_idle()
    server.kill()
    with editor(qtbot, engines=Engines(FakeLibrary())) as w:
        opened(qtbot, w, tmp_path / "photo.png")
        qtbot.waitUntil(lambda: "for the server" in w.message_bar.text, timeout=WAIT_MS)
        qtbot.waitUntil(lambda: not w.jobs.is_busy, timeout=WAIT_MS)
        assert len(tasks()) == 1
        server.start()
        w.servers.ask_all()
        qtbot.waitUntil(lambda: len(w.variants.all) == 1, timeout=WAIT_MS)
        assert w.variants.all[0].seed == 7


def test_what_waits_can_be_discarded(qtbot: QtBot, tmp_path: Path, server: StandIn) -> None:
    settings(server)
    server.pause("KSampler", step=1)
    with window(qtbot, tmp_path) as w:
        asked(qtbot, w, checkpoint=CHECKPOINT, variants=1)
        held(qtbot, server)
    server.resume()
    server.kill()
    with editor(qtbot, engines=Engines(FakeLibrary())) as w:
        opened(qtbot, w, tmp_path / "photo.png")
        qtbot.waitUntil(lambda: "for the server" in w.message_bar.text, timeout=WAIT_MS)
        w.message_bar.triggered.emit("drop_tasks", None)
        folder = paths.state_dir() / "tasks"
        qtbot.waitUntil(lambda: not list(folder.glob("*.task")), timeout=WAIT_MS)
    server.start()


def test_a_task_that_fails_on_the_way_is_kept(
    qtbot: QtBot, tmp_path: Path, server: StandIn
) -> None:
    settings(server)
    with window(qtbot, tmp_path) as w:
        server.faults.on("/prompt", denied(), times=9)
        asked(qtbot, w, checkpoint=CHECKPOINT, variants=1)
        qtbot.waitUntil(lambda: "desk" in w.message_bar.text, timeout=WAIT_MS)
        qtbot.wait(FORGET_MS + 500)
        assert len(tasks()) == 1
        server.faults.clear()
    with window(qtbot, tmp_path) as w:
        qtbot.waitUntil(lambda: len(w.variants.all) == 1, timeout=WAIT_MS)


def test_who_asks_anew_does_not_get_what_failed_before(
    qtbot: QtBot, w: Editor, server: StandIn
) -> None:
    server.faults.on("/prompt", denied())
    asked(qtbot, w, checkpoint=CHECKPOINT, variants=1)
    qtbot.waitUntil(lambda: "desk" in w.message_bar.text, timeout=WAIT_MS)
    [failed] = tasks()
    w.painter.paint()
    qtbot.waitUntil(lambda: len(w.variants.all) == 1, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not failed.exists(), timeout=WAIT_MS)


def test_what_failed_is_tried_again_and_stays_on_disk(
    qtbot: QtBot, w: Editor, server: StandIn
) -> None:
    server.faults.on("/prompt", denied())
    asked(qtbot, w, checkpoint=CHECKPOINT, variants=1)
    qtbot.waitUntil(lambda: "desk" in w.message_bar.text, timeout=WAIT_MS)
    [failed] = tasks()
    server.pause("KSampler", step=1)
    w.message_bar.triggered.emit("retry", w.message_bar.notice.subject)
    held(qtbot, server)
    assert tasks() == [failed]
    server.resume()
    qtbot.waitUntil(lambda: not failed.exists(), timeout=WAIT_MS)


def test_another_picture_does_not_get_it(qtbot: QtBot, tmp_path: Path, server: StandIn) -> None:
    settings(server)
    server.pause("KSampler", step=1)
    with window(qtbot, tmp_path) as w:
        asked(qtbot, w, checkpoint=CHECKPOINT, variants=1)
        held(qtbot, server)
    server.resume()
    server.wait_idle()
    other = tmp_path / "other"
    other.mkdir()
    image = photo_file(other)
    changed = np.asarray(Pil.open(image)).copy()
    changed[80, 120] ^= 255
    Pil.fromarray(changed).save(image)
    with window(qtbot, other) as w:
        qtbot.waitUntil(lambda: not w.jobs.is_busy, timeout=WAIT_MS)
        assert w.variants.all == ()
    assert len(tasks()) == 1


def test_what_was_cancelled_while_it_was_away_is_stopped_when_it_is_back(
    qtbot: QtBot, w: Editor, server: StandIn
) -> None:
    """Nothing else has to be asked of it."""
    records = (paths.state_dir() / "servers").glob
    server.pause("KSampler", step=1)
    asked(qtbot, w, checkpoint=CHECKPOINT, variants=1)
    held(qtbot, server)
    server.faults.on("/", denied(), times=None)
    w.jobs.cancel_all()
    qtbot.waitUntil(lambda: not w.jobs.is_busy_at(JobQueue.SERVER), timeout=WAIT_MS)
    assert list(records("*.json"))
    server.faults.clear()
    w.servers.ask_all()
    qtbot.waitUntil(lambda: any("cancel" in s.path for s in server.seen), timeout=WAIT_MS)
    server.resume()
    qtbot.waitUntil(lambda: not list(records("*.json")), timeout=WAIT_MS)
    assert len(server.calls("GET", "/object_info")) == 2  # by the window alone


def test_a_task_waits_for_a_server_that_has_its_model(
    qtbot: QtBot, tmp_path: Path, server: StandIn
) -> None:
    settings(server)
    models = server.build.models
    server.pause("KSampler", step=1)
    with window(qtbot, tmp_path) as w:
        asked(qtbot, w, checkpoint=CHECKPOINT, variants=1)
        held(qtbot, server)
    server.resume()
    server.wait_idle()
    del models["checkpoints"][CHECKPOINT]
    with window(qtbot, tmp_path) as w:
        qtbot.waitUntil(lambda: "for the server" in w.message_bar.text, timeout=WAIT_MS)
        models["checkpoints"][CHECKPOINT] = None
        w.servers.ask_all()
        qtbot.waitUntil(lambda: len(w.variants.all) == 1, timeout=WAIT_MS)
