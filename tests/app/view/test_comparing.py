"""Comparing any two of original, picture and variants; and what may be applied."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.view.compare import NOW, ORIGINAL
from app.window.editor import Editor
from engine.geometry import Rect
from engine.selection.masks import CombineMode
from tests.app.support.stories import (
    WAIT_MS,
    click,
    editor,
    is_enabled,
    opened,
    photo_file,
    removed,
    selected,
)


@pytest.fixture
def w(qtbot: QtBot, tmp_path: Path) -> Iterator[Editor]:
    """A removal with two variants: the first is in the picture, the second looked at."""
    with editor(qtbot) as workspace:
        opened(qtbot, workspace, photo_file(tmp_path))
        selected(qtbot, workspace, 120, 80)
        removed(qtbot, workspace)
        with qtbot.waitSignal(workspace.session.variants_changed, timeout=WAIT_MS):
            workspace.actions.trigger("remove.variant")
        qtbot.waitUntil(lambda: workspace.variants.index == 1, timeout=WAIT_MS)
        yield workspace


def seen(w: Editor, x: int, y: int) -> tuple[int, int, int]:
    """The colour on the screen where this pixel of the picture is."""
    place = w.canvas.navigator.place(x + 0.5, y + 0.5).toPoint()
    colour = w.canvas.grab().toImage().pixelColor(place)
    return colour.red(), colour.green(), colour.blue()


def colour_of(w: Editor, name: str, x: int, y: int) -> tuple[int, int, int]:
    document = w.session.document
    assert document is not None
    pixels = document.view[y, x].copy()
    patches = {ORIGINAL: w.comparison.original(), NOW: []}
    w.comparison.choose_left(name)
    for patch in patches.get(name, w.comparison.before()):
        row, column = y - patch.y, x - patch.x
        if 0 <= row < patch.pixels.shape[0] and 0 <= column < patch.pixels.shape[1]:
            pixels = patch.pixels[row, column]
    red, green, blue = (int(value) for value in pixels)
    return red, green, blue


def shows(qtbot: QtBot, w: Editor, place: tuple[int, int], colour: tuple[int, int, int]) -> None:
    """Wait until the screen has this colour at this pixel of the picture."""
    qtbot.waitUntil(lambda: seen(w, *place) == colour, timeout=WAIT_MS)


@pytest.mark.parametrize("left", [ORIGINAL, NOW, "1", "2"])
def test_any_two_are_compared_and_the_view_stays(qtbot: QtBot, w: Editor, left: str) -> None:
    place = w.canvas.navigator.place(0, 0)
    w.actions.trigger("view.split")
    for right in (NOW, "1", "2"):
        expected_right = colour_of(w, right, 130, 66)
        expected_left = colour_of(w, left, 110, 66)
        w.comparison.choose_right(right)
        assert w.canvas.navigator.place(0, 0) == place
        shows(qtbot, w, (110, 66), expected_left)
        shows(qtbot, w, (130, 66), expected_right)


def test_the_bar_of_the_split_names_and_chooses_the_sides(w: Editor) -> None:
    bar = w.view.split_sides
    assert not bar.isVisible()
    w.actions.trigger("view.split")
    assert bar.isVisible()
    assert [bar.left.combo.itemData(i) for i in range(4)] == [ORIGINAL, NOW, "1", "2"]
    assert (bar.left.value, bar.right.value) == (ORIGINAL, "2")
    bar.left.combo.setFocus()
    QTest.keyClick(bar.left.combo, Qt.Key.Key_Down)
    QTest.keyClick(bar.left.combo, Qt.Key.Key_Down)
    assert w.comparison.left == "1"
    bar.right.combo.setFocus()
    QTest.keyClick(bar.right.combo, Qt.Key.Key_Home)
    assert w.variants.index == -1
    assert w.comparison.right == NOW


def test_a_side_whose_variant_is_discarded_is_the_original_again(w: Editor) -> None:
    w.comparison.choose_left("2")
    w.variants.discard(1)
    assert w.comparison.left == ORIGINAL


def test_the_held_key_shows_the_original_whatever_stands_left(qtbot: QtBot, w: Editor) -> None:
    w.comparison.choose_left("2")
    w.view_options.compare(True)
    qtbot.waitUntil(lambda: seen(w, 120, 80) == (200, 30, 30), timeout=WAIT_MS)


def test_only_a_variant_the_picture_does_not_show_can_be_applied(w: Editor) -> None:
    strip = w.docks.remove.strip
    assert strip.apply_button.isEnabled()
    assert is_enabled(w, "remove.apply")
    w.actions.trigger("remove.apply")
    assert not strip.apply_button.isEnabled()
    assert not is_enabled(w, "remove.apply")
    w.actions.trigger("remove.previous")
    assert strip.apply_button.isEnabled()
    assert is_enabled(w, "remove.apply")


def test_ctrl_subtracts_as_in_gimp(qtbot: QtBot, w: Editor) -> None:
    document = w.session.document
    assert document is not None
    w.tools.choose("wand")
    w.mask_editor.select_all()
    w.preferences.change("shortcut_preset", "gimp")
    with qtbot.waitSignal(w.session.mask_changed, timeout=WAIT_MS):
        click(w, 20, 20, modifier=Qt.KeyboardModifier.ControlModifier)
    assert document.mask[20, 20] == 0
    assert document.mask.any()


@pytest.mark.parametrize("split", [False, True])
def test_shortcuts_with_arrows_are_heard_over_the_crosshair(w: Editor, split: bool) -> None:
    canvas = w.canvas
    canvas.setFocus()
    QTest.keyClick(canvas, Qt.Key.Key_Right)
    if split:
        w.actions.trigger("view.split")
    QTest.keyClick(canvas, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert w.variants.index == 0
    assert canvas.split in (None, 0.5)
    w.mask_editor.rectangle(Rect(100, 60, 20, 20), CombineMode.REPLACE)
    keys = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(canvas, Qt.Key.Key_Up, keys)
    assert w.docks.selection.grow.value == 2


def test_hiding_the_selection_hides_its_ring(
    qtbot: QtBot, w: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    rings: list[object] = []
    monkeypatch.setattr(w.canvas, "set_ring", rings.append)
    w.mask_editor.rectangle(Rect(100, 60, 20, 20), CombineMode.REPLACE)
    qtbot.waitUntil(lambda: bool(rings) and rings[-1] is not None, timeout=WAIT_MS)
    w.actions.trigger("view.overlay")
    assert rings[-1] is None
    w.actions.trigger("view.overlay")
    qtbot.waitUntil(lambda: rings[-1] is not None, timeout=WAIT_MS)


def test_hiding_the_selection_hides_the_objects_too(
    w: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[int] = []
    monkeypatch.setattr(w.canvas, "set_outlines", lambda outlines, **_: shown.append(len(outlines)))
    w.mask_editor.rectangle(Rect(100, 60, 20, 20), CombineMode.REPLACE)
    w.actions.trigger("objects.store")
    w.actions.trigger("view.overlay")
    w.objects.rename(0, "Lamp")
    assert shown[-1] == 0
    w.actions.trigger("view.overlay")
    assert shown[-1] == 1
