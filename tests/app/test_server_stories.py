"""The window with a server, as whole stories; the server is a stand-in, all else is real."""

import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil
from pytestqt.qtbot import QtBot

from app import paths
from app.engines import Engines
from app.jobs import Desk
from app.panels_paint_loras import PaintLoras
from app.session_lasting import FORGET_MS
from app.workspace import Workspace
from engine.backend import Capability
from engine.choice import LOCAL, SERVER
from engine.comfy.errors import ServerLacks
from tests.app.painters import document_of
from tests.app.stories import WAIT_MS, editor, opened, photo_file, selected
from tests.comfy.stand_in import StandIn
from tests.comfy.stand_in_build import MODELS
from tests.comfy.stand_in_faults import denied
from tests.comfy.stand_in_segmenting import Found, bright_things
from tests.models_at_hand import FakeShelf

CHECKPOINT = "sd-v1-5-inpainting.safetensors"


def red_things(image: np.ndarray, words: str) -> list[Found]:
    return bright_things(np.where(image[..., :1] > 0.7, 1.0, 0.0).repeat(3, -1), words)


@pytest.fixture
def server() -> Iterator[StandIn]:
    with StandIn(previews=True, detect=red_things, models=deepcopy(MODELS)) as standing:
        yield standing


def settings(server: StandIn, **more: object) -> None:
    file = paths.config_dir() / "settings.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    listed = [{"name": "desk", "url": server.url}]
    file.write_text(json.dumps({"version": 1, "servers": listed, **more}))


@pytest.fixture
def w(qtbot: QtBot, tmp_path: Path, server: StandIn) -> Iterator[Workspace]:
    settings(server)
    with window(qtbot, tmp_path) as workspace:
        yield workspace


def window(qtbot: QtBot, folder: Path):
    """With nothing at hand here, and the server already asked."""
    return _Window(qtbot, folder)


class _Window:
    def __init__(self, qtbot: QtBot, folder: Path) -> None:
        self._qtbot, self._folder = qtbot, folder

    def __enter__(self) -> Workspace:
        engines = Engines(FakeShelf())
        self._editor = editor(self._qtbot, engines=engines)
        w = self._editor.__enter__()
        self._qtbot.waitUntil(lambda: bool(w.engines.there.able), timeout=WAIT_MS)
        path = self._folder / "photo.png"
        opened(self._qtbot, w, path if path.exists() else photo_file(self._folder))
        return w

    def __exit__(self, *error: object) -> None:
        self._editor.__exit__(*error)


def asked(qtbot: QtBot, w: Workspace, **choices: object) -> None:
    """Select the disc and ask for paintings of it."""
    selected(qtbot, w, 120, 80)
    wanted = {"prompt": "a stone", "steps": 2, "seed": 7, "is_seed_fixed": True, "variants": 2}
    w.painting.set_choices(replace(w.painting.choices, **{**wanted, **choices}))
    w.painting.paint()


def tasks() -> list[Path]:
    """Those on disk."""
    return list((paths.state_dir() / "tasks").glob("*.task"))


def held(qtbot: QtBot, server: StandIn) -> None:
    qtbot.waitUntil(lambda: server.gate.is_held, timeout=WAIT_MS)


def test_the_server_paints_where_nothing_is_here(
    qtbot: QtBot, w: Workspace, server: StandIn
) -> None:
    assert w.engines.choice(Capability.INPAINT).backend == SERVER
    box = w.docks.paint.model
    assert box.findData(CHECKPOINT) >= 0
    start = document_of(w).view.copy()
    asked(qtbot, w, checkpoint=CHECKPOINT)
    qtbot.waitUntil(lambda: len(w.variants.all) == 2, timeout=WAIT_MS)
    assert sorted(variant.seed for variant in w.variants.all) == [7, 8]
    assert np.array_equal(document_of(w).view, start)
    w.variants.look_at(0)
    w.actions["remove.apply"].trigger()
    blend = np.zeros(start.shape[:2], np.uint8)
    for patch in w.variants.all[0].patches:
        np.maximum(blend[patch.rect.slices], patch.blend, out=blend[patch.rect.slices])
    now = document_of(w).view
    assert not np.array_equal(now, start)
    assert np.array_equal(now[blend == 0], start[blend == 0])
    assert "0 px changed outside the ring" in w.bar.text
    assert not list((paths.state_dir() / "servers").glob("*"))


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
        w.painting.paint()
        qtbot.waitUntil(lambda: len(w.jobs.shown()) == 16, timeout=WAIT_MS)
    assert len(tasks()) == 16


def test_closing_stops_nothing_on_the_server(qtbot: QtBot, tmp_path: Path, server: StandIn) -> None:
    """Also when closing takes so long that a job hears of its end meanwhile."""
    settings(server)
    server.pause("KSampler", step=1)
    with window(qtbot, tmp_path) as w:
        asked(qtbot, w, checkpoint=CHECKPOINT, variants=1)
        held(qtbot, server)
        busy = partial(w.jobs.is_busy_at, Desk.SERVER)
        w.session.opened.connect(lambda: qtbot.waitUntil(lambda: not busy(), timeout=WAIT_MS))
    assert not [seen for seen in server.seen if "cancel" in seen.path]
    assert len(tasks()) == 1


def test_a_second_window_of_the_picture_leaves_it_to_the_first(
    qtbot: QtBot, w: Workspace, tmp_path: Path, server: StandIn
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
        qtbot.waitUntil(lambda: not w.jobs.is_busy_at(Desk.SERVER), timeout=WAIT_MS)
        assert len(w.variants.all) == (ending == "done")
    assert tasks() == []


def test_loras_are_those_of_where_it_is_painted(qtbot: QtBot, w: Workspace) -> None:
    """And typing does not make their menu anew."""
    choices = replace(w.painting.choices, checkpoint=CHECKPOINT)
    w.painting.set_choices(choices)
    menu = w.window.findChild(PaintLoras).list.menu
    offered = menu.actions()
    assert [each.text() for each in offered] == ["tom"]
    w.painting.set_choices(replace(choices, prompt="a"))
    assert menu.actions() == offered
    w.engines.set_wanted({Capability.INPAINT: LOCAL})
    assert not any(each.isEnabled() for each in menu.actions())
    w.engines.set_wanted({Capability.INPAINT: SERVER})
    assert [each.text() for each in menu.actions()] == ["tom"]


def test_it_waits_for_a_server_that_is_away(qtbot: QtBot, tmp_path: Path, server: StandIn) -> None:
    settings(server)
    server.pause("KSampler", step=1)
    with window(qtbot, tmp_path) as w:
        asked(qtbot, w, checkpoint=CHECKPOINT, variants=1)
        held(qtbot, server)
    server.resume()
    server.wait_idle()
    server.kill()
    with editor(qtbot, engines=Engines(FakeShelf())) as w:
        opened(qtbot, w, tmp_path / "photo.png")
        qtbot.waitUntil(lambda: "for the server" in w.bar.text, timeout=WAIT_MS)
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
    with editor(qtbot, engines=Engines(FakeShelf())) as w:
        opened(qtbot, w, tmp_path / "photo.png")
        qtbot.waitUntil(lambda: "for the server" in w.bar.text, timeout=WAIT_MS)
        w.bar.triggered.emit("drop_tasks", None)
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
        qtbot.waitUntil(lambda: "desk" in w.bar.text, timeout=WAIT_MS)
        qtbot.wait(FORGET_MS + 500)
        assert len(tasks()) == 1
        server.faults.clear()
    with window(qtbot, tmp_path) as w:
        qtbot.waitUntil(lambda: len(w.variants.all) == 1, timeout=WAIT_MS)


def test_who_asks_anew_does_not_get_what_failed_before(
    qtbot: QtBot, w: Workspace, server: StandIn
) -> None:
    server.faults.on("/prompt", denied())
    asked(qtbot, w, checkpoint=CHECKPOINT, variants=1)
    qtbot.waitUntil(lambda: "desk" in w.bar.text, timeout=WAIT_MS)
    [failed] = tasks()
    w.painting.paint()
    qtbot.waitUntil(lambda: len(w.variants.all) == 1, timeout=WAIT_MS)
    qtbot.waitUntil(lambda: not failed.exists(), timeout=WAIT_MS)


def test_what_failed_is_tried_again_and_stays_on_disk(
    qtbot: QtBot, w: Workspace, server: StandIn
) -> None:
    server.faults.on("/prompt", denied())
    asked(qtbot, w, checkpoint=CHECKPOINT, variants=1)
    qtbot.waitUntil(lambda: "desk" in w.bar.text, timeout=WAIT_MS)
    [failed] = tasks()
    server.pause("KSampler", step=1)
    w.bar.triggered.emit("retry", w.bar.notice.subject)
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


def test_cancel_stops_it_on_the_server(qtbot: QtBot, w: Workspace, server: StandIn) -> None:
    server.pause("KSampler", step=1)
    asked(qtbot, w, checkpoint=CHECKPOINT, variants=1)
    held(qtbot, server)
    w.jobs.cancel_all()
    qtbot.waitUntil(lambda: not w.jobs.is_busy_at(Desk.SERVER), timeout=WAIT_MS)
    server.resume()
    server.wait_idle()
    assert not w.variants.all
    qtbot.waitUntil(lambda: not tasks(), timeout=WAIT_MS)
    assert not list((paths.state_dir() / "servers").glob("*.json"))


def test_what_was_cancelled_while_it_was_away_is_stopped_when_it_is_back(
    qtbot: QtBot, w: Workspace, server: StandIn
) -> None:
    """Nothing else has to be asked of it."""
    records = (paths.state_dir() / "servers").glob
    server.pause("KSampler", step=1)
    asked(qtbot, w, checkpoint=CHECKPOINT, variants=1)
    held(qtbot, server)
    server.faults.on("/", denied(), times=None)
    w.jobs.cancel_all()
    qtbot.waitUntil(lambda: not w.jobs.is_busy_at(Desk.SERVER), timeout=WAIT_MS)
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
        qtbot.waitUntil(lambda: "for the server" in w.bar.text, timeout=WAIT_MS)
        models["checkpoints"][CHECKPOINT] = None
        w.servers.ask_all()
        qtbot.waitUntil(lambda: len(w.variants.all) == 1, timeout=WAIT_MS)


def test_find_and_remove_go_there_and_clicks_stay(
    qtbot: QtBot, w: Workspace, server: StandIn
) -> None:
    assert w.engines.desk(Capability.CLICK) is Desk.ENGINE
    w.finding.find("red disc")
    qtbot.waitUntil(lambda: w.finding.result is not None, timeout=WAIT_MS)
    assert w.finding.result.engine == "server"
    selected(qtbot, w, 120, 80)
    start = document_of(w).view.copy()
    w.removing.remove()
    qtbot.waitUntil(lambda: not np.array_equal(document_of(w).view, start), timeout=WAIT_MS)
    classes = [
        each["class_type"]
        for call in server.calls("POST", "/prompt")
        for each in call.json["prompt"].values()
    ]
    assert "LamaRemover" in classes


def test_what_it_lacks_is_said(qtbot: QtBot, tmp_path: Path) -> None:
    with StandIn(pack="none", packs=(), core_sam3=False) as bare:
        settings(bare, find_engine="server")
        with window(qtbot, tmp_path) as w:
            w.finding.find("anything")
            trouble = w.engines.trouble(Capability.FIND)
            assert isinstance(trouble, ServerLacks)
            assert "desk" in w.bar.text


def test_a_painting_is_exported_as_a_workflow(qtbot: QtBot, w: Workspace, tmp_path: Path) -> None:
    asked(qtbot, w, checkpoint=CHECKPOINT, variants=1)
    qtbot.waitUntil(lambda: len(w.variants.all) == 1, timeout=WAIT_MS)
    target = tmp_path / "made.json"
    w.workflow_export.write(w.workflow_export._what(), target)
    qtbot.waitUntil(lambda: "made.json" in w.bar.text, timeout=WAIT_MS)
    graph = json.loads((tmp_path / "made.api.json").read_text())
    sampler = next(each for each in graph.values() if each["class_type"] == "KSampler")
    assert sampler["inputs"]["seed"] == 7
    assert (tmp_path / "made-1.png").exists()
