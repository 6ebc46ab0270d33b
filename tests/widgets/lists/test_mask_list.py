import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QLineEdit, QMenu, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from widgets.lists.mask_list import MaskList, MaskRow
from widgets.lists.thumbnails import image_pixmap, mask_pixmap


@pytest.fixture
def masks(qtbot: QtBot) -> MaskList:
    widget = MaskList()
    qtbot.addWidget(widget)
    thumbnail = np.zeros((8, 12), np.uint8)
    widget.set_rows(
        [
            MaskRow(name="Lamp", thumbnail=thumbnail),
            MaskRow(name="Sign\u202e", visible=False),
            MaskRow(name="Car", checked=True),
        ]
    )
    widget.view.setCurrentRow(0)
    widget.resize(300, 300)
    widget.show()
    return widget


def test_it_shows_what_it_is_given(masks: MaskList) -> None:
    assert [masks.view.item(row).text() for row in range(3)] == ["Lamp", "Sign\ufffd", "Car"]
    assert masks.checked() == [2]
    hidden = masks.view.item(1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "hidden" in hidden


def test_space_checks_and_only_that_is_said(masks: MaskList, qtbot: QtBot) -> None:
    others = [masks.renamed, masks.visibility_changed]
    with qtbot.waitSignal(masks.checked_changed) as said:
        for signal in others:
            signal.connect(pytest.fail)
        qtbot.keyClick(masks.view, Qt.Key.Key_Space)
    assert said.args == [0, True]


def test_h_hides(masks: MaskList, qtbot: QtBot) -> None:
    with qtbot.waitSignal(masks.visibility_changed) as said:
        qtbot.keyClick(masks.view, Qt.Key.Key_H)
    assert said.args == [0, False]


def test_a_click_on_the_eye_hides(masks: MaskList, qtbot: QtBot) -> None:
    index = masks.view.indexFromItem(masks.view.item(2))
    option = QStyleOptionViewItem()
    option.rect = masks.view.visualRect(index)
    option.fontMetrics = masks.view.fontMetrics()
    place = masks.view.itemDelegate()._eye(option).center()
    with qtbot.waitSignal(masks.visibility_changed) as said:
        qtbot.mouseClick(masks.view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert said.args == [2, False]


def test_f2_renames(masks: MaskList, qtbot: QtBot) -> None:
    qtbot.keyClick(masks.view, Qt.Key.Key_F2)
    editor = masks.view.findChild(QLineEdit)
    editor.selectAll()
    qtbot.keyClicks(editor, "Post")
    with qtbot.waitSignal(masks.renamed) as said:
        qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert said.args == [0, "Post"]


def test_delete_asks_and_deletes_nothing(masks: MaskList, qtbot: QtBot) -> None:
    with qtbot.waitSignal(masks.delete_requested) as said:
        qtbot.keyClick(masks.view, Qt.Key.Key_Delete)
    assert said.args == [0]
    assert masks.view.count() == 3


def test_enter_activates(masks: MaskList, qtbot: QtBot) -> None:
    with qtbot.waitSignal(masks.activated) as said:
        qtbot.keyClick(masks.view, Qt.Key.Key_Return)
    assert said.args == [0]


def test_rows_move_by_key_and_keep_their_state(masks: MaskList, qtbot: QtBot) -> None:
    with qtbot.waitSignal(masks.moved) as said:
        qtbot.keyClick(masks.view, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert said.args == [0, 1]
    assert masks.current == 1
    with qtbot.waitSignal(masks.moved) as said:
        qtbot.keyClick(masks.view, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert said.args == [1, 0]
    with qtbot.waitSignal(masks.checked_changed) as said:
        masks.view.item(2).setCheckState(Qt.CheckState.Unchecked)
    assert said.args == [2, False]


def test_a_move_as_a_drag_makes_it(masks: MaskList, qtbot: QtBot) -> None:
    with qtbot.waitSignal(masks.moved) as said:
        masks.view.model().moveRow(QModelIndex(), 0, QModelIndex(), 3)
    assert said.args == [0, 2]


def test_the_menu_names_every_key(masks: MaskList, qtbot: QtBot) -> None:
    place = masks.view.visualItemRect(masks.view.item(0)).center()
    masks.view.customContextMenuRequested.emit(place)
    menu = masks.findChild(QMenu)
    assert [a.text().split("\t")[1] for a in menu.actions()] == [
        "F2",
        "H",
        "Alt+Up",
        "Alt+Down",
        "Del",
    ]
    menu.close()


def test_new_rows_keep_the_place_and_say_nothing(masks: MaskList, qtbot: QtBot) -> None:
    masks.view.setCurrentRow(2)
    with qtbot.assertNotEmitted(masks.checked_changed):
        masks.set_rows([MaskRow(name="A"), MaskRow(name="B", checked=True)])
    assert masks.current == 1
    masks.set_rows([])
    assert masks.current == -1


def test_a_mask_becomes_a_picture_of_its_size(masks: MaskList) -> None:
    mask = np.zeros((7, 5), np.uint8)
    mask[2, 3] = 255
    image = mask_pixmap(mask).toImage()
    assert (image.width(), image.height()) == (5, 7)
    assert image.pixelColor(3, 2).value() == 255
    assert image.pixelColor(2, 3).value() == 0


def test_an_image_becomes_a_picture_within_the_side(masks: MaskList) -> None:
    image = np.zeros((40, 80, 3), np.uint8)
    image[:, :, 0] = 255
    small = image_pixmap(image, 20, 2.0)
    assert (small.width(), small.height()) == (40, 20)
    assert small.toImage().pixelColor(39, 19).name() == "#ff0000"
    assert image_pixmap(image[:3, 5:7], 20).width() <= 20
