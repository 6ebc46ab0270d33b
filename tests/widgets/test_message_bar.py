import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from widgets.message_bar import MessageBar, Notice


@pytest.fixture
def bar(qtbot: QtBot) -> MessageBar:
    widget = MessageBar()
    qtbot.addWidget(widget)
    return widget


def notice(kind: str, title: str, *actions: tuple[str, str], subject: object = None) -> Notice:
    return Notice(kind=kind, title=title, actions=actions, subject=subject)


def test_hidden_while_there_is_nothing_to_say(bar: MessageBar) -> None:
    assert bar.isHidden()
    bar.show_notice(notice("info", "Hello"))
    assert bar.isVisible()
    assert "Hello" in bar.accessibleName()
    bar.dismiss()
    assert bar.isHidden()
    assert bar.notice is None


def test_the_newest_goes_first_and_errors_before_all(bar: MessageBar) -> None:
    for kind, title in (("info", "1"), ("warning", "2"), ("error", "3"), ("error", "4")):
        bar.show_notice(notice(kind, title))
    bar.show_notice(notice("success", "5"))
    said = []
    while bar.notice:
        said.append(bar.text)
        bar.dismiss()
    assert said == ["4", "5", "3", "2", "1"]


def test_a_success_is_seen_over_an_older_note_which_comes_back(
    bar: MessageBar, qtbot: QtBot
) -> None:
    bar._timer.setInterval(1)
    bar.show_notice(notice("info", "converted"))
    bar.show_notice(notice("success", "done"))
    assert bar.text == "done"
    qtbot.waitUntil(lambda: bar.text == "converted")


def test_the_same_is_not_said_twice(bar: MessageBar) -> None:
    bar.show_notice(notice("info", "1"))
    bar.show_notice(notice("info", "1"))
    bar.dismiss()
    assert bar.isHidden()


def test_what_says_the_same_of_several_subjects_is_answered_for_all(bar: MessageBar) -> None:
    answered: list[object] = []
    bar.triggered.connect(lambda _, subject: answered.append(subject))
    again = ("retry", "Try again")
    for subject in (1, 2, 3, 2):
        bar.show_notice(notice("error", "Cut off", again, subject=subject))
        bar.show_notice(notice("error", "Full", again, subject=subject + 4))
    for _ in range(2):
        bar.findChildren(QPushButton)[-1].click()
    assert answered == [5, 6, 7, 1, 2, 3]
    assert bar.isHidden()
    bar.show_notice(notice("error", "Cut off", again, subject=8))
    bar.findChildren(QPushButton)[-1].click()
    assert answered[6:] == [8]


def test_a_success_makes_room(bar: MessageBar, qtbot: QtBot) -> None:
    bar.show_notice(notice("success", "done"))
    bar.show_notice(notice("info", "next"))
    assert bar.text == "next"
    bar.dismiss()
    assert bar.isHidden()


def test_a_success_goes_by_itself(bar: MessageBar, qtbot: QtBot) -> None:
    bar._timer.setInterval(1)
    bar.show_notice(notice("success", "done"))
    qtbot.waitUntil(bar.isHidden)


def test_an_action_answers_with_its_subject(bar: MessageBar, qtbot: QtBot) -> None:
    bar.show_notice(notice("error", "Failed", ("retry", "Try again"), subject=42))
    button = next(b for b in bar.findChildren(QPushButton) if b.text() == "Try again")
    with qtbot.waitSignal(bar.triggered) as answered:
        button.click()
    assert answered.args == ["retry", 42]
    assert bar.isHidden()


def test_escape_dismisses(bar: MessageBar, qtbot: QtBot) -> None:
    bar.show_notice(notice("warning", "Careful"))
    with qtbot.waitSignal(bar.dismissed):
        qtbot.keyClick(bar, Qt.Key.Key_Escape)


def test_foreign_text_is_plain(bar: MessageBar) -> None:
    bar.show_notice(Notice(kind="info", title="a\u202e<b>b</b>", text="one\ntwo\x07"))
    assert bar.text == "a\ufffd<b>b</b>\none\ntwo\ufffd"
    assert bar._text.textFormat() is Qt.TextFormat.PlainText


def test_clear_forgets_all(bar: MessageBar) -> None:
    bar.show_notice(notice("info", "1"))
    bar.show_notice(notice("info", "2"))
    bar.clear()
    assert bar.notice is None
