"""Find by text: one question, then threshold and picks; one step, or objects."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.services.engines import Engines
from app.window.editor import Editor
from engine.dispatch.choice import EngineState
from engine.errors import BackendStopped, ModelMissing, NothingFound
from engine.geometry import Mask, Rect
from engine.jobs.requests import Exemplar
from engine.models.families import Family
from engine.selection.masks import CombineMode
from tests.app.support.slow_engine import SlowEngine
from tests.app.support.stories import WAIT_MS, click, drag, editor, is_enabled, photo, settled
from tests.support.models_at_hand import FakeLibrary, device

NAME = "plate with food"
PLACES = ((60, 80), (120, 80), (180, 80))  # of the fake's three discs; scores 0.9, 0.5, 0.2


@pytest.fixture
def local() -> SlowEngine:
    engine = SlowEngine()
    engine.prepares.set()
    engine.answers.set()
    return engine


@pytest.fixture
def library() -> FakeLibrary:
    return FakeLibrary(Family.SAM3)


@pytest.fixture
def w(qtbot: QtBot, local: SlowEngine, library: FakeLibrary) -> Iterator[Editor]:
    engines = Engines(library, EngineState(device=device()))
    with editor(qtbot, engines=engines, local=lambda: local) as workspace:
        workspace.files.adopt_pixels(photo())
        settled(qtbot, workspace)
        yield workspace


def mask(w: Editor) -> Mask:
    assert w.session.document is not None
    return w.session.document.mask


def marked(w: Editor) -> list[bool]:
    return [bool(mask(w)[y, x]) for x, y in PLACES]


def labels(w: Editor) -> tuple[str, ...]:
    assert w.session.history is not None
    return w.session.history.labels


def found(qtbot: QtBot, w: Editor) -> None:
    """Ctrl+F, the name, Enter; and wait."""
    w.actions.trigger("select.find")
    w.docks.find.field.setText(NAME)
    QTest.keyClick(w.docks.find.field, Qt.Key.Key_Return)
    settled(qtbot, w)


def test_text_threshold_and_one_step(qtbot: QtBot, w: Editor, local: SlowEngine) -> None:
    found(qtbot, w)
    assert [request.prompt for request in local.finds] == [NAME]
    assert w.docks.find.count.text() == "2 of 3"
    assert labels(w) == ()  # nothing is taken yet
    for percent in range(100, 5, -5):
        w.docks.find.threshold.slider.setValue(percent)
    w.docks.find.threshold.slider.setValue(20)
    assert w.docks.find.count.text() == "3 of 3"
    settled(qtbot, w)
    assert len(local.finds) == 1  # the slider asked for nothing
    w.actions.trigger("select.found")
    assert marked(w) == [True, True, True]
    assert labels(w) == ("Find",)
    w.session.undo()
    assert not mask(w).any()


def test_what_is_not_checked_is_left_out(qtbot: QtBot, w: Editor) -> None:
    found(qtbot, w)
    w.finder.set_threshold(0.1)
    rows = w.docks.find.list.view
    rows.item(1).setCheckState(Qt.CheckState.Unchecked)
    assert w.finder.picked == (0, 2)
    assert w.docks.find.count.text() == "2 of 3"
    click(w, *PLACES[0])  # on the canvas: left out
    assert w.finder.picked == (2,)
    click(w, *PLACES[1])  # and taken again
    assert w.finder.picked == (1, 2)
    w.actions.trigger("select.found")
    assert marked(w) == [False, True, True]
    assert w.session.document is not None
    assert w.session.document.clicks == ()  # the clicks were no points


def test_finds_meet_the_selection(qtbot: QtBot, w: Editor) -> None:
    w.mask_editor.rectangle(Rect(110, 70, 80, 20), CombineMode.REPLACE)
    found(qtbot, w)
    w.actions.trigger("select.found_add")
    assert marked(w) == [True, True, True]
    w.actions.trigger("select.found_subtract")
    assert marked(w) == [False, False, True]
    assert labels(w) == ("Rectangle", "Find", "Find")


def test_finds_become_objects_in_one_step(qtbot: QtBot, w: Editor) -> None:
    found(qtbot, w)
    w.finder.set_threshold(0.1)
    w.actions.trigger("objects.store_found")
    assert labels(w) == ("Store found",)
    names = [entry.name for entry in w.objects.named]
    assert names == [f"{NAME} 1", f"{NAME} 2", f"{NAME} 3"]
    for entry, instance in zip(w.objects.named, w.finder.instances):
        part = entry.mask.unpack()[instance.rect.slices]
        assert np.array_equal(part, instance.mask)
        assert np.count_nonzero(entry.mask.unpack()) == np.count_nonzero(instance.mask)
    w.actions.trigger("objects.store_found")
    assert w.objects.named[3].name == f"{NAME} 4"


def test_boxes_are_examples_while_the_panel_is_open(
    qtbot: QtBot, w: Editor, local: SlowEngine
) -> None:
    w.actions.trigger("select.find")
    assert w.finder.is_open
    drag(w, (40, 60), (60, 80), (80, 100))
    settled(qtbot, w)
    w.canvas.setFocus()
    place = w.canvas.navigator.place
    alt = Qt.KeyboardModifier.AltModifier
    QTest.mousePress(w.canvas, Qt.MouseButton.LeftButton, alt, place(150, 20).toPoint())
    QTest.mouseMove(w.canvas, place(170, 40).toPoint())
    QTest.mouseRelease(w.canvas, Qt.MouseButton.LeftButton, alt, place(180, 50).toPoint())
    settled(qtbot, w)
    first, second = local.finds
    assert [example.positive for example in first.exemplars] == [True]
    assert [example.positive for example in second.exemplars] == [True, False]
    assert abs(first.exemplars[0].box.x - 40) <= 2
    assert labels(w) == ()  # no box was selected
    assert w.docks.find.list.view.count() == 3
    w.finder.forget_exemplars()
    assert w.finder.exemplars == ()
    w.docks.all[0].raise_()  # another panel: boxes select again
    assert not w.finder.is_open
    drag(w, (40, 60), (60, 80), (80, 100))
    settled(qtbot, w)
    assert len(local.finds) == 2


def test_a_panel_in_sight_alone_takes_no_boxes(qtbot: QtBot, w: Editor, local: SlowEngine) -> None:
    w.docks["find"].raise_()
    qtbot.waitUntil(lambda: w.finder.is_open, timeout=WAIT_MS)
    assert not w.finder.takes_boxes
    drag(w, (40, 60), (60, 80), (80, 100))
    settled(qtbot, w)
    assert local.finds == []
    w.docks.find.write()
    assert w.finder.takes_boxes


def test_only_a_box_of_what_is_not_meant_asks_for_more(
    qtbot: QtBot, w: Editor, local: SlowEngine
) -> None:
    with qtbot.waitSignal(w.session.said, timeout=WAIT_MS):
        w.finder.find("", [Exemplar(Rect(5, 5, 20, 20), False)])
    assert not local.finds


def test_without_a_model_it_says_what_is_missing(
    qtbot: QtBot, w: Editor, library: FakeLibrary, local: SlowEngine
) -> None:
    panel = w.docks.find
    w.actions.trigger("select.find")
    assert panel.trouble.isHidden()
    library.put(Family.SAM2)
    assert not panel.trouble.isHidden()
    assert "SAM 3" in panel.trouble.text()
    with qtbot.waitSignal(w.session.failed, timeout=WAIT_MS) as failed:
        w.finder.find(NAME)
    assert failed.args is not None
    assert isinstance(failed.args[0], ModelMissing)
    assert not local.finds


@pytest.mark.parametrize("error", [NothingFound(), BackendStopped("local", "killed")])
def test_trouble_leaves_the_selection_alone(
    qtbot: QtBot, w: Editor, local: SlowEngine, error: NothingFound | BackendStopped
) -> None:
    w.mask_editor.rectangle(Rect(10, 10, 20, 20), CombineMode.REPLACE)
    local.error = error
    before = mask(w).copy()
    found(qtbot, w)
    assert np.array_equal(mask(w), before)
    assert w.docks.find.count.text() == ""
    assert not is_enabled(w, "select.found")
    assert w.message_bar.text


def test_finds_go_when_the_picture_changes(qtbot: QtBot, w: Editor) -> None:
    found(qtbot, w)
    w.finder.accept(CombineMode.REPLACE)
    w.remover.remove()
    settled(qtbot, w)
    assert w.finder.result is None
    assert w.docks.find.list.view.count() == 0


def test_finds_are_drawn_in_their_colours_while_the_panel_is_open(
    qtbot: QtBot, w: Editor, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: dict[str, list[object]] = {}
    outlines = w.canvas.set_outlines

    def keep(shown: list[object], *, group: str = "named") -> None:
        drawn[group] = list(shown)
        outlines(shown, group=group)  # type: ignore[arg-type]

    monkeypatch.setattr(w.canvas, "set_outlines", keep)
    found(qtbot, w)
    colours = [outline[3] for outline in drawn["found"]]  # type: ignore[index]
    assert len(set(colours)) == len(colours) == 2
    w.finder.pick(0, False)
    assert len(drawn["found"]) == 2
    w.docks.all[0].raise_()
    assert drawn["found"] == []
