"""TIFF files that call their numbers signed: some have numbers below zero, some only say so."""

import io
from typing import Any

import cv2
import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from engine.image_io.reader import read_bytes
from engine.picture import Picture

Deep = NDArray[np.integer[Any]]
HILLS = cv2.resize(np.random.default_rng(3).random((6, 9)), (50, 40), interpolation=cv2.INTER_CUBIC)
GRAY16 = np.clip(HILLS * 65_535, 0, 65_535).astype(np.uint16)
GRAY8 = (GRAY16 >> 8).astype(np.uint8)
RGB8 = np.dstack((GRAY8, GRAY8[::-1], GRAY8[:, ::-1]))
RGB16 = np.dstack((GRAY16, GRAY16[::-1], GRAY16[:, ::-1]))
PICTURES = pytest.mark.parametrize("pixels", [GRAY8, GRAY16, RGB8, RGB16])


def opened(pixels: Deep, **options: Any) -> Picture:
    content = io.BytesIO()
    options.setdefault("photometric", "rgb" if pixels.ndim == 3 else "minisblack")
    tifffile.imwrite(content, pixels, **options)
    return read_bytes(content.getvalue(), "a.tif")


def signed(pixels: Deep) -> Deep:
    """The same bits."""
    return pixels.view(f"i{pixels.itemsize}")


@PICTURES
@pytest.mark.parametrize("options", [{}, {"byteorder": ">"}, {"tile": (16, 16)}, {"predictor": 2}])
def test_half_the_range_is_added_to_numbers_below_zero(pixels: Deep, options: Any) -> None:
    if "predictor" in options:
        options = {**options, "compression": "zlib"}
    half = 1 << (8 * pixels.itemsize - 1)
    below_zero = signed((pixels.astype(np.int64) - half).astype(pixels.dtype))
    found = opened(below_zero, **options)
    np.testing.assert_array_equal(found.pixels, pixels)
    assert found.notes == ("values-shifted",)


@PICTURES
def test_numbers_of_which_none_is_below_zero_stay(pixels: Deep) -> None:
    found = opened(signed(pixels >> 1))
    np.testing.assert_array_equal(found.pixels, pixels >> 1)
    assert found.notes == ()


@PICTURES
def test_numbers_that_are_smooth_only_without_signs_are_taken_so(pixels: Deep) -> None:
    found = opened(signed(pixels))
    np.testing.assert_array_equal(found.pixels, pixels)
    assert found.notes == ("values-unsigned",)


def test_where_nothing_speaks_against_it_the_file_is_believed() -> None:
    noise = np.random.default_rng(9).integers(-128, 128, (30, 40), np.int8)
    found = opened(noise)
    np.testing.assert_array_equal(found.pixels, noise.astype(int) + 128)
    assert found.notes == ("values-shifted",)


def test_white_is_the_lowest_where_the_file_says_so() -> None:
    below_zero = signed((GRAY8.astype(int) - 128).astype(np.uint8))
    found = opened(below_zero, photometric="miniswhite")
    np.testing.assert_array_equal(found.pixels, 255 - GRAY8)
