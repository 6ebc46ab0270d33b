import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from widgets.empty_state import EmptyState, RecentFile
from widgets.lists.history_list import HistoryList
from widgets.lists.task_row import TaskRow, clock_text
from widgets.status_items import Badge, PlaceLabel, ZoomButton, zoom_text


def test_a_task_waits_runs_and_ends(qtbot: QtBot) -> None:
    row = TaskRow("Remove")
    qtbot.addWidget(row)
    row.resize(400, 80)
    assert row.note.text()
    row.start()
    row.set_progress(0.25, "hole 1\nof 2")
    assert row.bar.value() == 250
    assert row.note.text() == "hole 1\ufffdof 2"
    assert row.elapsed.text() == "0:00"
    row.set_progress(-1)
    assert row.bar.maximum() == 0
    row.set_progress(7.0)
    assert row.bar.value() == 1000
    row.finish()
    assert not row.cancel_button.isEnabled()
    assert not row._timer.isActive()


def test_a_task_is_cancelled_once(qtbot: QtBot) -> None:
    row = TaskRow("Remove")
    qtbot.addWidget(row)
    with qtbot.waitSignal(row.cancelled):
        row.cancel_button.click()
    with qtbot.assertNotEmitted(row.cancelled):
        row.cancel_button.click()


@pytest.mark.parametrize(("ms", "text"), [(0, "0:00"), (7_999, "0:07"), (754_000, "12:34")])
def test_the_clock(ms: int, text: str) -> None:
    assert clock_text(ms) == text


def test_a_long_note_is_cut_and_stands_in_the_tooltip(qtbot: QtBot) -> None:
    row = TaskRow("Remove")
    qtbot.addWidget(row)
    row.resize(200, 80)
    row.set_note("word " * 100)
    assert row.note.text().endswith("…")
    assert row.note.toolTip() == "word " * 100


def test_history_shows_what_was_taken_back(qtbot: QtBot) -> None:
    history = HistoryList()
    qtbot.addWidget(history)
    history.show()
    with qtbot.assertNotEmitted(history.chosen):
        history.set_steps(["Select object", "Remove"], 1)
    assert history.view.currentRow() == 1
    spoken = history.view.item(2).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Remove, taken back"
    with qtbot.waitSignal(history.chosen) as said:
        qtbot.keyClick(history.view, Qt.Key.Key_Up)
        qtbot.keyClick(history.view, Qt.Key.Key_Return)
    assert said.args == [0]


def test_the_welcome_page_offers_files(qtbot: QtBot) -> None:
    page = EmptyState()
    qtbot.addWidget(page)
    page.resize(700, 600)
    page.show()
    assert not page.recent.isVisible()
    page.set_recent(
        [RecentFile("/a/b.png", "b\u202e.png", "/a"), RecentFile("x", "x.png", "", True)]
    )
    assert page.recent.isVisible()
    assert "b\ufffd.png" in page.recent.item(0).text()
    page.recent.setCurrentRow(0)
    with qtbot.waitSignal(page.recent_chosen) as said:
        qtbot.keyClick(page.recent, Qt.Key.Key_Return)
    assert said.args == ["/a/b.png"]
    with qtbot.assertNotEmitted(page.recent_chosen):
        page.recent.itemClicked.emit(page.recent.item(1))
    for button, signal in (
        (page.open_button, page.open_requested),
        (page.paste_button, page.paste_requested),
        (page.sample_button, page.sample_requested),
    ):
        with qtbot.waitSignal(signal):
            button.click()


def test_the_welcome_page_lights_up(qtbot: QtBot) -> None:
    page = EmptyState()
    qtbot.addWidget(page)
    page.resize(500, 400)
    dark = page.grab().toImage()
    page.set_drop_shown(True)
    assert page.grab().toImage() != dark


@pytest.mark.parametrize(
    ("zoom", "text"), [(1.0, "100 %"), (0.333, "33 %"), (0.0312, "3.1 %"), (0.05, "5 %")]
)
def test_zoom_in_words(zoom: float, text: str) -> None:
    assert zoom_text(zoom) == text


def test_the_zoom_is_chosen(qtbot: QtBot) -> None:
    button = ZoomButton()
    qtbot.addWidget(button)
    button.set_zoom(0.5)
    assert button.text() == "50 %"
    assert "50 %" in button.accessibleName()
    fit, _, *levels = button.menu().actions()
    with qtbot.waitSignal(button.fit_chosen):
        fit.trigger()
    with qtbot.waitSignal(button.zoom_chosen) as said:
        next(level for level in levels if level.text() == "200 %").trigger()
    assert said.args == [2.0]


def test_places_do_not_move_the_bar(qtbot: QtBot) -> None:
    label = PlaceLabel()
    qtbot.addWidget(label)
    label.set_place(9, 9)
    narrow = label.minimumWidth()
    label.set_place(12345, 12345)
    assert label.sizeHint().width() <= narrow + label.fontMetrics().averageCharWidth()


def test_a_badge_is_seen_only_with_words(qtbot: QtBot) -> None:
    badge = Badge()
    qtbot.addWidget(badge)
    assert badge.isHidden()
    badge.show_words("0 px changed outside the ring", good=True)
    assert not badge.isHidden()
    assert badge.accessibleName() == badge.text
    badge.show_words("", good=True)
    assert badge.isHidden()
