"""The light engine in a window: it reads the picture at opening, answers clicks, and may fail."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.services.engines import Engines
from app.services.jobs import JobQueue
from app.window.editor import Editor
from engine.dispatch.choice import BUILTIN, LIGHT, LOCAL, EngineState
from engine.errors import BackendStopped, EngineError, EngineMissing, ModelWrong, OutOfMemory
from engine.jobs.backend import Capability
from engine.jobs.requests import FindRequest
from engine.models.families import Family
from tests.app.support.slow_engine import SIDE_PX, SlowEngine
from tests.app.support.stories import WAIT_MS, editor, photo, removed, selected, settled
from tests.support.models_at_hand import FakeLibrary, device

SQUARE = SIDE_PX * SIDE_PX


@pytest.fixture
def library() -> FakeLibrary:
    return FakeLibrary(Family.EDGETAM, Family.LAMA)


@pytest.fixture
def light() -> SlowEngine:
    return SlowEngine()


@pytest.fixture
def heavy() -> SlowEngine:
    return SlowEngine()


@pytest.fixture
def w(qtbot: QtBot, light: SlowEngine, heavy: SlowEngine, library: FakeLibrary) -> Iterator[Editor]:
    engines = Engines(
        library, EngineState(device=device("cpu")), light=EngineState(expects_card=False)
    )
    with editor(qtbot, engines=engines, local=lambda: heavy, light=lambda: light) as workspace:
        workspace.files.adopt_pixels(photo())
        qtbot.waitUntil(lambda: workspace.click_selector.is_prepared, timeout=WAIT_MS)
        yield workspace
        for engine in (light, heavy):
            engine.prepares.set()
            engine.answers.set()


def marked(w: Editor) -> int:
    assert w.session.document is not None
    return int(np.count_nonzero(w.session.document.mask))


def answered(qtbot: QtBot, w: Editor, light: SlowEngine) -> None:
    light.prepares.set()
    light.answers.set()
    settled(qtbot, w)


def test_a_click_is_answered_at_once_and_then_by_the_light_engine(
    qtbot: QtBot, w: Editor, light: SlowEngine, heavy: SlowEngine
) -> None:
    assert w.click_selector.engines.choice.backend == LIGHT
    assert w.status_bar.engine.text().startswith("Basic mode until EdgeTAM")
    selected(qtbot, w, 120, 80)
    assert marked(w) != SQUARE
    answered(qtbot, w, light)
    assert marked(w) == SQUARE
    assert w.click_selector.engines.quickest is JobQueue.LIGHT
    assert not heavy.asked
    assert not heavy.looked_at


def test_a_picture_is_read_at_opening_and_once(qtbot: QtBot, w: Editor, light: SlowEngine) -> None:
    answered(qtbot, w, light)
    assert len(light.looked_at) == 1
    selected(qtbot, w, 120, 80)
    settled(qtbot, w)
    assert len(light.looked_at) == 1
    assert marked(w) == SQUARE


def test_reading_stops_when_the_picture_is_closed(
    qtbot: QtBot, w: Editor, light: SlowEngine
) -> None:
    assert w.jobs.is_busy_at(JobQueue.LIGHT)
    w.session.drop()
    settled(qtbot, w)
    assert not light.looked_at


def test_a_model_that_is_chosen_no_more_stops_reading(
    qtbot: QtBot, w: Editor, light: SlowEngine, heavy: SlowEngine, library: FakeLibrary
) -> None:
    library.put(Family.SAM3)
    assert w.click_selector.engines.choice.backend == LOCAL
    library.put(Family.SAM3, Family.EDGETAM)
    assert w.click_selector.engines.choice.backend == LIGHT
    answered(qtbot, w, light)
    assert not heavy.looked_at
    assert len(light.looked_at) == 1


def test_the_model_that_has_found_here_answers_clicks_until_the_picture_changes(
    qtbot: QtBot, w: Editor, light: SlowEngine, heavy: SlowEngine, library: FakeLibrary
) -> None:
    """SAM 3 takes long to read a picture on a processor: not when it has read it to find."""
    library.put(Family.SAM3, Family.EDGETAM)
    answered(qtbot, w, light)
    heavy.answers.set()
    w.jobs.ask(
        "find", FindRequest(image=photo(), key=w.session.key, prompt="cup"),
        lambda _: None, queue=JobQueue.LOCAL,
    )  # fmt: skip
    settled(qtbot, w)
    assert w.click_selector.engines.choice.backend == LOCAL
    assert not heavy.looked_at  # it is not read again
    assert w.click_selector.engines.quickest is JobQueue.LOCAL
    w.jobs.freed.emit()
    assert w.click_selector.engines.choice.backend == LIGHT


def test_clicks_are_answered_while_torch_paints(
    qtbot: QtBot, w: Editor, light: SlowEngine, heavy: SlowEngine, library: FakeLibrary
) -> None:
    answered(qtbot, w, light)
    library.put(Family.EDGETAM, Family.SD15)
    job = w.jobs.ask(
        "find", heavy_work(w), lambda _: None, queue=w.engines.queue_for(Capability.INPAINT)
        or JobQueue.ENGINE,
    )  # fmt: skip
    qtbot.waitUntil(lambda: bool(heavy.asked), timeout=WAIT_MS)
    selected(qtbot, w, 120, 80)
    qtbot.waitUntil(lambda: marked(w) == SQUARE, timeout=WAIT_MS)
    assert not job.is_over
    heavy.answers.set()
    settled(qtbot, w)


def heavy_work(w: Editor) -> object:
    from engine.jobs.requests import Click, SegmentRequest

    return SegmentRequest(image=photo(), key=w.session.key, clicks=(Click(1, 1),))


@pytest.mark.parametrize(
    ("error", "stays"),
    [
        (EngineMissing("broken", "libfoo"), False),
        (EngineMissing("absent"), False),
        (ModelWrong(Path("edgetam.pt"), "click"), True),
        (BackendStopped("light", "killed"), True),
        (OutOfMemory(900, 100), True),
    ],
)
def test_what_is_built_in_goes_on_and_the_trouble_is_told_once(
    qtbot: QtBot,
    w: Editor,
    light: SlowEngine,
    library: FakeLibrary,
    error: EngineError,
    stays: bool,
) -> None:
    told: list[EngineError] = []
    w.session.failed.connect(lambda failure, _: told.append(failure))
    light.error = error
    light.answers.set()
    light.prepares.set()
    for x in (120, 60):
        w.click_selector.drop()
        selected(qtbot, w, x, 80)
        settled(qtbot, w)
        assert 0 < marked(w) != SQUARE
    assert [type(each) for each in told] == [type(error)]
    assert (w.click_selector.engines.choice.backend == LIGHT) == stays
    assert (library.scans > 0) == isinstance(error, ModelWrong)
    if not stays:
        assert w.click_selector.engines.choice.backend == BUILTIN
        assert w.engines.light.trouble == error.reason  # type: ignore[attr-defined]


def test_a_hole_is_filled_by_the_light_engine(qtbot: QtBot, w: Editor, light: SlowEngine) -> None:
    assert w.docks.remove.engine.text().startswith("LaMa")
    answered(qtbot, w, light)
    selected(qtbot, w, 120, 80)
    settled(qtbot, w)
    removed(qtbot, w)
    assert w.variants.all[-1].engine == "LaMa"
    assert "0 px changed outside the ring" in w.status_bar.badge.text


def test_freeing_memory_ends_both_processes(
    qtbot: QtBot, w: Editor, light: SlowEngine, heavy: SlowEngine
) -> None:
    answered(qtbot, w, light)
    w.actions.trigger("tool.free_memory")
    qtbot.waitUntil(lambda: light.freed == 1, timeout=WAIT_MS)
    assert heavy.freed == 0  # it was never started
    assert not w.click_selector.engines.is_ready
