"""Workflows of ComfyUI on the command line, run on this computer with engines that are fakes."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pil

from app.cli import main as cli
from app.engines.runner import InlineRunner
from app.paths import resource
from app.text.notes import known
from engine.builtin.backend import BuiltinBackend
from engine.comfy.prompt_plan import Graph
from engine.dispatch.choice import EngineState
from engine.geometry import Image
from engine.image_io.reader import read
from engine.jobs.backend import JobContext
from engine.jobs.fake import FakeBackend
from engine.jobs.paint_settings import Painted, PaintSettings
from engine.jobs.requests import FindRequest, FindResult, Hole
from engine.models.families import Family
from engine.models.model_file import Installed
from tests.conftest import SHARED
from tests.engine.workflow.local_graphs import drawn, node, painting, pipeline, removal
from tests.support.models_at_hand import device, installed, lora, model

FOUND = Installed(models=(*installed(Family.SAM3, Family.LAMA, Family.SD15_INPAINT).models, lora()))
READY = EngineState(device=device())


class Models(FakeBackend):
    """Counts what it is asked."""

    name = "local"

    def __init__(self) -> None:
        self.prompts: list[str] = []
        self.fills = 0
        self.paints: list[tuple[PaintSettings, int]] = []

    def find(self, request: FindRequest, job: JobContext) -> FindResult:
        self.prompts.append(request.prompt)
        return super().find(request, job)

    def fill(self, hole: Hole, seed: int, job: JobContext) -> Image:
        self.fills += 1
        return super().fill(hole, seed, job)

    def inpaint(self, hole: Hole, settings: PaintSettings, seed: int, job: JobContext) -> Painted:
        self.paints.append((settings, seed))
        return super().inpaint(hole, settings, seed, job)


@pytest.fixture
def models() -> Models:
    return Models()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    ground = np.random.default_rng(3).integers(90, 140, (180, 240, 3), np.uint8)
    Pil.fromarray(ground).save(tmp_path / "a.png")
    Pil.fromarray(ground[::-1]).save(tmp_path / "b.tif")
    mask = np.zeros((180, 240), np.uint8)
    mask[60:100, 80:140] = 255
    Pil.fromarray(mask).save(tmp_path / "mask.png")
    return tmp_path


def lacuna(graph: Graph | dict[str, Any] | None, models: Models, words: str) -> int:
    if graph is not None:
        Path("w.json").write_text(json.dumps(graph))
    runner = InlineRunner(lambda: FOUND, FakeBackend, lambda: models, READY)
    return cli.run(words.split("|") if "|" in words else words.split(), runner)


def report() -> Any:
    return json.loads(Path("r.json").read_text())["files"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.usefixtures("folder")
def test_the_first_users_pipeline_over_two_photos(
    models: Models, capsys: pytest.CaptureFixture[str]
) -> None:
    words = "run w.json a.png b.tif --on here -o out --json r.json"
    assert lacuna(pipeline(), models, words) == 0
    assert names(Path("out")) == [
        "a-All.png", "a-ComfyUI.png", "a-Painting.png", "a-Removed.png",
        "b-All.png", "b-ComfyUI.tif", "b-Painting.png", "b-Removed.tif",
    ]  # fmt: skip
    source, final = read(Path("a.png")).pixels, read(Path("out/a-ComfyUI.png")).pixels
    pair = read(Path("out/a-All.png")).pixels
    assert pair.shape == (180, 2 * 240 + 8, 3)
    assert np.array_equal(pair[:, :240], source)
    assert np.array_equal(pair[:, -240:], final)
    first, second = report()
    assert (first["status"], second["status"]) == ("done", "done")
    assert [step["step"] for step in first["steps"]] == ["find", "remove", "paint"]
    facts = first["steps"][2]["facts"]
    assert facts["changed_outside_px"] == 0
    assert (facts["node"], facts["title"], facts["seed"]) == ("21", "KSampler", 2**63 + 5)
    assert "difference" not in facts  # the picture is no larger than a crop
    said = capsys.readouterr().err
    assert said.count("work in crops around the masks") == 1
    assert "0 px changed outside the ring" in said
    assert models.prompts == ["plate with food"] * 2


@pytest.mark.usefixtures("folder")
def test_a_crop_is_said_where_comfyui_would_take_everything(models: Models) -> None:
    Pil.new("RGB", (1600, 1200), (90, 120, 150)).save("large.png")
    mask = np.zeros((1200, 1600), np.uint8)
    mask[600:640, 700:760] = 255
    Pil.fromarray(mask).save("mask.png")
    assert lacuna(painting(), models, "run w.json large.png -o out --json r.json") == 0
    facts = report()[0]["steps"][0]["facts"]
    ((_, _, width, height),) = facts["crops"]
    assert width < 700
    assert facts["difference"] == (
        f"painted in a crop of {width} x {height} around the mask; "
        "ComfyUI would have painted the whole picture of 1600 x 1200"
    )


@pytest.mark.usefixtures("folder")
def test_values_are_set_by_title_class_or_id(models: Models) -> None:
    words = (
        "run|w.json|a.png|--set|Positive.text=a red hat|--set|SAM3Grounding.text_prompt=hat"
        "|--set|21.seed=9|--set|KSampler.sampler_name=ddim|-o|out"
    )
    assert lacuna(pipeline(), models, words) == 0
    settings, seed = models.paints[0]
    assert (settings.prompt, settings.sampler, seed) == ("a red hat", "ddim", 9)
    assert models.prompts == ["hat"]


@pytest.mark.parametrize(
    "words",
    [
        "--set CLIPTextEncode.text=hat",  # two of them
        "--set KSampler.cheese=1",
        "--set KSampler.sampler_name=none",
        "--set 77.seed=1",
    ],
)
@pytest.mark.usefixtures("folder")
def test_a_setting_that_cannot_be_followed_ends_it(words: str, models: Models) -> None:
    assert lacuna(pipeline(), models, f"run w.json a.png -o out {words}") == 2
    assert not models.prompts
    assert not Path("out").exists()


@pytest.mark.usefixtures("folder")
def test_previews_are_written_on_request(models: Models) -> None:
    assert lacuna(pipeline(), models, "run w.json a.png --previews -o out") == 0
    assert {"a-preview.png", "a-The mask.png"} <= set(names(Path("out")))
    mask = read(Path("out/a-The mask.png")).pixels
    assert mask.ndim == 2
    assert set(np.unique(mask)) == {0, 255}


@pytest.mark.usefixtures("folder")
def test_what_exists_is_kept_unless_forced(
    models: Models, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("out").mkdir()
    Path("out/a-ComfyUI.png").write_bytes(b"mine")
    assert lacuna(removal(), models, "run w.json a.png b.tif -o out") == 0
    assert Path("out/a-ComfyUI.png").read_bytes() == b"mine"
    assert "a.png: skipped" in capsys.readouterr().err
    assert Path("out/b-ComfyUI.tif").exists()
    assert lacuna(None, models, "run w.json a.png -o out --force") == 0
    assert Path("out/a-ComfyUI.png").read_bytes() != b"mine"


@pytest.mark.usefixtures("folder")
def test_a_batch_of_one_result_is_numbered(models: Models) -> None:
    graph = painting()
    graph["23"] = node("RepeatLatentBatch", samples=("20", 0), amount=3)
    graph["21"]["inputs"]["latent_image"] = ["23", 0]
    graph["5"] = node("SaveImage", images=("1", 0), filename_prefix="ComfyUI")
    assert lacuna(graph, models, "run w.json a.png -o out") == 0
    assert names(Path("out")) == [
        "a-ComfyUI-2.png", "a-ComfyUI-3.png", "a-ComfyUI-4.png", "a-ComfyUI.png",
    ]  # fmt: skip
    same = read(Path("out/a-ComfyUI-2.png")).pixels
    assert np.array_equal(same, read(Path("a.png")).pixels)  # the second output's, not the batch's


@pytest.mark.parametrize(
    ("prefix", "source", "expected"),
    [
        ("results/%date%/new", "b.tif", "b-results-date-new.tif"),
        ("final.png", "b.tif", "b-final.png"),
        ("../../..", "a.png", "a-ComfyUI.png"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_prefixes_become_names(prefix: str, source: str, expected: str, models: Models) -> None:
    graph = removal()
    graph["4"]["inputs"]["filename_prefix"] = prefix
    assert lacuna(graph, models, f"run w.json {source} -o out") == 0
    assert names(Path("out")) == [expected]


def with_two_pictures() -> Graph:
    graph = removal(masks=("6", 0))
    graph["5"] = node("LoadImage", "Second", image="elsewhere.png")
    graph["6"] = node("ImageToMask", image=("5", 0), channel="red")
    return graph


@pytest.mark.usefixtures("folder")
def test_with_two_pictures_one_has_to_be_said(
    models: Models, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lacuna(with_two_pictures(), models, "run w.json a.png -o out") == 2
    assert "elsewhere.png" in capsys.readouterr().err
    Path("elsewhere.png").write_bytes(Path("mask.png").read_bytes())
    Path("photo.png").write_bytes(Path("a.png").read_bytes())
    assert lacuna(None, models, "run w.json a.png -o out") == 2  # both are there, which is meant?
    assert "--set 5.image=FILE" in capsys.readouterr().err
    assert lacuna(None, models, "run w.json a.png --set Second.image=mask.png -o out") == 0
    assert models.fills == 1
    words = "run w.json a.png --set Second.image=mask.png --set 1.image=a.png -o other"
    assert lacuna(None, models, words) == 2
    assert "left for the photos" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_a_mask_that_is_not_there_is_named_before_anything_runs(
    models: Models, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("mask.png").unlink()
    assert lacuna(removal(), models, "run w.json a.png -o out") == 2
    assert "mask.png" in capsys.readouterr().err
    assert not Path("out").exists()


@pytest.mark.parametrize("name", ["../mask.png", "{folder}/mask.png", "..\\mask.png"])
def test_a_strangers_workflow_opens_nothing_elsewhere(
    name: str, folder: Path, models: Models
) -> None:
    (folder / "inner").mkdir()
    graph = removal()
    place = str(folder / "mask.png")
    graph["2"]["inputs"]["image"] = name.replace("{folder}/mask.png", place)
    (folder / "inner" / "w.json").write_text(json.dumps(graph))
    words = "run inner/w.json a.png -o out"
    assert lacuna(None, models, words) == 2
    assert lacuna(None, models, f"{words} --set 2.image={place}") == 0  # the user may


@pytest.mark.usefixtures("folder")
def test_nodes_that_cannot_be_run_are_named(
    models: Models, capsys: pytest.CaptureFixture[str]
) -> None:
    graph = pipeline()
    graph["50"] = node("Upscale by Magic", "Make it large", image=("22", 0))
    graph["51"] = node("Sharpen", "Crisp", image=("50", 0))
    assert lacuna(graph, models, "run w.json a.png -o out") == 2
    said = capsys.readouterr().err
    assert "Make it large" in said
    assert "Crisp" in said
    assert not models.prompts


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("run find-remove-paint a.png -o out --previews", "are for workflows"),
        ("run w.json a.png other/a.tif -o out", "would both be written to"),
        ("run gone.json a.png -o out", "missing, or you may not read it"),
        ("run w.json a.png -o out --set KSampler.steps=0", "(steps)"),
        ("run w.json a.png -o out --set LamaRemover.invert_mask=2", "another value: true, false"),
        ("run w.json a.png -o out --on moon", "--on"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_wrong_words(
    words: str, said: str, models: Models, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("other").mkdir()
    assert lacuna(pipeline(), models, words) == 2
    assert said in " ".join(capsys.readouterr().err.split())
    assert not Path("out").exists()


@pytest.mark.usefixtures("folder")
def test_one_broken_photo_does_not_stop_the_others(models: Models) -> None:
    Path("broken.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    words = "run w.json broken.png a.png -o out --json r.json"
    assert lacuna(removal(), models, words) == 1
    assert [(file["status"], file["error"]) for file in report()] == [
        ("failed", "ImageUnreadable"), ("done", None),
    ]  # fmt: skip


@pytest.mark.usefixtures("folder")
def test_how_it_was_painted_stands_in_the_file(models: Models) -> None:
    assert lacuna(painting(), models, "run w.json a.png -o out") == 0
    text = dict(read(Path("out/a-ComfyUI.png")).metadata.text)["parameters"]
    assert text.startswith("piece of meat\nNegative prompt: watermark, text\nSteps: 7,")
    assert f"Seed: {2**63 + 5}," in text


@pytest.mark.usefixtures("folder")
def test_differences_have_words(models: Models, capsys: pytest.CaptureFixture[str]) -> None:
    graph = painting(model=("41", 0), negative=("43", 0))
    graph["41"] = node("LoraLoaderModelOnly", model=("10", 0), lora_name="face", strength_model=0.5)
    graph["42"] = node("VAELoader", vae_name="other.safetensors")
    graph["43"] = node("ConditioningZeroOut", conditioning=("12", 0))
    graph["20"]["inputs"]["vae"] = ["42", 0]
    assert lacuna(graph, models, "run w.json a.png -o out --json r.json") == 0
    codes = set(report()[0]["steps"][0]["facts"]["notes"])
    assert codes | {"workflow_flux_cfg"} <= known()
    assert "one weight here" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_a_file_of_comfyuis_window_and_its_seeds(
    models: Models, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lacuna(drawn("fixed"), models, "run w.json a.png -o out") == 0
    assert models.paints[0][1] == 11
    assert "seed was drawn" not in capsys.readouterr().err
    assert lacuna(drawn("randomize"), models, "run w.json a.png b.tif -o new") == 0
    seeds = [seed for _, seed in models.paints[1:]]
    assert seeds[0] == seeds[1]
    assert f"--set 7.seed={seeds[0]}" in capsys.readouterr().err
    assert lacuna(None, models, "run w.json a.png --set 7.seed=12 -o third") == 0
    assert models.paints[-1][1] == 12
    assert lacuna(drawn(True), models, "run w.json a.png -o fourth") == 0  # as early in 2023
    assert f"--set 7.seed={models.paints[-1][1]}" in capsys.readouterr().err


def test_the_bundled_sample_with_what_is_built_in(folder: Path) -> None:
    sample = read(resource("sample.jpg"))
    mask = np.zeros((sample.size.height, sample.size.width), np.uint8)
    mask[80:110, 100:140] = 255
    Pil.fromarray(mask).save(folder / "mask.png")
    Path("w.json").write_text(json.dumps(removal(gaussblur_radius=2)))
    runner = InlineRunner(Installed, BuiltinBackend, state=EngineState(trouble="absent"))
    words = ["run", "w.json", str(resource("sample.jpg")), "-o", "out", "--json", "r.json"]
    assert cli.run([*words, "--format", "png"], runner) == 0
    before, after = sample.pixels, read(Path("out/sample-ComfyUI.png")).pixels
    differs = (before != after).any(2)
    assert differs[80:110, 100:140].mean() > 0.9
    differs[40:150, 60:180] = False
    assert not differs.any()
    (step,) = report()[0]["steps"]
    assert step["facts"]["changed_outside_px"] == 0


LAB = SHARED / "lab/workflow"
LAB_MODELS = (
    model(Family.SD21_INPAINT, name="512-inpainting-ema.safetensors"),
    model(Family.SD15, name="v1-5-pruned-emaonly-fp16.safetensors"),
    lora("sd15_inpainting_tomtc_lora (1).safetensors"),
    *installed(Family.SAM3, Family.LAMA).models,
)


@pytest.mark.skipif(not LAB.exists(), reason="needs the first user's files")
@pytest.mark.parametrize("number", ["02", "03"])
def test_the_first_users_own_files(number: str, folder: Path, models: Models) -> None:
    (path,) = LAB.glob(f"{number}-*.json")
    runner = InlineRunner(lambda: Installed(models=LAB_MODELS), FakeBackend, lambda: models, READY)
    assert cli.run(["run", str(path), "a.png", "-o", "out", "--json", "r.json"], runner) == 0
    assert names(Path("out")) == [
        "a-ComfyUI-2.png", "a-ComfyUI.png", "a-compare-2.png", "a-compare-3.png", "a-compare.png",
    ]  # fmt: skip
    assert models.prompts == ["plate with food"]
    settings, _ = models.paints[0]
    assert (settings.steps, settings.guidance, settings.sampler) == (20, 8.0, "uni_pc_bh2")
    assert len(settings.loras) == (number == "03")


def test_a_run_here_is_proved_and_reported(
    models: Models, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lacuna(removal(), models, "run w.json a.png b.tif -o out --report r.json --on here") == 0
    assert "0 px changed outside the ring" in capsys.readouterr().err
    first, second = json.loads((folder / "r.json").read_text())["pictures"]
    for found in (first, second):
        assert found["outside_sha256_before"] == found["outside_sha256_after"]
        assert found["ring_px"] > 0
        assert found["steps"]


def test_a_server_has_no_ring_to_report_on(models: Models, folder: Path) -> None:
    assert lacuna(removal(), models, "run w.json a.png -o out --on server --report r.json") == 2
