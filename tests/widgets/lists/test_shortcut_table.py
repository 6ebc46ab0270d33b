import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from pytestqt.qtbot import QtBot

from widgets.lists.shortcut_table import ShortcutRow, ShortcutTable, native

ROWS = [
    ShortcutRow(id="edit.undo", group="Edit", text="Undo", keys=("F4",), standard=("Ctrl+Z",)),
    ShortcutRow(
        id="edit.redo", group="Edit", text="Redo", keys=("F4", "F5"), standard=("F4", "F5")
    ),
    ShortcutRow(id="view.fit", group="View", text="Fit", keys=(), standard=()),
]


@pytest.fixture
def table(qtbot: QtBot) -> ShortcutTable:
    widget = ShortcutTable()
    qtbot.addWidget(widget)
    widget.set_rows(ROWS, {"F4": ("edit.undo", "edit.redo")})
    widget.show()
    return widget


def shown(table: ShortcutTable) -> list[str]:
    return [item.text(0) for item in table._items() if not item.isHidden()]


def choose(table: ShortcutTable, text: str) -> None:
    table.tree.setCurrentItem(next(i for i in table._items() if i.text(0) == text))


def test_it_is_searched_by_name_and_by_key(table: ShortcutTable) -> None:
    assert shown(table) == ["Undo", "Redo", "Fit"]
    table.search.setText("und")
    assert shown(table) == ["Undo"]
    assert table._heads["View"].isHidden()
    table.search.setText(native(["F5"]))
    assert shown(table) == ["Redo"]


def test_a_conflict_names_the_other(table: ShortcutTable) -> None:
    undo, redo, fit = table._items()
    assert "Redo" in undo.text(2)
    assert "Undo" in redo.text(2)
    assert fit.text(2) == ""


def test_a_key_is_recorded_and_set(table: ShortcutTable, qtbot: QtBot) -> None:
    choose(table, "Fit")
    assert not table.replace_button.isEnabled()
    qtbot.keyClick(table.recorder, Qt.Key.Key_F9, Qt.KeyboardModifier.ShiftModifier)
    with qtbot.waitSignal(table.keys_changed) as said:
        table.replace_button.click()
    assert said.args == ["view.fit", ("Shift+F9",)]


def test_a_taken_key_is_told_before_it_is_set(table: ShortcutTable) -> None:
    choose(table, "Fit")
    table.recorder.setKeySequence(QKeySequence("F4"))
    assert "Undo" in table.warning.text()
    assert "Redo" in table.warning.text()
    table.recorder.setKeySequence(QKeySequence("F8"))
    assert table.warning.text() == ""


def test_add_clear_and_reset(table: ShortcutTable, qtbot: QtBot) -> None:
    choose(table, "Undo")
    table.recorder.setKeySequence(QKeySequence("F8"))
    with qtbot.waitSignal(table.keys_changed) as said:
        table.add_button.click()
    assert said.args == ["edit.undo", ("F4", "F8")]
    with qtbot.waitSignal(table.keys_changed) as said:
        table.clear_button.click()
    assert said.args == ["edit.undo", ()]
    with qtbot.waitSignal(table.keys_changed) as said:
        table.reset_button.click()
    assert said.args == ["edit.undo", ("Ctrl+Z",)]
    choose(table, "Redo")
    assert not table.reset_button.isEnabled()


def test_new_rows_keep_the_chosen_one(table: ShortcutTable) -> None:
    choose(table, "Redo")
    table.set_rows(list(reversed(ROWS)), {})
    assert table.tree.currentItem().text(0) == "Redo"
    assert table._items()[0].text(0) == "Fit"


def test_the_parts_have_names(table: ShortcutTable) -> None:
    assert table.recorder_label.buddy() is table.recorder
    for part in (table.search, table.tree, table.recorder):
        assert part.accessibleName()
