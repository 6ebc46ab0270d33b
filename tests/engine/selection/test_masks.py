import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.geometry import Mask, Rect, Size
from engine.selection import masks
from engine.selection.adjust import Adjustments, adjust
from engine.selection.masks import CombineMode


def disc(radius_px: float, side: int = 201) -> Mask:
    """A centred disc whose edge pixels hold their coverage."""
    away = radius(side)
    return np.clip((radius_px + 0.5 - away) * 255, 0, 255).astype(np.uint8)


def radius(side: int) -> NDArray[np.float64]:
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    return np.hypot(x, y)


def area(mask: Mask) -> float:
    return float(mask.sum()) / 255


def test_bounds_hold_the_faintest_value_and_nothing_more() -> None:
    mask = np.zeros((40, 60), np.uint8)
    mask[7, 9] = mask[20, 31] = 1
    assert masks.bounds(mask) == Rect(9, 7, 23, 14)
    assert masks.bounds(np.zeros_like(mask)).is_empty


@pytest.mark.parametrize("by_px", [1, 3, 20, 60, -1, -5, -30])
def test_a_grown_disc_is_the_larger_disc(by_px: int) -> None:
    grown = masks.grow(disc(35), by_px)
    error_px = np.sqrt(area(grown) / np.pi) - (35 + by_px)
    assert abs(error_px) < 0.5 + abs(by_px) * 0.025  # the distance is a 5 x 5 chamfer
    assert np.all(grown[radius(201) > (35 + by_px) * 1.03 + 1.5] == 0)


@pytest.mark.parametrize("by_px", [4, 25, -4, -12])
def test_growing_a_soft_mask_moves_its_profile(by_px: int) -> None:
    soft = masks.feather(disc(40), 8.0)
    moved = masks.grow(soft, by_px)
    middle = soft.shape[0] // 2
    before, after = (line[middle, middle:].astype(int) for line in (soft, moved))
    shifted = before[-by_px:] if by_px < 0 else before
    compared = after[by_px:] if by_px > 0 else after
    count = min(len(shifted), len(compared))
    assert np.abs(shifted[:count] - compared[:count]).max() <= 14  # corners of the 12-gon
    assert len(np.unique(after)) > 20


def test_growth_by_zero_and_of_nothing_change_nothing() -> None:
    soft = masks.feather(disc(10), 3.0)
    assert np.array_equal(masks.grow(soft, 0), soft)
    empty = np.zeros((5, 9), np.uint8)
    for change in (masks.grow, masks.feather, masks.smooth):
        assert not change(empty, 3.0).any()


def test_the_border_of_the_picture_does_not_eat_the_mask() -> None:
    mask = np.zeros((60, 80), np.uint8)
    mask[:, :30] = 255
    assert (masks.grow(mask, -5)[:, :24] == 255).all()
    assert (masks.feather(mask, 6.0)[:, 0] == 255).all()


@pytest.mark.parametrize("sigma_px", [1.0, 4.0, 16.0, 40.0])
def test_feathering_agrees_with_the_gaussian(sigma_px: float) -> None:
    mask = np.zeros((300, 420), np.uint8)
    cv2.rectangle(mask, (130, 110), (300, 200), 255, -1)
    expected = cv2.GaussianBlur(
        mask.astype(np.float32), (0, 0), sigma_px, borderType=cv2.BORDER_REPLICATE
    )
    assert np.abs(masks.feather(mask, sigma_px) - expected).max() < 6


def test_smoothing_takes_wiggles_and_leaves_the_shape() -> None:
    y, x = np.mgrid[:201, :201] - 100
    wavy = np.where(np.hypot(x, y) < 60 + 3 * np.sin(40 * np.arctan2(y, x)), 255, 0)
    smooth = masks.smooth(wavy.astype(np.uint8), 6.0)
    assert len(cv2.findContours(masks.hard(smooth), 0, 1)[0]) == 1
    assert np.abs(smooth.astype(int) - disc(60)).sum() < np.abs(wavy - disc(60)).sum() / 3
    assert 0 < np.count_nonzero((smooth > 0) & (smooth < 255)) < 1500


def test_holes_are_filled_and_bays_are_not() -> None:
    ring = cv2.subtract(disc(50), disc(30))
    assert area(masks.fill_holes(ring)) == pytest.approx(area(disc(50)), rel=0.01)
    ring[100, :101] = 0  # a channel to the outside
    assert np.array_equal(masks.fill_holes(ring), ring)


def test_small_islands_go() -> None:
    mask = disc(20)
    mask[3:6, 3:6] = 200
    cleaned = masks.drop_islands(mask, 10)
    assert not cleaned[:10, :10].any()
    assert np.array_equal(cleaned[10:], mask[10:])
    assert np.array_equal(masks.drop_islands(mask, 9), mask)


def test_a_polygon_covers_its_area_and_is_cut_at_the_border() -> None:
    rect, mask = masks.polygon([(10, 10), (50, 10), (50, 30), (10, 30)], Size(100, 80))
    assert area(mask) == pytest.approx(800, rel=0.1)  # the line itself belongs to it
    assert rect.intersect(Rect(10, 10, 40, 20)) == Rect(10, 10, 40, 20)
    rect, mask = masks.polygon([(-50, -50), (20, -50), (20, 20), (-50, 20)], Size(100, 80))
    assert rect.x == rect.y == 0
    assert mask.shape == (rect.height, rect.width)
    assert area(mask) == pytest.approx(400, rel=0.1)
    assert {type(value) for value in rect} == {int}
    assert masks.polygon([(-9, -9), (-5, -9), (-5, -5)], Size(10, 10))[0].is_empty


soft_masks = st.integers(0, 2**32 - 1).map(
    lambda seed: np.random.default_rng(seed).integers(0, 256, (12, 17)).astype(np.uint8)
)


@given(soft_masks, soft_masks, st.integers(0, 15), st.integers(0, 10))
def test_combining_is_the_set_operation(first: Mask, second: Mask, x: int, y: int) -> None:
    rect = Rect(x, y, 17 - x, 12 - y)
    first[:, :3] = 0
    whole = np.zeros_like(first)
    whole[rect.slices] = other = second[rect.slices]
    expected = {
        CombineMode.ADD: np.maximum(first, whole),
        CombineMode.SUBTRACT: np.minimum(first, 255 - whole),
        CombineMode.INTERSECT: np.minimum(first, whole),
        CombineMode.REPLACE: whole,
    }
    for mode, wanted in expected.items():
        changed = first.copy()
        region, values = masks.combine(first, rect, other, mode)
        changed[region.slices] = values
        assert np.array_equal(changed, wanted)


def test_adjusting_a_preview_looks_like_adjusting_the_picture() -> None:
    mask = cv2.subtract(disc(300, 1200), disc(80, 1200))
    mask[10:20, 10:20] = 255
    wanted = Adjustments(
        fill_holes=True, min_island_px=150, smooth_px=8, grow_px=40, feather_px=12, invert=True
    )
    full = cv2.resize(adjust(mask, wanted), (300, 300), interpolation=cv2.INTER_AREA)
    small = cv2.resize(mask, (300, 300), interpolation=cv2.INTER_AREA)
    assert np.abs(full.astype(int) - adjust(small, wanted, scale=0.25)).mean() < 2
    assert np.array_equal(adjust(mask, Adjustments()), mask)
