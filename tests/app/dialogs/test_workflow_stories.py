"""Workflows of ComfyUI in the window, as whole stories; the server is a stand-in."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.dialogs.workflow.dialog import WorkflowDialog
from app.services.jobs import JobQueue
from app.window.editor import Editor
from engine.comfy.prompt_plan import Graph
from tests.app.support.painters import document_of
from tests.app.support.server_window import CHECKPOINT, held, red_things, settings, window
from tests.app.support.stories import WAIT_MS, photo_file, selected
from tests.conftest import SHARED
from tests.engine.comfy.stand_in.server import StandIn
from tests.engine.workflow.local_graphs import node, painting

LAB = SHARED / "lab" / "workflow"


@pytest.fixture
def server() -> Iterator[StandIn]:
    with StandIn(previews=True, detect=red_things) as standing:
        yield standing


@pytest.fixture
def w(qtbot: QtBot, tmp_path: Path, server: StandIn) -> Iterator[Editor]:
    settings(server)
    with window(qtbot, tmp_path) as workspace:
        yield workspace


def erased_and_painted(checkpoint: str = CHECKPOINT) -> Graph:
    """What is selected is removed, then painted, in two steps."""
    graph = painting(steps=2)
    graph["10"]["inputs"]["ckpt_name"] = checkpoint
    graph["20"]["inputs"]["pixels"] = ["3", 0]
    return graph


def shown(qtbot: QtBot, w: Editor, folder: Path, graph: Graph) -> WorkflowDialog:
    file = folder / "w.json"
    file.write_text(json.dumps(graph))
    return read(qtbot, w, file)


def read(qtbot: QtBot, w: Editor, file: Path) -> WorkflowDialog:
    """To be run on the server."""
    with qtbot.waitSignal(w.workflows.opened, timeout=WAIT_MS):
        w.workflows.open(file)
    dialog = w.window.findChild(WorkflowDialog)
    assert dialog is not None
    dialog.place.setCurrentIndex(dialog.place.findData("server"))
    return dialog


def ended(qtbot: QtBot, w: Editor) -> None:
    qtbot.waitUntil(lambda: not w.jobs.is_busy_at(JobQueue.WORKFLOW), timeout=WAIT_MS)


def labels(w: Editor) -> list[str]:
    assert w.session.history is not None
    return list(w.session.history.labels)


def undone(w: Editor) -> np.ndarray:
    while labels(w):
        w.session.undo()
    return document_of(w).view


def test_a_workflow_is_a_recipe_for_the_open_picture(
    qtbot: QtBot, w: Editor, tmp_path: Path
) -> None:
    graph = erased_and_painted()
    graph["32"] = node("Image Comparer (rgthree)", image_a=("1", 0), image_b=("22", 0))
    selected(qtbot, w, 120, 80)
    start = document_of(w).view.copy()
    dialog = shown(qtbot, w, tmp_path, graph)
    dialog.fields["21", "steps"].widget.setText("3")
    dialog.run.click()
    qtbot.waitUntil(lambda: len(w.variants.all) == 2, timeout=WAIT_MS)
    assert labels(w)[-1] == "Remove"
    assert "0 px changed outside the ring" in w.status_bar.badge.text
    assert not np.array_equal(document_of(w).view, start)
    request = w.variants.all[1].request
    assert request is not None
    assert (request.settings.steps, request.settings.sampler) == (3, "uni_pc_bh2")
    w.variants.apply(1)
    assert labels(w)[-2:] == ["Remove", "Paint"]
    assert np.array_equal(undone(w), start)
    dialog.close()


def test_a_wrong_value_is_said_in_the_dialog(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    dialog = shown(qtbot, w, tmp_path, painting())
    dialog.fields["21", "steps"].widget.setText("many")
    with qtbot.assertNotEmitted(dialog.run_wanted):
        dialog.run.click()
    assert "steps" in dialog.trouble.text()
    dialog.close()


def test_what_is_not_at_hand_is_marked_and_another_offered(
    qtbot: QtBot, w: Editor, tmp_path: Path
) -> None:
    named = "old/sd-v1-5-inpainting (1).safetensors"
    dialog = shown(qtbot, w, tmp_path, erased_and_painted(named))
    field = dialog.fields["10", "ckpt_name"]
    assert field.is_marked
    assert field.value() == named  # nothing is taken by itself
    assert "not at hand" in dialog.trouble.text()
    field.offer.click()
    qtbot.waitUntil(lambda: not field.is_marked, timeout=WAIT_MS)
    assert dialog.values() == {("10", "ckpt_name"): CHECKPOINT} | pictures(dialog)
    dialog.place.setCurrentIndex(dialog.place.findData("here"))
    assert field.is_marked  # on this computer there is none
    assert field.offer.isHidden()
    dialog.close()


def pictures(dialog: WorkflowDialog) -> dict[tuple[str, str], str]:
    return {(each, "image"): choice.value for each, choice in dialog.pictures.items()}


def test_without_a_selection_it_is_asked_for(
    qtbot: QtBot, w: Editor, server: StandIn, tmp_path: Path
) -> None:
    dialog = shown(qtbot, w, tmp_path, erased_and_painted())
    dialog.run.click()
    assert "Select something first" in w.message_bar.text
    assert not server.calls("POST", "/prompt")
    dialog.close()


def test_it_runs_once_at_a_time_and_stops_on_the_server(
    qtbot: QtBot, w: Editor, server: StandIn, tmp_path: Path
) -> None:
    server.pause("KSampler", step=1)
    selected(qtbot, w, 120, 80)
    start = document_of(w).view.copy()
    dialog = shown(qtbot, w, tmp_path, erased_and_painted())
    dialog.run.click()
    assert not dialog.run.isEnabled()
    held(qtbot, server)
    w.jobs.cancel_current()
    qtbot.waitUntil(dialog.run.isEnabled, timeout=WAIT_MS)
    server.wait_idle()  # nobody let it go on: it was stopped there
    assert np.array_equal(document_of(w).view, start)
    assert not w.variants.all
    w.session.drop()
    assert not dialog.run.isEnabled()
    dialog.close()


def test_a_picture_that_changed_meanwhile_stays(
    qtbot: QtBot, w: Editor, server: StandIn, tmp_path: Path
) -> None:
    selected(qtbot, w, 120, 80)
    w.remover.remove()
    qtbot.waitUntil(lambda: labels(w)[-1:] == ["Remove"], timeout=WAIT_MS)
    selected(qtbot, w, 60, 40)
    server.pause("KSampler", step=1)
    dialog = shown(qtbot, w, tmp_path, erased_and_painted())
    dialog.run.click()
    held(qtbot, server)
    w.session.go_to(1)
    before = document_of(w).view.copy()
    server.resume()
    ended(qtbot, w)
    assert "changed meanwhile" in w.message_bar.text
    assert np.array_equal(document_of(w).view, before)
    dialog.close()


def test_a_batch_is_as_many_variants(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    graph = erased_and_painted()
    graph["23"] = node("RepeatLatentBatch", samples=("20", 0), amount=3)
    graph["21"]["inputs"]["latent_image"] = ["23", 0]
    selected(qtbot, w, 120, 80)
    dialog = shown(qtbot, w, tmp_path, graph)
    dialog.run.click()
    ended(qtbot, w)
    assert [variant.request is not None for variant in w.variants.all] == [False, *[True] * 3]
    assert labels(w)[-1] == "Remove"
    assert w.variants.index == 1
    dialog.close()


def test_what_is_laid_onto_the_picture_is_a_step(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    graph = erased_and_painted()
    graph["50"] = node(
        "ImageCompositeMasked", destination=("1", 0), source=("22", 0), mask=("2", 0), x=0, y=0,
        resize_source=False,
    )  # fmt: skip
    graph["4"]["inputs"]["images"] = ["50", 0]
    selected(qtbot, w, 120, 80)
    start = document_of(w).view.copy()
    dialog = shown(qtbot, w, tmp_path, graph)
    dialog.run.click()
    ended(qtbot, w)
    assert not np.array_equal(document_of(w).view, start)
    assert "0 px changed outside the ring" in w.status_bar.badge.text
    assert np.array_equal(undone(w), start)
    dialog.close()


def test_of_several_pictures_the_user_says_which_is_which(
    qtbot: QtBot, w: Editor, tmp_path: Path
) -> None:
    graph = erased_and_painted()
    graph = {"51": node("LoadImage", "Other", image="other.png"), **graph}
    graph["52"] = node("PreviewImage", images=("51", 0))
    selected(qtbot, w, 120, 80)
    dialog = shown(qtbot, w, tmp_path, graph)
    assert pictures(dialog) == {
        ("51", "image"): "other.png",
        ("1", "image"): "",
        ("2", "image"): "",
    }
    assert "not there" in dialog.pictures["51"].box.currentText()
    away = tmp_path / "away"
    away.mkdir()
    dialog.pictures["51"].take(str(photo_file(away, "other.png")))
    dialog.run.click()
    ended(qtbot, w)
    assert len(w.variants.all) == 2
    dialog.close()


@pytest.mark.skipif(not LAB.is_dir(), reason="the first user's workflows are not here")
@pytest.mark.parametrize("name", ["02", "03"])
def test_the_first_users_workflows(qtbot: QtBot, w: Editor, name: str) -> None:
    start = document_of(w).view.copy()
    dialog = read(qtbot, w, next(LAB.glob(f"{name}-*.json")))
    fields = {input: field for (_, input), field in dialog.fields.items()}
    fields["text_prompt"].widget.setText("red disc")
    fields["steps"].widget.setText("2")
    if name == "03":
        assert fields["lora_name"].is_marked
        fields["lora_name"].widget.setCurrentText("tom.safetensors")
    dialog.run.click()
    ended(qtbot, w)
    assert labels(w) == ["Remove"]
    w.variants.apply(1)
    assert labels(w) == ["Remove", "Paint"]
    assert np.array_equal(undone(w), start)
    dialog.close()
