"""The known subject among the answers to a click, whichever engine gave them."""

from dataclasses import replace

import numpy as np
import pytest

from engine import tasks
from engine.geometry import Rect
from engine.jobs.requests import Candidate, Click, Prior, SegmentRequest, SoftMask
from tests.engine.jobs.test_answer_fit import IN_BOX, Job, Stubborn, answers, full, request

PART, WHOLE, GROUP = Rect(55, 45, 10, 10), Rect(40, 30, 40, 40), Rect(10, 10, 140, 100)
SUBJECT = Rect(30, 20, 70, 70)


def asked(*clicks: Click, **others: object) -> SegmentRequest:
    """A question about a picture of which the subject is known."""
    whole: SegmentRequest = replace(request(*clicks or (IN_BOX,)), known_subject=full(SUBJECT))
    return replace(whole, **others)  # type: ignore[arg-type]


def rects(question: SegmentRequest, *found: Rect) -> list[Rect]:
    return [each.rect for each in answers(question, *found)]


def test_it_takes_its_place_by_size_behind_the_best() -> None:
    assert rects(asked(), WHOLE, PART, GROUP) == [WHOLE, PART, SUBJECT, GROUP]
    assert rects(asked(), GROUP, PART, WHOLE) == [GROUP, PART, WHOLE, SUBJECT]
    assert rects(asked(), PART) == [PART, SUBJECT]


def test_a_candidate_that_is_nearly_the_subject_stands_for_it() -> None:
    near = Rect(30, 20, 70, 69)
    assert rects(asked(), PART, near) == [PART, near]
    assert rects(asked(), SUBJECT) == [SUBJECT]


@pytest.mark.parametrize(
    "question",
    [
        asked(Click(20.5, 15.5)),  # beside it
        asked(IN_BOX, Click(70.5, 60.5)),
        asked(known_subject=None),
        asked(prior=Prior(rect=WHOLE, mask=full(WHOLE).mask, clicks=0)),
    ],
)
def test_only_a_lone_click_on_it_may_mean_it(question: SegmentRequest) -> None:
    assert SUBJECT not in rects(question, GROUP)


def test_a_box_and_a_draft_are_answered_without_it() -> None:
    assert rects(asked(box=WHOLE), WHOLE) == [WHOLE]
    assert len(answers(asked(draft=True), WHOLE, PART)) == 1


def test_a_hole_of_the_subject_is_not_on_it() -> None:
    mask = np.full((70, 70), 255, np.uint8)
    mask[20:50, 20:50] = 0
    holed = Candidate(rect=SUBJECT, mask=mask, score=1.0)
    assert rects(asked(known_subject=holed), GROUP) == [GROUP]


def test_its_soft_edge_is_made_only_where_one_is_asked_for() -> None:
    known = replace(full(SUBJECT), soft=SoftMask(SUBJECT, full(SUBJECT).mask))
    for soft_edge in (False, True):
        question = asked(known_subject=known, soft_edge=soft_edge)
        found = tasks.segment(Stubborn(PART), question, Job()).candidates
        assert [each.soft is not None for each in found] == [soft_edge] * 2
        assert all(each.soft is not known.soft for each in found if each.soft)
