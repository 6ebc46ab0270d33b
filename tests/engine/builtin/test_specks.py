"""Specks are healed with what lies near."""

import cv2
import numpy as np

from engine.builtin.fill.pyramid import PyramidLevel
from engine.builtin.fill.specks import heal
from engine.geometry import Image, Mask


def striped(side: int) -> Image:
    column = np.where(np.arange(side) // 9 % 2, 190, 60).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(column[None, :, None], (side, side, 3)))


def specks(side: int, *places: tuple[int, int]) -> Mask:
    mask = np.zeros((side, side), np.uint8)
    for place in places:
        cv2.circle(mask, place, 6, 255, -1)
    return mask


def healed(image: Image, mask: Mask, seed: int = 1) -> Image:
    given = image.copy()
    given[mask > 0] = (255, 0, 255)
    result = heal(PyramidLevel(given, mask > 0), seed)
    assert result is not None
    assert np.array_equal(result[mask == 0], image[mask == 0])
    return result


def test_structure_goes_on() -> None:
    image, mask = striped(160), specks(160, (40, 50), (110, 90), (2, 150))
    error = np.abs(healed(image, mask).astype(int) - image)[mask > 0]
    assert error.max() < 8


def test_grain_stays_and_a_seed_gives_its_own_bytes() -> None:
    image = np.random.default_rng(1).integers(60, 200, (150, 150, 3), np.uint8)
    mask = specks(150, (70, 75))
    first, again, other = (healed(image, mask, seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert 0.75 < first[mask > 0].std() / image.std() < 1.25


def test_larger_holes_and_full_crops_are_left_to_the_others() -> None:
    image = striped(160)
    wide = np.zeros((160, 160), np.bool_)
    wide[20:100, 40:44] = True
    assert heal(PyramidLevel(image, wide), 1) is None
    thick = np.zeros((160, 160), np.bool_)
    thick[20:50, 40:70] = True
    assert heal(PyramidLevel(image, thick), 1) is None
    small = np.zeros((14, 14), np.bool_)
    small[2:12, 2:12] = True
    assert heal(PyramidLevel(image[:14, :14], small), 1) is None
