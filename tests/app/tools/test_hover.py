"""The outline under the pointer: small, out of the way of a click, and gone with the object."""

import threading
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.tools.hover import holds
from app.window.editor import Editor
from engine.geometry import Rect
from engine.jobs.backend import JobContext
from engine.jobs.fake import FakeBackend
from engine.jobs.requests import Candidate, SegmentRequest, SegmentResult
from engine.tasks import DRAFT_PX
from tests.app.support.stories import WAIT_MS, editor, photo, selected
from widgets.canvas.pointer import PointerEvent


class Stubborn(FakeBackend):
    """Answers clicks, but a draft only by being cancelled."""

    def __init__(self) -> None:
        self.has_begun = threading.Event()

    def segment(self, request: SegmentRequest, job: JobContext) -> SegmentResult:
        pause = threading.Event()
        while request.draft:
            self.has_begun.set()
            job.report(0.5)
            pause.wait(0.002)
        return super().segment(request, job)


def hovered(qtbot: QtBot, w: Editor, width: int, height: int) -> None:
    """Open a picture and rest the pointer in its middle."""
    w.files.adopt_pixels(photo(width, height))
    qtbot.waitUntil(lambda: w.click_selector.is_prepared and not w.jobs.is_busy, timeout=WAIT_MS)
    w.canvas.hovered.emit(PointerEvent(width / 2, height / 2))


def test_the_canvas_is_given_no_more_than_a_screen_needs(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Any] = []
    with editor(qtbot) as w:
        monkeypatch.setattr(w.canvas, "set_hover", shown.append)
        hovered(qtbot, w, 4300, 4200)  # a disc of 1050 px
        qtbot.waitUntil(lambda: any(shown), timeout=WAIT_MS)
        x, y, width, height, mask = shown[-1]
        assert (x + width // 2, y + height // 2) == (2150, 2100)
        assert width > DRAFT_PX >= max(mask.shape)
        w.canvas.hovered.emit(PointerEvent(2550, 2100))
        assert shown[-1] is not None  # the same object
        w.canvas.hovered.emit(PointerEvent(x + 5, y + 5))
        assert shown[-1] is None


def test_a_click_does_not_wait_for_an_outline(qtbot: QtBot) -> None:
    backend = Stubborn()
    with editor(qtbot, lambda: backend) as w:
        hovered(qtbot, w, 240, 160)
        qtbot.waitUntil(backend.has_begun.is_set, timeout=WAIT_MS)
        selected(qtbot, w, 120, 80)
        assert w.session.has_mask
        qtbot.waitUntil(lambda: not w.jobs.is_busy, timeout=WAIT_MS)


def test_a_reduced_mask_says_where_the_object_is() -> None:
    mask = np.zeros((4, 8), np.uint8)
    mask[0, 7] = 255
    candidate = Candidate(rect=Rect(100, 200, 80, 40), mask=mask, score=1.0)
    assert holds(candidate, PointerEvent(170.0, 200.0))
    assert holds(candidate, PointerEvent(179.9, 209.9))
    for x, y in ((169.9, 205.0), (175.0, 210.1), (180.0, 205.0), (175.0, 199.9), (99.0, 205.0)):
        assert not holds(candidate, PointerEvent(x, y))
