"""The command line as whole stories, on files."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pil

from app.cli import main as cli
from app.cli.inputs import with_outputs
from engine.builtin import backend as builtin
from engine.geometry import Image, Mask, Size
from engine.image_io.reader import read
from engine.inpaint import crops
from engine.inpaint.crops import RemoveOptions
from engine.jobs.fake import FakeBackend
from engine.selection import masks
from engine.selection.soft_edge import band_px, soft_edge
from tests.support.hair import HEIGHT, WIDTH, fur

SIZE = Size(240, 180)


def scene() -> Image:
    """A red disc on a smooth and noisy ground."""
    y, x = np.mgrid[: SIZE.height, : SIZE.width]
    ground = np.stack((90 + x / 6, 130 + y / 6, 160 + 0 * x), 2)
    ground += np.random.default_rng(2).normal(0, 3, ground.shape)
    ground[disc() > 0] = (200, 40, 30)
    return np.clip(ground, 0, 255).astype(np.uint8)


def disc() -> Mask:
    y, x = np.mgrid[: SIZE.height, : SIZE.width]
    return np.where(np.hypot(x - 90, y - 80) < 22, 255, 0).astype(np.uint8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for name in ("a.png", "b.png", "c.tif"):
        Pil.fromarray(scene()).save(tmp_path / "in" / name)
    Pil.fromarray(disc()).save(tmp_path / "mask.png")
    (tmp_path / "recipe.yaml").write_text(
        "lacuna: 1\nsteps:\n  - select: {mask: mask.png}\n  - remove: {grow: 3, feather: 2}\n"
    )
    return tmp_path


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """For stories where it does not matter what the fill looks like."""
    monkeypatch.setattr(builtin, "BuiltinBackend", FakeBackend)


def lacuna(*words: object) -> int:
    return cli.run([str(word) for word in words])


def report_of(path: Path) -> Any:
    return json.loads(path.read_text())


def test_remove_by_click_changes_the_object_and_nothing_outside_the_ring(folder: Path) -> None:
    source, target = folder / "in/a.png", folder / "out.png"
    report = folder / "report.json"
    assert lacuna(
        "remove", source, "--point", "90,80", "-o", target, "--grow", 4, "--feather", 3,
        "--json", report,
    ) == 0  # fmt: skip
    before, after = read(source).pixels, read(target).pixels
    changed = (before != after).any(2)
    reach = crops.ring(masks.grow(disc(), 2), RemoveOptions(grow_px=4, feather_px=3))
    assert not changed[reach == 0].any()
    assert changed[disc() > 0].mean() > 0.95
    assert np.abs(after[disc() > 0].astype(int) - (105, 143, 160)).max() < 40  # the red is gone
    file = report_of(report)["files"][0]
    assert file["status"] == "done"
    assert [step["step"] for step in file["steps"]] == ["select", "remove"]
    assert file["steps"][1]["facts"]["changed_outside_px"] == 0
    assert file["steps"][1]["facts"]["ring_px"] >= np.count_nonzero(changed)


def test_a_soft_edge_is_in_the_mask_and_removed_with_the_object(tmp_path: Path) -> None:
    ball, source = fur(), tmp_path / "fur.png"
    Pil.fromarray(ball.image).save(source)
    Pil.fromarray(ball.hard).save(tmp_path / "hard.png")
    point = f"{WIDTH / 2},{HEIGHT / 2}"
    assert lacuna("select", source, "--point", point, "--soft-edge", "-o", tmp_path / "m.png") == 0
    assert masks.is_soft(read(tmp_path / "m.png").pixels)
    (tmp_path / "soft.yaml").write_text(
        "lacuna: 1\nsteps:\n  - select: {mask: hard.png, soft_edge: true}\n"
        "  - remove: {grow: 0, feather: 2, soft_edge: true}\n"
    )
    assert lacuna("run", tmp_path / "soft.yaml", source, "-o", tmp_path / "out/") == 0
    words = ("--mask", tmp_path / "hard.png", "--soft-edge", "--grow", 0, "--feather", 2)
    assert lacuna("remove", source, *words, "-o", tmp_path / "out.png") == 0
    found = read(tmp_path / "out.png").pixels
    np.testing.assert_array_equal(read(tmp_path / "out/fur.png").pixels, found)
    soft = soft_edge(ball.image, ball.hard, band_px(Size(WIDTH, HEIGHT)))
    ring = crops.ring(soft, RemoveOptions(grow_px=1, feather_px=3, soft_edge=True))
    np.testing.assert_array_equal(found[ring == 0], ball.image[ring == 0])
    hair = (soft > 60) & (ball.hard == 0)
    assert found[hair].mean() > ball.image[hair].mean() + 20  # dark hair is gone from the ground


def test_select_by_box_writes_a_mask_that_remove_takes(folder: Path) -> None:
    source, mask, target = folder / "in/a.png", folder / "m.png", folder / "out.png"
    assert lacuna("select", source, "--box", "25%,25%,26%,38%", "-o", mask) == 0
    found = read(mask).pixels
    assert found.shape == disc().shape
    both = np.count_nonzero((found > 127) & (disc() > 0))
    assert both / np.count_nonzero((found > 127) | (disc() > 0)) > 0.8
    assert lacuna("remove", source, "--mask", mask, "-o", target) == 0
    assert (read(target).pixels != read(source).pixels).any()


def test_the_subject_is_selected_removed_and_reported(folder: Path) -> None:
    report, mask, target = folder / "report.json", folder / "out.png", folder / "clean.png"
    source = folder / "in/a.png"
    assert lacuna("select", source, "--subject", "-o", mask) == 0
    found = read(mask).pixels > 127
    assert (found & (disc() > 0)).sum() / (found | (disc() > 0)).sum() > 0.9
    assert lacuna(
        "remove", source, "--subject", "-o", target, "--grow", 2, "--feather", 2, "--json", report
    ) == 0  # fmt: skip
    steps = report_of(report)["files"][0]["steps"]
    assert steps[0]["facts"]["engine"] == "builtin"
    assert steps[0]["facts"]["marked_px"] == found.sum()
    assert steps[1]["facts"]["changed_outside_px"] == 0
    reach = crops.ring(found * np.uint8(255), RemoveOptions(grow_px=2, feather_px=2))
    changed = (read(source).pixels != read(target).pixels).any(2)
    assert not changed[reach == 0].any()
    assert changed[disc() > 0].mean() > 0.9


def test_a_picture_without_a_subject_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Pil.fromarray(np.full((60, 80, 3), 90, np.uint8)).save(tmp_path / "a.png")
    assert lacuna("select", tmp_path / "a.png", "--subject", "-o", tmp_path / "m.png") == 1
    assert "No subject was found" in capsys.readouterr().err
    assert not (tmp_path / "m.png").exists()


def test_the_subject_and_another_way_to_select_do_not_go_together(folder: Path) -> None:
    words = ("select", folder / "in/a.png", "--subject", "--point", "1,1", "-o", folder / "m.png")
    assert lacuna(*words) == 2


@pytest.mark.usefixtures("quick")
def test_boxes_points_and_masks_add_up(folder: Path) -> None:
    found: dict[str, Mask] = {}
    left, right = ("--box", "10,60,20,20"), ("--box", "180,60,20,20")
    for name, words in {"l": left, "r": right, "both": (*left, *right)}.items():
        assert lacuna("select", folder / "in/a.png", *words, "-o", folder / f"{name}.png") == 0
        found[name] = np.asarray(read(folder / f"{name}.png").pixels, np.uint8)
    assert np.array_equal(found["both"], np.maximum(found["l"], found["r"]))
    assert found["l"].any()
    masks_of = ("--mask", folder / "l.png", "--mask", folder / "r.png")
    assert lacuna("remove", folder / "in/a.png", *masks_of, "-o", folder / "o.png") == 0
    changed = (read(folder / "o.png").pixels != read(folder / "in/a.png").pixels).any(2)
    assert changed[found["l"] > 0].any()
    assert changed[found["r"] > 0].any()
    words = ("--box", "50,50,80,60", "--point", "90,80", "--not", "5,5")
    assert lacuna("select", folder / "in/a.png", *words, "-o", folder / "with.png") == 0


@pytest.mark.parametrize("place", ["500,150", "-5,150"])
def test_a_point_outside_is_refused_with_both_numbers(
    place: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("remove", folder / "in/a.png", "--point", place, "-o", folder / "o.png")
    assert lacuna(*words) == 1
    assert (
        f"{place.replace(',', ', ')} is not in the picture, which is 240 x 180"
        in capsys.readouterr().err
    )


@pytest.mark.usefixtures("quick")
def test_a_mask_for_each_picture(folder: Path) -> None:
    (folder / "masks").mkdir()
    for name in ("a.png", "b_mask.png", "c.png"):
        Pil.fromarray(disc()).save(folder / "masks" / name)
    step = "lacuna: 1\nsteps:\n  - select: {mask: %s}\n  - remove: {grow: 3}\n"
    (folder / "recipe.yaml").write_text(step % "masks")
    words = ("run", folder / "recipe.yaml", folder / "in", "-o")
    assert lacuna(*words, folder / "out") == 0
    (folder / "recipe.yaml").write_text(step % '"{name}.png"')
    report = folder / "r.json"
    masks_in = ("--masks", folder / "masks", "--json", report)
    assert lacuna(*words, folder / "more", *masks_in) == 1
    assert [file["status"] for file in report_of(report)["files"]] == ["done", "failed", "done"]
    assert report_of(report)["files"][1]["error"] == "MaskInvalid"


@pytest.mark.usefixtures("quick")
def test_a_seed_is_the_same_picture_again_and_another_seed_another(folder: Path) -> None:
    outputs = [folder / f"{name}.png" for name in "123"]
    for seed, target in zip((1, 1, 2), outputs):
        words = ("--mask", folder / "mask.png", "--seed", seed, "-o", target)
        assert lacuna("remove", folder / "in/a.png", *words) == 0
    first, again, other = (target.read_bytes() for target in outputs)
    assert first == again
    assert first != other


@pytest.mark.usefixtures("quick")
def test_a_broken_file_in_a_batch_does_not_stop_the_others(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "in/b.png").write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    report = folder / "r.json"
    words = ("run", folder / "recipe.yaml", folder / "in", "-o", folder / "out", "--json", report)
    assert lacuna(*words) == 1
    assert [file["status"] for file in report_of(report)["files"]] == ["done", "failed", "done"]
    assert report_of(report)["files"][1]["error"] == "ImageUnreadable"
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["a.png", "c.tif"]
    said = capsys.readouterr().err.splitlines()
    assert "[2/3]" in said[1]
    assert "b.png: failed. Cannot open b.png." in said[1]
    assert "0 px changed outside the ring" in said[2]
    assert "Traceback" not in "".join(said)


@pytest.mark.usefixtures("quick")
def test_outputs_that_exist_are_skipped_and_said(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "out").mkdir()
    (folder / "out/a.png").write_bytes(b"precious")
    words = ("run", folder / "recipe.yaml", f"{folder}/in/*.png", "-o", folder / "out")
    assert lacuna(*words) == 0
    assert (folder / "out/a.png").read_bytes() == b"precious"
    assert "a.png: skipped." in capsys.readouterr().err
    assert lacuna(*words, "--force") == 0
    assert read(folder / "out/a.png").size == SIZE


@pytest.mark.usefixtures("quick")
def test_formats_come_from_the_option_or_the_recipe(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = folder / "out"
    words = ("run", folder / "recipe.yaml", folder / "in/a.png", folder / "in/c.tif", "-o", out)
    assert lacuna(*words, "--format", "jpeg", "--quality", 50) == 0
    assert read(out / "a.jpg").format == read(out / "c.jpg").format == "jpeg"
    assert capsys.readouterr().err.count("compressed anew by its format") == 2


@pytest.mark.usefixtures("quick")
def test_a_file_that_fails_leaves_no_output(folder: Path) -> None:
    report = folder / "r.json"
    Pil.fromarray(scene()[:50]).save(folder / "small.png")
    words = ("remove", folder / "small.png", "--mask", folder / "mask.png", "-o", folder / "o.png")
    assert lacuna(*words, "--json", report) == 1
    assert not (folder / "o.png").exists()
    assert "240 x 180" in report_of(report)["files"][0]["message"]
    words = ("select", folder / "in/none.png", "--point", "1,1", "-o", folder / "o.png")
    assert lacuna(*words) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("remove in/a.png -o o.png", "exactly one of --point or --box, --mask"),
        ("remove in/a.png --point 1,1 --mask mask.png -o o.png", "exactly one of"),
        ("remove in/a.png --mask mask.png --not 1,1 -o o.png", "--not only works beside --point"),
        ("remove in/a.png --point 1 -o o.png", "2 values with commas"),
        ("remove in/a.png --point 1,x -o o.png", "no list of numbers"),
        ("remove in/a.png --point 1,nan -o o.png", "must be a number from"),
        ("remove in/a.png --point 1,1 -o o.gif", "no ending of png, jpeg"),
        ("remove in/a.png --point 1,1 --grow -3 -o o.png", "--grow"),
        ("remove in/a.png --point 1,1", "-o/--output"),
        ("select in/a.png --point 1,1 -o o.jpg", "must end in .png"),
        ("run none.yaml in -o out", "No such file"),
        ("run recipe.yaml in/a.png in/../in/a.png -o out", "would both be written"),
        ("run recipe.yaml in -o mask.png", "cannot be made a folder"),
        ("run bad.yaml in -o out", "does not know 'sise'"),
        ("draw in/a.png", "invalid choice"),
        ("", "usage: lacuna"),
    ],
)
def test_wrong_arguments_are_explained_with_code_2(
    words: str,
    said: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(folder)
    (folder / "bad.yaml").write_text("lacuna: 1\nsteps: [select: {mask: m.png, sise: 2}]")
    assert lacuna(*words.split()) == 2
    assert said in " ".join(capsys.readouterr().err.split())
    assert not (folder / "o.png").exists()


class Interrupting(FakeBackend):
    def fill(self, *_: object) -> Image:
        raise KeyboardInterrupt


def test_an_interruption_ends_with_130_and_a_report(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builtin, "BuiltinBackend", Interrupting)
    report = folder / "r.json"
    words = ("run", folder / "recipe.yaml", folder / "in", "-o", folder / "out", "--json", report)
    assert lacuna(*words) == 130
    assert {file["status"] for file in report_of(report)["files"]} == {"interrupted"}
    assert not list((folder / "out").iterdir())


class Buggy(FakeBackend):
    def fill(self, *_: object) -> Image:
        raise KeyError("surprise")


def test_a_bug_is_said_as_one_and_the_next_file_goes_on(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(builtin, "BuiltinBackend", Buggy)
    report = folder / "r.json"
    words = ("run", folder / "recipe.yaml", folder / "in", "-o", folder / "out", "--json", report)
    assert lacuna(*words) == 1
    assert [file["error"] for file in report_of(report)["files"]] == ["Bug"] * 3


@pytest.mark.usefixtures("quick")
def test_the_report_can_go_to_the_standard_output(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("remove", folder / "in/a.png", "--mask", folder / "mask.png", "-o", folder / "o.png")
    assert lacuna(*words, "--json", "-") == 0
    assert json.loads(capsys.readouterr().out)["done"] == 1


def test_a_command_imports_no_qt_and_no_torch(folder: Path) -> None:
    code = (
        "import sys; from app.__main__ import main; code = main(sys.argv[1:]);"
        "heavy = {name.split('.')[0] for name in sys.modules} & {'PySide6', 'shiboken6', 'torch'};"
        "sys.exit(code or len(heavy))"
    )
    words = ["remove", "in/a.png", "--mask", "mask.png", "-o", "o.png"]
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=folder, capture_output=True, text=True,
        env={"PYTHONPATH": str(Path(cli.__file__).parents[2])}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert (folder / "o.png").exists()


def test_a_folder_stands_for_its_pictures(tmp_path: Path) -> None:
    for name in ("b.JPG", "a.png", "notes.txt", "photo.jpg.part"):
        (tmp_path / name).touch()
    found = with_outputs([str(tmp_path)], Path("out"), None)
    assert [each.input.name for each in found] == ["a.png", "b.JPG"]


@pytest.mark.usefixtures("quick")
def test_what_is_said_of_a_jpeg_is_true_of_the_file(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source, target = folder / "photo.jpg", folder / "clean.jpg"
    report = folder / "report.json"
    pixels = read(folder / "in/a.png").pixels
    Pil.fromarray(pixels).save(source, "JPEG", quality=85, subsampling=2)
    words = ("remove", source, "--point", "90,80", "-o", target, "--json", report)
    assert lacuna(*words) == 0
    assert "0 px changed in clean.jpg outside the 16 px blocks" in capsys.readouterr().err
    [proof] = report_of(report)["files"][0]["proofs"]
    assert (proof["beyond_px"], proof["block_px"]) == (0, 16)
    [rect] = report_of(report)["files"][0]["steps"][-1]["facts"]["holes"]
    differs = (read(target).pixels != read(source).pixels).any(axis=2)
    x, y, width, height = rect
    differs[max(0, y - 18) : y + height + 18, max(0, x - 18) : x + width + 18] = False
    assert not differs.any()
