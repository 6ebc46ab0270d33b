"""Nodes that resize, pad, crop and join, against torch and the formulas of ComfyUI's own nodes.

Pixels are compared as whole numbers: where a float of the other side lies within a hair of one, it
counts as that.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.geometry import Image, Mask, Native, Size
from engine.picture import Picture
from engine.workflow.local import mask_nodes, picture_nodes
from engine.workflow.local.photo import Photo, photo_of_view
from engine.workflow.local.resampling import METHODS, SizeRefused, resampled
from tests.support.pictures import ADOBE_RGB, noise, rgb_profile

SIDES = st.integers(1, 40)


def picture(width: int, height: int, seed: int = 3) -> Image:
    found = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    found[: height // 2] = found[0, 0]  # flat parts stay flat
    return found


def photo(width: int = 23, height: int = 17, seed: int = 3) -> Photo:
    return photo_of_view(picture(width, height, seed))


@pytest.mark.parametrize("method", ["nearest-exact", "bilinear", "area", "bicubic"])
@given(SIDES, SIDES, SIDES, SIDES)
def test_resampling_is_that_of_torch(method: str, width: int, height: int, new: int, other: int):
    torch = pytest.importorskip("torch")
    before = picture(width, height)
    values = torch.from_numpy(before.astype(np.float64)).movedim(-1, 0)[None]
    theirs = torch.nn.functional.interpolate(values, size=(other, new), mode=method)
    theirs = theirs[0].movedim(0, -1).numpy().clip(0, 255)
    ours = resampled(before, Size(new, other), method)
    assert ours.shape == theirs.shape
    if method == "nearest-exact":  # places that lie on an edge fall to either side
        assert (np.abs(ours - theirs) > 0).mean() < 0.2
    else:
        assert ((ours - 0.01 < theirs) & (theirs < ours + 1.01)).all()


@pytest.mark.parametrize("method", METHODS)
def test_flat_pictures_stay_flat_in_all_depths(method: str):
    flat: list[Native] = [
        np.full((9, 14, 3), 77, np.uint8), np.full((9, 14, 3), 40_001, np.uint16),
        np.full((9, 14), 255, np.uint8),
    ]  # fmt: skip
    for before in flat:
        after = resampled(before, Size(21, 5), method)
        assert after.dtype == before.dtype
        assert (after == before.flat[0]).all()


def test_a_side_of_nought_follows_from_the_other():
    assert picture_nodes.scaled(photo(), 46, 0, method="area").size == Size(46, 34)
    assert picture_nodes.scaled(photo(), 0, 34, method="area").size == Size(46, 34)
    assert picture_nodes.scaled(photo(), 0, 0, method="area").size == Size(23, 17)


def test_a_centred_crop_keeps_the_shape():
    before = photo(40, 20)
    after = picture_nodes.scaled(before, 10, 10, method="nearest-exact", cropped=True)
    assert (after.view == before.view[1::2, 11:31:2]).all()


@pytest.mark.parametrize(
    ("megapixels", "step_px", "size"), [(0.01, 1, (119, 88)), (0.01, 16, (112, 96))]
)
def test_a_number_of_pixels_is_met_in_steps(megapixels: float, step_px: int, size: tuple[int, ...]):
    scaled = picture_nodes.scaled_to_pixels(
        photo(), megapixels=megapixels, step_px=step_px, method="bilinear"
    )
    assert scaled.size == size


def test_the_longest_side():
    assert picture_nodes.scaled_to_longest(photo(), 46, method="area").size == (46, 34)
    assert picture_nodes.scaled_to_longest(photo(17, 23), 46, method="area").size == (34, 46)
    assert picture_nodes.scaled_to_longest(photo(9, 9), 20, method="area").size == (20, 20)


def test_a_crop_that_leads_outside_is_cut():
    before = photo()
    assert (picture_nodes.cropped(before, 3, 2, 5, 4).view == before.view[2:6, 3:8]).all()
    assert picture_nodes.cropped(before, 20, 90, 50, 50).size == (3, 1)


def test_padding_is_grey_and_the_picture_stays():
    before = photo()
    after = picture_nodes.padded(before, 8, 0, 16, 4)
    assert after.size == (47, 21)
    assert (after.view[:17, 8:31] == before.view).all()
    assert (after.view[17:] == 127).all()
    assert (after.view[:, :8] == 127).all()


def windowed(size: Size, sides: tuple[int, ...], feather_px: int) -> Mask:
    """ImagePadForOutpaint's mask as it is written there, pixel by pixel."""
    left, top, right, bottom = sides
    width, height = size
    mask = np.full((height + top + bottom, width + left + right), 1.0)
    for i in range(height):
        for j in range(width):
            near = min(
                i if top else height, height - i if bottom else height,
                j if left else width, width - j if right else width,
            )  # fmt: skip
            is_near = near < feather_px and feather_px * 2 < height and feather_px * 2 < width
            share = (feather_px - near) / feather_px if is_near else 0.0
            mask[top + i, left + j] = share * share
    return (mask * 255).astype(np.uint8)


@pytest.mark.parametrize("feather_px", [0, 1, 5, 8, 9])
@pytest.mark.parametrize("sides", [(8, 0, 0, 0), (0, 8, 0, 16), (8, 16, 24, 8), (0, 0, 0, 0)])
def test_the_mask_of_padding_is_softened_where_the_picture_begins(
    sides: tuple[int, int, int, int], feather_px: int
):
    mask = picture_nodes.outpaint_mask(photo(), *sides, feather_px=feather_px)
    assert (mask == windowed(Size(23, 17), sides, feather_px)).all()


@pytest.mark.parametrize(
    ("direction", "size"),
    [("right", (56, 17)), ("left", (56, 17)), ("down", (33, 25)), ("up", (33, 25))],
)
def test_pictures_are_put_side_by_side(direction: str, size: tuple[int, int]):
    first, second = photo(), photo(33, 8, seed=4)
    whole = picture_nodes.stitched(
        first, second, direction=direction, matched=False, spacing_px=0, colour="white"
    )
    assert whole.size == size
    is_first = direction in ("right", "down")
    ours = whole.view if is_first else whole.view[::-1, ::-1]
    one = first.view if is_first else first.view[::-1, ::-1]
    offset = 0 if direction in ("right", "left") else 5
    assert (ours[:17, offset : offset + 23] == one).all()
    assert (whole.view == 255).all(2).any()  # the smaller one is padded


def test_a_picture_that_is_put_beside_another_is_scaled_to_it_with_a_gap():
    whole = picture_nodes.stitched(
        photo(), photo(34, 34), direction="right", matched=True, spacing_px=3, colour="red"
    )
    assert whole.size == (23 + 4 + 17, 17)
    assert (whole.view[:, 23:27] == (255, 0, 0)).all()


def test_deep_pictures_stay_deep_unless_they_meet_others():
    deep = Picture(pixels=noise(12, 16, depth=16), icc=rgb_profile(*ADOBE_RGB))
    before = Photo(picture=deep, view=picture(16, 12), source="1", key="k")
    for after in (
        picture_nodes.scaled(before, 8, 6, method="lanczos"),
        picture_nodes.padded(before, 8, 0, 0, 0),
        picture_nodes.cropped(before, 1, 1, 5, 5),
    ):
        assert (after.picture.depth, after.picture.icc, after.source) == (16, deep.icc, "")
    both = picture_nodes.stitched(
        before, photo(), direction="down", matched=True, spacing_px=0, colour="white"
    )
    assert (both.picture.depth, both.picture.icc) == (8, None)


def test_what_keeps_its_size_is_still_an_edit_of_its_file():
    before = Photo(picture=Picture(pixels=picture(16, 12)), view=picture(16, 12), source="1")
    assert picture_nodes.scaled(before, 16, 12, method="area") is before
    assert picture_nodes.padded(before, 0, 0, 0, 0) is before
    assert picture_nodes.without_alpha(before) is before


def test_alpha_is_what_the_mask_leaves():
    mask = np.zeros((17, 23), np.uint8)
    mask[3:5] = 200
    joined = picture_nodes.with_alpha(photo(), mask)
    assert joined.picture.alpha is not None
    assert (joined.picture.alpha == 255 - mask).all()
    assert (picture_nodes.clear_mask(joined) == mask).all()
    assert picture_nodes.without_alpha(joined).picture.alpha is None


def test_a_picture_of_one_colour():
    assert (picture_nodes.blank(3, 2, colour=0x102030).view == (0x10, 0x20, 0x30)).all()


def test_sizes_have_an_end(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("engine.workflow.local.resampling.MAX_PIXELS", 1000)
    with pytest.raises(SizeRefused):
        picture_nodes.blank(100, 11, colour=0)
    with pytest.raises(SizeRefused):
        picture_nodes.scaled_by(photo(), factor=8, method="area")
    with pytest.raises(SizeRefused):
        mask_nodes.solid_mask(1001, 1, value=1)


# --- masks


@pytest.mark.parametrize("value", [0.0, 0.5, 0.29, 1.0])
def test_a_solid_mask_is_cut_off_not_rounded(value: float):
    assert (mask_nodes.solid_mask(5, 4, value=value) == int(np.float32(value) * 255)).all()


@pytest.mark.parametrize(
    ("operation", "expected"),
    [("multiply", 62), ("add", 255), ("subtract", 40), ("and", 0), ("or", 255), ("xor", 255)],
)
def test_masks_are_composed_where_they_meet(operation: str, expected: int):
    below, above = np.full((6, 8), 150, np.uint8), np.full((9, 3), 110, np.uint8)
    found = mask_nodes.composed_mask(below, above, 6, 2, operation=operation)
    assert (below == 150).all()
    changed = np.zeros((6, 8), bool)
    changed[2:, 6:] = True
    wanted = 150 * 110 // 255 if operation == "multiply" else expected
    assert (found[changed] == wanted).all()
    assert (found[~changed] == 150).all()


@given(*[st.integers(0, 30)] * 4)
def test_masks_are_feathered_from_their_sides(left: int, top: int, right: int, bottom: int):
    before = np.random.default_rng(1).integers(0, 256, (13, 19), np.uint8)
    values = before.astype(np.float64)
    left_, right_, top_, bottom_ = min(left, 19), min(right, 19), min(top, 13), min(bottom, 13)
    for x in range(left_):
        values[:, x] *= (x + 1) / left_
    for x in range(right_):
        values[:, -(x + 1)] *= (x + 1) / right_
    for y in range(top_):
        values[y] *= (y + 1) / top_
    for y in range(bottom_):
        values[-(y + 1)] *= (y + 1) / bottom_
    ours = mask_nodes.feathered_mask(before, left, top, right, bottom)
    assert (ours == (values + 2**-10).astype(np.uint8)).all()


def test_masks_are_cropped_cut_and_found_by_colour():
    mask = np.arange(63, dtype=np.uint8).reshape(7, 9) * 4
    assert (mask_nodes.cropped_mask(mask, 2, 3, 4, 90) == mask[3:, 2:6]).all()
    assert mask_nodes.cropped_mask(mask, 50, 50, 4, 4).size == 1
    assert (mask_nodes.threshold_mask(mask, value=0.5) == np.where(mask > 127, 255, 0)).all()
    view = np.zeros((4, 5, 3), np.uint8)
    view[1, 2] = (1, 2, 3)
    found = mask_nodes.colour_mask(photo_of_view(view), colour=0x010203)
    assert (found > 0).sum() == 1
    assert found[1, 2] == 255
