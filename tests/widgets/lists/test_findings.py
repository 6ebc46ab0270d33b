"""Lines with a symbol, and names with values that nobody sees."""

from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from widgets.lists.diagnostic_list import DiagnosticList
from widgets.lists.diagnostics import Diagnostic
from widgets.lists.secret_rows import SecretRows
from widgets.theme.colors import DARK, LIGHT, make_palette


def test_findings_are_text_that_can_be_read(qtbot: QtBot) -> None:
    view = DiagnosticList("Found")
    qtbot.addWidget(view)
    view.set_findings(
        [
            Diagnostic("success", "It answers."),
            Diagnostic(
                "error", "<b>No</b>", "a & b\u202e", ("https://hub.example/x", "file:///etc")
            ),
        ]
    )
    text = view.toPlainText()
    assert "It answers." in text
    assert "<b>No</b>" in text
    assert "a & b\ufffd" in text
    assert "https://hub.example/x" in text
    assert "file:///etc" not in text  # only pages of the web are links
    assert view.accessibleName() == "Found"


def test_symbols_follow_the_look(qtbot: QtBot) -> None:
    view = DiagnosticList("Found")
    qtbot.addWidget(view)
    view.resize(200, 80)
    view.set_findings([Diagnostic("error", "x")])

    def colors(palette_of: object) -> set[str]:
        view.setPalette(make_palette(palette_of))
        image = view.grab().toImage()
        places = ((x, y) for x in range(image.width()) for y in range(image.height()))
        return {image.pixelColor(*place).name() for place in places}

    assert DARK.error in colors(DARK)
    assert LIGHT.error in colors(LIGHT)


def test_secret_rows_come_and_go(qtbot: QtBot) -> None:
    rows = SecretRows("&Add")
    qtbot.addWidget(rows)
    rows.show()
    assert rows.names == ()
    rows.set_names(("X-One", "X-Two"), "kept")
    assert rows.names == ("X-One", "X-Two")
    assert rows.values == {}
    assert rows.rows[0].value.placeholderText() == "kept"
    assert rows.rows[0].value.echoMode() is QLineEdit.EchoMode.Password
    with qtbot.waitSignal(rows.changed):
        rows.rows[1].value.setText("secret")
    assert rows.values == {"X-Two": "secret"}
    rows.add.click()
    qtbot.waitUntil(lambda: rows.focusWidget() is rows.rows[2].name)
    for row in list(rows.rows):
        row.remove.click()
    assert rows.names == ()
    assert len(rows.rows) == 1


def test_a_value_finds_its_row(qtbot: QtBot) -> None:
    rows = SecretRows("&Add")
    qtbot.addWidget(rows)
    rows.set_value("X-One", "a")
    rows.set_value("X-One", "b")
    rows.set_value("X-Two", "c")
    assert rows.values == {"X-One": "b", "X-Two": "c"}
