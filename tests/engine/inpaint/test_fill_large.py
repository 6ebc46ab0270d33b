"""Holes that are larger than the network: bounded questions, detail at the rim, shades kept."""

import numpy as np
import pytest

from engine.geometry import Rect
from engine.inpaint import fill_large
from engine.inpaint.fill_large import BAND_PX, MAX_TILES, fill, rim
from engine.jobs.operations import Fill
from engine.jobs.requests import Hole
from engine.models.families import Family, Kind
from tests.support.scripted import Quiet, Scripted, model

LAMA = model(Family.LAMA, Kind.REMOVER)


def hole(height: int, width: int, box: Rect) -> Hole:
    image = np.random.default_rng(1).integers(90, 110, (height, width, 3)).astype(np.uint8)
    mask = np.zeros((height, width), np.uint8)
    mask[box.slices] = 255
    return Hole(rect=Rect(0, 0, width, height), image=image, mask=mask, blend=mask)


def test_a_crop_that_fits_is_asked_once_at_its_own_scale() -> None:
    ask = Scripted(lambda operation: operation.image)
    ours = hole(333, 501, Rect(110, 110, 290, 120))
    assert np.array_equal(fill(ask, LAMA, ours, Quiet()), ours.image)
    (only,) = ask.asked
    assert only.image.shape == (336, 504, 3)
    assert np.array_equal(only.mask[1:334, 1:502] > 0, ours.mask > 0)


@pytest.mark.parametrize("size", [(1500, 1100), (2100, 2400)])
def test_a_large_hole_is_asked_for_in_bounded_pieces(size: tuple[int, int]) -> None:
    height, width = size
    ask = Scripted()
    ours = hole(height, width, Rect(200, 200, width - 400, height - 400))
    filled = fill(ask, LAMA, ours, Quiet())
    assert filled.shape == ours.image.shape
    assert 1 < len(ask.asked) <= MAX_TILES + 1
    assert max(operation.image.size for operation in ask.asked) <= 3 * 900 * 900


def test_shades_of_the_first_answer_stay() -> None:
    """The second pass answers in another shade: it is not taken over."""
    answers = iter([100] + [180] * 100)

    def paint(operation: object) -> np.ndarray:
        return np.full(operation.image.shape, next(answers), np.uint8)  # type: ignore[attr-defined]

    ours = hole(1200, 1200, Rect(300, 300, 600, 600))
    filled = fill(Scripted(paint), LAMA, ours, Quiet())
    assert np.abs(filled[ours.mask > 0].astype(int) - 100).max() <= 25


def test_the_rim_fades_inwards_from_what_is_known() -> None:
    mask = np.zeros((300, 300), np.uint8)
    mask[50:250, 50:250] = 255
    share = rim(mask, 30)
    assert share[52, 150] == 1
    assert 0 < share[70, 150] < 1
    assert share[150, 150] == 0
    assert not share[mask == 0].any()
    whole = np.full((40, 40), 255, np.uint8)
    assert not rim(whole, 5).any()  # nothing known: no rim


def test_it_grows_by_no_more_than_twice_at_once() -> None:
    """Each size asks in larger crops than the one before, the last at the crop's own."""
    grain: list[float] = []

    def paint(operation: Fill) -> np.ndarray:
        grain.append(float(operation.image[:40].std()))
        return operation.image

    ours = hole(1900, 2200, Rect(500, 400, 1100, 1000))
    fill(Scripted(paint), LAMA, ours, Quiet())
    own = float(ours.image[:400].std())
    assert grain[0] < own / 2  # reduced: the noise is averaged away
    assert max(grain) > 0.9 * own  # and the last ones see the crop as it is


def test_only_the_rim_of_its_own_ring_is_looked_at_again() -> None:
    ask = Scripted()
    ours = hole(1500, 2400, Rect(100, 100, 1200, 1200))
    other = ours.mask.copy()
    other[600:900, 1900:2300] = 255
    both = Hole(rect=ours.rect, image=ours.image, mask=other, blend=ours.blend)
    alone, beside = fill(ask, LAMA, ours, Quiet()), len(ask.asked)
    more = Scripted()
    fill(more, LAMA, both, Quiet())
    assert len(more.asked) == beside
    assert alone.shape == ours.image.shape


def test_tiles_after_the_first_see_what_was_filled_before() -> None:
    """Everything is asked for about once: overlaps are not filled twice over."""
    ask = Scripted()
    ours = hole(1300, 1300, Rect(200, 200, 900, 900))
    fill(ask, LAMA, ours, Quiet())
    finest = sum(int((each.mask > 0).sum()) for each in ask.asked[1:])
    assert finest < 1.8 * np.count_nonzero(rim(ours.mask, BAND_PX))


def test_a_hole_for_too_many_tiles_stays_at_a_smaller_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(fill_large, "MAX_TILES", 12)
    ask = Scripted()
    ours = hole(1700, 1700, Rect(300, 300, 1100, 1100))
    filled = fill(ask, LAMA, ours, Quiet())
    assert filled.shape == ours.image.shape
    assert 1 < len(ask.asked) <= 13


def test_what_is_far_from_the_hole_is_not_looked_at() -> None:
    asks = [Scripted(), Scripted()]
    for ask, side in zip(asks, (1200, 2400)):
        at = side // 2 - 150
        ours = hole(side, side, Rect(at, at, 300, 300))
        filled = fill(ask, LAMA, ours, Quiet())
        assert filled.shape == ours.image.shape
    small, large = ([each.image.shape for each in ask.asked] for ask in asks)
    assert small == large
