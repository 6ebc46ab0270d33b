"""The ring of a small marked area is of the area's own size."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from engine.geometry import Mask, Rect, Size
from engine.inpaint import crops
from engine.inpaint.crops import RemoveOptions
from engine.inpaint.reach import Reach

SIZE = Size(2000, 1500)
BY_SIZE = RemoveOptions.for_size(SIZE)


def discs(*places: tuple[int, int, int]) -> Mask:
    """Discs of (x, y, radius)."""
    mask = np.zeros((SIZE.height, SIZE.width), np.uint8)
    for x, y, radius in places:
        cv2.circle(mask, (x, y), radius, 255, -1)
    return mask


def widest_px(mask: Mask, blend: Mask) -> float:
    """The distance from the mask to the furthest pixel that may change."""
    distance = cv2.distanceTransform(255 - mask, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
    return float(distance[blend > 0].max())


def test_speck_gets_three_pixels_and_an_object_the_whole_reach() -> None:
    speck, thing = discs((300, 300, 5)), discs((300, 300, 150))
    assert 1 < widest_px(speck, crops.ring(speck, BY_SIZE)) <= 3
    assert widest_px(thing, crops.ring(thing, BY_SIZE)) > BY_SIZE.reach_px - 3


def test_each_area_has_its_own_reach() -> None:
    both = crops.ring(discs((300, 300, 5), (900, 700, 150)), BY_SIZE)
    alone = [crops.ring(discs(place), BY_SIZE) for place in ((300, 300, 5), (900, 700, 150))]
    assert np.array_equal(both, np.maximum(*alone))


def test_reach_that_was_chosen_counts_for_all_areas() -> None:
    speck = discs((300, 300, 5))
    chosen = replace(BY_SIZE, grow_px=20, feather_px=10)
    assert BY_SIZE.by_area
    assert not chosen.by_area
    assert 28 < widest_px(speck, crops.ring(speck, chosen)) < 32


@pytest.mark.parametrize("grow_px", [0, 1, 3, 32])
@pytest.mark.parametrize("feather_px", [0, 1, 2, 24])
def test_smaller_areas_never_reach_further(grow_px: int, feather_px: int) -> None:
    most = Reach(grow_px, feather_px)
    reaches = [most.within(side) for side in range(1, 400)]
    assert [r.px for r in reaches] == sorted(r.px for r in reaches)
    assert all(0 <= r.grow_px <= grow_px and 0 <= r.feather_px <= feather_px for r in reaches)
    assert reaches[-1] == most


def test_parts_of_the_ring_are_those_of_the_whole() -> None:
    chance = np.random.default_rng(4)
    places = [(int(x), int(y), int(r)) for x, y, r in chance.integers(2, [1998, 1498, 70], (40, 3))]
    mask = discs(*places)
    mask[700:706, 100:1900] = 255
    ring = crops.ring(mask, BY_SIZE)
    for rect in (Rect(0, 0, 500, 400), Rect(700, 600, 30, 300), Rect(1500, 900, 500, 600)):
        assert np.array_equal(crops.ring_in(mask, rect, BY_SIZE), ring[rect.slices])
    holes = [crops.cut(np.zeros((*mask.shape, 3), np.uint8), mask, box, BY_SIZE)
             for box in crops.plan_holes(mask, BY_SIZE)]  # fmt: skip
    total = np.zeros_like(mask)
    for hole in holes:
        assert not (total[hole.rect.slices] & hole.blend).any()
        total[hole.rect.slices] |= hole.blend
    assert np.array_equal(total, ring)
