"""Negative clicks on drawn scenes: outside the mask they change nothing, inside they help."""

from collections.abc import Iterator
from functools import cache

import cv2
import numpy as np
import pytest

from engine.builtin.select.prepared import PreparedPicture
from engine.builtin.select.select import candidates, prepare
from engine.geometry import Image, Rect
from engine.jobs.requests import Candidate, Click, Prior

WIDTH, HEIGHT = 240, 180
SEEDS = range(4)


@cache
def scene(seed: int) -> tuple[PreparedPicture, Image, np.ndarray]:
    """Shapes of two tones on a noisy ground, and where the first of them lies."""
    rng = np.random.default_rng(seed)
    image = np.full((HEIGHT, WIDTH, 3), rng.integers(40, 200, 3), np.uint8)
    truth = np.zeros((HEIGHT, WIDTH), np.uint8)
    for x, y in ((70, 90), (170, 60), (190, 140)):
        axes = tuple(int(side) for side in rng.integers(18, 40, 2))
        angle = float(rng.integers(0, 180))
        colours = [tuple(int(c) for c in rng.integers(0, 256, 3)) for _ in range(2)]
        cv2.ellipse(image, (x, y), axes, angle, 0, 360, colours[0], -1)
        cv2.ellipse(image, (x, y), (axes[0] // 2, axes[1] // 2), angle, 0, 360, colours[1], -1)
        if x == 70:
            cv2.ellipse(truth, (x, y), axes, angle, 0, 360, 255, -1)
    noise = rng.normal(0, 6, image.shape)
    image = np.clip(image + noise, 0, 255).astype(np.uint8)
    return prepare(image), image, truth > 0


def whole(found: Candidate) -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[found.rect.slices] = found.mask
    return mask


def random_negatives(seed: int, truth: np.ndarray, count: int) -> Iterator[Click]:
    """True ones: at least 12 px off the object."""
    rng = np.random.default_rng(100 + seed)
    far = cv2.distanceTransform((~truth).astype(np.uint8), cv2.DIST_L2, 5) >= 12
    y, x = np.nonzero(far)
    for index in rng.integers(0, len(x), count):
        yield Click(float(x[index]) + 0.5, float(y[index]) + 0.5, False)


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / (one | other).sum())


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("with_prior", [False, True])
def test_a_negative_click_changes_nothing_outside_and_does_no_harm_inside(
    seed: int, with_prior: bool
) -> None:
    prepared, image, truth = scene(seed)
    clicks = [Click(70.5, 90.5)]
    best, changes = candidates(prepared, image, clicks)[0], 1
    for click in random_negatives(seed, truth, 12):
        before, score = whole(best), overlap(whole(best) > 127, truth)
        prior = Prior(rect=best.rect, mask=best.mask, clicks=len(clicks)) if with_prior else None
        clicks.append(click)
        found = candidates(prepared, image, clicks, prior=prior)
        best, after = found[0], whole(found[0])
        y, x = int(click.y), int(click.x)
        if before[y, x] == 0:
            assert np.array_equal(after, before)
        else:
            changes += 1
            assert changes == 2 or (after <= before).all()
        assert all(whole(each)[y, x] == 0 for each in found)
        assert overlap(after > 127, truth) > score - 0.15


@pytest.mark.parametrize("index", [0, 1, 2])
def test_whichever_candidate_is_shown_stands(index: int) -> None:
    prepared, image, _ = scene(0)
    yes, no = Click(70.5, 90.5), Click(2.5, 2.5, False)
    found = candidates(prepared, image, [yes])
    shown = found[min(index, len(found) - 1)]
    prior = Prior(rect=shown.rect, mask=shown.mask, clicks=1)
    assert whole(shown)[2, 2] == 0
    after = candidates(prepared, image, [yes, no], prior=prior)
    assert np.array_equal(whole(after[0]), whole(shown))
    assert len({each.mask.tobytes() for each in after}) == len(after)


def test_a_painted_mask_stands_value_by_value() -> None:
    prepared, image, _ = scene(1)
    painted = np.zeros((HEIGHT, WIDTH), np.uint8)
    painted[40:60, 30:90] = np.linspace(0, 255, 60).astype(np.uint8)
    prior = Prior(rect=Rect(0, 0, WIDTH, HEIGHT), mask=painted, clicks=0)
    no = Click(120.5, 20.5, False)
    assert np.array_equal(whole(candidates(prepared, image, [no], prior=prior)[0]), painted)
    added = whole(candidates(prepared, image, [no, Click(200.5, 170.5)], prior=prior)[0])
    assert (added >= painted).all()
    assert added[170, 200] == 255


def test_negative_clicks_beside_the_mask_do_not_make_later_ones_timid() -> None:
    prepared, image, _ = scene(2)
    yes, other = Click(70.5, 90.5), Click(170.5, 60.5)
    mask = whole(candidates(prepared, image, [yes])[0])
    spots = [(5, 5), (235, 5), (5, 175), (120, 175)]
    noes = [Click(x + 0.5, y + 0.5, False) for x, y in spots if mask[y, x] == 0]
    assert noes
    after = whole(candidates(prepared, image, [yes, *noes, other])[0])
    assert after[60, 170] == 255
    assert all(after[int(no.y), int(no.x)] == 0 for no in noes)
