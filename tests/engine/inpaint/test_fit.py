"""Crops on canvases: any size, nothing cropped, nothing stretched, no thin line lost."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.geometry import Rect, Size
from engine.inpaint.fit import (
    fit_canvas,
    from_canvas,
    mask_to_canvas,
    soft_mask_to_canvas,
    tiles,
    to_canvas,
    widen_crop,
)
from engine.models.families import PROFILES, Family

FAMILIES = st.sampled_from([Family.LAMA, Family.SD15, Family.SDXL_INPAINT, Family.FLUX_FILL])


@given(FAMILIES, st.integers(1, 3000), st.integers(1, 3000))
def test_every_size_fits(family: Family, width: int, height: int) -> None:
    profile, size = PROFILES[family], Size(width, height)
    fitting = fit_canvas(size, profile)
    assert fitting.canvas.width % profile.grid_px == 0
    assert fitting.canvas.height % profile.grid_px == 0
    assert fitting.inner.clamp(fitting.canvas) == fitting.inner
    assert fitting.canvas.width - fitting.inner.width < profile.grid_px
    assert fitting.canvas.height - fitting.inner.height < profile.grid_px
    thin = profile.grid_px * max(fitting.canvas) if min(fitting.canvas) == profile.grid_px else 0
    assert fitting.canvas.pixels <= max(profile.max_pixels * 1.15, thin)
    assert fitting.inner.size.pixels <= profile.max_pixels * 1.1 + width + height
    assert fitting.scale <= profile.max_scale * 1.01 or min(width, height) < 50
    ratio = fitting.fit.scale_x / fitting.fit.scale_y
    allowed = 0.51 * (1 / fitting.inner.width + 1 / fitting.inner.height) + 1e-9
    assert abs(ratio - 1) < 2 * allowed


@given(FAMILIES, st.integers(1, 3000), st.integers(1, 3000), st.integers(0, 9000))
def test_a_crop_is_widened_instead_of_mirrored(family: Family, w: int, h: int, x: int) -> None:
    profile, picture = PROFILES[family], Size(12000, 9000)
    crop = Rect(x, x // 2, w, h)
    wide = widen_crop(crop, picture, profile)
    assert wide.union(crop) == wide
    assert wide.clamp(picture) == wide
    assert wide.width - w <= profile.grid_px / fit_canvas(crop.size, profile).fit.scale_x
    assert wide.height - h <= profile.grid_px / fit_canvas(crop.size, profile).fit.scale_y
    assert widen_crop(Rect.whole(crop.size), crop.size, profile) == Rect.whole(crop.size)


@given(FAMILIES, st.integers(1, 700), st.integers(1, 700), st.integers(0, 2**31))
def test_a_line_of_one_pixel_is_not_lost(family: Family, w: int, h: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    mask = np.zeros((h, w), np.uint8)
    mask[:, int(random.integers(w))] = 1
    fitting = fit_canvas(Size(w, h), PROFILES[family])
    hard, soft = mask_to_canvas(mask, fitting), soft_mask_to_canvas(mask, fitting)
    rows = slice(fitting.inner.y, fitting.inner.bottom)
    assert (hard[rows].max(1) == 255).all()
    assert (soft[hard > 0] > 0).all()


def test_what_needs_no_scaling_comes_back_byte_for_byte() -> None:
    image = np.random.default_rng(1).integers(0, 256, (70, 50, 3)).astype(np.uint8)
    fitting = fit_canvas(Size(50, 70), PROFILES[Family.LAMA])
    assert fitting.canvas == Size(56, 72)
    assert np.array_equal(from_canvas(to_canvas(image, fitting), fitting), image)


@pytest.mark.parametrize("size", [Size(2400, 900), Size(90, 140)])
def test_a_smooth_picture_survives_the_way_there_and_back(size: Size) -> None:
    y, x = np.mgrid[: size.height, : size.width]
    smooth = (127 + 60 * np.sin(x / 60) + 60 * np.cos(y / 70)).astype(np.uint8)
    image = np.repeat(smooth[..., None], 3, 2)
    fitting = fit_canvas(size, PROFILES[Family.SD15])
    back = from_canvas(to_canvas(image, fitting), fitting)
    assert np.abs(back.astype(int) - image).max() <= 6


@given(st.integers(20, 900), st.integers(20, 900), st.integers(0, 2**31))
def test_tiles_cover_what_is_marked(width: int, height: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    mask = np.zeros((height, width), np.uint8)
    x, y = int(random.integers(width)), int(random.integers(height))
    mask[y : y + int(random.integers(1, 500)), x : x + int(random.integers(1, 500))] = 255
    covered = np.zeros_like(mask)
    for tile in tiles(mask, 256, 64):
        assert tile.clamp(Size(width, height)) == tile
        covered[tile.slices] = 255
    assert covered[mask > 0].all()


def test_nothing_marked_needs_no_tile() -> None:
    assert tiles(np.zeros((9, 9), np.uint8), 4, 2) == []
    assert tiles(np.full((9, 9), 255, np.uint8), 16, 2) == [Rect(0, 0, 9, 9)]
