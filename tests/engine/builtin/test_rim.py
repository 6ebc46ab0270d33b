"""What touches the rim of a hole and ends there does not colour the fill."""

import numpy as np
import pytest

from engine.builtin.fill.fill import fill
from engine.builtin.fill.pyramid import Hole, PyramidLevel
from engine.builtin.fill.rim import touching
from engine.builtin.fill.specks import heal
from engine.geometry import Image, Mask

DARK = 25.0


def ground(kind: str, side: int) -> Image:
    y, x = np.mgrid[0:side, 0:side] / side
    flat = np.stack([150 + 0 * x, 170 + 0 * x, 200 + 0 * x], axis=2)
    sloped = np.stack([110 + 70 * y, 140 + 50 * x, 190 - 40 * y], axis=2)
    noise = np.random.default_rng(0).normal(0, 2, flat.shape)
    return ((flat if kind == "flat" else sloped) + noise).round().astype(np.uint8)


def hole_in(side: int, hole_side: int) -> Mask:
    mask = np.zeros((side, side), np.uint8)
    middle = slice((side - hole_side) // 2, (side + hole_side) // 2)
    mask[middle, middle] = 255
    return mask


def bar_below(image: Image, hole_side: int, width: int, dark: float = DARK) -> Image:
    """With a bar as long as half the hole that touches it from below."""
    side = len(image)
    bottom, left = (side + hole_side) // 2, (side - width) // 2
    barred = image.copy()
    barred[bottom : bottom + max(6, hole_side // 2), left : left + width] = dark
    return barred


def things(image: Image, mask: Mask) -> Hole | None:
    return touching(PyramidLevel(image, mask > 0))


@pytest.mark.parametrize("kind", ["flat", "sloped"])
@pytest.mark.parametrize(("side", "hole_side"), [(160, 60), (400, 150)])
@pytest.mark.parametrize("share", [10, 4, 2])
def test_dark_bar_at_the_rim_leaves_no_smoke(
    kind: str, side: int, hole_side: int, share: int
) -> None:
    image, mask = ground(kind, side), hole_in(side, hole_side)
    given = bar_below(image, hole_side, hole_side // share)
    result = fill(given, mask, 0, lambda _done, _note: None)
    assert np.array_equal(result[mask == 0], given[mask == 0])
    off = (result.astype(float) - image)[mask > 0].mean(axis=-1)
    assert abs(np.median(off)) < 2
    assert np.percentile(off, 5) > -10


def test_speck_beside_something_dark_is_not_darkened() -> None:
    image, mask = ground("flat", 120), hole_in(120, 12)
    given = bar_below(image, 12, 5)
    given[mask > 0] = (255, 0, 255)
    result = heal(PyramidLevel(given, mask > 0), 0)
    assert result is not None
    assert np.array_equal(result[mask == 0], given[mask == 0])
    assert (result.astype(float) - image)[mask > 0].mean(axis=-1).min() > -12


def test_bar_is_found_with_its_soft_edge_and_nothing_else() -> None:
    image, mask = ground("sloped", 160), hole_in(160, 60)
    found = things(bar_below(image, 60, 10), mask)
    assert found is not None
    ys, xs = np.nonzero(found)
    assert (ys.min(), xs.min(), xs.max()) == (110, 72, 87)  # 75 to 84, blurred and widened
    assert things(image, mask) is None


def test_what_may_go_through_the_hole_is_kept() -> None:
    image, mask = ground("flat", 160), hole_in(160, 60)
    image[:, 75:85] = DARK
    assert things(image, mask) is None


def test_ground_is_kept() -> None:
    image, mask = ground("flat", 160), hole_in(160, 60)
    image[104:] = DARK
    assert things(image, mask) is None


def test_texture_is_kept() -> None:
    image = np.random.default_rng(1).integers(30, 220, (160, 160, 3), np.uint8)
    assert things(image, hole_in(160, 60)) is None


def test_nothing_around_touches_nothing() -> None:
    image = ground("flat", 40)
    assert things(image, np.full((40, 40), 255, np.uint8)) is None
    assert things(image, hole_in(40, 3)) is None
