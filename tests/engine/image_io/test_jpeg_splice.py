"""Coded data is copied around the rows of MCUs that an edit touches, and is right to the bit."""

import io
from dataclasses import replace

import cv2
import numpy as np
import pytest
import simplejpeg
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image as Pil

from engine.geometry import Native
from engine.image_io.encoding import jpeg_bits, jpeg_blocks, jpeg_splice
from engine.image_io.encoding.jpeg_scan import ScanUnsupported, parse
from tests.engine.image_io.test_jpeg_blocks import MCU, SAMPLINGS, coded, coefficients, decoded
from tests.support.examples import at_most

ANY_SIZE = 10**9


def photo(height: int, width: int, seed: int = 3) -> NDArray[np.uint8]:
    """Smooth and rough parts, no clipped colours."""
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    rough = cv2.GaussianBlur(noise, (0, 0), 1.2).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 25).astype(np.float32)
    return np.clip(30 + 0.4 * rough + 0.3 * smooth, 20, 235).astype(np.uint8)


def spliced(source: bytes, sampling: str, box: tuple[slice, slice]) -> tuple[bytes, Native, Native]:
    """The edited file, and the pixels wanted and as they were."""
    was = decoded(source, sampling)
    pixels = was.copy()
    pixels[box] = 128
    changed = jpeg_blocks.changed_mcus(pixels, was, MCU.get(sampling, (8, 8)))
    return (
        jpeg_splice.spliced(source, pixels, was, changed, most_px=ANY_SIZE),
        pixels,
        was,
    )


def whole(source: bytes, pixels: Native, was: Native, sampling: str) -> bytes:
    """The same edit by reading and writing all coefficients: the picture is too small to be cut."""
    return jpeg_blocks.edited(source, pixels, was, mcu=MCU.get(sampling, (8, 8)))


@pytest.mark.parametrize("sampling", SAMPLINGS)
@pytest.mark.parametrize("restart", [0, 5])
@pytest.mark.parametrize("top", [0, 170, 395])
def test_the_coefficients_are_those_of_the_whole_way(
    tmp_path: object, sampling: str, restart: int, top: int
) -> None:
    source = coded(photo(420, 500), sampling, progressive=False, restart=restart)
    content, pixels, was = spliced(source, sampling, np.s_[top : top + 40, 210:330])
    simplejpeg.decode_jpeg(content, "GRAY", strict=True)  # no byte too few or too many
    expected = whole(source, pixels, was, sampling)
    pairs = zip(coefficients(content, tmp_path), coefficients(expected, tmp_path), strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)


@at_most(80)  # a picture coded, spliced, coded whole, and the coefficients of both
@given(st.integers(60, 500), st.integers(60, 500), st.sampled_from(SAMPLINGS), st.data())
def test_any_place_and_size(
    tmp_path_factory: pytest.TempPathFactory,
    height: int,
    width: int,
    sampling: str,
    data: st.DataObject,
) -> None:
    restart = data.draw(st.sampled_from([0, 0, 1, 7, 40]))
    source = coded(photo(height, width), sampling, progressive=False, restart=restart)
    top, left = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    high, wide = data.draw(st.integers(1, 60)), data.draw(st.integers(1, 60))
    box = (slice(top, top + high), slice(left, left + wide))
    try:
        content, pixels, was = spliced(source, sampling, box)
    except ScanUnsupported:
        assume(False)
        raise
    simplejpeg.decode_jpeg(content, "GRAY", strict=True)
    folder = tmp_path_factory.mktemp("spliced")
    expected = whole(source, pixels, was, sampling)
    pairs = zip(coefficients(content, folder), coefficients(expected, folder), strict=True)
    far = [one.astype(int) - other for one, other in pairs]
    # a strip of its own may round one coefficient of an edited block the other way
    assert sum(np.count_nonzero(plane) for plane in far) <= 2
    assert all(abs(plane).max() <= 1 for plane in far)


def test_two_far_rings_are_cut_apart(tmp_path: object) -> None:
    source = coded(photo(900, 500), "420", progressive=False, restart=0)
    was = decoded(source, "420")
    pixels = was.copy()
    pixels[100:120, 50:80] = pixels[700:720, 480:500] = 90
    changed = jpeg_blocks.changed_mcus(pixels, was, (16, 16))
    content = jpeg_splice.spliced(source, pixels, was, changed, most_px=ANY_SIZE)
    expected = whole(source, pixels, was, "420")
    pairs = zip(coefficients(content, tmp_path), coefficients(expected, tmp_path), strict=True)
    assert all(np.array_equal(one, other) for one, other in pairs)


def test_what_comes_before_the_ring_is_copied() -> None:
    source = coded(photo(420, 500), "420", progressive=False, restart=0)
    content, _, _ = spliced(source, "420", np.s_[300:320, 200:240])
    same = next(at for at, pair in enumerate(zip(source, content)) if pair[0] != pair[1])
    assert same > len(source) / 2


@pytest.mark.parametrize("options", [{"progressive": True}, {"optimize": True}])
def test_other_codings_are_left_to_the_whole_way(options: dict[str, bool]) -> None:
    out = io.BytesIO()
    Pil.fromarray(photo(300, 300) // 64 * 60).save(out, "JPEG", quality=40, **options)
    was = simplejpeg.decode_jpeg(out.getvalue(), "RGB")
    pixels = was.copy()
    pixels[100:130, 90:140] = np.random.default_rng(0).integers(0, 256, (30, 50, 3))
    changed = jpeg_blocks.changed_mcus(pixels, was, (16, 16))
    with pytest.raises(ScanUnsupported):
        jpeg_splice.spliced(out.getvalue(), pixels, was, changed, most_px=ANY_SIZE)


def test_more_than_may_be_coded_here_is_not() -> None:
    source = coded(photo(200, 200), "444", progressive=False, restart=0)
    was = decoded(source, "444")
    pixels = was.copy()
    pixels[50:60, 50:60] = 0
    changed = jpeg_blocks.changed_mcus(pixels, was, (8, 8))
    with pytest.raises(ScanUnsupported):
        jpeg_splice.spliced(source, pixels, was, changed, most_px=3_000)


def test_a_large_picture_is_cut_and_nothing_changes_outside() -> None:
    source = coded(photo(1_200, 1_300), "420", progressive=False, restart=0)
    was = decoded(source, "420")
    pixels = was.copy()
    pixels[400:440, 300:360] = 90
    content = jpeg_blocks.edited(source, pixels, was, mcu=(16, 16))
    far = np.ones(was.shape[:2], bool)
    far[382:450, 286:370] = False
    assert np.array_equal(decoded(content, "420")[far], was[far])
    assert source[:1_000] == content[:1_000]  # the tables, too
    assert len(parse(content).components) == 3


def test_tables_that_lack_a_code_serve_all_the_same(tmp_path: object) -> None:
    """Optimised tables hold what the source needs: a magnitude without a code becomes smaller."""
    out = io.BytesIO()
    Pil.fromarray(photo(420, 500, 5)).save(out, "JPEG", quality=85, subsampling=0, optimize=True)
    source = out.getvalue()
    was = decoded(source, "444")
    pixels, box = was.copy(), np.s_[200:232, 200:240]
    grain = np.random.default_rng(1).integers(-5, 5, was[box].shape)
    pixels[box] = np.clip(was[90:122, 101:141] + grain, 0, 255)
    changed = jpeg_blocks.changed_mcus(pixels, was, (8, 8))
    content = jpeg_splice.spliced(source, pixels, was, changed, most_px=ANY_SIZE)
    pairs = zip(coefficients(content, tmp_path), coefficients(source, tmp_path), strict=True)
    kept = np.kron(~changed, np.ones((8, 8), bool))
    assert all(np.array_equal(one[kept], other[kept]) for one, other in pairs)
    expected = decoded(whole(source, pixels, was, "444"), "444")[box]
    shown = decoded(content, "444")[box].astype(int)
    assert not np.array_equal(shown, expected)
    assert np.abs(shown - expected).mean() < 0.5


@given(st.lists(st.integers(-9, 9), min_size=64, max_size=64), st.sets(st.integers(1, 0xFF)))
def test_what_is_made_codable_has_codes(values: list[int], lacking: set[int]) -> None:
    part = parse(coded(photo(16, 16), "444", progressive=False, restart=0)).components[0]
    lengths = part.ac.lengths.copy()
    lengths[list(lacking)] = 0
    few = replace(part, ac=replace(part.ac, lengths=lengths))
    blocks = np.array(values, np.int32).reshape(1, 8, 8)
    try:
        found = jpeg_bits.codable(blocks, few)
    except ScanUnsupported:
        return
    assert jpeg_bits.ac_bits(found, few) > 0
    assert ((found - blocks) ** 2).sum() <= 16
    assert (np.abs(found) <= np.abs(blocks)).all()


@given(
    st.lists(
        st.tuples(st.binary(min_size=3, max_size=9), st.integers(0, 24), st.integers(0, 24)),
        max_size=6,
    )
)
def test_joined_bits_are_those_of_the_pieces(pieces: list[tuple[bytes, int, int]]) -> None:
    parts = [(np.frombuffer(each, np.uint8), min(ends), max(ends)) for each, *ends in pieces]
    wanted = "".join(
        "".join(f"{byte:08b}" for byte in data.tolist())[start:end] for data, start, end in parts
    )
    found = "".join(f"{byte:08b}" for byte in jpeg_bits.joined(parts))
    assert found == wanted + "1" * (-len(wanted) % 8)


@given(st.binary(min_size=1, max_size=20), st.data())
def test_cut_bits_are_those_of_the_whole(content: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, 8 * len(content)))
    end = data.draw(st.integers(start, 8 * len(content)))
    found = jpeg_bits.cut(np.frombuffer(content, np.uint8), start, end)
    wanted = "".join(f"{byte:08b}" for byte in content)[start:end]
    assert "".join(f"{byte:08b}" for byte in found) == wanted + "1" * (-len(wanted) % 8)
