"""Answers that do not fit their questions, from engines of every kind."""

from collections.abc import Sequence

import numpy as np
import pytest

from engine import tasks
from engine.builtin.backend import BuiltinBackend
from engine.errors import NothingFound
from engine.geometry import Image, Rect, Size
from engine.jobs.answer_fit import BOX_SCORE, MISFIT_SCORE, box_reach
from engine.jobs.backend import JobContext
from engine.jobs.fake import FakeBackend
from engine.jobs.requests import Candidate, Click, Prior, SegmentRequest, SegmentResult

SIZE = Size(160, 120)
BOX = Rect(40, 30, 40, 40)
IN_BOX = Click(60.5, 50.5)


class Job:
    """A job nobody watches."""

    def report(self, fraction: float, note: str = "", preview: object = None) -> None: ...


class Stubborn(FakeBackend):
    """Answers every question with the same rectangles, each sure of itself."""

    def __init__(self, *rects: Rect) -> None:
        self._rects = rects

    def segment(self, request: SegmentRequest, job: JobContext) -> SegmentResult:
        found = tuple(full(rect, 1.0 - number / 10) for number, rect in enumerate(self._rects))
        return SegmentResult(candidates=found, engine=self.name)


def full(rect: Rect, score: float = 1.0) -> Candidate:
    return Candidate(rect=rect, mask=np.full((rect.height, rect.width), 255, np.uint8), score=score)


def request(
    *clicks: Click, box: Rect | None = None, prior: Prior | None = None, draft: bool = False
) -> SegmentRequest:
    image = np.zeros((SIZE.height, SIZE.width, 3), np.uint8)
    return SegmentRequest(image=image, key="a", clicks=clicks, box=box, prior=prior, draft=draft)


def answers(asked: SegmentRequest, *rects: Rect) -> Sequence[Candidate]:
    return tasks.segment(Stubborn(*rects), asked, Job()).candidates


def test_what_spills_over_a_box_is_cut_off_and_believed_less() -> None:
    (found,) = answers(request(box=BOX), Rect(40, 30, 60, 40))
    assert found.rect == Rect(40, 30, 42, 40)  # 5 % of 40 px beyond
    assert found.mask.shape == (40, 42)
    assert found.score == pytest.approx(42 / 60)


def test_an_answer_within_the_margin_stays_as_it_is() -> None:
    asked = Rect(38, 28, 44, 44)
    (found,) = answers(request(box=BOX), asked)
    assert (found.rect, found.score) == (asked, 1.0)
    assert box_reach(BOX, SIZE) == asked


def test_an_answer_elsewhere_gives_way_to_one_in_the_box() -> None:
    (found,) = answers(request(box=BOX), Rect(0, 0, 160, 120), Rect(50, 40, 20, 20))
    assert (found.rect, found.score) == (Rect(50, 40, 20, 20), 0.9)


def test_a_box_without_an_object_answers_itself_with_a_low_score() -> None:
    (found,) = answers(request(box=BOX), Rect(0, 0, 160, 120))
    assert found.rect == BOX
    assert found.mask.all()
    assert found.score == BOX_SCORE


def test_a_positive_click_beyond_the_box_says_that_the_object_is_larger() -> None:
    asked = Rect(40, 30, 80, 40)
    (found,) = answers(request(Click(110.5, 50.5), box=BOX), asked)
    assert (found.rect, found.score) == (asked, 1.0)


def test_what_was_painted_beyond_a_box_stays_when_a_click_corrects_it() -> None:
    painted = full(Rect(40, 30, 60, 40))
    prior = Prior(rect=painted.rect, mask=painted.mask, clicks=0)
    (found,) = answers(request(IN_BOX, box=BOX, prior=prior), Rect(40, 30, 70, 40))
    assert found.rect == painted.rect


def test_answers_that_obey_every_click_come_first() -> None:
    no = Click(100.5, 50.5, False)
    disobeys, obeys = answers(request(IN_BOX, no), Rect(40, 30, 80, 40), Rect(50, 40, 20, 20))[::-1]
    assert (obeys.rect, obeys.score) == (Rect(50, 40, 20, 20), 0.9)
    assert disobeys.score < MISFIT_SCORE


def test_an_answer_that_holds_no_positive_click_is_dropped() -> None:
    (found,) = answers(request(IN_BOX), Rect(0, 0, 20, 20), Rect(50, 40, 20, 20))
    assert found.rect == Rect(50, 40, 20, 20)
    with pytest.raises(NothingFound):
        answers(request(IN_BOX), Rect(0, 0, 20, 20))


def test_of_clicks_on_one_pixel_the_last_counts() -> None:
    (found,) = answers(request(IN_BOX._replace(positive=False), IN_BOX), BOX)
    assert found.score == 1.0


def test_a_click_that_was_painted_over_is_no_misfit() -> None:
    painted = full(Rect(0, 0, 20, 20))
    prior = Prior(rect=painted.rect, mask=painted.mask, clicks=1)
    (found,) = answers(request(IN_BOX, Click(5.5, 5.5), prior=prior), Rect(0, 0, 20, 20))
    assert found.score == 1.0


def test_a_click_outside_the_picture_counts_as_on_its_border() -> None:
    (found,) = answers(request(Click(-3, 500)), Rect(0, 100, 20, 20))
    assert found.score == 1.0


def test_a_draft_is_passed_on() -> None:
    (found,) = answers(request(IN_BOX, draft=True), Rect(0, 0, 20, 20))
    assert found.score == 1.0


def plain_wall(rng: np.random.Generator, level: float) -> Image:
    """(120, 160, 3) one colour, with noise of this deviation."""
    colour = rng.uniform(20, 235, 3) + rng.normal(0, level, (SIZE.height, SIZE.width, 3))
    return np.clip(np.rint(colour), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("level", [0.0, 0.7, 3.0, 8.0])
def test_a_box_on_a_plain_wall_marks_nothing_beyond_it(level: float) -> None:
    """100 places in all, on 4 walls."""
    rng, backend = np.random.default_rng(3), BuiltinBackend()
    wall = plain_wall(rng, level)
    for _ in range(25):
        width, height = (int(side) for side in rng.integers(4, 70, 2))
        box = Rect(
            int(rng.integers(0, SIZE.width - width)),
            int(rng.integers(0, SIZE.height - height)),
            width,
            height,
        )
        asked = SegmentRequest(image=wall, key="wall", box=box)
        for found in tasks.segment(backend, asked, Job()).candidates:
            assert found.rect.intersect(box_reach(box, SIZE)) == found.rect
            assert found.mask.any()
            assert found.score < 1


def test_a_negative_click_outside_the_mask_that_it_corrects_changes_nothing() -> None:
    shown = full(Rect(10, 10, 30, 30))
    prior = Prior(rect=shown.rect, mask=shown.mask, clicks=1)
    no = Click(100.5, 50.5, False)
    best, other = answers(request(Click(20.5, 20.5), no, prior=prior), Rect(5, 5, 60, 60))
    assert best.rect == prior.rect
    assert best.mask is prior.mask
    assert other.rect == Rect(5, 5, 60, 60)
    inside = Click(15.5, 15.5, False)
    assert answers(request(IN_BOX, inside, prior=prior), BOX)[0].rect == BOX
