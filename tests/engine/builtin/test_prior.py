"""Clicks that correct a mask the user chose or painted on."""

from typing import TypeAlias

import cv2
import numpy as np
import pytest

from engine.builtin.select.prepared import PreparedPicture
from engine.builtin.select.select import box_candidates, candidates, prepare
from engine.errors import NothingFound
from engine.geometry import Image, Rect
from engine.jobs.fake import FakeBackend
from engine.jobs.requests import Candidate, Click, Prior, SegmentRequest

Scene: TypeAlias = tuple[PreparedPicture, Image, np.ndarray, np.ndarray]

SPOT = Click(150.5, 100.5)
NOT_RIM = Click(130.5, 100.5, False)  # within the spot
ON_TAB = Click(211.5, 100.5)
NOT_TAB = ON_TAB._replace(positive=False)
TAB = np.s_[95:105, 208:214]


@pytest.fixture(scope="module")
def scene() -> Scene:
    """A yellow spot on a light board with a red tab; where the spot is, where the whole board.

    Both are bright before a dark ground: a click on the spot takes the whole board first, and
    the spot is one of the other answers.
    """
    random = np.random.default_rng(5)
    image = np.full((200, 300, 3), (60, 120, 70), np.uint8)
    spot, board = (np.zeros(image.shape[:2], np.uint8) for _ in range(2))
    cv2.rectangle(board, (60, 50), (240, 150), 255, -1)
    cv2.circle(spot, (150, 100), 35, 255, -1)
    image[board > 0] = (230, 220, 200)
    image[spot > 0] = (230, 200, 20)
    image[90:111, 205:217] = (200, 60, 40)
    image += random.integers(0, 16, image.shape, np.uint8)
    return prepare(image), image, spot > 0, board > 0


def spread(found: Candidate) -> np.ndarray:
    mask = np.zeros((200, 300), bool)
    mask[found.rect.slices] = found.mask > 127
    return mask


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / (one | other).sum())


def prior_of(found: Candidate, clicks: int = 1) -> Prior:
    return Prior(rect=found.rect, mask=found.mask, clicks=clicks)


def drawn(mask: np.ndarray, clicks: int = 1) -> Prior:
    whole = np.asarray(mask, np.uint8) * np.uint8(255)
    return Prior(rect=Rect(0, 0, 300, 200), mask=whole, clicks=clicks)


def chosen_spot(scene: Scene) -> Candidate:
    """The spot, as one of the answers that are not the best."""
    prepared, image, spot, board = scene
    best, *others = candidates(prepared, image, [SPOT])
    chosen = max(others, key=lambda each: overlap(spread(each), spot))
    assert overlap(spread(best), board) > 0.9  # else the picture tests nothing
    assert overlap(spread(chosen), spot) > 0.9
    return chosen


def test_a_negative_click_takes_from_the_candidate_that_was_chosen(scene: Scene) -> None:
    prepared, image, _, board = scene
    chosen, clicks = chosen_spot(scene), [SPOT, NOT_RIM]
    assert overlap(spread(candidates(prepared, image, clicks)[0]), board) > 0.5
    corrected = spread(candidates(prepared, image, clicks, prior=prior_of(chosen))[0])
    assert not corrected[100, 130]
    assert corrected[100, 150]
    assert overlap(corrected, spread(chosen)) > 0.9


def test_a_positive_click_adds_to_the_candidate_that_was_chosen(scene: Scene) -> None:
    prepared, image, _, board = scene
    chosen, clicks = chosen_spot(scene), [SPOT, ON_TAB]
    assert overlap(spread(candidates(prepared, image, clicks)[0]), board) > 0.9
    corrected = spread(candidates(prepared, image, clicks, prior=prior_of(chosen))[0])
    assert corrected[100, 211]
    expected = spread(chosen)
    expected[TAB] = True
    assert overlap(corrected, expected) > 0.8


def test_the_best_answer_as_prior_changes_nothing(scene: Scene) -> None:
    prepared, image, _, _ = scene
    clicks = [SPOT, Click(80.5, 70.5), NOT_TAB]
    plain = candidates(prepared, image, clicks)
    first = candidates(prepared, image, clicks[:1])[0]
    second = candidates(prepared, image, clicks[:2], prior=prior_of(first))[0]
    third = candidates(prepared, image, clicks, prior=prior_of(second, 2))
    at_once = candidates(prepared, image, clicks, prior=prior_of(first))
    for each in (third, at_once):
        assert [one.rect for one in each] == [one.rect for one in plain]
        assert all(np.array_equal(a.mask, b.mask) for a, b in zip(each, plain))


def test_what_was_painted_stays(scene: Scene) -> None:
    prepared, image, _, board = scene
    painted = board.copy()
    painted[10:30, 10:40] = True
    painted[60:64, 70:100] = False  # thinner than a patch
    corrected = spread(candidates(prepared, image, [SPOT, NOT_TAB], prior=drawn(painted))[0])
    assert not corrected[TAB].any()
    assert np.array_equal(corrected[:, :190], painted[:, :190])


def test_a_stroke_over_an_old_click_is_the_newer_wish(scene: Scene) -> None:
    prepared, image, spot, board = scene
    erased = board & ~spot
    corrected = spread(candidates(prepared, image, [SPOT, NOT_TAB], prior=drawn(erased))[0])
    assert not corrected[100, 150]
    assert not corrected[100, 211]
    assert overlap(corrected, erased) > 0.9


@pytest.mark.parametrize("click", [Click(161.5, 96.5), Click(20.5, 20.5, False)])
def test_a_click_in_a_patch_that_is_partly_painted_is_obeyed(scene: Scene, click: Click) -> None:
    prepared, image, _, board = scene
    partly = board.copy()
    partly[95:98, 160:163] = False
    partly[20, 20] = True
    corrected = spread(candidates(prepared, image, [SPOT, click], prior=drawn(partly))[0])
    assert corrected[int(click.y), int(click.x)] == click.positive


def test_a_box_is_corrected_by_a_negative_click(scene: Scene) -> None:
    prepared, image, _, board = scene
    found = box_candidates(prepared, image, Rect(58, 48, 185, 105))[0]
    assert overlap(spread(found), board) > 0.9
    corrected = spread(candidates(prepared, image, [NOT_TAB], prior=prior_of(found, 0))[0])
    assert not corrected[TAB].any()
    assert overlap(corrected, board) > 0.85


def test_an_empty_prior_says_nothing(scene: Scene) -> None:
    prepared, image, _, board = scene
    empty = np.zeros_like(board)
    plain = candidates(prepared, image, [SPOT, NOT_TAB])
    found = candidates(prepared, image, [SPOT, NOT_TAB], prior=drawn(empty))
    assert [one.rect for one in found] == [one.rect for one in plain]
    assert all(np.array_equal(a.mask, b.mask) for a, b in zip(found, plain))
    with pytest.raises(NothingFound):
        candidates(prepared, image, [NOT_TAB], prior=drawn(empty, 0))


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (40, 1500), (900, 2), (300, 400)])
def test_every_size_can_be_corrected(shape: tuple[int, int]) -> None:
    image = np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8)
    height, width = shape
    mask = np.zeros(shape, np.uint8)
    mask[: height // 2 + 1] = 200
    prior = Prior(rect=Rect(0, 0, width, height), mask=mask, clicks=0)
    clicks = [Click(width - 0.5, height - 0.5), Click(width / 3, 0.5, False)]
    for found in candidates(prepare(image), image, clicks, prior=prior):
        assert found.mask.shape == (found.rect.height, found.rect.width)
        whole = np.zeros(shape, np.uint8)
        whole[found.rect.slices] = found.mask
        assert whole[0, int(width / 3)] == 0


class Steps:
    """A job nobody watches."""

    def report(self, fraction: float, note: str = "", preview: object = None) -> None: ...


def test_the_fake_keeps_the_prior_too(scene: Scene) -> None:
    _, image, _, board = scene
    request = SegmentRequest(image=image, key="a", clicks=(SPOT, NOT_TAB), prior=drawn(board))
    for found in FakeBackend().segment(request, Steps()).candidates:
        mask = spread(found)
        assert not mask[100, 211]
        assert np.array_equal(mask[:, :155], board[:, :155])
