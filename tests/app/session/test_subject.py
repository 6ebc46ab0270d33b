"""Select Subject in a window: one step, undo, project, soft edge, removal, and its words."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.services.engines import Engines
from app.text.errors.explain import explain
from app.window.editor import Editor
from engine.builtin.backend import BuiltinBackend
from engine.dispatch.choice import EngineState
from engine.errors import NoSubject
from engine.geometry import Mask, Rect
from engine.jobs.backend import JobContext
from engine.jobs.fake import FakeBackend
from engine.jobs.requests import Candidate, SegmentRequest, SegmentResult
from engine.models.families import Family
from engine.selection import masks
from tests.app.support.slow_engine import SlowEngine
from tests.app.support.stories import (
    WAIT_MS,
    editor,
    is_enabled,
    opened,
    photo,
    photo_file,
    selected,
    settled,
)
from tests.support.hair import fur
from tests.support.models_at_hand import FakeLibrary

SUBJECT = Rect(60, 30, 130, 110)


@pytest.fixture
def w(qtbot: QtBot, tmp_path: Path) -> Iterator[Editor]:
    with editor(qtbot, BuiltinBackend) as window:
        opened(qtbot, window, photo_file(tmp_path))
        yield window


def mask(w: Editor) -> Mask:
    assert w.session.document is not None
    return w.session.document.mask


def chosen(qtbot: QtBot, w: Editor) -> None:
    w.actions.trigger("select.subject")
    settled(qtbot, w)


def red(w: Editor) -> np.ndarray:
    assert w.session.document is not None
    return w.session.document.view[..., 0] == 200


def test_the_subject_is_selected_in_one_step_that_can_be_undone(qtbot: QtBot, w: Editor) -> None:
    said: list[str] = []
    w.session.said.connect(lambda _, text: said.append(text))
    selected(qtbot, w, 20, 20)
    before = mask(w).copy()
    assert w.click_selector.points
    chosen(qtbot, w)
    found, wanted = mask(w) > 127, red(w)
    assert (found & wanted).sum() / (found | wanted).sum() > 0.95
    assert not w.click_selector.points
    assert w.session.history is not None
    assert w.session.history.labels[-1] == "Select subject"
    assert "guessed" in said[-1]
    w.session.undo()
    assert np.array_equal(mask(w), before)
    w.session.redo()
    assert np.array_equal(mask(w) > 127, found)


def test_it_needs_a_picture_and_has_a_key(qtbot: QtBot) -> None:
    with editor(qtbot) as window:
        assert not is_enabled(window, "select.subject")
        assert window.actions["select.subject"].shortcuts()


def test_it_stays_in_a_project(qtbot: QtBot, w: Editor, tmp_path: Path) -> None:
    chosen(qtbot, w)
    before = mask(w).copy()
    with qtbot.waitSignal(w.files.saved, timeout=WAIT_MS):
        w.files.save(tmp_path / "a.lacuna")
    opened(qtbot, w, tmp_path / "a.lacuna")
    assert np.array_equal(mask(w), before)


def test_a_picture_without_a_subject_keeps_its_selection(qtbot: QtBot, w: Editor) -> None:
    w.session.mark_clean()
    w.files.adopt_pixels(np.full((90, 120, 3), 77, np.uint8))
    settled(qtbot, w)
    w.actions.trigger("select.all")
    with qtbot.waitSignal(w.session.failed, timeout=WAIT_MS) as caught:
        w.actions.trigger("select.subject")
    error, retry = caught.args or (None, None)
    assert isinstance(error, NoSubject)
    assert retry is None
    assert "No subject" in explain(error).title
    assert (mask(w) == 255).all()


def test_remove_waits_for_the_subject_and_changes_nothing_outside(qtbot: QtBot, w: Editor) -> None:
    assert w.session.document is not None
    before = w.session.document.view.copy()
    w.actions.trigger("select.subject")
    assert w.verbs.pending.is_awaited
    w.actions.trigger("remove.remove")
    qtbot.waitUntil(lambda: bool(w.variants.all), timeout=WAIT_MS)
    settled(qtbot, w)
    after, ring = w.session.document.view, np.zeros(before.shape[:2], np.uint8)
    for patch in w.variants.all[0].patches:
        ring[patch.rect.slices] |= patch.blend
    assert np.array_equal(after[ring == 0], before[ring == 0])
    assert (after != before).any(2)[before[..., 0] == 200].mean() > 0.9


def test_the_switch_for_soft_edges_is_obeyed(qtbot: QtBot, w: Editor) -> None:
    w.session.mark_clean()
    w.files.adopt_pixels(fur().image)
    settled(qtbot, w)
    chosen(qtbot, w)
    assert not masks.is_soft(mask(w))
    w.soft_edge.set(True)
    chosen(qtbot, w)
    assert masks.is_soft(mask(w))
    w.soft_edge.set(False)


def test_a_model_answers_alone_where_it_is_here(qtbot: QtBot) -> None:
    ready = EngineState(expects_card=False)
    engines = Engines(FakeLibrary(Family.U2NETP), EngineState(trouble="absent"), light=ready)
    with editor(qtbot, BuiltinBackend, engines=engines, light=FakeBackend) as window:
        window.files.adopt_pixels(photo())
        settled(qtbot, window)
        said: list[str] = []
        window.session.said.connect(lambda _, text: said.append(text))
        chosen(qtbot, window)
        assert mask(window).any()
        assert not said


class Planes(SlowEngine):
    """Sees the same subject in every picture, and answers clicks with squares."""

    def __init__(self) -> None:
        super().__init__()
        self.prepares.set()
        self.answers.set()
        self.subjects = 0

    def segment(self, request: SegmentRequest, job: JobContext) -> SegmentResult:
        if not request.subject:
            return super().segment(request, job)
        self.subjects += 1
        mask = np.full((SUBJECT.height, SUBJECT.width), 255, np.uint8)
        subject = Candidate(rect=SUBJECT, mask=mask, score=0.9)
        return SegmentResult(candidates=(subject,), engine="u2netp", revision=request.revision)


@pytest.fixture
def planes() -> Planes:
    return Planes()


@pytest.fixture
def seen(qtbot: QtBot, planes: Planes, tmp_path: Path) -> Iterator[Editor]:
    """A window with a model for clicks and one for subjects."""
    ready, library = EngineState(expects_card=False), FakeLibrary(Family.U2NETP, Family.EDGETAM)
    engines = Engines(library, EngineState(trouble="absent"), light=ready)
    with editor(qtbot, BuiltinBackend, engines=engines, light=lambda: planes) as window:
        opened(qtbot, window, photo_file(tmp_path))
        settled(qtbot, window)
        yield window


def candidates(qtbot: QtBot, w: Editor, x: float, y: float) -> list[Rect]:
    """Of a click in an empty selection."""
    w.actions.trigger("select.none")
    w.click_selector.click(x, y)
    qtbot.waitUntil(lambda: not w.jobs.is_busy, timeout=WAIT_MS)
    return [each.rect for each in w.click_selector.candidates]


def test_a_click_on_the_known_subject_offers_it_among_the_others(
    qtbot: QtBot, seen: Editor
) -> None:
    assert SUBJECT not in candidates(qtbot, seen, 120, 80)
    chosen(qtbot, seen)
    found = candidates(qtbot, seen, 120, 80)
    assert SUBJECT in found[1:]
    sizes = [rect.size.pixels for rect in found[1:]]
    assert sizes == sorted(sizes)
    seen.click_selector.cycle(found.index(SUBJECT))
    assert masks.bounds(mask(seen)) == SUBJECT
    assert SUBJECT not in candidates(qtbot, seen, 5, 5)


def test_the_subject_of_the_same_pixels_is_computed_once(
    qtbot: QtBot, seen: Editor, planes: Planes
) -> None:
    for _ in range(2):
        chosen(qtbot, seen)
        assert masks.bounds(mask(seen)) == SUBJECT
    assert planes.subjects == 1
    seen.soft_edge.set(True)
    chosen(qtbot, seen)
    seen.soft_edge.set(False)
    assert planes.subjects == 2
    seen.session.mark_clean()
    seen.files.adopt_pixels(photo(200, 140))
    settled(qtbot, seen)
    assert SUBJECT not in candidates(qtbot, seen, 100, 70)
    chosen(qtbot, seen)
    assert planes.subjects == 3


def test_a_guess_by_colours_is_no_candidate(qtbot: QtBot, w: Editor) -> None:
    before = candidates(qtbot, w, 120, 80)
    chosen(qtbot, w)
    assert w.verbs.subject.known() is None
    assert candidates(qtbot, w, 120, 80) == before
