"""Small files of our own, odd in every way: each counts as empty, and the program goes on."""

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from app import paths
from app.engines.model_places import own_folder
from app.services import logging_setup
from app.settings import file as settings_file
from app.settings.paint_presets import Presets
from app.settings.prompt_history import PromptHistory
from app.settings.recent_files import RecentFiles
from app.settings.schema import Settings
from engine.downloads.ledger import Ledger
from engine.models import scan
from engine.storage import small_file

DEEP = b"[" * 5_000 + b"]" * 5_000

READERS: dict[str, Callable[[Path], object]] = {
    "settings": lambda path: settings_file.load(path).settings == Settings(),
    "recent": lambda path: RecentFiles(path).paths() == [],
    "prompts": lambda path: PromptHistory(path).prompts() == [],
    "models": lambda path: scan._read(path) == {},
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"7", b"{", DEEP, None])
def test_an_odd_file_is_put_aside_with_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, reader: str, content: bytes | None
) -> None:
    path = tmp_path / "state.json"
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert READERS[reader](path)
    assert len(caplog.records) == 1
    assert not path.exists()
    assert (tmp_path / "state.broken").exists()


@pytest.mark.parametrize("reader", READERS)
def test_a_folder_that_is_a_file_holds_nothing(tmp_path: Path, reader: str) -> None:
    (tmp_path / "config").write_text("x")
    assert READERS[reader](tmp_path / "config" / "state.json")


def test_a_recent_file_that_may_not_be_looked_at_is_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "recent.json"
    file.write_text(json.dumps([str(tmp_path / "a.png"), "b" * 5_000, "c\0d"]))
    recent = RecentFiles(file)

    def refuse(_: Path) -> bool:
        raise PermissionError

    monkeypatch.setattr(Path, "is_file", refuse)
    assert len(recent.paths()) == 3  # nothing is looked at on the thread of the window
    recent.look()
    assert recent.paths() == []
    assert not small_file.is_file(tmp_path)


def test_folders_that_cannot_be_made_do_not_keep_the_program_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "home").write_text("x")
    monkeypatch.setenv("LACUNA_HOME", str(tmp_path / "home"))
    for folder in (paths.config_dir, paths.state_dir, paths.log_dir, paths.journal_dir):
        assert not folder().exists()


def test_the_home_of_nobody_is_a_folder_like_any_other() -> None:
    assert own_folder(Settings(models_dir="~no-such-user-here/models")).name == "models"


def test_damaged_presets_and_records_are_put_aside(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "own").mkdir()
    for name, content in (("a", b"{"), ("b", DEEP), ("c", b" " * (65 << 10))):
        (tmp_path / "own" / f"{name}.json").write_bytes(content)
    newer = {"format": "lacuna-paint-preset", "version": 99}
    (tmp_path / "own" / "d.json").write_text(json.dumps(newer))
    (tmp_path / "downloads.json").write_bytes(DEEP)
    with caplog.at_level(logging.WARNING):
        assert Presets(tmp_path / "shipped", tmp_path / "own").all() == []
        assert Ledger(tmp_path).record("x") is None
    assert len(caplog.records) == 4
    left = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert left == ["a.broken", "b.broken", "c.broken", "d.json", "downloads.broken"]


def test_a_log_that_cannot_be_written_keeps_nobody_from_starting(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "logs").write_text("x")
    root = logging.getLogger()
    handler, level = logging_setup.start(tmp_path / "logs"), root.level
    try:
        assert not logging_setup.is_in_file(handler)
        assert logging_setup.watch_faults(tmp_path / "logs") is None
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        logging.captureWarnings(False)
    assert "crashes cannot be kept" in capsys.readouterr().err
