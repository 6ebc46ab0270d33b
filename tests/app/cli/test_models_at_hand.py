"""Commands that models do: find, paint, and recipes of both, with engines that are fakes."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pil

from app.cli import main as cli
from app.engines.runner import InlineRunner
from engine.dispatch.choice import EngineState
from engine.errors import EngineMissing
from engine.geometry import Image, Mask
from engine.image_io.reader import read
from engine.jobs.backend import JobContext
from engine.jobs.fake import FakeBackend
from engine.jobs.paint_settings import Painted, PaintSettings
from engine.jobs.requests import FindRequest, FindResult, Hole
from engine.models.families import Family
from engine.models.model_file import Installed
from tests.support.models_at_hand import device, installed, lora, model

ALL = (Family.SAM3, Family.LAMA, Family.SD15_INPAINT)
PLACES = ((60, 90), (120, 90), (180, 90))  # of the fake's three discs
READY = EngineState(device=device())


class FakeModels(FakeBackend):
    """Counts what it is asked, and may be broken."""

    name = "local"

    def __init__(self) -> None:
        self.finds, self.fills, self.paints = 0, 0, []
        self.closed = 0
        self.error: EngineMissing | None = None

    def find(self, request: FindRequest, job: JobContext) -> FindResult:
        self.finds += 1
        return replace(super().find(request, job), engine="local")

    def fill(self, hole: Hole, seed: int, job: JobContext) -> Image:
        self.fills += 1
        if self.error is not None:
            raise self.error
        return super().fill(hole, seed, job)

    def inpaint(self, hole: Hole, settings: PaintSettings, seed: int, job: JobContext) -> Painted:
        self.paints.append((settings, seed))
        painted = super().inpaint(hole, settings, seed, job)
        record = replace(painted.paint_record, sigmas=(14.6, 1.0, 0.0), device="cuda")
        return replace(painted, paint_record=record, notes=("refined",))

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def models() -> FakeModels:
    return FakeModels()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    ground = np.random.default_rng(3).integers(90, 140, (180, 240, 3), np.uint8)
    for name in ("a.png", "b.png"):
        Pil.fromarray(ground).save(tmp_path / name)
    mask = np.zeros((180, 240), np.uint8)
    mask[60:100, 80:140] = 255
    Pil.fromarray(mask).save(tmp_path / "m.png")
    return tmp_path


def lacuna(models: FakeModels, words: str, *families: Family) -> int:
    found = installed(*(families or ALL))
    found = Installed(models=(*found.models, lora()))
    runner = InlineRunner(lambda: found, FakeBackend, lambda: models, READY)
    return cli.run(words.split("|") if "|" in words else words.split(), runner)


def report(path: str = "r.json") -> Any:
    return json.loads(Path(path).read_text())["files"]


def marked(mask: Mask) -> list[bool]:
    return [bool(mask[y, x]) for x, y in PLACES]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("find|a.png|plate with food|--threshold|0.2|-o|o.png", [True, True, True]),
        ("find|a.png|plate with food|-o|o.png", [True, True, False]),
        ("find|a.png|plate|--threshold|0.1|--pick|best|-o|o.png", [True, False, False]),
        ("find|a.png|plate|--threshold|0.1|--pick|1,3|-o|o.png", [True, False, True]),
        ("find|a.png|--example|5,5,20,20|-o|o.png", [True, True, False]),
    ],
)
def test_find_writes_the_union(
    words: str, expected: list[bool], folder: Path, models: FakeModels
) -> None:
    assert lacuna(models, words) == 0
    assert marked(read(folder / "o.png").pixels) == expected
    assert (models.finds, models.closed) == (1, 1)


def test_find_says_what_is_missing(
    folder: Path, models: FakeModels, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lacuna(models, "find a.png plate -o o.png", Family.LAMA) == 1
    assert "not at hand" in capsys.readouterr().err
    assert not (folder / "o.png").exists()
    assert models.finds == 0


def test_remove_takes_the_model_unless_told_otherwise(folder: Path, models: FakeModels) -> None:
    assert lacuna(models, "remove a.png --mask m.png -o o.png --json r.json") == 0
    facts = report()[0]["steps"][1]["facts"]
    assert (facts["engine"], facts["model"]) == ("local", "lama.safetensors")
    assert (facts["reason"], facts["changed_outside_px"]) == ("", 0)
    words = "remove a.png --mask m.png -o p.png --json r.json --engine builtin --force"
    assert lacuna(models, words) == 0
    facts = report()[0]["steps"][1]["facts"]
    assert (facts["engine"], facts["model"], facts["reason"]) == ("fake", "", "asked")
    assert models.fills == 1


def test_libraries_that_do_not_load_are_no_reason_to_stop(folder: Path, models: FakeModels) -> None:
    models.error = EngineMissing("broken", "libcudart")
    assert lacuna(models, "remove a.png --mask m.png -o o.png --json r.json") == 0
    facts = report()[0]["steps"][1]["facts"]
    assert (facts["engine"], facts["reason"]) == ("fake", "broken")
    assert lacuna(models, "remove a.png --mask m.png -o p.png --engine local") == 1


def test_paint_writes_variants_that_differ_inside_alone(folder: Path, models: FakeModels) -> None:
    words = (
        "paint|a.png|--mask|m.png|--prompt|piece of meat|--avoid|text|--lora|face:0.8|--steps|7"
        "|--cfg|8|--sampler|uni_pc_bh2|--seed|18446744073709551614|--variants|3|-o|o.png"
        "|--grow|6|--feather|3|--json|r.json"
    )
    assert lacuna(models, words) == 0
    before = read(folder / "a.png").pixels
    made = [read(folder / f"o-{number}.png").pixels for number in (1, 2, 3)]
    assert not (folder / "o.png").exists()
    hole = np.s_[40:120, 60:160]
    for number, one in enumerate(made):
        changed = (one != before).any(2)
        assert changed[60:100, 80:140].mean() > 0.9
        changed[hole] = False
        assert not changed.any()
        assert not np.array_equal(one, made[number - 1])
    settings, _ = models.paints[0]
    assert (settings.prompt, settings.negative_prompt) == ("piece of meat", "text")
    assert settings.loras == (("face", 0.8),)
    assert (settings.steps, settings.guidance, settings.sampler) == (7, 8.0, "uni_pc_bh2")
    assert [seed for _, seed in models.paints] == [2**64 - 2, 2**64 - 1, 0]
    (file,) = report()
    facts = file["steps"][1]["facts"]
    assert facts["changed_outside_px"] == 0
    assert facts["model"] == "sd15-inpaint.safetensors"
    assert [each["seed"] for each in facts["variants"]] == [2**64 - 2, 2**64 - 1, 0]
    assert facts["variants"][0]["sigmas"] == [3]
    assert [Path(output).name for output in file["outputs"]] == ["o-1.png", "o-2.png", "o-3.png"]


def test_variants_that_exist_are_not_written_over(folder: Path, models: FakeModels) -> None:
    (folder / "o-2.png").write_bytes(b"mine")
    words = "paint a.png --mask m.png --prompt x --variants 2 -o o.png"
    assert lacuna(models, words) == 0
    assert (folder / "o-2.png").read_bytes() == b"mine"
    assert not models.paints
    assert lacuna(models, words + " --force") == 0
    assert (folder / "o-2.png").read_bytes() != b"mine"


def test_remove_first_then_paint(folder: Path, models: FakeModels) -> None:
    words = "paint a.png --mask m.png --prompt x --remove-first -o o.png --json r.json"
    assert lacuna(models, words) == 0
    assert [step["step"] for step in report()[0]["steps"]] == ["select", "remove", "paint"]
    assert models.fills == len(models.paints) == 1


def test_a_model_that_is_not_here_is_named(
    folder: Path, models: FakeModels, capsys: pytest.CaptureFixture[str]
) -> None:
    words = "paint a.png --mask m.png --prompt x --model nothing.safetensors -o o.png"
    assert lacuna(models, words) == 1
    assert "nothing.safetensors" in capsys.readouterr().err
    assert not models.paints


def test_the_first_users_pipeline_over_several_pictures(folder: Path, models: FakeModels) -> None:
    words = "run find-remove-paint a.png b.png -o out --json r.json"
    assert lacuna(models, words) == 0
    files = report()
    assert [file["status"] for file in files] == ["done", "done"]
    find, remove, paint = (step["facts"] for step in files[0]["steps"])
    assert (find["engine"], find["picked"]) == ("local", 3)
    assert remove["changed_outside_px"] == paint["changed_outside_px"] == 0
    assert (paint["guidance"], paint["sampler"], paint["steps"]) == (8.0, "uni_pc_bh2", 20)
    assert models.finds == 2
    assert models.closed == 1  # one engine for all
    compared = read(folder / "out/a-compare.png").pixels
    assert compared.shape == (180, 3 * 240 + 16, 3)
    assert np.array_equal(compared[:, :240], read(folder / "a.png").pixels)
    assert np.array_equal(compared[:, -240:], read(folder / "out/a.png").pixels)
    middle = compared[:, 248:488]
    assert not np.array_equal(middle, compared[:, :240])
    assert not np.array_equal(middle, compared[:, -240:])


def test_a_named_model_and_its_family_decide(folder: Path, models: FakeModels) -> None:
    found = Installed(models=(model(Family.SD15_INPAINT), model(Family.FLUX_FILL, name="flux")))
    runner = InlineRunner(lambda: found, FakeBackend, lambda: models, READY)
    words = "paint a.png --mask m.png --prompt x --model flux -o o.png"
    assert cli.run(words.split(), runner) == 0
    settings, _ = models.paints[0]
    assert (settings.checkpoint, settings.guidance, settings.scheduler) == ("flux", 30.0, "simple")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("find a.png -o o.png", "say what to find"),
        ("find a.png plate -o o.jpg", "must end in .png"),
        ("find a.png plate --threshold 3 -o o.png", "0.05 to 1"),
        ("find a.png plate --pick 1,x -o o.png", "--pick"),
        ("paint a.png --mask m.png -o o.png", "--prompt"),
        ("paint a.png --prompt x -o o.png", "exactly one of"),
        ("paint a.png --mask m.png --prompt x --variants 9 -o o.png", "1 to 8"),
        ("paint a.png --mask m.png --prompt x --sampler y -o o.png", "uni_pc_bh2"),
    ],
)
def test_wrong_arguments_are_explained(
    words: str, said: str, folder: Path, models: FakeModels, capsys: pytest.CaptureFixture[str]
) -> None:
    assert lacuna(models, words) == 2
    assert said in " ".join(capsys.readouterr().err.split())
