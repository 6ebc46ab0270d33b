import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QApplication, QColorDialog, QWidget
from pytestqt.qtbot import QtBot

from widgets.fields.fields import ColorButton, LabeledChoice, LabeledSlider, SeedField, Switch


@pytest.fixture
def slider(qtbot: QtBot) -> LabeledSlider:
    widget = LabeledSlider("&Feather", -10, 50, value=2.5, decimals=1, suffix=" px", help_text="?")
    qtbot.addWidget(widget)
    widget.show()
    return widget


def turn_wheel(widget: QWidget) -> None:
    none = Qt.MouseButton.NoButton
    event = QWheelEvent(
        QPointF(5, 5),
        QPointF(5, 5),
        QPoint(),
        QPoint(0, 120),
        none,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def test_it_shows_its_value_in_both_parts(slider: LabeledSlider, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(slider.changed):
        slider.set_value(7.5)
    assert slider.value == slider.box.value() == 7.5
    assert slider.slider.value() == 75


def test_dragging_changes_and_releasing_commits(slider: LabeledSlider, qtbot: QtBot) -> None:
    slider.slider.setSliderDown(True)
    with qtbot.assertNotEmitted(slider.committed), qtbot.waitSignal(slider.changed) as moved:
        slider.slider.setValue(90)
    assert moved.args == [9.0]
    with qtbot.waitSignal(slider.committed) as rested:
        slider.slider.setSliderDown(False)
    assert rested.args == [9.0]


def test_a_drag_back_to_the_start_commits_nothing(slider: LabeledSlider, qtbot: QtBot) -> None:
    slider.slider.setSliderDown(True)
    slider.slider.setValue(90)
    slider.slider.setValue(25)
    with qtbot.assertNotEmitted(slider.committed):
        slider.slider.setSliderDown(False)


def test_keys_and_typing_commit(slider: LabeledSlider, qtbot: QtBot) -> None:
    with qtbot.waitSignal(slider.committed) as stepped:
        qtbot.keyClick(slider.slider, Qt.Key.Key_Right)
    assert stepped.args == [2.6]
    slider.box.selectAll()
    qtbot.keyClicks(slider.box, "12.5")
    with qtbot.waitSignal(slider.committed) as typed:
        qtbot.keyClick(slider.box, Qt.Key.Key_Return)
    assert typed.args == [12.5]


@pytest.mark.parametrize("part", ["slider", "label"])
def test_a_double_click_resets(slider: LabeledSlider, qtbot: QtBot, part: str) -> None:
    slider.set_value(40)
    with qtbot.waitSignals([slider.changed, slider.committed]):
        qtbot.mouseDClick(getattr(slider, part), Qt.MouseButton.LeftButton)
    assert slider.value == 2.5


@pytest.mark.parametrize("part", ["slider", "box"])
def test_the_wheel_needs_the_focus(slider: LabeledSlider, qtbot: QtBot, part: str) -> None:
    widget = getattr(slider, part)
    slider.activateWindow()
    (slider.box if part == "slider" else slider.slider).setFocus()
    turn_wheel(widget)
    assert slider.value == 2.5
    widget.setFocus()
    qtbot.waitUntil(widget.hasFocus)
    turn_wheel(widget)
    assert slider.value > 2.5


def test_every_part_has_a_name(slider: LabeledSlider) -> None:
    assert slider.label.buddy() is slider.slider
    assert slider.slider.accessibleName() == slider.box.accessibleName() == "Feather"
    assert slider.slider.accessibleDescription() == "?"


def test_a_choice_says_its_key(qtbot: QtBot) -> None:
    choice = LabeledChoice("&View", [("a", "One"), ("b", "Two")], value="b")
    qtbot.addWidget(choice)
    choice.show()
    assert choice.value == "b"
    choice.set_value("unknown")
    assert choice.value == "b"
    choice.combo.setFocus()
    with qtbot.waitSignal(choice.changed) as changed:
        qtbot.keyClick(choice.combo, Qt.Key.Key_Up)
    assert changed.args == ["a"]
    with qtbot.assertNotEmitted(choice.changed):
        choice.set_value("b")


def test_a_switch_speaks_only_for_the_user(qtbot: QtBot) -> None:
    switch = Switch("On", value=False)
    qtbot.addWidget(switch)
    with qtbot.assertNotEmitted(switch.changed):
        switch.set_value(True)
    with qtbot.waitSignal(switch.changed) as changed:
        switch.click()
    assert changed.args == [False]


def test_a_colour_is_chosen(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    button = ColorButton("Mask colour", value="#102030")
    qtbot.addWidget(button)
    assert button.text() == "#102030"
    monkeypatch.setattr(QColorDialog, "getColor", lambda *_: QColor("#ff0000"))
    with qtbot.waitSignal(button.changed) as changed:
        button.click()
    assert changed.args == ["#ff0000"]
    monkeypatch.setattr(QColorDialog, "getColor", lambda *_: QColor())
    with qtbot.assertNotEmitted(button.changed):
        button.click()
    assert button.value == "#ff0000"


def test_a_seed_is_typed_or_rolled(qtbot: QtBot) -> None:
    seed = SeedField("&Seed", value=7)
    qtbot.addWidget(seed)
    with qtbot.waitSignal(seed.rolled):
        seed.die.click()
    with qtbot.assertNotEmitted(seed.changed):
        seed.set_value(9)
    with qtbot.waitSignal(seed.changed) as changed:
        qtbot.keyClick(seed.box, Qt.Key.Key_Up)
    assert changed.args == [10]
    assert seed.value == 10


def test_a_seed_may_be_as_long_as_comfyuis(qtbot: QtBot) -> None:
    seed = SeedField("&Seed", value=7)
    qtbot.addWidget(seed)
    seed.box.selectAll()
    qtbot.keyClicks(seed.box, f"x{2**64 - 1}")
    with qtbot.waitSignal(seed.changed) as changed:
        qtbot.keyClick(seed.box, Qt.Key.Key_Return)
    assert changed.args == [2**64 - 1]
    with qtbot.assertNotEmitted(seed.changed):
        qtbot.keyClick(seed.box, Qt.Key.Key_Up)
    assert seed.box.text() == str(2**64 - 1)
    seed.box.clear()
    qtbot.keyClick(seed.box, Qt.Key.Key_Return)
    assert (seed.value, seed.box.text()) == (0, "0")
