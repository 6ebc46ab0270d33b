from dataclasses import fields
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from app.dialogs.settings import SettingsDialog
from app.services.preferences import Preferences
from app.settings.schema import Settings, meta_of


@pytest.fixture
def dialog(tmp_path: Path, qtbot: QtBot) -> SettingsDialog:
    widget = SettingsDialog(Preferences(tmp_path / "settings.json"))
    qtbot.addWidget(widget)
    widget.show()
    return widget


def test_every_described_field_has_a_row(dialog: SettingsDialog) -> None:
    described = {known.name for known in fields(Settings) if meta_of(known)}
    assert set(dialog.rows) == described
    texts = {label.text() for label in dialog.findChildren(QLabel)}
    for known in fields(Settings):
        meta = meta_of(known)
        assert meta is None or meta.help in texts


def test_a_change_holds_at_once(dialog: SettingsDialog, qtbot: QtBot) -> None:
    preferences = dialog._preferences
    switch = dialog.rows["wheel_zooms"].field
    switch.click()
    assert preferences.current.wheel_zooms is False
    slider = dialog.rows["undo_mb"].field
    slider.box.setValue(1000)
    assert preferences.current.undo_mb == 1000
    choice = dialog.rows["theme"].field
    choice.changed.emit("dark")
    assert preferences.current.theme == "dark"


def test_a_change_from_elsewhere_is_shown(dialog: SettingsDialog) -> None:
    dialog._preferences.change("theme", "light")
    dialog._preferences.change("mask_color", "#00ff00")
    dialog._preferences.change("undo_mb", 100)
    assert dialog.rows["theme"].field.value == "light"
    assert dialog.rows["undo_mb"].field.value == 100
    dialog.reset_button.click()
    assert dialog.rows["theme"].field.value == "system"
    assert dialog._preferences.current == Settings()


def test_the_search_reads_the_help_as_well(dialog: SettingsDialog) -> None:
    def found(text: str) -> set[str]:
        dialog.search.setText(text)
        return {name for name, row in dialog.rows.items() if not row.isHidden()}

    assert found("pressure") == {"pressure_size", "pressure_opacity"}
    assert found("dim room") == {"theme"}
    assert dialog.groups["Memory"].isHidden()
    assert found("zzz") == set()
    assert not dialog.nothing.isHidden()
    assert found("") == set(dialog.rows)
