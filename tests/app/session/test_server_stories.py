"""The window with a server, as whole stories; the server is a stand-in, all else is real."""

import json
from pathlib import Path

import numpy as np
from pytestqt.qtbot import QtBot

from app import paths
from app.panels.paint.loras import LoraSettings
from app.services.jobs import JobQueue
from app.window.editor import Editor
from engine.comfy.errors import ServerLacks
from engine.dispatch.choice import LOCAL, SERVER
from engine.jobs.backend import Capability
from tests.app.support.painters import document_of
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
from tests.app.support.stories import WAIT_MS, selected
from tests.engine.comfy.stand_in.server import StandIn

__all__ = ["server", "w"]  # fixtures


def test_the_server_paints_where_nothing_is_here(qtbot: QtBot, w: Editor, server: StandIn) -> None:
    assert w.engines.choice(Capability.INPAINT).backend == SERVER
    box = w.docks.paint.model
    assert box.findData(CHECKPOINT) >= 0
    start = document_of(w).view.copy()
    asked(qtbot, w, checkpoint=CHECKPOINT)
    qtbot.waitUntil(lambda: len(w.variants.all) == 2, timeout=WAIT_MS)
    assert sorted(variant.seed for variant in w.variants.all) == [7, 8]
    assert np.array_equal(document_of(w).view, start)
    w.variants.look_at(0)
    w.actions.trigger("remove.apply")
    blend = np.zeros(start.shape[:2], np.uint8)
    for patch in w.variants.all[0].patches:
        np.maximum(blend[patch.rect.slices], patch.blend, out=blend[patch.rect.slices])
    now = document_of(w).view
    assert not np.array_equal(now, start)
    assert np.array_equal(now[blend == 0], start[blend == 0])
    assert "0 px changed outside the ring" in w.status_bar.badge.text
    assert not list((paths.state_dir() / "servers").glob("*"))


def test_loras_are_those_of_where_it_is_painted(qtbot: QtBot, w: Editor) -> None:
    """And typing does not make their menu anew."""
    choices = w.painter.choices.changed(checkpoint=CHECKPOINT)
    w.painter.set_choices(choices)
    menu = w.window.findChild(LoraSettings).list.menu
    offered = menu.actions()
    assert [each.text() for each in offered] == ["tom"]
    w.painter.set_choices(choices.changed(prompt="a"))
    assert menu.actions() == offered
    w.engines.set_wanted({Capability.INPAINT: LOCAL})
    assert not any(each.isEnabled() for each in menu.actions())
    w.engines.set_wanted({Capability.INPAINT: SERVER})
    assert [each.text() for each in menu.actions()] == ["tom"]


def test_cancel_stops_it_on_the_server(qtbot: QtBot, w: Editor, server: StandIn) -> None:
    server.pause("KSampler", step=1)
    asked(qtbot, w, checkpoint=CHECKPOINT, variants=1)
    held(qtbot, server)
    w.jobs.cancel_all()
    qtbot.waitUntil(lambda: not w.jobs.is_busy_at(JobQueue.SERVER), timeout=WAIT_MS)
    server.resume()
    server.wait_idle()
    assert not w.variants.all
    qtbot.waitUntil(lambda: not tasks(), timeout=WAIT_MS)
    assert not list((paths.state_dir() / "servers").glob("*.json"))


def test_find_and_remove_go_there_and_clicks_stay(qtbot: QtBot, w: Editor, server: StandIn) -> None:
    assert w.engines.queue_for(Capability.CLICK) is JobQueue.ENGINE
    w.finder.find("red disc")
    qtbot.waitUntil(lambda: w.finder.result is not None, timeout=WAIT_MS)
    assert w.finder.result.engine == "server"
    selected(qtbot, w, 120, 80)
    start = document_of(w).view.copy()
    w.remover.remove()
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
            w.finder.find("anything")
            trouble = w.engines.trouble(Capability.FIND)
            assert isinstance(trouble, ServerLacks)
            assert "desk" in w.message_bar.text


def test_a_painting_is_exported_as_a_workflow(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    asked(qtbot, w, checkpoint=CHECKPOINT, variants=1)
    qtbot.waitUntil(lambda: len(w.variants.all) == 1, timeout=WAIT_MS)
    target = tmp_path / "made.json"
    w.workflow_export.write(w.workflow_export._what(), target)
    qtbot.waitUntil(lambda: "made.json" in w.message_bar.text, timeout=WAIT_MS)
    graph = json.loads((tmp_path / "made.api.json").read_text())
    sampler = next(each for each in graph.values() if each["class_type"] == "KSampler")
    assert sampler["inputs"]["seed"] == 7
    assert (tmp_path / "made-1.png").exists()
