"""Files that Lacuna 0.1.0 wrote open with the same values; see tests/data/v0_1_0/README.md."""

import json
import os
import shutil
import zipfile
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.document.history import History
from app.journal.journal import Journal, pending, recover
from app.journal.pending_files import TaskFiles
from app.journal.pending_tasks import FindTasks
from app.project import project
from app.settings import file as settings_file
from app.settings.export_options import restored
from app.settings.paint_choices import PaintChoices
from app.settings.paint_json import load_usable
from app.settings.paint_presets import Presets
from app.settings.prompt_history import PromptHistory
from app.settings.recent_files import RecentFiles
from app.settings.schema import Settings
from engine.comfy.jobs.job_store import KeptJob, KeptJobs, RemoteState
from engine.comfy.prompt_plan import Graph, Plan
from engine.comfy.server.address import Login, Server
from engine.image_io.reader import read
from engine.jobs.paint_settings import Lora, StartFrom
from tests.support import facts
from tests.support.scripted import Quiet

FILES = Path(__file__).parents[1] / "data" / "v0_1_0"
CHOICES = PaintChoices().changed(
    prompt="ein Stück Fleisch, “rare”\nна тарілці",
    negative_prompt="watermark",
    checkpoint="dream.safetensors",
    family="sdxl",
    loras=(Lora("tom.safetensors", 0.75), Lora("other", -1.0)),
    loras_off=frozenset({"other"}),
    steps=31,
    guidance=8.5,
    sampler="uni_pc_bh2",
    scheduler="karras",
    strength=0.625,
    start_from=StartFrom.REMOVED,
    refine=False,
    context_px=300,
    variants=8,
)


def expected(path: Path) -> Any:
    return json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["plain", "deep", "gray"])
def test_a_project_opens_and_is_saved_with_the_same_words(name: str, tmp_path: Path) -> None:
    path = FILES / "projects" / f"{name}.lacuna"
    document = project.load(path)
    assert {**facts.of_document(document), "path": None} == expected(path)
    project.save(document.lease(), tmp_path / "again.lacuna")
    assert manifest(tmp_path / "again.lacuna") == manifest(path)


def manifest(path: Path) -> object:
    with zipfile.ZipFile(path) as archive:
        found = json.loads(archive.read("lacuna.json"))
    assert found.pop("version") in (1, 2)
    found.pop("places", None)  # of masks that are stored as the part that is marked
    return found


@pytest.mark.parametrize("name", ["opened", "saved", "pasted"])
def test_a_journal_that_kill_9_left_comes_back_and_goes_on(name: str, tmp_path: Path) -> None:
    shutil.copytree(FILES / "journals" / name, tmp_path / "journal")
    (recovery,) = pending(tmp_path / "journal")
    assert recovery.thumbnail is not None
    document = recover(recovery)
    assert facts.of_document(document) == expected(FILES / "journals" / name)
    with closing(History(document)) as history:
        journal = Journal.resume(recovery, document, history, pytest.fail)
        with history.edit("Click") as edit:
            edit.set("origin", "box")
        journal.settle()
        shutil.copytree(tmp_path / "journal", tmp_path / "copy")
        journal.close()
    (again,) = pending(tmp_path / "copy")
    assert again.edits == recovery.edits + 1
    assert facts.of_document(recover(again)) == facts.of_document(document)


def test_tasks_under_way_are_taken_up_again(tmp_path: Path) -> None:
    folder = tmp_path / "tasks"
    shutil.copytree(FILES / "tasks", folder)
    for path in folder.glob("*.task"):
        os.utime(path)  # what is old is thrown away
    view = np.asarray(read(FILES / "tasks" / "view.png").pixels)
    files = TaskFiles(folder)
    found = FindTasks(folder=folder, view=view, revision=0, claims=files).run(Quiet())
    files.close()
    asked = {task.path.stem: facts.of_request(task.request) for task in found}
    assert asked == {name: expected(FILES / "tasks" / name) for name in ("paint", "remove")}


def test_settings_come_back(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    shutil.copy(FILES / "settings.json", path)
    loaded = settings_file.load(path)
    assert loaded.problems == ()
    chosen = loaded.settings
    assert load_usable(chosen.paint, PaintChoices()) == CHOICES.changed(
        prompt="", negative_prompt=""
    )
    assert restored(chosen.export, source_format="png").quality == 80
    assert replace(chosen, paint={}) == Settings(
        theme="dark",
        language="uk",
        mask_color="#00ff00",
        undo_mb=1024,
        wheel_zooms=False,
        remove_engine="server",
        shortcut_preset="gimp",
        shortcuts={"edit.undo": ("Ctrl+Z", "F4"), "edit.redo": ()},
        export={"format": "jpeg", "quality": 80, "keep_gps": False},
        models_dir="/models",
        model_folders=("/a", "/b"),
        mirrors=("https://m.example",),
        servers=(
            Server(
                name="пошта & Co",
                url="https://box.example:8443/x",
                login=Login.HEADER,
                user="me",
                headers=("X-Key", "X-Other"),
                fingerprint=":".join(["0a"] * 32),
                ca_file="/etc/ca.pem",
                allows_plain=True,
                is_on=False,
            ),
            Server(name="box", url="http://192.168.1.20:8188"),
        ),
    )
    settings_file.save(chosen, path)
    assert json.loads(path.read_bytes()) == json.loads((FILES / "settings.json").read_bytes())


def test_presets_come_back(tmp_path: Path) -> None:
    found = {p.name: p.onto(PaintChoices()) for p in Presets(tmp_path, FILES / "presets").all()}
    assert found == {"Küche / nachts": CHOICES, "Open": PaintChoices(family="flux-fill")}


def test_prompts_and_recent_files_come_back(tmp_path: Path) -> None:
    assert PromptHistory(FILES / "prompts.json").prompts() == ["a dog", "кіт\nна килимі"]
    names = ("cat.png", "собака.lacuna")
    for name in names:
        (tmp_path / name).touch()
    stored = (FILES / "recent.json").read_text(encoding="utf-8")
    recent = tmp_path / "recent.json"
    recent.write_text(stored.replace("/tmp/photos", tmp_path.as_posix()), encoding="utf-8")
    assert RecentFiles(recent).paths() == [tmp_path / name for name in names]


@pytest.mark.parametrize(
    ("state", "seed"), [(RemoteState.RUNNING, 2**64 - 1), (RemoteState.CANCELLED, 3)]
)
def test_jobs_of_a_server_are_known_again(state: RemoteState, seed: int) -> None:
    graph: Graph = {
        "1": {"class_type": "LoadImage", "inputs": {"image": "lacuna/ab.png"}},
        "2": {
            "class_type": "KSampler",
            "inputs": {"seed": seed, "cfg": 7.5, "latent_image": ["1", 0]},
        },
    }
    kept = KeptJobs(FILES / "server_jobs").find("http://box:8188", Plan(graph=graph, wanted=("2",)))
    assert kept == KeptJob(
        server="box",
        url="http://box:8188",
        prompt_id=f"p{seed}",
        client_id="c1",
        graph=graph,
        wanted=("2",),
        uploads=("lacuna/ab.png",),
        state=state,
        created_s=1_790_000_000.25,
    )
