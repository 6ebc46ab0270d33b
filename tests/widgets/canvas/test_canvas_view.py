import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.widgets.canvas.canvas_stage import photo
from widgets.canvas import view as views
from widgets.canvas.render import mipmap as pyramids
from widgets.canvas.render.sampling import Sample, extent, sample
from widgets.canvas.view import Box, View

scales = st.floats(0.004, 60)
places = st.floats(-5000, 5000)


@given(scale=scales, x=places, y=places, dx=places, dy=places)
def test_zoom_at_a_point_keeps_it_there(scale, x, y, dx, dy):
    view = views.zoomed(scale, (x, y), (dx, dy))
    assert view.to_device(x, y) == pytest.approx((dx, dy), abs=0.51)
    assert view.scale == pytest.approx(scale, rel=0.016)
    assert view.to_image(*view.to_device(x, y)) == pytest.approx((x, y), abs=1e-6)


@given(scale=scales)
def test_scales_are_steps_of_a_ladder(scale):
    exponent, steps = views.ladder(scale)
    assert 32 < steps <= 64
    assert math.ldexp(steps, exponent - 6) == View(exponent, steps).scale
    below_exponent, below = views.ladder(scale, down=True)
    assert View(below_exponent, below).scale <= scale


@given(
    width=st.integers(1, 20000),
    height=st.integers(1, 20000),
    into=st.tuples(st.integers(50, 4000), st.integers(50, 3000)),
)
def test_a_fitted_picture_is_wholly_seen_and_centred(width, height, into):
    view = views.fitted(width, height, *into)
    right, bottom = view.to_device(width, height)
    assert view.left >= -1
    assert view.top >= -1
    assert right <= into[0] + 1
    assert bottom <= into[1] + 1
    assert view.left - (into[0] - right) == pytest.approx(0, abs=2)


def test_zoom_steps_are_whole_and_half_doublings():
    scale, seen = 0.3, []
    while scale < 12:
        scale = views.stepped(scale, 1)
        seen.append(scale)
    assert seen == [0.375, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8, 12]
    assert views.stepped(1.0, -1) == 0.75
    assert all(View(*views.ladder(s)).scale == s for s in seen)


@pytest.mark.parametrize("scale", [0.11, 0.34, 0.5, 0.671875, 0.97, 1.0, 1.37, 2.0, 5.3])
@pytest.mark.parametrize("channels", [1, 3])
def test_any_part_resampled_alone_equals_the_part_of_the_whole(scale, channels):
    picture = photo(1000, 700)
    array = picture if channels == 3 else np.ascontiguousarray(picture[..., 0])
    pyramid = pyramids.of_picture(array) if channels == 3 else pyramids.of_mask(array)
    pyramid.refresh(pyramid.box)
    view = views.zoomed(scale, (500.3, 350.2), (200, 150))
    window = Box(0, 0, 400, 300)
    whole = sample(pyramid, view, window, nearest=False)
    assert whole is not None
    rng = np.random.default_rng(5)
    for _ in range(12):
        left, top = (int(v) for v in rng.integers(0, 280, 2))
        part = sample(pyramid, view, Box(left, top, left + 37, top + 19), nearest=False)
        if part is None:
            continue
        at = part.box.shift(-whole.box.left, -whole.box.top)
        expected = whole.pixels[at.top : at.bottom, at.left : at.right].astype(int)
        assert np.abs(part.pixels.astype(int) - expected).max() <= 1


def test_a_pyramid_shows_the_mean_and_a_refresh_equals_a_rebuild():
    picture = photo(1311, 977)
    pyramid = pyramids.of_picture(picture)
    assert [level.shape[1] for level in pyramid.levels if level is not None][:3] == [1311, 655, 327]
    blue_green_red = pyramid.levels[2][50, 60, :3]
    assert blue_green_red[::-1] == pytest.approx(picture[200:204, 240:244].mean((0, 1)), abs=1.5)
    picture[300:401, 517:733] = 7
    pyramid.refresh(Box(517, 300, 733, 401))
    for level, fresh in zip(pyramid.levels, pyramids.of_picture(picture).levels):
        assert np.array_equal(level, fresh)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 900), (5000, 3), (64, 64), (129, 65)])
def test_thin_pictures_have_levels_and_can_be_seen(width, height):
    pyramid = pyramids.of_picture(np.full((height, width, 3), 90, np.uint8))
    view = views.fitted(width, height, 400, 300)
    found = sample(pyramid, view, Box(0, 0, 400, 300), nearest=False)
    assert extent(pyramid, view).is_empty or (
        found is not None and (found.pixels[..., :3] == 90).all()
    )


def test_a_part_lies_where_it_belongs_at_every_level():
    mask = np.full((70, 50), 255, np.uint8)
    part = pyramids.of_part(mask, 333, 217, depth=5)
    whole = np.zeros((600, 800), np.uint8)
    whole[217:287, 333:383] = 255
    full = pyramids.of_mask(whole)
    full.refresh(full.box)
    for scale in (0.2, 0.45, 0.8, 1.0, 3.0):
        view = views.zoomed(scale, (360, 250), (200, 150))
        window = Box(0, 0, 400, 300)
        alone, inside = (sample(p, view, window, nearest=False) for p in (part, full))
        assert alone is not None
        assert inside is not None
        box = alone.box.clip(inside.box)
        a, b = (_inside(found, box) for found in (alone, inside))
        assert a.max() > 200
        assert np.abs(a.astype(int) - b.astype(int)).max() <= 1


def _inside(found: Sample, box: Box) -> np.ndarray:
    at = box.shift(-found.box.left, -found.box.top)
    return found.pixels[at.top : at.bottom, at.left : at.right]
