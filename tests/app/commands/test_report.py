"""The report of a run: true hashes, escaped text, one file."""

import base64
import hashlib
import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil

from app.api import remove
from app.commands.run_report.describe import outside_sha256
from engine.errors import RecipeInvalid
from engine.image_io.reader import read
from tests.app.cli.test_cli import disc, lacuna, scene

NAME = "<script>alert(1)<&.png"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Pil.fromarray(scene()).save(tmp_path / NAME)
    Pil.fromarray(disc()).save(tmp_path / "mask.png")
    return tmp_path


def words(output: str, report: str) -> tuple[str, ...]:
    return ("remove", NAME, "--mask", "mask.png", "-o", output, "--report", report)


def test_the_hashes_are_those_of_the_files(folder: Path) -> None:
    assert lacuna(*words("o.png", "r.json")) == 0
    (found,) = json.loads((folder / "r.json").read_text())["pictures"]
    assert found["source_sha256"] == hashlib.sha256((folder / NAME).read_bytes()).hexdigest()
    ring = np.array(Pil.open(io.BytesIO(base64.b64decode(found["thumbnails"]["ring"]))))
    assert ring.shape == (180, 240)  # small enough to be whole
    for pixels, key in ((scene(), "before"), (read(folder / "o.png").pixels, "after")):
        wanted = hashlib.sha256(np.ascontiguousarray(pixels[ring == 0]).tobytes()).hexdigest()
        assert found[f"outside_sha256_{key}"] == wanted
    assert found["outside_sha256_before"] == found["outside_sha256_after"]
    assert found["ring_px"] == np.count_nonzero(ring)
    assert found["proof"]["outside_px"] == 0
    remove_step = found["steps"][1]["facts"]
    assert (remove_step["seed"], remove_step["engine"]) == (0, "builtin")
    mask = np.array(Pil.open(io.BytesIO(base64.b64decode(found["thumbnails"]["mask"]))))
    assert np.array_equal(mask, disc())


def test_a_format_that_loses_has_another_hash(folder: Path) -> None:
    assert lacuna(*words("o.jpg", "r.json")) == 0
    (found,) = json.loads((folder / "r.json").read_text())["pictures"]
    assert found["outside_sha256_before"] != found["outside_sha256_after"]
    assert "up to" in found["sentence"]


def test_the_page_is_one_file_and_text_is_no_markup(folder: Path) -> None:
    assert lacuna(*words("o.png", "deep/r.html")) == 0
    page = (folder / "deep/r.html").read_text()
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;&amp;.png" in page
    assert page.count("data:image/png;base64,") == 4
    assert "http" not in page.replace("http-equiv", "")
    assert "0 px changed outside the ring in o.png." in page


def test_reports_are_checked_before_any_work(folder: Path) -> None:
    assert lacuna(*words("o.png", "r.pdf")) == 2
    assert lacuna(*words("o.png", NAME), "--force") == 2
    assert not (folder / "o.png").exists()
    with pytest.raises(RecipeInvalid):
        remove(NAME, mask="mask.png", report="r.html")


def test_python_writes_one_too(folder: Path) -> None:
    remove(NAME, mask="mask.png", output="o.png", report="r.html")
    assert "outside the ring" in (folder / "r.html").read_text()


def test_a_hash_leaves_the_ring_out() -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    ring = np.zeros((3, 4), np.uint8)
    ring[1, 1:3] = 255
    other = pixels.copy()
    other[1, 1] = 99
    assert outside_sha256(pixels, ring) == outside_sha256(other, ring)
    other[0, 0] = 99
    assert outside_sha256(pixels, ring) != outside_sha256(other, ring)
