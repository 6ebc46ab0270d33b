import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.geometry import Image, Mask, Rect, Size
from engine.inpaint import crops
from engine.inpaint.crops import RemoveOptions
from engine.inpaint.fit import fit_canvas
from engine.jobs.requests import Hole
from engine.models.families import PROFILES, Family
from engine.selection import masks

TIGHT = RemoveOptions(grow_px=3, feather_px=2, context_px=20)


def spots(size: Size, *places: tuple[int, int], radius_px: int = 6) -> Mask:
    mask = np.zeros((size.height, size.width), np.uint8)
    for place in places:
        cv2.circle(mask, place, radius_px, 255, cv2.FILLED)
    return mask


def noise(size: Size, seed: int = 1) -> Image:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (size.height, size.width, 3)).astype(np.uint8)


def test_the_ring_is_full_over_the_growth_and_falls_over_the_feather() -> None:
    mask = spots(Size(101, 101), (50, 50), radius_px=10)
    line = crops.ring(mask, RemoveOptions(grow_px=5, feather_px=4))[50, 50:].astype(int)
    assert (line[: 10 + 5 + 1] == 255).all()
    assert (np.diff(line[15:21]) < 0).all()
    assert (line[20:] == 0).all()
    bare = crops.ring(mask, RemoveOptions(grow_px=0, feather_px=0))
    assert np.array_equal(bare, mask)


def test_soft_values_blend_softly_beyond_the_ring() -> None:
    mask = masks.feather(spots(Size(201, 201), (100, 100), radius_px=30), 12.0)
    blend = crops.ring(mask, RemoveOptions(grow_px=0, feather_px=0))
    assert np.array_equal(np.maximum(blend, mask), blend)
    assert len(np.unique(blend)) > 60
    faint = np.full((9, 9), 40, np.uint8)
    assert np.array_equal(crops.ring(faint, TIGHT), faint)


def test_defaults_grow_with_the_picture() -> None:
    small, large = RemoveOptions.for_size(Size(640, 480)), RemoveOptions.for_size(Size(6000, 4000))
    assert small.grow_px < large.grow_px <= 32
    assert small.feather_px < large.feather_px <= 24


def test_far_holes_get_crops_of_their_own_and_near_ones_share() -> None:
    size = Size(900, 700)
    far = crops.plan_holes(spots(size, (50, 60), (800, 90), (400, 600)), TIGHT)
    assert len(far) == 3
    near = crops.plan_holes(spots(size, (50, 60), (75, 60), (800, 600)), TIGHT)
    assert len(near) == 2
    assert crops.plan_holes(np.zeros((5, 5), np.uint8), TIGHT) == []


def test_thousands_of_specks_are_planned_coarsely() -> None:
    rng = np.random.default_rng(3)
    mask = np.zeros((2000, 3000), np.uint8)
    mask[rng.integers(0, 2000, 3000), rng.integers(0, 3000, 3000)] = 255
    boxes = crops.plan_holes(mask, TIGHT)
    assert 1 <= len(boxes) <= crops.MAX_PARTS


@st.composite
def marked(draw: st.DrawFn) -> Mask:
    """A mask of a few rectangles, some at the border, sides 1 to 300."""
    size = Size(draw(st.integers(1, 300)), draw(st.integers(1, 300)))
    mask = np.zeros((size.height, size.width), np.uint8)
    for _ in range(draw(st.integers(1, 6))):
        x, y = draw(st.integers(0, size.width - 1)), draw(st.integers(0, size.height - 1))
        width, height = draw(st.integers(1, 40)), draw(st.integers(1, 40))
        mask[y : y + height, x : x + width] = draw(st.sampled_from((1, 90, 200, 255)))
    return mask


options = st.builds(
    RemoveOptions,
    grow_px=st.integers(0, 12),
    feather_px=st.integers(0, 12),
    context_px=st.sampled_from((None, 1, 30)),
)


@given(marked(), options)
def test_holes_cover_the_ring_once_and_know_of_each_other(
    mask: Mask, options: RemoveOptions
) -> None:
    view = noise(Size.of(mask))
    ring = crops.ring(mask, options)
    total = np.zeros(mask.shape, int)
    for box in crops.plan_holes(mask, options):
        hole = crops.cut(view, mask, box, options)
        assert {type(value) for value in hole.rect} == {int}  # they go into JSON
        assert np.array_equal(hole.image, view[hole.rect.slices])
        assert np.array_equal(hole.mask > 0, ring[hole.rect.slices] > 0)
        assert not ((hole.blend > 0) & (hole.mask == 0)).any()
        total[hole.rect.slices] += hole.blend
    assert np.array_equal(total, ring)


def test_a_crop_without_surroundings_widens() -> None:
    mask = np.zeros((400, 400), np.uint8)
    mask[100:300, 100:300] = 255
    tight = RemoveOptions(grow_px=2, feather_px=2, context_px=1)
    hole = crops.cut(noise(Size(400, 400)), mask, crops.plan_holes(mask, tight)[0], tight)
    known = np.count_nonzero(hole.mask == 0) / hole.mask.size
    assert known >= crops.MIN_KNOWN


@pytest.mark.parametrize("family", [Family.LAMA, Family.SD15, Family.SDXL, Family.FLUX_FILL])
@pytest.mark.parametrize("side_px", [30, 300, 1100])
def test_a_model_gets_the_crop_it_wants(family: Family, side_px: int) -> None:
    profile, size = PROFILES[family], Size(4000, 3000)
    mask = np.zeros((size.height, size.width), np.uint8)
    mask[1000 : 1000 + side_px, 2000 : 2000 + side_px] = 255
    options = RemoveOptions(grow_px=3, feather_px=2, profile=profile)
    box = crops.plan_holes(mask, options)[0]
    crop = crops.padded(box, size, options)
    assert crop.size.pixels >= profile.min_pixels / profile.max_scale**2
    assert box.size.pixels <= 0.5 * crop.size.pixels
    fitting = fit_canvas(crop.size, profile)
    assert fitting.inner.size.pixels > 0.95 * fitting.canvas.pixels  # next to nothing is mirrored
    if side_px <= 300:
        assert fitting.scale >= 0.98  # nothing is lost


def test_a_crop_for_a_model_does_not_depend_on_the_picture_around_it() -> None:
    found: list[Hole] = []
    for size in (Size(1632, 1224), Size(6000, 4000)):
        mask = np.zeros((size.height, size.width), np.uint8)
        top, left = (size.height - 500) // 2, (size.width - 600) // 2
        mask[top : top + 500, left : left + 600] = 255
        options = RemoveOptions(profile=PROFILES[Family.SDXL_INPAINT])
        box = crops.plan_holes(mask, options)[0]
        found.append(crops.cut(np.zeros((*mask.shape, 3), np.uint8), mask, box, options))
    assert found[0].rect.size == found[1].rect.size


def hole_in(view: Image, feather_px: int = 8) -> Hole:
    size = Size.of(view)
    mask = spots(size, (size.width // 2, size.height // 2), radius_px=25)
    options = RemoveOptions(grow_px=4, feather_px=feather_px, context_px=40)
    return crops.cut(view, mask, crops.plan_holes(mask, options)[0], options)


def test_a_fill_that_is_the_source_is_left_alone() -> None:
    view = noise(Size(200, 160))
    hole = hole_in(view)
    patch = crops.stitch(hole, hole.image)
    assert np.array_equal(patch.pixels, view[patch.rect.slices])
    assert patch.blend.max() == 255


@pytest.mark.parametrize("shade", [-20, -1, 1, 9])
def test_a_shade_off_in_a_flat_area_is_matched_to_the_level(shade: int) -> None:
    view = np.full((160, 200, 3), (200, 120, 60), np.uint8)
    hole = hole_in(view)
    patch = crops.stitch(hole, (hole.image + np.int16(shade)).astype(np.uint8))
    assert np.abs(patch.pixels.astype(int) - (200, 120, 60)).max() <= 1
    kept = crops.stitch(hole, (hole.image + np.int16(shade)).astype(np.uint8), strength=0.0)
    assert (kept.pixels == np.array((200, 120, 60)) + shade).all()


def test_a_slope_is_matched_on_both_sides() -> None:
    slope = np.linspace(60, 180, 200)[None, :, None] * np.ones((160, 1, 3))
    view = np.rint(slope).astype(np.uint8)
    hole = hole_in(view)
    flat = np.full_like(hole.image, 120)
    matched = crops.stitch(hole, np.clip((hole.image // 2 + flat // 2), 0, 255).astype(np.uint8))
    before = np.abs(view[matched.rect.slices].astype(int) - (view[matched.rect.slices] // 2 + 60))
    after = np.abs(view[matched.rect.slices].astype(int) - matched.pixels)
    assert after.mean() < before.mean() / 2


def test_what_is_left_of_a_soft_edge_is_not_carried_in() -> None:
    ground = np.array((40, 50, 30))
    glow = masks.blur(spots(Size(200, 160), (100, 80), radius_px=28), 7.0)[..., None] / 255
    view = np.rint(ground + glow * 180).astype(np.uint8)
    hole = hole_in(view)
    feather = (hole.blend > 0) & (hole.blend < 255)
    assert view[hole.rect.slices][feather].mean() > 50  # it does reach into the feather
    fill = np.broadcast_to(ground, hole.image.shape).astype(np.uint8)
    assert np.abs(crops.stitch(hole, fill).pixels - ground).mean() < 1.5


def test_busy_surroundings_do_not_tint_the_fill() -> None:
    view = noise(Size(200, 160))
    hole = hole_in(view)
    other = noise(hole.rect.size, seed=2)
    moved = crops.stitch(hole, other).pixels.astype(int)
    inside = masks.bounds(hole.blend)
    assert np.abs(moved - other[inside.slices]).mean() < 3


def test_without_a_feather_nothing_is_matched() -> None:
    view = noise(Size(200, 160))
    hole = hole_in(view, feather_px=0)
    sharp = Hole(rect=hole.rect, image=hole.image, mask=hole.mask, blend=masks.hard(hole.mask))
    other = noise(hole.rect.size, seed=2)
    patch = crops.stitch(sharp, other)
    assert np.array_equal(patch.pixels, other[masks.bounds(sharp.blend).slices])
    assert patch.rect.intersect(Rect.whole(Size(200, 160))) == patch.rect
