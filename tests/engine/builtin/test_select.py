"""Click to mask and box to mask on drawn pictures."""

import subprocess
import sys
from functools import cache

import cv2
import numpy as np
import pytest

from engine.builtin.select import outline
from engine.builtin.select.click_steps import spots_of
from engine.builtin.select.decide import _decided, decide
from engine.builtin.select.edges import WORKING_SIDE_PX, Floats
from engine.builtin.select.prepared import PreparedPicture
from engine.builtin.select.proposals import OwnRegion
from engine.builtin.select.scorer import nets
from engine.builtin.select.select import box_candidates, candidates, draft, prepare
from engine.errors import Cancelled, NothingFound
from engine.geometry import Image, Rect
from engine.jobs.requests import Candidate, Click
from engine.selection.guided_filter import guided

DISC = Click(150.5, 100.5)


@cache
def looked_at_disc() -> PreparedPicture:
    """The disc's picture, prepared once: asking it changes no later answer."""
    return prepare(disc_picture()[0])


def disc_picture(width: int = 300, height: int = 200, radius: int = 50) -> tuple[Image, np.ndarray]:
    """A noisy orange disc in the middle of a noisy green ground, and where the disc is."""
    random = np.random.default_rng(5)
    image = np.empty((height, width, 3), np.uint8)
    image[:] = (60, 120, 70)
    truth = np.zeros((height, width), np.uint8)
    cv2.circle(truth, (width // 2, height // 2), radius, 255, -1)
    image[truth > 0] = (220, 130, 40)
    noise = random.integers(0, 20, (100, 100, 3), np.uint8)
    return image + np.resize(noise, image.shape), truth > 0


@cache
def large_disc() -> tuple[Image, np.ndarray]:
    """Three times as large as the copy that is worked on."""
    return disc_picture(1600, 1200, 280)


@cache
def looked_at_large() -> PreparedPicture:
    return prepare(large_disc()[0])


def two_discs() -> tuple[Image, np.ndarray, np.ndarray]:
    image, _ = disc_picture(320, 200, 1)
    left, right = (np.zeros(image.shape[:2], np.uint8) for _ in range(2))
    cv2.circle(left, (90, 100), 40, 255, -1)
    cv2.circle(right, (230, 100), 40, 255, -1)
    image[left > 0] = (200, 60, 60)
    image[right > 0] = (60, 60, 200)
    return image, left > 0, right > 0


@cache
def looked_at_two() -> PreparedPicture:
    """As looked_at_disc, of the picture with two of them."""
    return prepare(two_discs()[0])


def whole(found: Candidate, image: Image) -> np.ndarray:
    mask = np.zeros(image.shape[:2], bool)
    mask[found.rect.slices] = found.mask > 0
    return mask


def overlap(one: np.ndarray, other: np.ndarray) -> float:
    return float((one & other).sum() / (one | other).sum())


def test_a_click_on_a_disc_finds_it() -> None:
    image, truth = disc_picture()
    found = candidates(looked_at_disc(), image, [DISC])
    assert 1 <= len(found) <= 3
    assert overlap(whole(found[0], image), truth) > 0.9
    assert set(np.unique(found[0].mask)) <= {0, 255}
    assert all(0 <= each.score <= 1 for each in found)


def test_candidates_are_trimmed_to_their_rectangle() -> None:
    image, _ = disc_picture()
    for each in candidates(looked_at_disc(), image, [DISC]):
        assert each.mask.shape == (each.rect.height, each.rect.width)
        marked = each.mask > 0
        assert marked[0].any()
        assert marked[-1].any()
        assert marked[:, 0].any()
        assert marked[:, -1].any()


def test_a_click_on_the_ground_leaves_the_disc_out() -> None:
    image, truth = disc_picture()
    found = candidates(looked_at_disc(), image, [Click(20.5, 20.5)])
    assert not whole(found[0], image)[truth].mean() > 0.1


@pytest.mark.parametrize("seed", range(4))
def test_every_click_is_obeyed(seed: int) -> None:
    image, _, _ = two_discs()
    prepared = looked_at_two()
    random = np.random.default_rng(seed)
    clicks = [Click(90.5, 100.5)]
    for _ in range(6):
        x, y = random.integers(0, 320), random.integers(0, 200)
        clicks.append(Click(float(x) + 0.5, float(y) + 0.5, bool(random.integers(0, 2))))
        for each in candidates(prepared, image, clicks):
            mask = whole(each, image)
            for click in clicks:
                again = [c for c in clicks if (c.x, c.y) == (click.x, click.y)]
                assert mask[int(click.y), int(click.x)] == again[-1].positive


def test_clicks_of_both_kinds_close_together_are_obeyed() -> None:
    image = np.full((60, 80, 3), 128, np.uint8)
    clicks = [Click(40.5, 30.5), Click(42.5, 30.5, False), Click(44.5, 30.5)]
    mask = whole(candidates(prepare(image), image, clicks)[0], image)
    assert mask[30, 40]
    assert not mask[30, 42]
    assert mask[30, 44]


def test_a_negative_click_takes_away_and_a_positive_one_adds() -> None:
    image, left, right = two_discs()
    prepared = looked_at_two()
    both = [Click(90.5, 100.5), Click(230.5, 100.5)]
    mask = whole(candidates(prepared, image, both)[0], image)
    assert mask[left].mean() > 0.8
    assert mask[right].mean() > 0.8
    without = [*both, Click(230.5, 110.5, False)]
    mask = whole(candidates(prepared, image, without[:1] + without[2:])[0], image)
    assert mask[right].mean() < 0.2


def test_the_order_of_questions_changes_nothing() -> None:
    image, _, _ = two_discs()
    clicks = [Click(90.5, 100.5), Click(150.5, 50.5, False), Click(110.5, 100.5)]
    step_by_step = prepare(image)
    for count in (1, 2, 3):
        last = candidates(step_by_step, image, clicks[:count])
    at_once = candidates(prepare(image), image, clicks)
    assert [each.rect for each in last] == [each.rect for each in at_once]
    assert all(np.array_equal(a.mask, b.mask) for a, b in zip(last, at_once))


def test_a_negative_click_alone_finds_nothing() -> None:
    image, _ = disc_picture()
    with pytest.raises(NothingFound):
        candidates(looked_at_disc(), image, [Click(5.5, 5.5, False)])
    with pytest.raises(NothingFound):
        candidates(looked_at_disc(), image, [])


def test_a_box_finds_the_disc() -> None:
    image, truth = disc_picture()
    found = box_candidates(looked_at_disc(), image, Rect(98, 48, 105, 105))
    assert overlap(whole(found[0], image), truth) > 0.9


def test_an_empty_box_finds_nothing() -> None:
    image, _ = disc_picture()
    prepared = looked_at_disc()
    for box in (Rect(0, 0, 0, 10), Rect(400, 10, 20, 20)):
        with pytest.raises(NothingFound):
            box_candidates(prepared, image, box)


@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 2), (2, 1), (3, 3), (5, 4), (8, 8), (1, 700), (900, 2), (40, 1500)]
)
@pytest.mark.parametrize("noisy", [False, True])
def test_every_size_works(shape: tuple[int, int], noisy: bool) -> None:
    image = np.full((*shape, 3), 90, np.uint8)
    if noisy:
        image[:] = np.random.default_rng(1).integers(0, 256, image.shape)
    prepared = prepare(image)
    height, width = shape
    clicks = [Click(width / 2, height / 2), Click(width - 0.5, height - 0.5)]
    for found in candidates(prepared, image, clicks):
        assert whole(found, image)[height - 1, width - 1]
    box = box_candidates(prepared, image, Rect(0, 0, width, height))
    assert box[0].rect.clamp(prepared.size) == box[0].rect


def test_a_click_outside_counts_as_on_the_border() -> None:
    image, _ = disc_picture()
    found = candidates(looked_at_disc(), image, [Click(-5, 1000)])
    assert whole(found[0], image)[-1, 0]


def test_a_large_picture_costs_a_click_little_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the full picture only the outline is looked at: a band of some hundred pixels."""
    image, truth = large_disc()
    looked_at: list[int] = []

    def recording(part: Image, soft: Floats, radius: int) -> Floats:
        looked_at.append(part.shape[0] * part.shape[1])
        return guided(part, soft, radius)

    monkeypatch.setattr(outline, "guided", recording)
    prepared = looked_at_large()
    found = candidates(prepared, image, [Click(800.5, 600.5)])
    assert max(prepared.image.shape) <= WORKING_SIDE_PX
    assert 0 < sum(looked_at) < len(found) * 2 * np.pi * 280 * 260
    mask = whole(found[0], image)
    assert overlap(mask, truth) > 0.997  # the outline as it was enlarged: 0.994


def test_tiles_of_one_value_are_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """A square of 1320 px is seven tiles wide: its outline runs through 24 of the 49."""
    looked_at: list[int] = []

    def recording(part: Image, soft: Floats, radius: int) -> Floats:
        looked_at.append(part.size)
        return guided(part, soft, radius)

    monkeypatch.setattr(outline, "guided", recording)
    mask = np.zeros((200, 200), np.bool_)
    mask[20:185, 20:185] = True
    rect, full = outline.enlarge(mask, np.zeros((1600, 1600, 3), np.uint8))
    assert len(looked_at) == 24
    assert abs(int((full > 0).sum()) - 1320 * 1320) < 1320 * 8
    assert abs(rect.x - 160) <= 8 >= abs(rect.right - 1480)


def test_a_draft_shows_on_the_working_copy_what_a_click_would_take(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _image, truth = large_disc()
    prepared, click = looked_at_large(), Click(900.5, 600.5)
    monkeypatch.setattr(outline, "guided", None)  # the full picture is not looked at
    found = draft(prepared, [click])
    assert max(found.mask.shape) <= WORKING_SIDE_PX
    mask = np.zeros(truth.shape, bool)
    size = (found.rect.width, found.rect.height)
    mask[found.rect.slices] = cv2.resize(found.mask, size, interpolation=cv2.INTER_NEAREST) > 0
    assert overlap(mask, truth) > 0.97
    with pytest.raises(NothingFound):
        draft(prepared, [click._replace(positive=False)])


def test_the_outline_follows_the_full_picture() -> None:
    image, truth = large_disc()
    found = candidates(looked_at_large(), image, [Click(800.5, 600.5)])
    wrong = whole(found[0], image) != truth
    assert wrong.sum() < 2 * np.pi * 280 * 0.5  # half a pixel along the outline


class Stopping:
    """A job that is stopped at its second report."""

    def __init__(self) -> None:
        self.fractions: list[float] = []

    def report(self, fraction: float, note: str = "", preview: object = None) -> None:
        self.fractions.append(fraction)
        if len(self.fractions) == 2:
            raise Cancelled


def test_preparing_can_be_stopped() -> None:
    image, _ = disc_picture()
    job = Stopping()
    with pytest.raises(Cancelled):
        prepare(image, job)
    assert job.fractions == sorted(job.fractions)


def test_importing_loads_no_scipy() -> None:
    heavy = "{'scipy', 'skimage', 'torch'}"
    code = f"import engine.builtin.select.select, sys; assert not {heavy} & {{*sys.modules}}"
    subprocess.run([sys.executable, "-c", code], check=True)


def shadow_on_sand() -> tuple[Image, np.ndarray]:
    """A thin dark shape on a bright ground that gets darker to one side, beside a darker sea."""
    random = np.random.default_rng(2)
    shade = np.linspace(200, 160, 300)[None, :, None] * np.array([1.0, 0.85, 0.65])
    image = np.repeat(shade, 240, 0)
    image[:90] = (30, 90, 90)
    truth = np.zeros((240, 300), np.uint8)
    cv2.ellipse(truth, (150, 165), (6, 40), 0, 0, 360, 255, -1)
    image[truth > 0] = (55, 42, 36)
    return np.clip(image + random.normal(0, 5, image.shape), 0, 255).astype(np.uint8), truth > 0


@cache
def looked_at_shadow() -> PreparedPicture:
    return prepare(shadow_on_sand()[0])


@pytest.mark.parametrize("y", [140, 165, 190])
def test_a_small_dark_thing_is_among_the_candidates(y: int) -> None:
    image, truth = shadow_on_sand()
    found = candidates(looked_at_shadow(), image, [Click(150.5, y + 0.5)])
    assert max(overlap(whole(each, image), truth) for each in found) > 0.75


@pytest.mark.parametrize(("lasting", "first"), [(7, 2), (6, 0)])
def test_a_small_part_that_lasts_over_half_of_the_gaps_is_the_answer(
    lasting: int, first: int
) -> None:
    """Two large regions that agree, and the click's own, a twentieth of them."""
    area = np.full(100, 10, np.float32)
    masks = np.zeros((2, 100), bool)
    masks[0, :60], masks[1, :80] = True, True
    part = np.zeros(100, bool)
    part[:3] = True
    nets_say = np.array([1.0, 0.5], np.float32)
    found = _decided(masks, area, nets_say, own=OwnRegion(part, lasting))
    assert np.array_equal(found.best, [*masks, part][first])
    assert any(np.array_equal(each, part) for each in found.masks)


def test_after_the_best_candidate_the_part_comes_before_the_group() -> None:
    """In pixels of the patches: the outlines of two that are equally large are drawn afterwards."""
    prepared = looked_at_shadow()
    for spot in (Click(150.5, 165.5), Click(40.5, 200.5), Click(200.5, 30.5)):
        spots = spots_of(prepared, [spot])
        decision = decide(prepared, spots, None, nets("first"), number=1)
        sizes = decision.masks[1:] @ prepared.patches.area
        assert sizes.tolist() == sorted(sizes)
