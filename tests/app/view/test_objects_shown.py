"""Outlines of stored selections, also of very many."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.view import display
from engine.geometry import Mask, Rect
from engine.selection.masks import CombineMode
from tests.app.support.stories import editor, opened, photo_file
from widgets.canvas.render import screen
from widgets.canvas.render.scene import Colour


def test_of_many_objects_the_last_are_outlined(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(display, "MAX_OUTLINES", 2)
    with editor(qtbot) as w:
        opened(qtbot, w, photo_file(tmp_path))
        shown: list[list[int]] = []

        def note(outlines: Sequence[tuple[int, int, Mask, Colour]], group: str = "") -> None:
            shown.append([display.OBJECT_COLOURS.index(each[3]) for each in outlines])

        monkeypatch.setattr(w.canvas, "set_outlines", note)
        for x in (10, 40, 70):
            w.mask_editor.rectangle(Rect(x, 10, 9, 9), CombineMode.REPLACE)
            w.objects.store()
        w.objects.set_visible(1, False)
        assert [each for each in shown if each] == [[0], [0, 1], [1, 2], [0, 2]]


@pytest.mark.parametrize(("count", "boxes"), [(2, 2), (3, 1)])
def test_many_outlines_are_drawn_as_one_box(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: int, boxes: int
) -> None:
    """Each drawing draws all outlines in it: one by one would cost the square of their number."""
    monkeypatch.setattr(screen, "MAX_BOXES", 2)
    drawn: list[object] = []
    with editor(qtbot) as w:
        opened(qtbot, w, photo_file(tmp_path))
        mask = np.full((9, 9), 255, np.uint8)
        w.canvas.set_outlines([(200, 100, mask, (9, 9, 9))])
        monkeypatch.setattr(screen.Screen, "mark", lambda _, box, **__: drawn.append(box))
        w.canvas.set_outlines([(20 * x, 10, mask.copy(), (9, 9, 9)) for x in range(count - 1)])
        assert len(drawn) == boxes
