"""Removing with the model at hand, and what the window says of its engines."""

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from app.services.engines import Engines
from app.window.editor import Editor
from engine.dispatch.choice import EngineState
from engine.errors import ModelMissing
from engine.models.families import Family
from tests.app.support.slow_engine import SlowEngine
from tests.app.support.stories import WAIT_MS, editor, photo, removed, selected, settled
from tests.support.models_at_hand import FakeLibrary, device


@pytest.fixture
def local() -> SlowEngine:
    engine = SlowEngine()
    engine.prepares.set()
    engine.answers.set()
    return engine


@pytest.fixture
def library() -> FakeLibrary:
    return FakeLibrary()


@pytest.fixture
def w(qtbot: QtBot, local: SlowEngine, library: FakeLibrary) -> Iterator[Editor]:
    engines = Engines(library, EngineState())
    with editor(qtbot, engines=engines, local=lambda: local) as workspace:
        workspace.files.adopt_pixels(photo())
        settled(qtbot, workspace)
        yield workspace


def test_removing_goes_to_the_model_and_says_so(
    qtbot: QtBot, w: Editor, library: FakeLibrary
) -> None:
    assert w.docks.remove.engine.text().startswith("Basic mode")
    assert "LaMa" in w.docks.remove.engine.text()  # how to get more
    selected(qtbot, w, 120, 80)
    removed(qtbot, w)
    assert w.variants.all[-1].engine == "fake"
    library.put(Family.LAMA)
    assert w.docks.remove.engine.text().startswith("LaMa")
    selected(qtbot, w, 60, 40)
    removed(qtbot, w)
    assert w.variants.all[-1].engine == "LaMa"
    assert "0 px changed outside the ring" in w.status_bar.badge.text
    strip = w.docks.remove.strip
    assert "LaMa, seed" in strip.view.item(strip.view.count() - 1).toolTip()


def test_the_user_may_want_the_built_in(qtbot: QtBot, w: Editor, library: FakeLibrary) -> None:
    library.put(Family.LAMA)
    w.preferences.change("remove_engine", "builtin")
    assert w.docks.remove.engine.text().startswith("Basic mode")
    selected(qtbot, w, 120, 80)
    removed(qtbot, w)
    assert w.variants.all[-1].engine == "fake"


def test_a_model_that_is_wanted_and_missing_is_asked_for(qtbot: QtBot, w: Editor) -> None:
    w.preferences.change("remove_engine", "local")
    selected(qtbot, w, 120, 80)
    with qtbot.waitSignal(w.session.failed, timeout=WAIT_MS) as failed:
        w.remover.remove()
    assert failed.args is not None
    assert isinstance(failed.args[0], ModelMissing)
    assert w.session.has_mask


def test_the_status_bar_says_who_selects_and_where(
    qtbot: QtBot, w: Editor, local: SlowEngine, library: FakeLibrary
) -> None:
    label = w.status_bar.engine
    assert label.text() == "Basic mode"
    local.prepares.clear()
    library.put(Family.SAM3)
    assert label.text() == "Basic mode until SAM 3 has read the picture…"
    local.prepares.set()
    qtbot.waitUntil(lambda: label.text() == "SAM 3", timeout=WAIT_MS)
    w.engines.tell(device("cuda"))
    qtbot.waitUntil(lambda: label.text() == "SAM 3 · A cuda", timeout=WAIT_MS)


def test_a_card_that_is_not_used_is_said_loudly_and_once(qtbot: QtBot, w: Editor) -> None:
    said: list[str] = []
    w.session.said.connect(lambda _, text: said.append(text))
    w.engines.tell(device("cpu", "cpu_torch"))
    qtbot.waitUntil(lambda: bool(said), timeout=WAIT_MS)
    w.engines.set_wanted({})
    w.engines.changed.emit()
    assert len([text for text in said if "NVIDIA" in text]) == 1
    assert "NVIDIA" in w.status_bar.engine.toolTip()
