"""Names of strangers are shown as they are: no label, tip or question reads them as markup."""

import re
from pathlib import Path

from PySide6.QtGui import Qt
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox
from pytestqt.qtbot import QtBot

from tests.app.support.stories import editor, opened, photo_file
from widgets.plain_widgets import unmarked

ODD = "<b>odd</b>"
ROOT = Path(__file__).parents[3]


def test_labels_and_tips_are_made_in_one_place() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for folder in ("app", "widgets")
        for path in (ROOT / folder).rglob("*.py")
        if path.name != "plain_widgets.py"
        for line in path.read_text().splitlines()
        if re.search(r"(?<!Plain)\bQLabel\(|class \w+\(QLabel\)|\.setToolTip\(", line)
    ]
    assert found == []


def test_a_tip_with_a_tag_is_no_markup() -> None:
    assert not Qt.mightBeRichText(unmarked(ODD))
    assert not Qt.mightBeRichText(unmarked("a &lt;b"))
    assert unmarked("plain & simple") == "plain & simple"


def test_no_widget_reads_a_name_as_markup(qtbot: QtBot, tmp_path: Path) -> None:
    path = photo_file(tmp_path).rename(tmp_path / "<b>odd<b>.png")
    with editor(qtbot) as w:
        opened(qtbot, w, path)
        w.mask_editor.select_all()
        w.objects.store(ODD)
        w.session.say(ODD)
        w.actions.trigger("file.close")
        for widget in QApplication.allWidgets():
            assert "odd" not in widget.toolTip() or not Qt.mightBeRichText(widget.toolTip())
            if isinstance(widget, QLabel | QMessageBox) and "odd" in widget.text():
                is_plain = widget.textFormat() == Qt.TextFormat.PlainText
                assert is_plain or not Qt.mightBeRichText(widget.text())
        for box in w.window.findChildren(QMessageBox):
            box.button(QMessageBox.StandardButton.Cancel).click()
