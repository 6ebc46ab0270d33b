"""The built-in removal takes crops and masks of any shape."""

import time
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.builtin.fill import fill
from engine.geometry import Image, Mask


def quiet(_fraction: float, _note: str) -> None:
    """Reports go nowhere."""


def filled(image: Image, mask: Mask) -> Image:
    result = fill(image, mask, 0, quiet)
    assert result.shape == image.shape
    assert result.dtype == np.uint8
    assert np.array_equal(result[mask == 0], image[mask == 0])
    return result


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (2, 3), (7, 200), (13, 14), (64, 9)])
@pytest.mark.parametrize("share", [0.05, 0.5, 1.0])
def test_small_and_narrow(shape: tuple[int, int], share: float) -> None:
    chance = np.random.default_rng(1)
    mask = np.where(chance.random(shape) < share, 255, 0).astype(np.uint8)
    filled(chance.integers(0, 256, (*shape, 3), np.uint8), mask)


@settings(max_examples=25, deadline=None)
@given(
    height=st.integers(1, 70),
    width=st.integers(1, 70),
    box=st.tuples(*[st.floats(0, 1)] * 4),
    seed=st.integers(0, 2**40),
)
def test_any_box_in_any_size(
    height: int, width: int, box: tuple[float, float, float, float], seed: int
) -> None:
    image = np.random.default_rng(seed).integers(90, 110, (height, width, 3), np.uint8)
    (top, bottom), (left, right) = sorted(box[:2]), sorted(box[2:])
    mask = np.zeros((height, width), np.uint8)
    mask[int(top * height) : int(bottom * height) + 1] = 255
    mask[:, : int(left * width)] = 0
    mask[:, int(right * width) + 1 :] = 0
    result = filled(image, mask)
    if (mask == 0).any():
        assert np.abs(result.astype(int) - 100).max() < 60


def test_one_pixel() -> None:
    image = np.full((80, 90, 3), 120, np.uint8)
    mask = np.zeros((80, 90), np.uint8)
    mask[40, 45] = 255
    image[40, 45] = 0
    assert np.abs(filled(image, mask)[40, 45].astype(int) - 120).max() <= 2


def test_all_hole_comes_back_grey() -> None:
    result = filled(np.zeros((40, 40, 3), np.uint8), np.full((40, 40), 255, np.uint8))
    assert (result == 127).all()


def test_hole_at_the_border() -> None:
    image = np.random.default_rng(2).integers(80, 160, (120, 160, 3), np.uint8)
    for edge in (np.s_[:40, :], np.s_[:, 110:], np.s_[80:, :60]):
        mask = np.zeros((120, 160), np.uint8)
        mask[edge] = 255
        result = filled(image, mask)
        assert abs(result[mask > 0].mean() - image[mask == 0].mean()) < 10


def test_marks_all_over() -> None:
    image = np.random.default_rng(2).integers(80, 160, (150, 170, 3), np.uint8)
    mask = np.zeros((150, 170), np.uint8)
    mask[::3] = 255
    filled(image, mask)


def test_large_crop_costs_little_more_than_a_small_one() -> None:
    chance = np.random.default_rng(4)
    small = chance.integers(60, 200, (300, 300, 3), np.uint8)
    large = small.repeat(4, 0).repeat(4, 1)
    assert _cost(large) < 6 * _cost(small)


def test_memory_is_a_small_multiple_of_the_crop() -> None:
    image = np.random.default_rng(4).integers(60, 200, (1600, 1600, 3), np.uint8)
    mask = np.zeros((1600, 1600), np.uint8)
    mask[700:900, 700:900] = 255
    tracemalloc.start()
    filled(image, mask)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * image.nbytes


def _cost(image: Image) -> float:
    size = image.shape[0]
    mask = np.zeros(image.shape[:2], np.uint8)
    mask[size * 2 // 5 : size * 3 // 5, size * 2 // 5 : size * 3 // 5] = 255
    started = time.process_time()
    fill(image, mask, 0, quiet)
    return time.process_time() - started


def test_long_hole_over_several_tiles() -> None:
    ramp = np.linspace(30, 220, 1900)[None, :, None]
    image = np.broadcast_to(ramp, (400, 1900, 3)).round().astype(np.uint8)
    mask = np.zeros((400, 1900), np.uint8)
    mask[180:230, 60:1840] = 255
    assert np.abs(filled(image, mask).astype(int) - image).max() < 12
