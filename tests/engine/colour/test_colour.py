"""The 8-bit sRGB view, and patches brought into the document's own depth and profile."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageCms

from engine.colour import convert
from engine.colour import icc as profile
from engine.colour.convert import patch_pixels, view_of, view_rect
from engine.geometry import Rect, Size
from engine.jobs.requests import Patch
from engine.picture import Picture
from tests.support import pictures

ADOBE = pictures.rgb_profile(*pictures.ADOBE_RGB)
P3 = pictures.rgb_profile(*pictures.DISPLAY_P3)
PROPHOTO = pictures.rgb_profile(*pictures.PROPHOTO)
SRGB = pictures.rgb_profile(*pictures.SRGB)
TABLE = pictures.table_profile()
GRAY_22 = pictures.gray_profile(2.2)

COLOUR_PROFILES = {
    "none": None,
    "srgb": SRGB,
    "adobe": ADOBE,
    "p3": P3,
    "prophoto": PROPHOTO,
    "table": TABLE,
}
GRAY_PROFILES = {"none": None, "gray-2.2": GRAY_22, "rgb-on-gray": ADOBE}


def whole(array: np.ndarray) -> Rect:
    return Rect.whole(Size.of(array))


def patch_of(pixels: np.ndarray, blend: np.ndarray | None = None) -> Patch:
    full = np.full(pixels.shape[:2], 255, np.uint8)
    return Patch(rect=whole(pixels), pixels=pixels, blend=full if blend is None else blend)


# --- view


def test_view_of_8_bit_srgb_is_the_same_array() -> None:
    for icc in (None, SRGB):
        picture = pictures.picture(icc=icc)
        assert view_of(picture) is picture.pixels


def test_little_cms_own_srgb_profile_is_known_as_srgb() -> None:
    own = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert convert.is_srgb(own)
    assert not any(convert.is_srgb(icc) for icc in (ADOBE, P3, PROPHOTO, TABLE))


@pytest.mark.parametrize("icc", [ADOBE, P3, PROPHOTO], ids=["adobe", "p3", "prophoto"])
def test_view_is_what_little_cms_gives(icc: bytes) -> None:
    pixels = pictures.noise(80, 90)
    source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    expected = ImageCms.profileToProfile(
        Image.fromarray(pixels),
        source,
        ImageCms.createProfile("sRGB"),
        renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
        outputMode="RGB",
        flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
    )
    found = view_rect(pixels, icc, whole(pixels))
    assert np.abs(found.astype(int) - np.asarray(expected)).max() <= 1


@pytest.mark.parametrize("icc", COLOUR_PROFILES.values(), ids=COLOUR_PROFILES.keys())
def test_16_bits_look_as_8_bits_do(icc: bytes | None) -> None:
    eight = pictures.noise(40, 50)
    sixteen = eight.astype(np.uint16) * 257
    a, b = view_rect(eight, icc, whole(eight)), view_rect(sixteen, icc, whole(eight))
    np.testing.assert_array_equal(a, b)


def test_16_bits_are_rounded_to_the_nearest_level() -> None:
    values = np.arange(65_536, dtype=np.uint16).reshape(256, 256)
    pixels = np.repeat(values[..., None], 3, axis=2)
    expected = np.rint(pixels / 257).astype(np.uint8)
    np.testing.assert_array_equal(view_rect(pixels, None, whole(values)), expected)


def test_16_bit_view_through_a_profile_is_exact_to_rounding() -> None:
    pixels = pictures.noise(60, 60, depth=16)
    found = profile.shape(ADOBE)
    assert found is not None
    linear = (pixels / 65_535) ** pictures.ADOBE_RGB[1]
    srgb = profile.srgb().to_xyz
    assert srgb is not None
    assert found.to_xyz is not None
    light = np.clip(linear @ (np.linalg.inv(srgb) @ found.to_xyz).T, 0, 1)
    exact = profile.srgb_encode(light) * 255
    shown = view_rect(pixels, ADOBE, whole(pixels))
    assert np.abs(shown - exact).max() < 0.56


@pytest.mark.parametrize("gray", [False, True])
@pytest.mark.parametrize("depth", [8, 16])
def test_a_part_of_the_view_has_the_values_of_the_whole(depth: int, gray: bool) -> None:
    profiles = GRAY_PROFILES if gray else COLOUR_PROFILES
    pixels = pictures.noise(301, 457, depth=depth, gray=gray)
    random = np.random.default_rng(0)
    for icc in profiles.values():
        view = view_rect(pixels, icc, whole(pixels))
        for _ in range(12):
            x, y = int(random.integers(0, 450)), int(random.integers(0, 295))
            w, h = int(random.integers(1, 458 - x)), int(random.integers(1, 302 - y))
            rect = Rect(x, y, w, h)
            np.testing.assert_array_equal(view_rect(pixels, icc, rect), view[rect.slices])


def test_grays_stay_gray() -> None:
    ramp = np.arange(256, dtype=np.uint8)[None]
    pixels = np.repeat(ramp[..., None], 3, axis=2)
    for icc in (ADOBE, P3, PROPHOTO):
        shown = view_rect(pixels, icc, whole(ramp)).astype(int)
        assert (shown.max(axis=2) == shown.min(axis=2)).all()
        assert shown[0, 0, 0] == 0
        assert shown[0, 255, 0] == 255


def test_gray_profile_is_followed() -> None:
    ramp = np.arange(256, dtype=np.uint8)[None]
    linear = view_rect(ramp, pictures.gray_profile(1.0), whole(ramp))
    assert linear[0, 55, 0] == round(float(profile.srgb_encode(np.array(55 / 255))) * 255)
    np.testing.assert_array_equal(view_rect(ramp, None, whole(ramp))[..., 1], ramp)


@pytest.mark.parametrize(
    "icc",
    [
        b"",
        b"x" * 500,
        ADOBE[:200],
        ADOBE.replace(b"XYZ \0", b"XXX \0"),
        pictures.rgb_profile(((0, 0, 0),) * 3, 2.2),
        pictures.rgb_profile(pictures.ADOBE_RGB[0], 0.001),
    ],
)
def test_broken_profiles_are_not_usable(icc: bytes) -> None:
    assert not convert.usable(icc, gray=False)


# --- patch


@given(
    data=st.data(),
    width=st.integers(1, 200),
    height=st.integers(1, 200),
    depth=st.sampled_from([8, 16]),
    gray=st.booleans(),
    seed=st.integers(0, 1_000),
)
def test_outside_the_blend_bytes_are_identical(
    data: st.DataObject, width: int, height: int, depth: int, gray: bool, seed: int
) -> None:
    profiles = GRAY_PROFILES if gray else COLOUR_PROFILES
    icc = profiles[data.draw(st.sampled_from(sorted(profiles)))]
    native = pictures.noise(height, width, depth=depth, gray=gray, seed=seed)
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    rect = Rect(x, y, data.draw(st.integers(1, width - x)), data.draw(st.integers(1, height - y)))
    random = np.random.default_rng(seed)
    blend = random.integers(0, 256, (rect.height, rect.width)).astype(np.uint8)
    blend[random.random(blend.shape) < data.draw(st.floats(0, 1))] = 0
    pixels = random.integers(0, 256, (rect.height, rect.width, 3)).astype(np.uint8)
    before = native.copy()
    found = patch_pixels(native, icc, Patch(rect=rect, pixels=pixels, blend=blend))
    np.testing.assert_array_equal(native, before)
    assert found.dtype == native.dtype
    assert found.shape == native[rect.slices].shape
    np.testing.assert_array_equal(found[blend == 0], native[rect.slices][blend == 0])


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("name", COLOUR_PROFILES)
def test_what_is_written_looks_as_was_asked(name: str, depth: int) -> None:
    icc = COLOUR_PROFILES[name]
    native = pictures.noise(60, 70, depth=depth)
    asked = pictures.smooth(60, 70) // 2 + 64  # inside every gamut
    found = patch_pixels(native, icc, patch_of(asked))
    shown = view_rect(found, icc, whole(found)).astype(int)
    # 8 bits of a wide space are coarser than the view; tables know 8 bits only
    slack = {"none": 0, "srgb": 0, "prophoto": 3}.get(name, 2)
    if depth == 16 and name != "table":
        slack = 0
    assert np.abs(shown - asked).max() <= slack


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("name", GRAY_PROFILES)
def test_gray_patches_on_gray(name: str, depth: int) -> None:
    native = pictures.noise(20, 256, depth=depth, gray=True)
    ramp = np.broadcast_to(np.arange(256, dtype=np.uint8)[None, :, None], (20, 256, 3)).copy()
    found = patch_pixels(native, GRAY_PROFILES[name], patch_of(ramp))
    shown = view_rect(found, GRAY_PROFILES[name], whole(found)).astype(int)
    # a gamma of 2.2 at 8 bits has fewer dark levels than sRGB: a step of three near black
    assert np.abs(shown - ramp).max() <= (4 if name != "none" and depth == 8 else 0)


def test_colour_on_gray_is_its_luminance() -> None:
    native = np.zeros((1, 3), np.uint8)
    asked = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
    found = patch_pixels(native, None, patch_of(asked))
    light = profile.srgb_decode(found / 255)
    np.testing.assert_allclose(light[0], [0.2126, 0.7152, 0.0722], atol=0.004)


@pytest.mark.parametrize("gray", [False, True])
@pytest.mark.parametrize("depth", [8, 16])
def test_a_patch_that_shows_what_is_there_changes_nothing(depth: int, gray: bool) -> None:
    for icc in (GRAY_PROFILES if gray else COLOUR_PROFILES).values():
        native = pictures.noise(40, 40, depth=depth, gray=gray)
        view = view_rect(native, icc, whole(native))
        np.testing.assert_array_equal(patch_pixels(native, icc, patch_of(view)), native)


@pytest.mark.parametrize("name", ["none", "adobe", "p3", "prophoto"])
def test_the_way_back_keeps_the_8_bit_levels(name: str) -> None:
    """The view of in-gamut pixels, written over other pixels, gives them back within a level."""
    icc = COLOUR_PROFILES[name]
    asked = pictures.smooth(50, 50) // 2 + 64
    native = patch_pixels(np.zeros((50, 50, 3), np.uint16), icc, patch_of(asked))
    view = view_rect(native, icc, whole(native))
    found = patch_pixels(np.zeros_like(native), icc, patch_of(view))
    assert np.abs(found.astype(int) - native).max() <= 257


def test_mixed_by_half_and_rounded() -> None:
    native = np.full((1, 4, 3), 10_001, np.uint16)
    blend = np.array([[0, 1, 128, 255]], np.uint8)
    asked = np.full((1, 4, 3), 200, np.uint8)
    found = patch_pixels(native, None, patch_of(asked, blend))
    new = 200 * 257
    exact = [10_001 + (new - 10_001) * share / 255 for share in (0, 1, 128, 255)]
    assert found[0, :, 0].tolist() == [round(value) for value in exact]


def test_16_bit_adobe_rgb_is_not_cut_to_8_bits() -> None:
    native = pictures.noise(30, 30, depth=16)
    asked = np.full((30, 30, 3), (200, 100, 50), np.uint8)
    blend = np.tile(np.arange(30, dtype=np.uint8) * 8, (30, 1))
    found = patch_pixels(native, ADOBE, patch_of(asked, blend))
    assert len(np.unique(found % 257)) > 200


def test_view_of_a_gray_picture_has_three_channels() -> None:
    picture = Picture(pixels=pictures.noise(5, 4, depth=16, gray=True), icc=GRAY_22)
    shown = view_of(picture)
    assert shown.shape == (5, 4, 3)
    assert not shown.flags.writeable


def test_whole_numbers_mix_like_rounded_floats():
    old, new = np.meshgrid(np.arange(256), np.arange(256))
    for share in range(0, 256, 5):
        blend = np.full((256, 256), share, np.uint8)
        pixels = np.repeat(new[..., None], 3, 2).astype(np.uint8)
        native = np.repeat(old[..., None], 3, 2).astype(np.uint8)
        patch = Patch(rect=Rect(0, 0, 256, 256), pixels=pixels, blend=blend)
        wanted = np.rint(old + (new - old) * (share / 255)).astype(np.uint8)
        assert (patch_pixels(native, None, patch)[..., 1] == wanted).all()
