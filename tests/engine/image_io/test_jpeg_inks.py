"""Edited JPEGs in CMYK stay in CMYK, and keep the coefficients of what was not changed."""

import io
from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image as Pil

from engine.image_io.decoding.jpeg import inks
from engine.image_io.encoding import jpeg_blocks
from engine.image_io.headers import jpeg
from engine.image_io.limits import Limits
from engine.image_io.proof import kept_block
from engine.image_io.reader import read_bytes
from engine.image_io.writer import ExportOptions, encode
from engine.picture import Picture
from tests.support import pictures

JPEG = ExportOptions(format="jpeg")
FORMS = [(coding, sampling) for coding in ("cmyk", "ycck") for sampling in (0, 1, 2)]


def scene(height: int, width: int, seed: int = 7) -> NDArray[np.uint8]:
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 4), np.uint8)
    return cv2.GaussianBlur(noise, (0, 0), 1.5).reshape(height, width, 4)


def coded(
    values: NDArray[np.uint8], form: tuple[str, int], *, progressive: bool = False, icc: bytes = b""
) -> bytes:
    """(H, W, 4) inks; the second form stores what it takes for YCC and black."""
    coding, sampling = form
    out = io.BytesIO()
    Pil.fromarray(values, "CMYK").save(
        out, "JPEG", quality=88, subsampling=sampling, progressive=progressive, icc_profile=icc
    )
    content = bytearray(out.getvalue())
    content[content.index(b"Adobe") + 11] = 2 if coding == "ycck" else 0
    return bytes(content)


def header(content: bytes) -> jpeg.JpegHeader:
    return jpeg.examine(io.BytesIO(content), Limits())


def inks_of(content: bytes) -> NDArray[np.int32]:
    return inks(content, header(content)).astype(np.int32)


def near(changed: NDArray[np.bool_], content: bytes) -> NDArray[np.bool_]:
    """The MCUs of what changed, and one sample of the coarser components around them."""
    high, wide = jpeg.mcu_size(header(content))
    touched = np.zeros(changed.shape, np.uint8)
    for y in range(0, changed.shape[0], high):
        for x in range(0, changed.shape[1], wide):
            part = slice(y, y + high), slice(x, x + wide)
            touched[part] = changed[part].any()
    reach = np.ones((2 * (high // 8) - 1, 2 * (wide // 8) - 1), np.uint8)
    return cv2.dilate(touched, reach).reshape(changed.shape) > 0


def patched(picture: Picture, box: tuple[slice, slice], value: tuple[int, int, int]) -> Picture:
    pixels = picture.pixels.copy()
    pixels[box] = value
    return replace(picture, pixels=pixels)


@given(
    st.integers(1, 70),
    st.integers(1, 70),
    st.sampled_from(FORMS),
    st.booleans(),
    st.tuples(st.floats(0, 0.99), st.floats(0, 0.99)),
    st.integers(0, 255),
)
def test_inks_of_untouched_blocks_are_the_same(
    height: int,
    width: int,
    form: tuple[str, int],
    progressive: bool,
    corner: tuple[float, float],
    value: int,
) -> None:
    source = coded(scene(height, width), form, progressive=progressive)
    was = inks(source, header(source))
    now = was.copy()
    top, left = int(corner[0] * height), int(corner[1] * width)
    now[top : top + 9, left : left + 9] = value
    edited = jpeg_blocks.edited(source, now, was, mcu=jpeg.mcu_size(header(source)))
    changed = (now != was).any(axis=2)
    far = ~near(changed, source)
    np.testing.assert_array_equal(inks_of(edited)[far], was[far])


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_what_was_changed_is_what_was_asked_for(form: tuple[str, int]) -> None:
    source = coded(scene(64, 96), form)
    was = inks(source, header(source))
    now = was.copy()
    now[16:48, 32:64] = (200, 40, 90, 20)
    edited = jpeg_blocks.edited(source, now, was, mcu=jpeg.mcu_size(header(source)))
    found = inks_of(edited)[24:40, 40:56]
    assert np.abs(found - (200, 40, 90, 20)).max() <= 4


@pytest.mark.parametrize("form", FORMS, ids=str)
@pytest.mark.parametrize("has_profile", [False, True])
def test_a_cmyk_jpeg_stays_one(form: tuple[str, int], has_profile: bool) -> None:
    icc = pictures.cmyk_profile() if has_profile else b""
    source = coded(scene(64, 96), form, icc=icc)
    picture = read_bytes(source, "a.jpg")
    box = slice(20, 40), slice(30, 60)
    content = encode(patched(picture, box, (128, 128, 128)), JPEG)
    head = header(content)
    assert head.channels == 4
    assert (head.icc or b"") == icc
    assert head.sampling == header(source).sampling
    changed = np.zeros((64, 96), bool)
    changed[box] = True
    far = ~near(changed, source)
    np.testing.assert_array_equal(inks_of(content)[far], inks_of(source)[far])
    again = read_bytes(content, "b.jpg")
    np.testing.assert_array_equal(again.pixels[far], picture.pixels[far])
    assert kept_block(picture, JPEG) == jpeg.mcu_size(head)


def test_a_profile_without_a_way_back_is_encoded_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.colour.lcms.srgb_to_inks", lambda *_: None)
    source = coded(scene(64, 96), ("cmyk", 0), icc=pictures.cmyk_profile())
    picture = read_bytes(source, "a.jpg")
    content = encode(patched(picture, (slice(20, 40), slice(30, 60)), (128, 128, 128)), JPEG)
    assert header(content).channels == 3


def test_ten_edits_of_a_cmyk_jpeg_leave_the_rest_alone() -> None:
    content = coded(scene(80, 96), ("ycck", 2), icc=pictures.cmyk_profile())
    first = inks_of(content)
    for edit in range(10):
        picture = read_bytes(content, "a.jpg")
        box = slice(30, 40), slice(30 + edit, 44 + edit)
        content = encode(patched(picture, box, (25 * edit, 90, 140)), JPEG)
    far = np.ones((80, 96), bool)
    far[14:66, 14:82] = False
    np.testing.assert_array_equal(inks_of(content)[far], first[far])


def test_a_chosen_quality_or_another_format_is_rgb() -> None:
    picture = read_bytes(coded(scene(64, 96), ("cmyk", 0)), "a.jpg")
    assert header(encode(picture, replace(JPEG, quality=80))).channels == 3
    with Pil.open(io.BytesIO(encode(picture, ExportOptions(format="png")))) as image:
        assert image.mode == "RGB"
