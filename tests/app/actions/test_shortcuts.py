import json
from pathlib import Path

import pytest
from PySide6.QtGui import QKeySequence
from pytestqt.qtbot import QtBot

from app.actions import keymap_file as shortcuts
from app.actions import table as actions
from app.dialogs.shortcuts import ShortcutsDialog
from app.services.preferences import Preferences

KNOWN = {row.id for row in actions.TABLE}


@pytest.fixture
def preferences(tmp_path: Path) -> Preferences:
    return Preferences(tmp_path / "settings.json")


@pytest.fixture
def dialog(preferences: Preferences, qtbot: QtBot) -> ShortcutsDialog:
    widget = ShortcutsDialog(preferences)
    qtbot.addWidget(widget)
    return widget


@pytest.mark.parametrize("preset", actions.PRESETS)
def test_no_preset_binds_a_key_twice(preset: str) -> None:
    assert actions.conflicts(actions.bindings(preset)) == {}


@pytest.mark.parametrize("preset", actions.PRESETS)
def test_presets_bind_actions_that_exist_to_keys_that_exist(preset: str) -> None:
    assert set(actions.PRESETS[preset]) <= KNOWN
    for keys in actions.bindings(preset).values():
        for key in keys:
            assert QKeySequence(key).toString() != ""


def test_a_map_travels(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    own = {"edit.undo": ("F4", "Ctrl+Z"), "edit.redo": ()}
    shortcuts.export_map("gimp", own, path)
    assert shortcuts.import_map(path) == ("gimp", own, ())


def test_a_foreign_map_is_sorted_out(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    content = {
        "lacuna_shortcuts": 1,
        "preset": "emacs",
        "shortcuts": {"edit.undo": ["f4", "nonsense", 7], "edit.redo": "x", "a.b": ["F5"]},
    }
    path.write_text(json.dumps(content))
    found = shortcuts.import_map(path)
    assert found.preset == "photoshop"
    assert found.own == {"edit.undo": ("F4",), "edit.redo": ()}
    assert found.unknown == ("a.b",)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff\x00", b'{"shortcuts": {}}'])
def test_another_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "keys.json"
    path.write_bytes(content)
    with pytest.raises(shortcuts.KeyMapUnreadable):
        shortcuts.import_map(path)
    with pytest.raises(shortcuts.KeyMapUnreadable):
        shortcuts.import_map(tmp_path / "missing.json")


def test_what_the_preset_says_anyway_is_not_kept() -> None:
    standard = actions.bindings("krita")["edit.undo"]
    own = shortcuts.changed("krita", {}, "edit.undo", ("F4",))
    assert own == {"edit.undo": ("F4",)}
    assert shortcuts.changed("krita", own, "edit.undo", standard) == {}


def test_the_dialog_changes_the_preferences(
    dialog: ShortcutsDialog, preferences: Preferences, qtbot: QtBot
) -> None:
    dialog.table.keys_changed.emit("edit.undo", ("Ctrl+A",))
    assert preferences.current.shortcuts == {"edit.undo": ("Ctrl+A",)}
    undo = next(i for i in dialog.table._items() if i.text(1) == "Ctrl+A")
    assert undo.text(2) != ""  # Select all has this key, too
    dialog.reset_button.click()
    assert preferences.current.shortcuts == {}
    dialog.preset.changed.emit("gimp")
    assert preferences.current.shortcut_preset == "gimp"


def test_every_action_is_in_the_dialog(dialog: ShortcutsDialog) -> None:
    assert len(dialog.table._items()) == len(actions.TABLE)
    named = [(item.parent().text(0), item.text(0)) for item in dialog.table._items()]
    assert len(set(named)) == len(named)


def test_an_import_says_what_it_left_out(
    dialog: ShortcutsDialog, preferences: Preferences, tmp_path: Path
) -> None:
    path = tmp_path / "keys.json"
    shortcuts.export_map("krita", {"edit.undo": ("F4",), "no.such": ("F5",)}, path)
    dialog._import(path)
    assert preferences.current.shortcuts == {"edit.undo": ("F4",)}
    assert preferences.current.shortcut_preset == "krita"
    assert "no.such" in dialog.messages.text
    path.write_text("no map")
    dialog._import(path)
    assert path.name in dialog.messages.text
