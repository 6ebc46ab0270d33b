"""Soft edges on drawn fur, whose true shares and colours are known."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.geometry import Image, Mask, Rect, Size
from engine.selection import masks
from engine.selection.foreground import foreground
from engine.selection.soft_edge import band_px, soft_edge, soften
from tests.support.hair import Fur, fur


@pytest.fixture(scope="module")
def ball() -> Fur:
    return fur()


def near(mask: Mask, radius_px: float) -> NDArray[np.bool_]:
    """(H, W) bool: within so many pixels of the outline."""
    return (masks.grow(mask, radius_px) > 0) & (masks.grow(mask, -radius_px) < 255)


@pytest.mark.parametrize(("radius_px", "share"), [(24, 0.2), (16, 0.2), (8, 0.4)])
def test_hair_is_marked_as_the_picture_shows_it(ball: Fur, radius_px: int, share: float) -> None:
    soft = soft_edge(ball.image, ball.hard, radius_px) / 255
    band = near(ball.hard, radius_px)
    before = np.abs(ball.hard / 255 - ball.share)[band].sum()
    assert np.abs(soft - ball.share)[band].sum() < share * before


def test_nothing_changes_beyond_the_band(ball: Fur) -> None:
    soft = soft_edge(ball.image, ball.hard, 12)
    away = ~near(ball.hard, 13)
    assert np.array_equal(soft[away], ball.hard[away])
    assert masks.is_soft(soft)


def test_where_colours_do_not_tell_the_sides_apart_the_edge_stays_hard() -> None:
    noise = cv2.GaussianBlur(np.random.default_rng(0).normal(0, 150, (200, 240, 3)), (0, 0), 2)
    image = np.clip(noise + 120, 0, 255).astype(np.uint8)
    mask = np.zeros((200, 240), np.uint8)
    mask[60:140, 70:170] = 255
    assert np.abs(soft_edge(image, mask, 16).astype(int) - mask).sum() / 255 < 5


def test_a_clean_edge_is_found_and_stays_clean() -> None:
    image = np.full((120, 160, 3), (90, 120, 140), np.uint8)
    image[40:80, 50:110] = (150, 90, 60)
    true = np.where(image[..., 0] == 150, np.uint8(255), np.uint8(0))
    assert np.array_equal(soft_edge(image, true, 16), true)
    beside = np.roll(true, 2, axis=1)
    assert np.abs(soft_edge(image, beside, 16).astype(int) - true).sum() / 255 < 40


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 99))
def test_any_size_and_mask_is_taken(height: int, width: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    image: Image = rng.integers(0, 256, (height, width, 3)).astype(np.uint8)
    mask: Mask = np.where(rng.random((height, width)) < 0.3, np.uint8(255), np.uint8(0))
    found = soft_edge(image, mask, 8)
    assert found.shape == mask.shape
    assert found.dtype == np.uint8
    assert np.array_equal(found, soft_edge(image, mask, 8))
    assert not soft_edge(image, np.zeros_like(mask), 8).any()


def test_a_part_of_a_mask_is_softened_as_the_whole(ball: Fur) -> None:
    rect = masks.bounds(ball.hard)
    placed, part = soften(ball.image, rect, ball.hard[rect.slices], 24)
    whole = np.zeros_like(ball.hard)
    whole[placed.slices] = part
    same = soft_edge(ball.image, ball.hard, 24)
    assert placed.union(rect) == placed.union(masks.bounds(same))
    assert np.abs(whole.astype(int) - same)[near(ball.hard, 24)].mean() < 2


def test_nothing_marked_is_softened_to_nothing(ball: Fur) -> None:
    _, part = soften(ball.image, Rect(5, 5, 4, 4), np.zeros((4, 4), np.uint8), 8)
    assert part.size == 0


def test_the_band_follows_the_size_of_the_picture() -> None:
    assert [band_px(Size(side, side)) for side in (100, 1440, 2880, 9000)] == [8, 12, 24, 24]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_colours_at_the_edge_are_those_of_the_object(ball: Fur, dtype: type) -> None:
    factor = 1 if dtype is np.uint8 else 257
    mask = np.rint(ball.share * 255).astype(np.uint8)
    pixels = ball.image.astype(dtype) * dtype(factor)
    found = foreground(pixels, mask)
    assert found.dtype == dtype
    between = (mask > 20) & (mask < 235)
    assert np.array_equal(found[(mask == 0) | (mask == 255)], pixels[(mask == 0) | (mask == 255)])
    before = np.abs(ball.image[between] - ball.colours[between]).mean()
    after = np.abs(found[between] / factor - ball.colours[between]).mean()
    assert after < before / 5


def test_gray_has_colours_of_its_own_too(ball: Fur) -> None:
    gray, mask = ball.image[..., 1], np.rint(ball.share * 255).astype(np.uint8)
    between = (mask > 20) & (mask < 235)
    found = foreground(gray, mask)
    assert found.shape == gray.shape
    error = np.abs(found[between].astype(float) - ball.colours[..., 1][between]).mean()
    assert error < np.abs(gray[between] - ball.colours[..., 1][between]).mean() / 5
