from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from widgets.lists.check_list import CheckList, CheckRow


def shown(*checked: bool, faint: int = -1) -> list[CheckRow]:
    return [
        CheckRow(text=f"row {index}", checked=on, faint=index == faint)
        for index, on in enumerate(checked)
    ]


def test_rows_are_shown_and_a_check_is_told(qtbot: QtBot) -> None:
    checks = CheckList("Finds")
    qtbot.addWidget(checks)
    with qtbot.assertNotEmitted(checks.checked_changed):
        checks.set_rows(shown(True, False, True))
    assert checks.view.count() == 3
    with qtbot.waitSignal(checks.checked_changed) as told:
        checks.view.item(1).setCheckState(Qt.CheckState.Checked)
    assert told.args == [1, True]


def test_faint_rows_cannot_be_checked_and_the_place_is_kept(qtbot: QtBot) -> None:
    checks = CheckList("Finds")
    qtbot.addWidget(checks)
    checks.set_rows(shown(True, True, True))
    checks.view.setCurrentRow(1)
    checks.set_rows(shown(True, False, False, faint=2))
    assert checks.view.currentRow() == 1
    assert not checks.view.item(2).flags() & Qt.ItemFlag.ItemIsEnabled
    checks.set_rows(shown(True))
    assert checks.view.count() == 1


def test_names_come_from_anywhere(qtbot: QtBot) -> None:
    checks = CheckList("Finds")
    qtbot.addWidget(checks)
    checks.set_rows([CheckRow(text="a\n<b>", checked=True)])
    assert "\n" not in checks.view.item(0).text()
