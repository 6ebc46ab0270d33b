"""The losses of a file that a workflow writes: printed before it is written, and reported."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil

from app.cli import main as cli
from app.engines.runner import InlineRunner
from engine.dispatch.choice import EngineState
from engine.image_io.encoding import jpeg_file
from engine.image_io.reader import read
from engine.jobs.fake import FakeBackend
from engine.models.families import Family
from tests.engine.workflow.local_graphs import node, removal
from tests.support import pictures
from tests.support.models_at_hand import device, installed

THUMBNAIL = "Thumbnail: left out, because it shows the picture as it was"
FOUND = installed(Family.LAMA)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    scene = Pil.fromarray(np.random.default_rng(3).integers(90, 140, (60, 80, 3), np.uint8))
    small = io.BytesIO()
    scene.resize((40, 30)).save(small, "JPEG")
    block = pictures.exif_block(thumbnail=small.getvalue())
    scene.save(tmp_path / "photo.jpg", exif=b"Exif\0\0" + block)
    scene.save(tmp_path / "plain.png")
    mask = np.zeros((60, 80), np.uint8)
    mask[20:40, 20:40] = 255
    Pil.fromarray(mask).save(tmp_path / "mask.png")
    return tmp_path


def run(graph: object) -> list[list[str]]:
    """What is reported as left out of photo.jpg and of plain.png."""
    Path("w.json").write_text(json.dumps(graph))
    runner = InlineRunner(lambda: FOUND, FakeBackend, FakeBackend, EngineState(device=device()))
    words = "run w.json photo.jpg plain.png --on here -o out --json r.json"
    assert cli.run(words.split(), runner) == 0
    return [each["left_out"] for each in json.loads(Path("r.json").read_text())["files"]]


@pytest.mark.usefixtures("folder")
def test_what_a_workflows_file_will_lose_is_said_before_it_is_written(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(removal()) == [[THUMBNAIL], []]
    said = capsys.readouterr().err
    assert said.count(THUMBNAIL) == 1
    assert said.index(THUMBNAIL) < said.index("photo.jpg ->")


@pytest.mark.usefixtures("folder")
def test_a_loss_of_two_files_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    graph = removal()
    graph["again"] = node("SaveImage", images=["1", 0], filename_prefix="again")
    assert run(graph) == [[THUMBNAIL], []]
    assert capsys.readouterr().err.count(THUMBNAIL) == 1


@pytest.mark.usefixtures("folder")
def test_the_blocks_of_a_jpeg_are_kept_without_decoding_it_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jpeg_file, "by_turbo", None)  # not called
    run(removal())
    source, result = read(Path("photo.jpg")), read(Path("out/photo-ComfyUI.jpg"))
    assert result.coding.quality == source.coding.quality
    outside = np.ones((60, 80), bool)
    outside[:, :70] = False
    assert np.array_equal(result.pixels[outside], source.pixels[outside])
    assert not np.array_equal(result.pixels, source.pixels)
