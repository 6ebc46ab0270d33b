"""Workflows and recipes of the command line, on a server that is a stand-in."""

import _thread
import json
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pil

from app.cli import main as cli
from app.engines.runner import InlineRunner
from app.engines.server_pool import ServerPool
from engine import tasks
from engine.comfy.server.address import Server
from engine.comfy.server.logins import server_tokens
from engine.image_io.reader import read
from engine.inpaint.crops import RemoveOptions
from engine.jobs.paint_settings import PaintSettings
from engine.models.families import Family
from engine.models.model_file import Installed
from engine.workflow.export import export_request
from tests.conftest import SHARED
from tests.engine.comfy.stand_in.server import StandIn
from tests.engine.workflow.local_graphs import node, pipeline, removal
from tests.support.models_at_hand import model
from tests.support.scripted import Quiet

LAB = SHARED / "lab" / "workflow"
HIS_CHECKPOINT = "--set|CheckpointLoaderSimple.ckpt_name=sd-v1-5-inpainting.safetensors"
HIS_LORA = "--set|LoraLoader.lora_name=tom.safetensors"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    view = np.full((128, 192, 3), 30, np.uint8)
    view[30:70, 40:90] = 240
    view[80:110, 120:160] = 230
    Pil.fromarray(view).save(tmp_path / "a.png")
    Pil.fromarray(view[::-1].copy()).save(tmp_path / "b.jpg")
    return tmp_path


@pytest.fixture
def server() -> Iterator[StandIn]:
    with StandIn() as standing:
        yield standing


def lacuna(words: str, *servers: StandIn, tmp: Path) -> int:
    listed = [Server(name=f"desk{n}", url=server.url) for n, server in enumerate(servers)]
    fleet = ServerPool(listed, server_tokens("lacuna-test", {}), tmp / "jobs") if servers else None
    runner = InlineRunner(servers=lambda: fleet)
    return cli.run(words.split("|") if "|" in words else words.split(), runner)


def whole() -> dict[str, Any]:
    """The pipeline with the files that the server has."""
    graph = pipeline()
    for each in graph.values():
        if each["class_type"] == "CheckpointLoaderSimple":
            each["inputs"]["ckpt_name"] = "sd-v1-5-inpainting.safetensors"
        if each["class_type"] == "LoraLoader":
            each["inputs"]["lora_name"] = "tom.safetensors"
    return graph


def without_mask_file() -> dict[str, Any]:
    """The photo itself says what is to be removed: where it is transparent."""
    graph = removal(masks=("1", 1))
    del graph["2"]
    return graph


def write(graph: dict[str, Any]) -> None:
    Path("w.json").write_text(json.dumps(graph))


def test_a_workflow_runs_as_it_stands(folder: Path, server: StandIn) -> None:
    write(whole())
    assert lacuna("run w.json a.png b.jpg --on server -o out", server, tmp=folder) == 0
    posted = server.calls("POST", "/prompt")
    assert len(posted) == 2
    files = sorted(file.name for file in (folder / "out").iterdir())
    assert any(name.startswith("a-") for name in files)
    assert any(name.startswith("b-") and name.endswith(".jpg") for name in files)
    assert not list(server.folders["output"].iterdir())  # nothing stays there for ever


def test_pairs_are_written_for_comparers(folder: Path, server: StandIn) -> None:
    graph = whole()
    graph["cmp"] = node("Image Comparer (rgthree)", image_a=["1", 0], image_b=["1", 0])
    write(graph)
    assert lacuna("run w.json a.png --on server -o out", server, tmp=folder) == 0
    pairs = [file for file in (folder / "out").iterdir() if "compare" in file.name]
    assert pairs
    assert read(pairs[0]).size.width == 192 * 2 + 8


def test_values_can_be_set(folder: Path, server: StandIn) -> None:
    write(whole())
    words = "run|w.json|a.png|--on|server|--set|KSampler.seed=77|--set|KSampler.steps=3|-o|out"
    assert lacuna(words, server, tmp=folder) == 0
    graph = server.calls("POST", "/prompt")[-1].json["prompt"]
    sampler = next(n for n in graph.values() if n["class_type"] == "KSampler")
    assert (sampler["inputs"]["seed"], sampler["inputs"]["steps"]) == (77, 3)


def test_a_file_that_is_not_there_stops_before_anything_ran(
    folder: Path, server: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    graph = whole()
    for each in graph.values():
        if each["class_type"] == "CheckpointLoaderSimple":
            each["inputs"]["ckpt_name"] = "nowhere.safetensors"
    write(graph)
    assert lacuna("run w.json a.png --on server -o out", server, tmp=folder) == 2
    assert "nowhere.safetensors" in capsys.readouterr().err
    assert not server.calls("POST", "/prompt")
    assert not server.calls("POST", "/upload/image")


def test_a_file_that_is_called_otherwise_there_can_be_copied(
    folder: Path, server: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    graph = whole()
    graph["10"]["inputs"]["ckpt_name"] = "old/sd-v1-5-inpainting (1).safetensors"
    graph["40"] = node("LoraLoader", model=("10", 0), clip=("10", 1), lora_name="face.safetensors",
                       strength_model=1.0, strength_clip=1.0)  # fmt: skip
    graph["21"]["inputs"]["model"] = ["40", 0]
    write(graph)
    assert lacuna("run w.json a.png --on server -o out", server, tmp=folder) == 2
    lines = capsys.readouterr().err.splitlines()
    settings = [line.split() for line in lines if line.startswith("  --set ")]
    assert settings == [
        ["--set", "10.ckpt_name=sd-v1-5-inpainting.safetensors"],
        ["--set", "40.lora_name=NAME"],
    ]
    assert any("lora_name: there is tom.safetensors" in line for line in lines)
    words = [*settings[0], "--set", "40.lora_name=tom.safetensors"]
    command = ["run", "w.json", "a.png", "--on", "server", "-o", "out", *words]
    assert lacuna("|".join(command), server, tmp=folder) == 0


@pytest.fixture
def interruptible() -> Iterator[None]:
    """SIGINT raises KeyboardInterrupt, even where a script started the tests with it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_stops_it_on_the_server(folder: Path, server: StandIn) -> None:
    write(whole())
    server.pause("KSampler", step=1)

    def press() -> None:
        server.wait_held()
        _thread.interrupt_main()

    pressing = threading.Thread(target=press)
    pressing.start()
    assert lacuna("run w.json a.png b.jpg --on server -o out", server, tmp=folder) == 130
    pressing.join()
    server.wait_idle()  # it was stopped there: nobody let it go on
    assert not list((folder / "jobs").glob("*.json"))
    assert not list((folder / "out").iterdir())


def test_ctrl_c_while_a_server_is_asked_leaves_quietly(
    folder: Path, server: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def press(*_: object) -> None:
        raise KeyboardInterrupt

    write(whole())
    monkeypatch.setattr(ServerPool, "ask", press)
    assert lacuna("run w.json a.png --on server -o out", server, tmp=folder) == 130


def test_without_a_result_nothing_is_run(
    folder: Path, server: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    results = ("SaveImage", "PreviewImage", "Image Comparer (rgthree)")
    write({k: each for k, each in whole().items() if each["class_type"] not in results})
    assert lacuna("run w.json a.png --on server -o out", server, tmp=folder) == 2
    assert "no nodes that do anything" in capsys.readouterr().err


def test_a_connection_to_nowhere_is_named_before_anything_ran(
    folder: Path, server: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    graph = whole()
    graph["3"]["inputs"]["images"] = ["1", 9]
    write(graph)
    assert lacuna("run w.json a.png --on server -o out", server, tmp=folder) == 2
    assert "“Big lama Remover” leads nowhere" in capsys.readouterr().err


@pytest.mark.parametrize("is_mask", [False, True])
def test_what_is_transparent_stays_so_unless_it_is_the_mask(
    folder: Path, server: StandIn, is_mask: bool
) -> None:
    graph = whole() if not is_mask else without_mask_file()
    write(graph)
    view = np.full((128, 192, 4), 255, np.uint8)
    view[30:70, 40:90, 3] = 0
    Pil.fromarray(view).save("a.png")
    assert lacuna("run w.json a.png --on server -o out", server, tmp=folder) == 0
    alpha = read(folder / "out" / "a-ComfyUI.png").alpha
    assert (alpha is None) == is_mask
    if alpha is not None:
        assert np.array_equal(alpha, view[..., 3])


def test_other_pictures_are_sent_as_pictures_alone(
    folder: Path, server: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    """Not what a camera wrote beside them, and no file that is none."""
    write(removal())
    exif = Pil.Exif()
    exif[0x010E] = "my garden"
    Pil.new("L", (192, 128), 255).save("mask.png", exif=exif)
    assert lacuna("run w.json a.png --on server -o out", server, tmp=folder) == 0
    sent = server.calls("POST", "/upload/image")
    assert sent
    assert all(b"my garden" not in each.body for each in sent)
    Path("mask.png").write_text("my diary")
    assert lacuna("run w.json b.jpg --on server -o out", server, tmp=folder) == 2
    assert "mask.png" in capsys.readouterr().err
    assert len(server.calls("POST", "/upload/image")) == len(sent)


@pytest.mark.parametrize("ending", ["json", "api.json"])
def test_an_exported_painting_runs_there(folder: Path, server: StandIn, ending: str) -> None:
    """Its picture is read by two nodes: to be painted on, and to begin with."""
    known = Installed(models=(model(Family.SD15_INPAINT, name="sd-v1-5-inpainting.safetensors"),))
    mask = np.zeros((128, 192), np.uint8)
    mask[40:80, 60:110] = 255
    view = read(Path("a.png")).pixels
    settings = PaintSettings(prompt="a stone", steps=2)
    request = tasks.plan_inpaint(view, mask, RemoveOptions(grow_px=4), settings, seed=5)
    done = export_request(request, known, Quiet(), stem="made")
    Path("made.json").write_bytes(done.ui)
    Path("made.api.json").write_bytes(done.api)
    for name, content in done.pictures.items():
        Path(name).write_bytes(content)
    assert sum(node["class_type"] == "LoadImage" for node in json.loads(done.api).values()) == 2
    words = f"run made.{ending} made-1.png --on server -o out"
    assert lacuna(words, server, tmp=folder) == 0
    assert [file.name for file in (folder / "out").iterdir()] == ["made-1-Lacuna.png"]
    assert len(server.calls("POST", "/upload/image")) == len(done.pictures)  # each of them once


def test_a_server_without_the_nodes_says_what_to_install(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(whole())
    with StandIn(pack="none") as bare:
        assert lacuna("run w.json a.png --on server -o out", bare, tmp=folder) == 2
    said = capsys.readouterr().err
    assert "“desk0” cannot do this" in said
    assert said.count("ComfyUI-SAM3 (from https://") == 1


def test_a_node_that_is_not_there_is_named(
    folder: Path, server: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    graph = whole()
    graph["odd"] = {**node("Sparkle", image=["1", 0]), "_meta": {"title": "My sparkle"}}
    write(graph)
    assert lacuna("run w.json a.png --on server -o out", server, tmp=folder) == 2
    assert "My sparkle" in capsys.readouterr().err
    assert not server.calls("POST", "/prompt")


def test_without_a_server_it_is_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(whole())
    assert lacuna("run w.json a.png --on server -o out", tmp=folder) == 2
    assert "server" in capsys.readouterr().err


def test_a_server_that_is_down_says_why(
    folder: Path, server: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    write(whole())
    server.kill()
    assert lacuna("run w.json a.png --on server -o out", server, tmp=folder) == 2
    assert "desk0" in capsys.readouterr().err
    server.start()


def test_a_recipe_runs_on_the_server_with_nothing_changed_outside(
    folder: Path, server: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("r.yaml").write_text(
        "lacuna: 1\nsteps:\n- find: {text: bright}\n- remove: {keep_selection: true}\n"
        "- paint: {prompt: a stone, steps: 2}\n"
    )
    assert lacuna("run r.yaml a.png --on server -o out", server, tmp=folder) == 0
    assert "0 px changed outside the ring" in capsys.readouterr().err
    classes = {
        each["class_type"]
        for call in server.calls("POST", "/prompt")
        for each in call.json["prompt"].values()
    }
    assert {"LamaRemover", "KSampler"} <= classes


def test_here_means_no_server(
    folder: Path, server: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("r.yaml").write_text("lacuna: 1\nsteps:\n- find: {text: bright}\n- remove: {}\n")
    assert lacuna("run r.yaml a.png --on here -o out", server, tmp=folder) == 1
    assert not server.seen


@pytest.mark.skipif(not LAB.is_dir(), reason="the first user's workflows are not here")
@pytest.mark.parametrize("name", ["02", "03"])
@pytest.mark.parametrize(("version", "pack"), [("0.11.1", "lab"), ("0.33.0", "mar")])
def test_the_first_users_workflows_run(
    folder: Path, name: str, version: str, pack: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also on today's pack, where the window itself sends what the server refuses."""
    file = next(LAB.glob(f"{name}-*.json"))
    with StandIn(version=version, pack=pack) as server:
        lora = f"|{HIS_LORA}|{HIS_CHECKPOINT}" if name == "03" else ""
        words = f"run|{file}|a.png|--on|server|-o|out{lora}|--set|KSampler.steps=2"
        assert lacuna(words, server, tmp=folder) == 0, capsys.readouterr().err
    made = sorted(file.name for file in (folder / "out").iterdir())
    assert len([each for each in made if "compare" in each.lower()]) == 3
