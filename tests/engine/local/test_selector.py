"""Selecting through a scripted process: places, sizes, priors, order; wide and tall pictures."""

import numpy as np
import pytest

from engine.errors import CapabilityMissing, NothingFound
from engine.geometry import Rect, Size
from engine.jobs.operations import Decode, Encode, Search
from engine.jobs.requests import (
    FIND_FLOOR,
    Candidate,
    Click,
    Exemplar,
    FindRequest,
    PrepareRequest,
    Prior,
    SegmentRequest,
)
from engine.local.segment.outlines import cleaned, fine
from engine.local.segment.scaling import scale_picture
from engine.local.segment.selector import LocalSelector
from engine.models.families import Family, Kind
from engine.selection import masks
from tests.support.eyes import CELLS, Disc, Eyes, drawn
from tests.support.scripted import Quiet, model

SAM3, SAM2 = model(Family.SAM3, Kind.SEGMENTER), model(Family.SAM2, Kind.SEGMENTER)
JOB = Quiet()
WIDE, TALL = (460, 170), (150, 410)


def _two(size: tuple[int, int]):
    """A large disc at a quarter and a smaller one at three quarters of the way."""
    width, height = size
    reach = min(size)
    discs = [
        Disc(width * 0.28, height * 0.3, reach * 0.22),
        Disc(width * 0.75, height * 0.72, reach * 0.15),
    ]
    image, truths = drawn(width, height, discs)
    return image, truths, [Click(disc.x, disc.y) for disc in discs]


def _segment(selector: LocalSelector, image, *clicks: Click, using=SAM3, **more):
    request = SegmentRequest(image=image, key="key", clicks=clicks, **more)
    return selector.segment(using, request, JOB)


def _whole(candidate: Candidate, image) -> np.ndarray:
    mask = np.zeros(image.shape[:2], bool)
    mask[candidate.rect.slices] = candidate.mask > 0
    return mask


def _overlap(one: np.ndarray, other: np.ndarray) -> float:
    return (one & other).sum() / (one | other).sum()


@pytest.mark.parametrize("size", [WIDE, TALL, (61, 40), (1300, 700)])
@pytest.mark.parametrize("using", [SAM3, SAM2])
def test_a_click_finds_what_lies_under_it(size, using):
    image, truths, clicks = _two(size)
    for truth, click in zip(truths, clicks):
        found = _segment(LocalSelector(Eyes()), image, click, using=using).candidates[0]
        assert _overlap(_whole(found, image), truth) > 0.96 - 2 / min(size)
        assert set(np.unique(found.mask)) == {0, 255}
        assert masks.bounds(found.mask) == Rect.whole(found.rect.size)  # nothing to spare
        assert found.score == pytest.approx(0.9)


@pytest.mark.parametrize(("using", "side"), [(SAM3, 1008), (SAM2, 1024)])
def test_places_are_sent_as_shares_and_the_picture_as_a_square(using, side):
    eyes = Eyes()
    image, _, clicks = _two(WIDE)
    _segment(LocalSelector(eyes), image, *clicks, Click(10, 20, False), using=using)
    (sent,) = eyes.of(Encode)
    assert sent.pixels.shape == (side, side, 3)
    asked = eyes.of(Decode)[-1]
    np.testing.assert_allclose(
        asked.points, [[0.28, 0.3], [0.75, 0.72], [10 / 460, 20 / 170]], rtol=1e-6
    )
    assert asked.labels.tolist() == [1, 1, 0]
    assert not asked.several
    assert asked.previous is None
    assert asked.points.dtype == np.float32


def test_the_picture_is_sent_once_and_again_when_it_was_forgotten():
    eyes = Eyes()
    image, _, clicks = _two(WIDE)
    selector = LocalSelector(eyes)
    selector.prepare(SAM3, PrepareRequest(image=image, key="key"), JOB)
    assert [e.pixels is None for e in eyes.of(Encode)] == [True, False]
    _segment(selector, image, clicks[0])
    selector.prepare(SAM3, PrepareRequest(image=image, key="key"), JOB)
    assert len([e for e in eyes.of(Encode) if e.pixels is not None]) == 1
    eyes.seen.clear()  # the process was ended
    assert _segment(selector, image, clicks[0]).candidates
    assert len([e for e in eyes.of(Encode) if e.pixels is not None]) == 2
    # another view of the same pixels is the same picture
    request = SegmentRequest(image=image.copy(), key="other", clicks=clicks[:1])
    selector.segment(SAM3, request, JOB)
    assert len(eyes.of(Encode)) == 4


def test_a_lone_click_gets_the_best_first_and_the_others_by_size():
    image, truths, clicks = _two(WIDE)
    found = _segment(LocalSelector(Eyes()), image, clicks[0]).candidates
    sizes = [int(_whole(each, image).sum()) for each in found]
    assert [round(each.score, 2) for each in found] == [0.9, 0.5, 0.6]
    assert sizes[1] < sizes[0] < sizes[2]
    assert _overlap(_whole(found[2], image), truths[0] | truths[1]) > 0.93


def test_answers_that_are_alike_are_one():
    image, _ = drawn(200, 120, [Disc(100, 60, 40)])  # all of red is the disc
    found = _segment(LocalSelector(Eyes()), image, Click(100, 60)).candidates
    assert len(found) == 2


def test_a_box_is_one_answer_and_may_come_with_points():
    image, truths, clicks = _two(WIDE)
    box = Rect(60, 10, 150, 90)
    eyes = Eyes()
    selector = LocalSelector(eyes)
    (found,) = _segment(selector, image, box=box).candidates
    assert _overlap(_whole(found, image), truths[0]) > 0.93
    asked = eyes.of(Decode)[-1]
    np.testing.assert_allclose(asked.box, [60 / 460, 10 / 170, 210 / 460, 100 / 170], rtol=1e-6)
    assert asked.points.shape == (0, 2)
    (both,) = _segment(selector, image, clicks[1], box=box).candidates
    assert _overlap(_whole(both, image), truths[0] | truths[1]) > 0.93
    assert len(eyes.of(Decode)[-1].points) == 1


def test_the_next_click_corrects_the_answer_that_was_shown_by_its_own_logits():
    image, truths, clicks = _two(WIDE)
    eyes = Eyes()
    selector = LocalSelector(eyes)
    for index, expected in ((0, truths[0] | truths[1]), (1, None)):
        shown = _segment(selector, image, clicks[0]).candidates[index]
        prior = Prior(rect=shown.rect, mask=shown.mask, clicks=1)
        first = eyes.of(Decode)[-1]
        (found,) = _segment(selector, image, *clicks, prior=prior).candidates
        asked = eyes.of(Decode)[-1]
        assert not asked.several
        assert len(asked.points) == 2
        answers = eyes(first, JOB).logits
        assert any(np.array_equal(asked.previous, logits) for logits in answers)
        if expected is not None:
            assert _overlap(_whole(found, image), expected) > 0.93


def test_corrections_go_on_from_corrections():
    image, truths, clicks = _two(TALL)
    selector = LocalSelector(Eyes())
    shown = _segment(selector, image, clicks[0]).candidates[0]
    all_clicks = [clicks[0]]
    for click in (clicks[1], Click(clicks[0].x, clicks[0].y, False)):
        prior = Prior(rect=shown.rect, mask=shown.mask, clicks=len(all_clicks))
        all_clicks.append(click)
        (shown,) = _segment(selector, image, *all_clicks, prior=prior).candidates
    assert _overlap(_whole(shown, image), truths[1]) > 0.9


def test_the_box_stays_while_its_answer_is_corrected():
    image, _, clicks = _two(WIDE)
    eyes = Eyes()
    selector = LocalSelector(eyes)
    box = Rect(60, 10, 150, 90)
    (shown,) = _segment(selector, image, box=box).candidates
    prior = Prior(rect=shown.rect, mask=shown.mask, clicks=0)
    _segment(selector, image, clicks[1], box=box, prior=prior)
    assert eyes.of(Decode)[-1].box is not None


def _painted(image) -> Prior:
    """A square that no network gave, far from the discs."""
    height, width = image.shape[:2]
    mask = np.full((height // 5, width // 6), 255, np.uint8)
    mask[:3, :5] = 130  # soft, as a brush leaves it
    return Prior(rect=Rect(width // 2, 2, width // 6, height // 5), mask=mask, clicks=0)


def test_what_was_painted_stays_where_the_click_does_not_change_it():
    image, truths, clicks = _two(WIDE)
    prior = _painted(image)
    eyes = Eyes()
    (found,) = _segment(LocalSelector(eyes), image, clicks[0], prior=prior).candidates
    whole = np.zeros(image.shape[:2], np.uint8)
    whole[found.rect.slices] = found.mask
    np.testing.assert_array_equal(whole[prior.rect.slices], prior.mask)
    whole[prior.rect.slices] = 0
    assert _overlap(whole > 0, truths[0]) > 0.93
    previous = eyes.of(Decode)[-1].previous
    assert previous.shape == (288, 288)
    assert previous.max() == 10
    assert previous.min() == -10
    marked = np.argwhere(previous > 0)
    np.testing.assert_allclose(
        [*marked.min(0), *(marked.max(0) + 1)],
        [2 * 288 / 170, 144, 36 * 288 / 170, 144 + 76 * 288 / 460],
        atol=1.1,
    )


def test_a_click_takes_away_only_what_lies_under_it():
    image, truths, clicks = _two(WIDE)
    mask = np.where(truths[0] | truths[1], 255, 0).astype(np.uint8)
    mask[5:15, 300:330] = 255
    prior = Prior(rect=Rect(0, 0, 460, 170), mask=mask, clicks=1)
    wanted = [clicks[0], Click(clicks[1].x, clicks[1].y, False)]
    (found,) = _segment(LocalSelector(Eyes()), image, *wanted, prior=prior).candidates
    whole = _whole(found, image)
    assert not (whole & truths[1]).sum() > 0.08 * truths[1].sum()
    assert _overlap(whole[:, :200], truths[0][:, :200]) > 0.93
    assert whole[5:15, 300:330].all()


def test_clicks_that_were_painted_over_are_not_repeated():
    image, _, clicks = _two(WIDE)
    eyes = Eyes()
    prior = _painted(image)  # holds neither click
    prior = Prior(rect=prior.rect, mask=prior.mask, clicks=1)
    _segment(LocalSelector(eyes), image, *clicks, prior=prior)
    np.testing.assert_allclose(eyes.of(Decode)[-1].points, [[0.75, 0.72]], rtol=1e-6)


def test_a_draft_is_one_coarse_mask():
    image, truths, clicks = _two((2400, 1500))
    (found,) = _segment(LocalSelector(Eyes()), image, clicks[0], draft=True).candidates
    assert found.mask.shape[0] < CELLS
    assert found.rect.width > found.mask.shape[1] * 20
    true = masks.bounds(truths[0].astype(np.uint8))
    for one, other in zip(found.rect, true):
        assert abs(one - other) < 2 * 2400 / CELLS + 1


@pytest.mark.parametrize("clicks", [(), (Click(5, 5, False),)])
def test_nothing_is_asked_without_a_click_on_something(clicks):
    eyes = Eyes()
    with pytest.raises(NothingFound):
        _segment(LocalSelector(eyes), _two(WIDE)[0], *clicks)
    assert eyes.asked == []


def test_a_click_on_nothing_finds_nothing():
    image, _ = drawn(300, 200, [])
    with pytest.raises(NothingFound):
        _segment(LocalSelector(Eyes()), image, Click(100, 100))


def test_a_second_look_sees_small_objects_larger():
    """A crescent as narrow as a cell, speckled so that no edge of the picture helps."""
    image, (disc, bite) = drawn(3200, 2000, [Disc(2500, 1400, 120), Disc(2560, 1400, 90)])
    truth, click = disc & ~bite, Click(2420, 1400)
    is_red = np.random.default_rng(2).random(truth.shape) < np.where(truth, 0.85, 0.05)
    image[:] = np.where(is_red[..., None], (220, 80, 70), (80, 80, 80))
    errors, looks = [], []
    for zooms in (False, True):
        eyes = Eyes()
        selector = LocalSelector(eyes, zooms=lambda zooms=zooms: zooms)
        found = _segment(selector, image, click).candidates[0]
        errors.append((_whole(found, image) != truth).sum())
        looks.append(len(eyes.of(Encode)))
        assert found.score == pytest.approx(0.9)
        prior = Prior(rect=found.rect, mask=found.mask, clicks=1)
        _segment(selector, image, click, Click(2422, 1410), prior=prior)
        assert eyes.of(Decode)[-1].previous is not None
        assert len(eyes.of(Encode)) == looks[-1]  # the same place is not looked at again
    assert looks == [1, 2]
    assert errors[1] < 0.5 * errors[0]


def test_the_second_look_is_left_out_where_it_would_show_little():
    image, _, clicks = _two((3200, 2000))
    eyes = Eyes()
    _segment(LocalSelector(eyes, zooms=lambda: True), image, clicks[0])
    small = Eyes()
    _segment(LocalSelector(small, zooms=lambda: True), *[_two(WIDE)[0], _two(WIDE)[2][0]])
    assert len(small.of(Encode)) == 1


def test_everything_that_is_found_comes_with_its_score():
    discs = [Disc(60 + 90 * n, 60 + 30 * n, 25) for n in range(4)]
    image, truths = drawn(420, 230, discs)
    eyes = Eyes()
    request = FindRequest(
        image=image,
        key="key",
        prompt="red disc",
        exemplars=(Exemplar(Rect(20, 30, 80, 60)), Exemplar(Rect(0, 0, 10, 20), positive=False)),
        revision=7,
    )
    result = LocalSelector(eyes).find(SAM3, request, JOB)
    assert (result.revision, result.engine) == (7, "sam3")
    assert len(result.instances) == 4
    scores = [each.score for each in result.instances]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] == pytest.approx(FIND_FLOOR)
    for each, truth in zip(result.instances, truths):
        assert _overlap(_whole(each, image), truth) > 0.93
    asked = eyes.of(Search)[-1]
    np.testing.assert_allclose(
        asked.boxes,
        [[60 / 420, 60 / 230, 80 / 420, 60 / 230], [5 / 420, 10 / 230, 10 / 420, 20 / 230]],
        rtol=1e-6,
    )
    assert (asked.prompt, asked.floor, asked.labels.tolist()) == ("red disc", FIND_FLOOR, [1, 0])


def test_nothing_found_is_said():
    image, _ = drawn(300, 200, [])
    with pytest.raises(NothingFound):
        LocalSelector(Eyes()).find(SAM3, FindRequest(image=image, key="k", prompt="disc"), JOB)


def test_sam2_is_not_asked_for_words():
    eyes = Eyes()
    with pytest.raises(CapabilityMissing):
        LocalSelector(eyes).find(
            SAM2, FindRequest(image=_two(WIDE)[0], key="k", prompt="disc"), JOB
        )
    assert eyes.asked == []


SIZE = Size(300, 200)


def _logits(*boxes: tuple[int, int, int, int]) -> np.ndarray:
    """100 x 100 cells, marked in the boxes (top, left, bottom, right), holes where they overlap."""
    logits = np.full((100, 100), -3, np.float32)
    for top, left, bottom, right in boxes:
        part = logits[top:bottom, left:right]
        part[:] = -part
    return logits


def test_specks_go_unless_they_are_clicked():
    logits = _logits((20, 20, 80, 80), (5, 90, 7, 92))  # 3600 cells and 4
    assert (cleaned(logits, [], SIZE)[5:7, 90:92] < 0).all()
    kept = cleaned(logits, [Click(90.5 * 3, 5.5 * 2)], SIZE)
    np.testing.assert_array_equal(kept, logits)
    large = _logits((20, 20, 80, 80), (5, 88, 9, 92))
    np.testing.assert_array_equal(cleaned(large, [], SIZE), large)


def test_small_holes_are_filled_unless_a_click_wants_them():
    logits = _logits((20, 20, 80, 80), (40, 40, 44, 44))
    assert (cleaned(logits, [], SIZE)[20:80, 20:80] > 0).all()
    kept = cleaned(logits, [Click(42 * 3, 42 * 2, False)], SIZE)
    np.testing.assert_array_equal(kept, logits)
    large = _logits((20, 20, 80, 80), (40, 40, 60, 60))
    np.testing.assert_array_equal(cleaned(large, [], SIZE), large)
    bay = _logits((0, 20, 80, 80), (0, 40, 4, 44))  # open at the border
    np.testing.assert_array_equal(cleaned(bay, [], SIZE), bay)


def test_the_outline_follows_the_picture_by_no_more_than_a_cell():
    image = np.zeros((400, 600, 3), np.uint8)
    image[:, 303:] = 200
    logits = np.full((60, 60), -5, np.float32)
    logits[10:50, 30:50] = 5  # its edge between 295 and 300
    found = fine(logits, 1.0, image)
    assert found.rect.x == 303
    image[:, 303:330] = 0  # now the picture's edge is three cells away
    far = fine(logits, 1.0, image)
    assert 290 <= far.rect.x <= 310


@pytest.mark.parametrize("size", [(1, 1), (7, 3), (50, 900)])
def test_any_size_of_picture(size):
    width, height = size
    image = np.zeros((height, width, 3), np.uint8)
    full = fine(np.full((30, 30), 4, np.float32), 0.5, image)
    assert (full.rect, full.mask.min()) == (Rect(0, 0, width, height), 255)
    assert fine(np.full((30, 30), -4, np.float32), 0.5, image) is None


def test_a_picture_is_reduced_as_the_networks_were_trained():
    """Means stay, x and y are not exchanged, and the aspect is not kept."""
    image = np.zeros((300, 900, 3), np.uint8)
    image[:, 450:] = (255, 0, 0)
    image[:100] = (0, 0, 255)
    seen = scale_picture(image, 96)
    assert seen.size == Size(900, 300)
    assert seen.pixels[10, 10].tolist() == [0, 0, 255]
    assert seen.pixels[60, 80].tolist() == [255, 0, 0]
    assert seen.pixels[60, 10].tolist() == [0, 0, 0]
    assert scale_picture(image.copy(), 96).key == seen.key
    image[0, 0] = 255
    assert scale_picture(image, 96).key != seen.key
