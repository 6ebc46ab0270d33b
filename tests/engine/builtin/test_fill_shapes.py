"""The built-in removal takes crops and masks of any shape."""

import tracemalloc

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.builtin.fill import detail, pyramid, small, tone
from engine.builtin.fill.fill import fill
from engine.builtin.fill.membrane import membrane, plate, spread_error
from engine.builtin.fill.pyramid import Plane, PyramidLevel
from engine.geometry import Image, Mask, Rect
from tests.support.examples import at_most


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


@at_most(25)  # a whole fill each
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
    image = np.random.default_rng(2).integers(80, 160, (60, 80, 3), np.uint8)
    for edge in (np.s_[:20, :], np.s_[:, 55:], np.s_[40:, :30]):
        mask = np.zeros((60, 80), np.uint8)
        mask[edge] = 255
        result = filled(image, mask)
        assert abs(result[mask > 0].mean() - image[mask == 0].mean()) < 10


def test_marks_all_over() -> None:
    image = np.random.default_rng(2).integers(80, 160, (90, 110, 3), np.uint8)
    mask = np.zeros((90, 110), np.uint8)
    mask[::3] = 255
    filled(image, mask)


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Pixels of the crops that are given to PatchMatch, for which a stretched skin stands in."""
    sizes: list[int] = []

    def stand_in(level: PyramidLevel, seed: int, radius_px: int = 3) -> Plane:
        sizes.append(level.hole.size)
        return membrane(level)

    for module in (tone, small):
        monkeypatch.setattr(module, "patch_fill", stand_in)
    return sizes


def looks_px(looked_at: list[int], side: int, hole_side: int) -> int:
    """How many pixels PatchMatch looks at for a square hole in the middle of a square crop."""
    looked_at.clear()
    image = np.random.default_rng(4).integers(60, 200, (side, side, 3), np.uint8)
    mask = np.zeros((side, side), np.uint8)
    middle = slice((side - hole_side) // 2, (side + hole_side) // 2)
    mask[middle, middle] = 255
    filled(image, mask)
    return sum(looked_at)


def test_large_crop_costs_little_more_than_a_small_one(looked_at: list[int]) -> None:
    assert looks_px(looked_at, 900, 180) < 6 * looks_px(looked_at, 300, 60)


def test_small_holes_cost_less(looked_at: list[int]) -> None:
    costs = [looks_px(looked_at, 3 * side, side) for side in (40, 80, 320)]
    assert costs[0] < 50_000
    assert costs[1] < 80_000
    assert costs[1] * 4 < costs[2]


def test_memory_is_a_small_multiple_of_the_crop(looked_at: list[int]) -> None:
    image = np.random.default_rng(4).integers(60, 200, (1000, 1000, 3), np.uint8)
    mask = np.zeros((1000, 1000), np.uint8)
    mask[440:560, 440:560] = 255
    tracemalloc.start()
    filled(image, mask)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert looked_at
    assert peak < 16 * image.nbytes


def test_long_hole_over_several_tiles() -> None:
    ramp = np.linspace(30, 220, 1900)[None, :, None]
    image = np.broadcast_to(ramp, (400, 1900, 3)).round().astype(np.uint8)
    mask = np.zeros((400, 1900), np.uint8)
    mask[180:230, 60:1840] = 255
    assert np.abs(filled(image, mask).astype(int) - image).max() < 12


def ramp(side: int, hole_side: int) -> tuple[Image, Mask]:
    """A sky-like ramp down and across, and a square hole in its middle."""
    y, x = np.mgrid[0:side, 0:side] / side
    image = np.stack([80 + 60 * y, 120 + 50 * x, 190 - 40 * y], axis=2).round().astype(np.uint8)
    mask = np.zeros((side, side), np.uint8)
    middle = slice((side - hole_side) // 2, (side + hole_side) // 2)
    mask[middle, middle] = 255
    return image, mask


def tile_steps(plane: Plane, mask: Mask, rect: Rect) -> float:
    """The largest step of the mean across a border of two tiles inside the hole."""
    steps = [0.0]
    for tile, _ in detail.tiles(rect):
        for before, after in (
            (np.s_[tile.y : tile.bottom, tile.x - 1], np.s_[tile.y : tile.bottom, tile.x]),
            (np.s_[tile.y - 1, tile.x : tile.right], np.s_[tile.y, tile.x : tile.right]),
        ):
            both = (mask[before] > 0) & (mask[after] > 0)
            if both.sum() > 50:
                step = (plane[after][both] - plane[before][both]).mean(axis=0)
                steps.append(float(np.abs(step).max()))
    return max(steps)


@pytest.mark.parametrize("hole_side", [200, 800, 1600])
def test_ramp_goes_on_in_holes_larger_than_a_tile(looked_at: list[int], hole_side: int) -> None:
    image, mask = ramp(hole_side + hole_side // 4, hole_side)
    result = filled(image, mask).astype(np.float32)
    assert looked_at
    assert np.abs(result - image).max() < 30
    bounds = Rect(*cv2.boundingRect(mask))
    assert tile_steps(result, mask, bounds.pad(4)) < 1.5  # a rounded ramp steps by 1


def test_nothing_known_is_grey_in_a_picture_and_no_error() -> None:
    nothing = PyramidLevel(np.zeros((40, 40, 3), np.float32), np.ones((40, 40), np.bool_))
    assert (membrane(nothing) == 127).all()
    assert (plate(nothing) == 127).all()
    assert (spread_error(nothing) == 0).all()
    made = np.full((40, 40, 3), 40, np.float32)
    assert (detail.joined(nothing, made) == 40).all()
    assert pyramid.depth_px(nothing.hole) == 40
    found = tone.tone(nothing, 0, lambda _done: None, variants=1)
    assert (found.plane == 127).all()
