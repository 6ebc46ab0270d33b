"""The Python API: files and arrays in, files and arrays out."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil

from app import api
from app.api import Engine, find, paint, remove, select
from app.cli import main as cli
from app.engines.runner import InlineRunner
from app.selftest import scene
from engine.dispatch.choice import EngineState
from engine.errors import (
    EngineError,
    ImageTooLarge,
    ImageUnreadable,
    ImageUnwritable,
    RecipeInvalid,
)
from engine.image_io.reader import read
from engine.image_io.writer import ExportOptions, write
from engine.inpaint import crops
from engine.inpaint.crops import RemoveOptions
from engine.jobs.fake import FakeBackend
from engine.models.families import Family
from engine.picture import Picture
from engine.selection import masks
from tests.support.hair import fur
from tests.support.models_at_hand import device, installed

ROOT = Path(__file__).parents[2]
DISC = (100, 80)  # in the scene


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    Pil.fromarray(scene()).save(path)
    return path


class Opened(list[InlineRunner]):
    """The runners that were made, with engines that are fakes."""

    def __init__(self) -> None:
        super().__init__()
        self.closed = 0

    def __call__(self, *_: object, place: str = "", **__: object) -> InlineRunner:
        found = installed(Family.SAM3, Family.LAMA, Family.SD15_INPAINT)
        state = EngineState(device=device())
        self.append(InlineRunner(lambda: found, FakeBackend, self.models, state, place=place))
        return self[-1]

    def models(self) -> FakeBackend:
        opened = self

        class Fake(FakeBackend):
            name = "local"

            def close(self) -> None:
                opened.closed += 1

        return Fake()


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> Opened:
    opened = Opened()
    monkeypatch.setattr(api, "InlineRunner", opened)
    return opened


def test_nothing_heavy_is_loaded() -> None:
    code = (
        "import sys, app.api; heavy = {'PySide6', 'shiboken6', 'torch', 'scipy', 'skimage'};"
        "print(sorted(heavy & {name.split('.')[0] for name in sys.modules}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_a_file_is_the_same_as_from_the_command_line(photo: Path, tmp_path: Path) -> None:
    ours, theirs = tmp_path / "ours.png", tmp_path / "theirs.png"
    done = remove(photo, point=DISC, seed=3, output=ours)
    words = ["remove", str(photo), "--point", "100,80", "--seed", "3", "-o", str(theirs)]
    assert cli.run(words) == 0
    assert ours.read_bytes() == theirs.read_bytes()
    assert done.files == (ours,)
    assert np.array_equal(done.image, read(ours).pixels)
    assert done.changed_outside_px == 0
    assert [step.step for step in done.steps] == ["select", "remove"]


def test_arrays_stay_as_they_are_and_give_what_files_give(photo: Path) -> None:
    array = scene()
    before = array.copy()
    selected = select(array, points=[DISC], not_points=[("2%", "2%")])
    assert selected.mask[80, 100] == 255
    assert selected.mask[5, 5] == 0
    done = remove(array, mask=selected.mask)
    assert np.array_equal(array, before)
    again = remove(photo, points=[DISC], not_points=[("2%", "2%")])
    assert np.array_equal(done.image, again.image)
    hard = selected.mask > 127
    assert np.array_equal(remove(array, mask=hard).image[~hard][:50], array[~hard][:50])


def test_depth_profile_and_alpha_are_kept(tmp_path: Path) -> None:
    from PIL import ImageCms

    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    deep = scene().astype(np.uint16) * 257
    source, output = tmp_path / "deep.png", tmp_path / "out.png"
    write(Picture(pixels=deep, icc=icc), source, ExportOptions())
    image = remove(source, point=DISC, output=output).image
    back = read(output)
    assert image.dtype == back.pixels.dtype == np.uint16
    assert back.icc == read(source).icc
    alpha = np.full(scene().shape[:2], 77, np.uint8)
    done = remove(np.dstack((scene(), alpha)), box=(70, 50, 60, 60))
    assert done.alpha is not None
    assert np.array_equal(done.alpha, alpha)
    gray = scene()[..., 0]
    assert remove(gray, point=DISC).image.shape == gray.shape


def test_an_engine_keeps_what_is_open(fakes: Opened, photo: Path, tmp_path: Path) -> None:
    with Engine() as engine:
        engine.find(photo, "discs")
        done = engine.paint(photo, "x", mask=np.ones((160, 220), bool), variants=2, seed=5)
        assert fakes.closed == 0
    assert (len(fakes), fakes.closed) == (1, 1)
    assert len(done.variants) == 2
    assert [v["seed"] for v in done.steps[0].facts["variants"]] == [5, 6]
    files = paint(photo, "x", box=(10, 10, 50, 50), variants=2, output=tmp_path / "v.png").files
    assert [file.name for file in files] == ["v-1.png", "v-2.png"]
    found = find(photo, examples=[(40, 60, 40, 40)], pick=[1, 2], output=tmp_path / "m.png")
    assert np.array_equal(read(tmp_path / "m.png").pixels, found.mask)
    assert (len(fakes), fakes.closed) == (3, 3)
    assert Engine(place="server")._new_runner().place == "server"


@pytest.mark.parametrize(
    ("where", "arguments"),
    [
        ("selection", {}),
        ("selection", {"point": DISC, "mask": "m.png"}),
        ("selection", {"mask": "m.png", "text": "disc"}),
        ("selection", {"not_points": [DISC]}),
        ("point", {"point": (1, 2, 3)}),
        ("box", {"box": (1, 2, 3)}),
        ("point", {"point": (1, float("nan"))}),
        ("mask", {"mask": np.zeros((5, 5), np.uint8)}),
        ("mask", {"mask": np.zeros((160, 220), np.float32)}),
        ("engine", {"point": DISC, "engine": "magic"}),
        ("quality", {"point": DISC, "quality": 0}),
    ],
)
def test_arguments_that_do_not_go_together_are_told(
    where: str, arguments: dict[str, object]
) -> None:
    with pytest.raises(RecipeInvalid) as caught:
        remove(scene(), **arguments)  # type: ignore[arg-type]
    assert caught.value.where == where


def test_other_wrong_arguments(photo: Path) -> None:
    with pytest.raises(RecipeInvalid, match="H, W"):
        select(np.zeros((4, 4, 2), np.uint8), point=(1, 1))
    with pytest.raises(RecipeInvalid, match="what to find"):
        find(photo)
    with pytest.raises(RecipeInvalid, match="all, best"):
        find(photo, "disc", pick="some")
    with pytest.raises(RecipeInvalid, match="PNG"):
        select(photo, point=DISC, output="mask.jpg")
    with pytest.raises(RecipeInvalid, match="original, blur"):
        paint(photo, "x", point=DISC, start_from="nothing")
    with pytest.raises(RecipeInvalid, match="variants"):
        paint(photo, "x", point=DISC, variants=0)
    with pytest.raises(RecipeInvalid, match="place"):
        Engine(place="moon")


def test_trouble_with_files_is_an_engine_error(photo: Path, tmp_path: Path) -> None:
    with pytest.raises(ImageUnreadable):
        remove(tmp_path / "none.png", point=DISC)
    with pytest.raises(ImageUnwritable):
        remove(photo, point=DISC, output="out.xyz")
    assert issubclass(ImageUnwritable, EngineError)


def test_the_largest_picture_is_the_callers_to_say(tmp_path: Path) -> None:
    write(Picture(pixels=np.zeros((1000, 1001), np.uint8)), tmp_path / "a.png", ExportOptions())
    with pytest.raises(ImageTooLarge):
        Engine(max_megapixels=1).select(tmp_path / "a.png", point=(5, 5))
    assert Engine(max_megapixels=2).select(tmp_path / "a.png", point=(5, 5)).mask.any()
    with pytest.raises(RecipeInvalid, match="max_megapixels"):
        Engine(max_megapixels=0)


def test_a_soft_edge_goes_from_select_to_remove() -> None:
    ball = fur()
    soft = select(ball.image, point=("50%", "50%"), soft_edge=True).mask
    assert masks.is_soft(soft)
    again = remove(ball.image, mask=soft, soft_edge=True, grow_px=0, feather_px=0)
    (step,) = again.steps
    assert step.facts["changed_outside_px"] == 0
    ring = crops.ring(soft, RemoveOptions(grow_px=0, feather_px=0, soft_edge=True))
    assert np.array_equal(again.image[ring == 0], ball.image[ring == 0])
    hard = remove(ball.image, mask=ball.hard, soft_edge=True)
    assert hard.changed_outside_px == 0


def test_the_subject_is_selected_and_removed(photo: Path) -> None:
    found = select(photo, subject=True)
    assert found.mask[DISC[::-1]] == 255
    assert found.steps[0].facts["engine"] == "builtin"
    done = remove(photo, subject=True)
    assert done.changed_outside_px == 0
    with pytest.raises(RecipeInvalid):
        select(photo, subject=True, point=DISC)
    with pytest.raises(RecipeInvalid):
        remove(photo, subject=True, text="disc")
