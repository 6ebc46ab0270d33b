"""Inputs and outputs of the command line: checked before any work, folders, pipes."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from PIL import Image as Pil

from app.cli import main as cli
from engine.builtin import backend as builtin
from engine.image_io.reader import read
from engine.jobs.fake import FakeBackend
from tests.app.cli.test_cli import disc, lacuna, report_of, scene
from tests.support import pictures

RECIPE = (
    "lacuna: 1\nsteps:\n  - select: {mask: mask.png}\n  - remove: {grow: 3}\n"
    "output: {compare: true}\n"
)


class Unused(FakeBackend):
    """Work that must not be begun."""

    def fill(self, *_: object) -> object:  # type: ignore[override]
        raise AssertionError("work began")

    segment = fill  # type: ignore[assignment]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "in").mkdir()
    for name in ("a.png", "b.png"):
        Pil.fromarray(scene()).save(tmp_path / "in" / name)
    Pil.fromarray(disc()).save(tmp_path / "mask.png")
    (tmp_path / "recipe.yaml").write_text(RECIPE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(builtin, "BuiltinBackend", FakeBackend)
    return tmp_path


@pytest.fixture
def no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builtin, "BuiltinBackend", Unused)


REMOVE = "remove in/a.png --mask mask.png"


@pytest.mark.usefixtures("no_work")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (f"{REMOVE} -o in/a.png --force", "in/a.png is a file that is read"),
        (f"{REMOVE} -o in/A.PNG --force", "is a file that is read"),
        (f"{REMOVE} -o mask.png --force", "mask.png is a file that is read"),
        (f"{REMOVE} -o o.png --json in/a.png --force", "is a file that is read"),
        (f"{REMOVE} -o o.png --json O.PNG", "would both be written to"),
        (f"{REMOVE} -o o.png --json old.json", "old.json exists; --force replaces it"),
        (f"{REMOVE} -o mask.png/o.png", "cannot be made a folder"),
        (f"{REMOVE} -o sub.png/ --json in", "in is a folder"),
        (f"{REMOVE} -o - --json -", "cannot both go to the standard output"),
        ("run recipe.yaml in -o in --force", "is a file that is read"),
        ("run recipe.yaml in -o out --json recipe.yaml --force", "is a file that is read"),
        ("run recipe.yaml twins -o out", "would both be written to out/a-compare.png"),
        ("run recipe.yaml capitals -o out", "would both be written to"),
        ("run recipe.yaml in -o -", "- takes one picture, and these are 2"),
        ("run recipe.yaml none -o out", "no picture was found"),
        ("paint in/a.png --mask mask.png --prompt x --variants 2 -o -", "these are 2 variants"),
    ],
)
def test_outputs_are_checked_before_any_work(
    words: str, said: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in ("twins/a.png", "twins/a-compare.png", "capitals/x.png", "capitals/X.tif"):
        (folder / path).parent.mkdir(exist_ok=True)
        Pil.fromarray(scene()).save(folder / path)
    (folder / "capitals/X.tif").rename(folder / "capitals/X.gif")
    (folder / "none").mkdir()
    (folder / "old.json").write_text("{}")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert lacuna(*words.split()) == 2
    assert said in " ".join(capsys.readouterr().err.split())
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.usefixtures("no_work")
@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="everybody may write there")
def test_a_closed_folder_is_known_before_any_work(folder: Path) -> None:
    (folder / "closed").mkdir(mode=0o500)
    assert lacuna(*f"{REMOVE} -o closed/o.png".split()) == 2


def test_a_comparison_that_exists_is_left_alone(folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "out/a-compare.png").write_bytes(b"precious")
    assert lacuna("run", "recipe.yaml", "in", "-o", "out", "--json", "r.json") == 0
    assert (folder / "out/a-compare.png").read_bytes() == b"precious"
    assert [file["status"] for file in report_of(Path("r.json"))["files"]] == ["skipped", "done"]
    assert lacuna("run", "recipe.yaml", "in", "-o", "out", "--force") == 0
    assert read(folder / "out/a-compare.png").size.height == 180


def test_folders_of_outputs_are_made(folder: Path) -> None:
    assert lacuna(*f"{REMOVE} -o new/deep/o.png --json logs/r.json".split()) == 0
    assert (folder / "new/deep/o.png").exists()
    assert report_of(folder / "logs/r.json")["done"] == 1


def test_a_folder_as_output_gets_the_pictures_name(folder: Path) -> None:
    assert lacuna(*f"{REMOVE} -o out/".split()) == 0
    assert lacuna(*["select", "in/b.png", "--mask", "mask.png", "-o", "out"]) == 0
    assert sorted(path.name for path in (folder / "out").iterdir()) == ["a.png", "b.png"]
    Pil.fromarray(scene()).save(folder / "in/c.jpg")
    assert lacuna(*["select", "in/c.jpg", "--mask", "mask.png", "-o", "masks/"]) == 0
    assert lacuna(*["remove", "in/c.jpg", "--mask", "masks", "-o", "out"]) == 0
    assert read(folder / "out/c.jpg").format == "jpeg"


def test_left_overs_of_macos_are_passed_over(folder: Path) -> None:
    (folder / "in/._a.png").write_bytes(b"resource fork")
    assert lacuna("run", "recipe.yaml", "in", "-o", "out") == 0
    assert lacuna("run", "recipe.yaml", "in/*.png", "in/.*.png", "-o", "more", "--force") == 1
    assert not list((folder / "out").glob("._*"))


def test_sub_folders_are_said_or_kept(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for path in ("in/x/a.png", "in/x/y/c.png", "in/z/notes.txt"):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        Pil.fromarray(scene()).save(folder / path, "PNG")
    assert lacuna("run", "recipe.yaml", "in", "-o", "in/out") == 0
    said = capsys.readouterr().err
    assert "in: pictures in 2 sub-folders are left out; --recursive" in said
    words = ("run", "recipe.yaml", "in", "-o", "in/out", "--force", "--recursive")
    assert lacuna(*words) == 0
    assert lacuna(*words) == 0  # its own results are no inputs
    made = {str(path.relative_to(folder / "in/out")) for path in (folder / "in/out").rglob("*.png")}
    results = {"a.png", "b.png", "x/a.png", "x/y/c.png"}
    assert made == results | {name.replace(".png", "-compare.png") for name in results}
    assert "sub-folder" not in capsys.readouterr().err


def test_a_picture_of_more_pixels_needs_the_option(folder: Path) -> None:
    Pil.new("RGB", (1100, 1000)).save(folder / "large.png")
    Pil.new("L", (1100, 1000), 0).save(folder / "m.png")
    words = ("select", "large.png", "--box", "10,10,50,50", "-o", "o.png", "--json", "r.json")
    assert lacuna(*words, "--max-megapixels", 1) == 1
    assert "--max-megapixels" in report_of(Path("r.json"))["files"][0]["message"]
    assert lacuna(*words, "--max-megapixels", 2, "--force") == 0


def stream(content: bytes, *, terminal: bool = False) -> SimpleNamespace:
    return SimpleNamespace(buffer=io.BytesIO(content), isatty=lambda: terminal)


@pytest.mark.parametrize("command", [["remove"], ["run"]])
def test_pipes_take_one_picture(
    command: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Pil.fromarray(scene()).save(folder / "a.tif")
    output = stream(b"")
    monkeypatch.setattr(sys, "stdin", stream((folder / "a.tif").read_bytes()))
    monkeypatch.setattr(sys, "stdout", output)
    (folder / "recipe.yaml").write_text(RECIPE.replace("compare: true", "format: png"))
    words = ["-", "--mask", "mask.png"] if command == ["remove"] else ["recipe.yaml", "-"]
    assert cli.run([*command, *words, "-o", "-"]) == 0
    piped = Pil.open(io.BytesIO(output.buffer.getvalue()))
    assert (piped.format, piped.size) == ("TIFF" if command == ["remove"] else "PNG", (240, 180))


@pytest.mark.usefixtures("no_work")
def test_a_terminal_gets_no_picture(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", stream(b"", terminal=True))
    assert lacuna(*f"{REMOVE} -o -".split()) == 2


@pytest.mark.usefixtures("no_work")
def test_a_folder_is_no_picture(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lacuna("remove", "in", "--point", "10,10", "-o", "out") == 2
    assert "in is a folder: one picture is wanted; lacuna run takes" in capsys.readouterr().err


def test_a_pipe_without_a_picture_is_called_the_standard_input(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", stream(b"no picture"))
    assert cli.run(["remove", "-", "--point", "5,5", "-o", "out.png"]) == 1
    assert "Cannot open standard input." in "".join(capsys.readouterr())


def test_a_pipe_of_two_programs(folder: Path) -> None:
    lines = "select - --box 60,50,60,60 -o -"
    done = subprocess.run(
        [sys.executable, "-m", "app", *lines.split()],
        input=(folder / "in/a.png").read_bytes(), capture_output=True, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(cli.__file__).parents[2])},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert Pil.open(io.BytesIO(done.stdout)).mode == "L"


def test_what_the_file_will_lose_is_said_before_it_is_written(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    small = io.BytesIO()
    Pil.fromarray(scene()).resize((40, 30)).save(small, "JPEG")
    block = pictures.exif_block(thumbnail=small.getvalue())
    Pil.fromarray(scene()).save(folder / "photo.jpg", exif=b"Exif\0\0" + block)
    words = ["photo.jpg", "--mask", "mask.png", "-o", "out.jpg", "--json", "report.json"]
    code = lacuna("remove", *words)
    said = capsys.readouterr().err
    line = "Thumbnail: left out, because it shows the picture as it was"
    assert code == 0
    assert said.index(line) < said.index("-> out.jpg")
    (file,) = json.loads((folder / "report.json").read_text())["files"]
    assert line in file["left_out"]
