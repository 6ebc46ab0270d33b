"""The built-in removal continues what surrounds the hole, and is steady."""

import numpy as np
import pytest

from engine.builtin.fill.fill import fill
from engine.errors import Cancelled
from engine.geometry import Image, Mask


def quiet(_fraction: float, _note: str) -> None:
    """Reports go nowhere."""


def box_mask(height: int, width: int, top: int, left: int, side: int) -> Mask:
    mask = np.zeros((height, width), np.uint8)
    mask[top : top + side, left : left + side] = 255
    return mask


def noise(height: int, width: int, seed: int = 3) -> Image:
    return np.random.default_rng(seed).integers(60, 200, (height, width, 3), np.uint8)


def holed(image: Image, mask: Mask) -> Image:
    given = image.copy()
    given[mask > 0] = (255, 0, 255)
    return given


def test_gradient_goes_on() -> None:
    ramp = np.linspace(20, 230, 240)[None, :, None]
    image = np.broadcast_to(ramp, (200, 240, 3)).round().astype(np.uint8)
    mask = box_mask(200, 240, 70, 80, 60)
    result = fill(holed(image, mask), mask, 1, quiet)
    error = np.abs(result.astype(int) - image)[mask > 0]
    assert error.mean() < 4


def test_stripes_go_on() -> None:
    column = np.where(np.arange(240) // 12 % 2, 200, 40).astype(np.uint8)
    image = np.ascontiguousarray(np.broadcast_to(column[None, :, None], (200, 240, 3)))
    mask = box_mask(200, 240, 70, 90, 48)
    result = fill(holed(image, mask), mask, 1, quiet)
    error = np.abs(result.astype(int) - image)[mask > 0]
    assert error.mean() < 12


def test_noise_stays_noise() -> None:
    image = noise(220, 260)
    mask = box_mask(220, 260, 80, 100, 60)
    result = fill(holed(image, mask), mask, 1, quiet)
    inside, outside = result[mask > 0].astype(float), image[mask == 0].astype(float)
    assert 0.7 < inside.std() / outside.std() < 1.2
    assert abs(inside.mean() - outside.mean()) < 8


def test_outside_is_untouched() -> None:
    image = noise(90, 130)
    mask = box_mask(90, 130, 30, 50, 20)
    assert np.array_equal(fill(image, mask, 1, quiet)[mask == 0], image[mask == 0])


def test_same_seed_same_bytes_other_seed_other_fill() -> None:
    image = noise(80, 80)
    mask = box_mask(80, 80, 30, 30, 20)
    first, again, other = (fill(holed(image, mask), mask, seed, quiet) for seed in (5, 5, 6))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_what_lies_in_the_hole_does_not_matter() -> None:
    image = noise(80, 90)
    mask = box_mask(80, 90, 30, 35, 24)
    assert np.array_equal(fill(holed(image, mask), mask, 1, quiet), fill(image, mask, 1, quiet))


def test_cancel_is_heard_at_each_report() -> None:
    image = noise(100, 100)
    mask = box_mask(100, 100, 40, 40, 24)
    fractions: list[float] = []
    fill(image, mask, 1, lambda fraction, _note: fractions.append(fraction))
    assert len(fractions) > 15
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] <= fractions[-1] == 1

    def cancel(fraction: float, _note: str) -> None:
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        fill(image, mask, 1, cancel)
