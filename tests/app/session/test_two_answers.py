"""A click is answered at once, and better when the model is ready; unless the user went on."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.document.history import History
from app.services.engines import Engines
from app.services.jobs import JobQueue
from app.session.session import Session
from app.window.editor import Editor
from engine.dispatch.choice import EngineState
from engine.errors import BackendStopped, EngineMissing, NothingFound
from engine.geometry import Mask, Rect
from engine.jobs.requests import PrepareRequest
from engine.models.families import Family
from engine.selection.masks import CombineMode
from tests.app.support.slow_engine import SIDE_PX, SlowEngine
from tests.app.support.stories import WAIT_MS, click, editor, photo, selected, settled
from tests.support.models_at_hand import FakeLibrary, device
from widgets.canvas.pointer import PointerEvent

SQUARE = SIDE_PX * SIDE_PX


@pytest.fixture
def local() -> SlowEngine:
    return SlowEngine()


@pytest.fixture
def library() -> FakeLibrary:
    return FakeLibrary(Family.SAM3)


@pytest.fixture
def w(qtbot: QtBot, local: SlowEngine, library: FakeLibrary) -> Iterator[Editor]:
    engines = Engines(library, EngineState(device=device()))
    with editor(qtbot, engines=engines, local=lambda: local) as workspace:
        workspace.files.adopt_pixels(photo())
        qtbot.waitUntil(lambda: workspace.click_selector.is_prepared, timeout=WAIT_MS)
        yield workspace
        local.prepares.set()
        local.answers.set()


def mask(session: Session) -> Mask:
    assert session.document is not None
    return session.document.mask


def marked(w: Editor) -> int:
    return int(np.count_nonzero(mask(w.session)))


def history(w: Editor) -> History:
    assert w.session.history is not None
    return w.session.history


def ready(qtbot: QtBot, w: Editor, local: SlowEngine) -> None:
    local.prepares.set()
    qtbot.waitUntil(lambda: w.click_selector.engines.is_ready, timeout=WAIT_MS)
    settled(qtbot, w)


def answered(qtbot: QtBot, w: Editor, local: SlowEngine) -> None:
    """Both engines have nothing left to say."""
    local.prepares.set()
    local.answers.set()
    settled(qtbot, w)


def test_the_quick_answer_comes_first_and_the_better_one_takes_its_place(
    qtbot: QtBot, w: Editor, local: SlowEngine
) -> None:
    selected(qtbot, w, 120, 80)
    quick = mask(w.session).copy()
    assert marked(w) != SQUARE
    assert not w.click_selector.is_busy
    qtbot.waitUntil(lambda: w.click_selector.engines.is_improving, timeout=WAIT_MS)
    assert len(w.click_selector.candidates) == 3
    answered(qtbot, w, local)
    assert marked(w) == SQUARE
    assert mask(w.session)[80, 120] == 255
    assert len(w.click_selector.candidates) == 2  # those of the better answer
    assert not w.click_selector.engines.is_improving
    assert history(w).labels == ("Select object",)
    w.session.undo()
    assert marked(w) == 0
    assert w.session.document is not None
    assert w.session.document.clicks == ()
    w.session.redo()
    assert marked(w) == SQUARE
    assert not np.array_equal(quick, mask(w.session))


def test_candidates_of_the_better_answer_can_be_cycled(
    qtbot: QtBot, w: Editor, local: SlowEngine
) -> None:
    selected(qtbot, w, 120, 80)
    answered(qtbot, w, local)
    w.actions.trigger("select.next")
    assert marked(w) == SQUARE // 4
    w.session.undo()
    assert marked(w) == SQUARE
    w.session.undo()
    assert marked(w) == 0


@pytest.mark.parametrize(
    "goes_on", ["stroke", "undo", "accept", "drop", "other candidate", "all", "another picture"]
)
def test_who_has_gone_on_is_left_alone(
    qtbot: QtBot, w: Editor, local: SlowEngine, goes_on: str
) -> None:
    selected(qtbot, w, 120, 80)
    match goes_on:
        case "stroke":
            w.tools.choose("brush")
            click(w, 30, 30)
        case "undo":
            w.session.undo()
        case "accept":
            w.click_selector.accept()
        case "drop":
            w.click_selector.drop()
        case "other candidate":
            w.click_selector.cycle(1)
        case "all":
            w.mask_editor.select_all()
        case _:
            w.session.drop()
            w.files.adopt_pixels(photo(100, 90))
    before, labels = mask(w.session).copy(), history(w).labels
    answered(qtbot, w, local)
    assert np.array_equal(mask(w.session), before)
    assert history(w).labels == labels


def test_an_open_stroke_is_not_painted_over(qtbot: QtBot, w: Editor, local: SlowEngine) -> None:
    selected(qtbot, w, 120, 80)
    w.tools.choose("brush")
    canvas = w.canvas
    place = canvas.navigator.place(30, 30).toPoint()
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=place)
    assert w.session.is_editing
    before = mask(w.session).copy()
    answered(qtbot, w, local)
    assert np.array_equal(mask(w.session), before)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=place)
    assert history(w).labels == ("Select object", "Brush")


def test_a_second_click_is_asked_with_all_points_and_no_prior_of_the_built_in(
    qtbot: QtBot, w: Editor, local: SlowEngine
) -> None:
    local.prepares.set()
    settled(qtbot, w)
    w.click_selector.engines._prepared.clear()  # as after an edit: both are asked
    selected(qtbot, w, 120, 80)
    selected(qtbot, w, 60, 40)
    answered(qtbot, w, local)
    last = local.asked[-1]
    assert len(last.clicks) == 2
    assert last.prior is None
    assert history(w).labels == ("Select object", "Select object")
    assert mask(w.session)[40, 60] == 255
    w.session.undo()
    w.session.undo()
    assert marked(w) == 0


def test_once_prepared_the_model_answers_alone(qtbot: QtBot, w: Editor, local: SlowEngine) -> None:
    ready(qtbot, w, local)
    local.answers.set()
    selected(qtbot, w, 120, 80)
    assert marked(w) == SQUARE
    selected(qtbot, w, 60, 40)
    assert local.asked[-1].prior is not None  # its own mask, corrected
    assert history(w).labels == ("Select object", "Select object")


def test_a_busy_model_does_not_hold_a_click_up(qtbot: QtBot, w: Editor, local: SlowEngine) -> None:
    ready(qtbot, w, local)
    document = w.session.document
    assert document is not None
    local.prepares.clear()
    request = PrepareRequest(image=document.view, key="a long task")
    w.jobs.ask("remove", request, lambda _: None, queue=JobQueue.LOCAL)
    selected(qtbot, w, 120, 80)
    assert mask(w.session)[80, 120] == 255
    answered(qtbot, w, local)
    assert mask(w.session)[80, 120] == 255


@pytest.mark.parametrize("is_ready", [False, True])
def test_trouble_is_said_once_and_the_answer_stays(
    qtbot: QtBot, w: Editor, local: SlowEngine, is_ready: bool
) -> None:
    if is_ready:
        ready(qtbot, w, local)
    failures: list[object] = []
    w.session.failed.connect(lambda error, _: failures.append(error))
    local.error = BackendStopped("local", "killed")
    local.prepares.set()
    local.answers.set()
    for x in (100, 120, 140):
        selected(qtbot, w, x, 80)
        settled(qtbot, w)
        assert mask(w.session)[80, x] == 255
    assert len(failures) == 1
    local.error = None
    selected(qtbot, w, 110, 80)
    settled(qtbot, w)
    local.error = BackendStopped("local", "killed")
    selected(qtbot, w, 125, 80)
    settled(qtbot, w)
    assert len(failures) == 2  # it had worked in between


def test_without_libraries_the_built_in_takes_over(
    qtbot: QtBot, w: Editor, local: SlowEngine
) -> None:
    failures: list[object] = []
    w.session.failed.connect(lambda error, _: failures.append(error))
    local.error = EngineMissing("broken", "libcudart")
    answered(qtbot, w, local)
    selected(qtbot, w, 120, 80)
    settled(qtbot, w)
    assert [type(error) for error in failures] == [EngineMissing]
    assert not local.asked


def test_what_only_the_model_finds_is_shown(
    qtbot: QtBot, w: Editor, local: SlowEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.jobs.fake._discs", _nothing)
    click(w, 120, 80)
    local.prepares.set()
    qtbot.waitUntil(lambda: bool(local.asked), timeout=WAIT_MS)
    assert marked(w) == 0
    local.answers.set()
    qtbot.waitUntil(lambda: marked(w) == SQUARE, timeout=WAIT_MS)
    assert history(w).labels == ("Select object",)


def _nothing(*_: object) -> None:
    raise NothingFound


def test_a_click_both_cannot_answer_says_so_once(
    qtbot: QtBot, w: Editor, local: SlowEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.jobs.fake._discs", _nothing)
    local.error = NothingFound()
    said: list[str] = []
    w.session.said.connect(lambda _, text: said.append(text))
    click(w, 120, 80)
    answered(qtbot, w, local)
    assert len(said) == 1
    assert not w.click_selector.is_busy


def test_freed_memory_sends_the_click_to_the_built_in(
    qtbot: QtBot, w: Editor, local: SlowEngine
) -> None:
    ready(qtbot, w, local)
    click(w, 120, 80)
    qtbot.waitUntil(lambda: len(local.asked) == 1, timeout=WAIT_MS)
    with qtbot.waitSignal(w.session.mask_changed, timeout=WAIT_MS):
        w.jobs.free_memory()
    assert mask(w.session)[80, 120] == 255
    assert not w.click_selector.engines.is_ready
    qtbot.waitUntil(lambda: local.freed == 1, timeout=WAIT_MS)


def test_a_model_that_arrives_looks_at_the_open_picture(
    qtbot: QtBot, w: Editor, local: SlowEngine, library: FakeLibrary
) -> None:
    ready(qtbot, w, local)
    library.put()
    assert not w.click_selector.engines.is_ready
    assert w.click_selector.is_prepared
    library.put(Family.SAM2)
    qtbot.waitUntil(lambda: w.click_selector.engines.is_ready, timeout=WAIT_MS)
    assert len(local.looked_at) == 2


def test_the_outline_is_the_models_once_it_is_ready(
    qtbot: QtBot, w: Editor, local: SlowEngine
) -> None:
    w.canvas.hovered.emit(PointerEvent(120, 80))
    qtbot.wait(200)
    assert local.drafts == 0
    ready(qtbot, w, local)
    w.canvas.left.emit()
    w.canvas.hovered.emit(PointerEvent(60, 40))
    qtbot.waitUntil(lambda: local.drafts == 1, timeout=WAIT_MS)


def test_the_mask_outside_the_object_survives_the_exchange(
    qtbot: QtBot, w: Editor, local: SlowEngine
) -> None:
    w.mask_editor.rectangle(Rect(5, 5, 20, 20), CombineMode.REPLACE)
    click(w, 120, 80, modifier=Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: w.click_selector.engines.is_improving, timeout=WAIT_MS)
    answered(qtbot, w, local)
    assert marked(w) == SQUARE + 400
    w.session.undo()
    assert marked(w) == 400
