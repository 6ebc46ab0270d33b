"""A file is written in the form that its source had, where the edit allows it."""

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pil

from engine.image_io.headers import png
from engine.image_io.limits import Limits
from engine.image_io.reader import read_bytes
from engine.image_io.writer import ExportOptions, encode
from engine.picture import Coding, Picture


def header(content: bytes) -> png.PngHeader:
    return png.examine(io.BytesIO(content), Limits())


def palette_png(colours: int, bits: int, *, transparency: bytes | None = None) -> bytes:
    rng = np.random.default_rng(colours)
    image = Pil.fromarray(rng.integers(0, colours, (13, 21), np.uint8), "P")
    image.putpalette(rng.integers(0, 256, 3 * colours, np.uint8).tobytes())
    out = io.BytesIO()
    more = {} if transparency is None else {"transparency": transparency}
    image.save(out, "PNG", bits=bits, **more)
    return out.getvalue()


@pytest.mark.parametrize(("colours", "bits"), [(2, 1), (4, 2), (11, 4), (200, 8)])
@pytest.mark.parametrize("transparency", [None, b"\x00\x80"])
def test_a_palette_is_kept_where_the_colours_fit(
    colours: int, bits: int, transparency: bytes | None
) -> None:
    source = read_bytes(palette_png(colours, bits, transparency=transparency), "a.png")
    pixels = source.pixels.copy()
    pixels[2:5, 3:9] = source.pixels[7, 7]
    alpha = None if source.alpha is None else source.alpha.copy()
    if alpha is not None:
        alpha[2:5, 3:9] = alpha[7, 7]
    content = encode(replace(source, pixels=pixels, alpha=alpha), ExportOptions(format="png"))
    assert (header(content).colour, header(content).depth) == (3, bits)
    again = read_bytes(content, "b.png")
    assert np.array_equal(again.pixels, pixels)
    assert alpha is None or (again.alpha is not None and np.array_equal(again.alpha, alpha))


def test_a_new_colour_takes_more_bits_or_ends_the_palette() -> None:
    source = read_bytes(palette_png(4, 2), "a.png")
    pixels = source.pixels.copy()
    pixels[0, 0] = (1, 2, 3)
    content = encode(replace(source, pixels=pixels), ExportOptions(format="png"))
    assert (header(content).colour, header(content).depth) == (3, 4)
    assert np.array_equal(read_bytes(content, "b.png").pixels, pixels)
    many = np.random.default_rng(0).integers(0, 256, source.pixels.shape, np.uint8)
    content = encode(replace(source, pixels=many), ExportOptions(format="png"))
    assert header(content).colour == 2
    assert np.array_equal(read_bytes(content, "b.png").pixels, many)


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_few_gray_levels_are_kept_until_one_does_not_fit(bits: int) -> None:
    step = 255 // ((1 << bits) - 1)
    levels = np.random.default_rng(bits).integers(0, 1 << bits, (9, 14), np.uint8) * step
    picture = Picture(pixels=levels, coding=Coding(bits=bits))
    content = encode(picture, ExportOptions(format="png"))
    assert (header(content).colour, header(content).depth) == (0, bits)
    read = read_bytes(content, "a.png")
    assert np.array_equal(read.pixels, levels)
    assert read.coding.bits == bits
    other = levels.copy()
    other[0, 0] = 100
    content = encode(replace(read, pixels=other), ExportOptions(format="png"))
    assert header(content).depth == 8
    assert np.array_equal(read_bytes(content, "b.png").pixels, other)


@given(
    st.integers(1, 40),
    st.integers(1, 40),
    st.sampled_from([np.uint8, np.uint16]),
    st.booleans(),
    st.booleans(),
)
def test_interlacing_is_kept(
    height: int, width: int, depth: type[np.generic], gray: bool, alpha: bool
) -> None:
    rng = np.random.default_rng(height * 41 + width)
    top = np.iinfo(depth).max
    shape = (height, width) if gray else (height, width, 3)
    picture = Picture(
        pixels=rng.integers(0, top, shape, depth, endpoint=True),
        alpha=rng.integers(0, top, shape[:2], depth, endpoint=True) if alpha else None,
        coding=Coding(interlaced=True),
    )
    content = encode(picture, ExportOptions(format="png"))
    assert header(content).interlaced
    again = read_bytes(content, "a.png")
    assert np.array_equal(again.pixels, picture.pixels)
    assert again.coding.interlaced
    if picture.alpha is not None:
        assert again.alpha is not None
        assert np.array_equal(again.alpha, picture.alpha)


def webp(*, lossless: bool, alpha: bool) -> bytes:
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (20, 30, 4 if alpha else 3), np.uint8)
    if alpha:
        pixels[:10, :, 3] = 0
    out = io.BytesIO()
    Pil.fromarray(pixels).save(out, "WEBP", lossless=lossless, exact=lossless)
    return out.getvalue()


@pytest.mark.parametrize("alpha", [False, True])
def test_a_lossless_webp_stays_lossless_under_transparency_too(alpha: bool) -> None:
    source = read_bytes(webp(lossless=True, alpha=alpha), "a.webp")
    assert source.coding.lossless
    pixels = source.pixels.copy()
    pixels[4:8, 4:8] = 90
    content = encode(replace(source, pixels=pixels), ExportOptions(format="webp"))
    again = read_bytes(content, "b.webp")
    assert np.array_equal(again.pixels, pixels)
    assert again.coding.lossless


def test_a_lossy_webp_stays_lossy_and_a_choice_counts_more() -> None:
    source = read_bytes(webp(lossless=False, alpha=False), "a.webp")
    assert not source.coding.lossless
    assert not read_bytes(encode(source, ExportOptions(format="webp")), "b.webp").coding.lossless
    exact = encode(source, ExportOptions(format="webp", lossless=True))
    assert np.array_equal(read_bytes(exact, "c.webp").pixels, source.pixels)
    lossless = read_bytes(webp(lossless=True, alpha=False), "a.webp")
    smaller = encode(lossless, ExportOptions(format="webp", quality=50))
    assert not read_bytes(smaller, "d.webp").coding.lossless
