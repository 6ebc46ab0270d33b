"""Copies of private pictures, and what is known of them, are for their owner alone."""

import logging
import os
import stat
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from app import api, paths
from app.cli import main as cli
from app.commands.files import ExportMaskWork, ExportWork
from app.document.document import Document
from app.project import project
from app.services import logging_setup
from app.settings.prompt_history import PromptHistory
from app.settings.recent_files import RecentFiles
from engine.image_io.reader import read
from engine.image_io.writer import ExportOptions, write, write_mask
from tests.support.documents import picture
from tests.support.downloading import Job
from tests.support.recording import RecordedDocument

pytestmark = pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LACUNA_HOME", str(tmp_path / "home"))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def private_photo(tmp_path: Path) -> Path:
    source = tmp_path / "private.png"
    write(picture(), source, ExportOptions())
    source.chmod(0o600)
    return source


def test_all_that_is_in_the_state_folder_is_private(tmp_path: Path) -> None:
    source = private_photo(tmp_path)
    before = os.umask(0o022)
    try:
        ours = Document.from_picture(read(source), source)
        with closing(RecordedDocument(paths.journal_dir(), ours, source)) as recorded:
            recorded.edits(6, seed=1)
            recorded.journal.settle()
            PromptHistory(paths.state_dir() / "prompts.json").add("a private prompt")
            RecentFiles(paths.state_dir() / "recent.json").add(source)
            _log_a_line()
            found = sorted(paths.state_dir().rglob("*"))
            assert len(found) > 8
            open_ones = [path for path in found if mode(path) & 0o077]
            assert open_ones == []
        assert mode(paths.state_dir()) == 0o700
    finally:
        os.umask(before)


def test_a_state_folder_of_an_earlier_version_becomes_private() -> None:
    folder = paths.state_dir()
    folder.chmod(0o755)
    assert mode(paths.state_dir()) == 0o700


@pytest.mark.parametrize("wanted", [0o600, 0o640])
def test_a_new_project_has_the_mode_of_its_source(wanted: int, tmp_path: Path) -> None:
    source, path = private_photo(tmp_path), tmp_path / "a.lacuna"
    source.chmod(wanted)
    ours = Document.from_picture(read(source), source)
    project.save(ours.lease(), path, source=source)
    assert mode(path) == wanted
    path.chmod(0o644)
    project.save(ours.lease(), path, source=source)
    assert mode(path) == 0o644


def _log_a_line() -> None:
    handler = logging_setup.start(paths.log_dir())
    try:
        logging.getLogger("x").warning("x")
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()
        logging.captureWarnings(False)


def marked(tmp_path: Path) -> Path:
    mask = tmp_path / "mask.png"
    size = picture().size
    pixels = np.zeros((size.height, size.width), np.uint8)
    pixels[4:10, 4:10] = 255
    write_mask(pixels, mask)
    return mask


@pytest.mark.parametrize("way", ["api", "cli", "job"])
def test_an_export_is_as_private_as_its_source(tmp_path: Path, way: str) -> None:
    source, mask = private_photo(tmp_path), marked(tmp_path)
    target, report = tmp_path / "out.png", tmp_path / "out.html"
    if way == "api":
        api.remove(source, mask=mask, output=target, report=report)
    elif way == "cli":
        words = ["remove", source, "--mask", mask, "-o", target, "--report", report]
        assert cli.run(list(map(str, words))) == 0
    else:
        document = Document.from_picture(read(source), source)
        options = ExportOptions()
        job = Job()
        ExportWork(lease=document.lease(), path=target, options=options, source=source).run(job)
        ExportMaskWork(lease=document.lease(), path=report, options=None, source=source).run(job)
    assert [mode(target), mode(report)] == [0o600, 0o600]


def test_what_cannot_be_written_to_gives_files_that_can(tmp_path: Path) -> None:
    source = private_photo(tmp_path)
    source.chmod(0o440)
    write(picture(), tmp_path / "out.png", ExportOptions(), source=source)
    assert mode(tmp_path / "out.png") == 0o640
