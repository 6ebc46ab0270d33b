import json
import os
from dataclasses import fields, replace
from pathlib import Path

import pytest

from app.services.preferences import Preferences
from app.settings import file as settings_file
from app.settings.schema import GROUPS, Settings, meta_of
from engine.errors import DiskFull
from engine.storage import atomic_file as atomic


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


def test_no_file_gives_the_defaults(path: Path) -> None:
    assert settings_file.load(path) == (Settings(), ())


def test_what_is_saved_is_loaded(path: Path) -> None:
    chosen = Settings(
        theme="light",
        undo_mb=100,
        wheel_zooms=False,
        mask_color="#00ff00",
        shortcuts={"edit.undo": ("Ctrl+Z", "F4"), "edit.redo": ()},
        export={"format": "jpeg", "quality": 80, "keep_gps": False},
    )
    settings_file.save(chosen, path)
    assert settings_file.load(path) == (chosen, ())


def test_only_what_differs_is_kept(path: Path) -> None:
    settings_file.save(Settings(theme="dark"), path)
    assert json.loads(path.read_text()) == {"theme": "dark", "version": 1}
    settings_file.save(Settings(), path)
    assert json.loads(path.read_text()) == {"version": 1}


def test_unknown_keys_stay(path: Path) -> None:
    path.write_text('{"version": 7, "from_the_future": [1, 2], "theme": "dark"}')
    loaded = settings_file.load(path)
    assert loaded == (Settings(theme="dark"), ())
    settings_file.save(replace(loaded.settings, undo_mb=99), path)
    assert json.loads(path.read_text()) == {
        "version": 7,
        "from_the_future": [1, 2],
        "theme": "dark",
        "undo_mb": 99,
    }


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theme", "pink"),
        ("theme", 3),
        ("undo_mb", 1),
        ("undo_mb", True),
        ("undo_mb", "512"),
        ("undo_mb", 10**9),
        ("wheel_zooms", 1),
        ("mask_color", "red"),
        ("mask_color", "#12345g"),
        ("shortcuts", ["a"]),
        ("shortcuts", {"edit.undo": "Ctrl+Z"}),
        ("shortcut_preset", None),
        ("export", 5),
    ],
)
def test_a_bad_value_costs_only_itself(path: Path, name: str, value: object) -> None:
    path.write_text(json.dumps({"version": 1, "language": "uk", name: value}))
    loaded = settings_file.load(path)
    assert loaded.settings == Settings(language="uk")
    assert loaded.problems == (name,)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"version": "x"}', '{"version": 0}'])
def test_a_damaged_file_is_put_aside(path: Path, text: str) -> None:
    path.write_text(text)
    assert settings_file.load(path) == (Settings(), ("*",))
    assert path.with_suffix(".broken").read_text() == text
    settings_file.save(Settings(theme="dark"), path)
    assert settings_file.load(path).settings.theme == "dark"


def test_bytes_that_are_no_text_are_put_aside(path: Path) -> None:
    path.write_bytes(b"\xff\xfe{}")
    assert settings_file.load(path).problems == ("*",)


def test_old_files_are_brought_up_to_date(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rename(content: settings_file.Json) -> settings_file.Json:
        return {("theme" if key == "look" else key): value for key, value in content.items()}

    monkeypatch.setattr(settings_file, "MIGRATIONS", (rename,))
    monkeypatch.setattr(settings_file, "VERSION", 2)
    path.write_text('{"version": 1, "look": "dark"}')
    assert settings_file.load(path).settings.theme == "dark"
    path.write_text('{"version": 2, "look": "dark"}')
    assert settings_file.load(path).settings.theme == "system"


def test_every_field_of_the_dialog_is_described_and_fits_itself() -> None:
    for known in fields(Settings):
        meta = meta_of(known)
        if meta is not None:
            assert meta.group in GROUPS
            assert meta.label
            assert meta.help.endswith(".")
            assert settings_file._fits(meta, known.default, known.default)


def test_a_change_is_kept_and_announced(path: Path, qtbot) -> None:
    preferences = Preferences(path)
    with qtbot.waitSignal(preferences.changed) as said:
        preferences.change("theme", "dark")
    assert said.args == ["theme"]
    assert settings_file.load(path).settings.theme == "dark"
    with qtbot.assertNotEmitted(preferences.changed):
        preferences.change("theme", "dark")


def test_reset_keeps_shortcuts(path: Path, qtbot) -> None:
    preferences = Preferences(path)
    preferences.change("undo_mb", 99)
    preferences.change("shortcuts", {"edit.undo": ("F4",)})
    preferences.reset()
    assert preferences.current == Settings(shortcuts={"edit.undo": ("F4",)})


def test_a_full_disk_costs_only_the_file(path: Path, qtbot, monkeypatch) -> None:
    def full(_path: Path) -> None:
        raise DiskFull(path, 1, 0)

    preferences = Preferences(path)
    monkeypatch.setattr(atomic, "replace", full)
    with qtbot.waitSignal(preferences.unsaved) as said:
        preferences.change("theme", "dark")
    assert isinstance(said.args[0], DiskFull)
    assert preferences.current.theme == "dark"


def test_lists_of_texts_come_back(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    chosen = Settings(model_folders=("/a", "/b"), mirrors=("https://m.example",))
    settings_file.save(chosen, path)
    assert settings_file.load(path).settings == chosen
    path.write_text('{"model_folders": "/a", "mirrors": ["https://m.example", 3]}')
    loaded = settings_file.load(path)
    assert loaded.problems == ("model_folders",)
    assert loaded.settings.mirrors == ("https://m.example",)


def test_a_folder_whose_name_is_no_utf_8_comes_back(path: Path) -> None:
    chosen = Settings(model_folders=(os.fsdecode(b"/models/caf\xe9"),))
    settings_file.save(chosen, path)
    assert settings_file.load(path) == (chosen, ())


def test_a_file_nested_without_end_is_put_aside(path: Path) -> None:
    path.write_text("[" * 100_000)
    assert settings_file.load(path).problems == ("*",)
