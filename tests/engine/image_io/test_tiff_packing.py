"""TIFF files by how their samples are packed: right pixels, or refused by name."""

import zlib

import numpy as np
import pytest
from PIL import Image

from engine.errors import ImageUnreadable
from engine.image_io.reader import read_bytes
from engine.picture import Picture
from tests.support import pictures
from tests.support.pictures import saved
from tests.support.tiff_files import tiff_of

RGB = pictures.noise(24, 16)
GRAY = RGB[..., 0].copy()
HEIGHT, WIDTH = GRAY.shape
WEBP, PIXAR = 50_001, 50_013


def gray(bits: int, *, packing: int = 1, **more: int) -> dict[int, int | tuple[int, ...]]:
    fields: dict[int, int | tuple[int, ...]] = {256: WIDTH, 257: HEIGHT, 258: bits, 259: packing}
    fields |= {262: 1, 277: 1, 278: HEIGHT}
    return fields | {int(tag[1:]): value for tag, value in more.items()}


def opened(content: bytes) -> Picture:
    return read_bytes(content, "a.tif")


def refused(content: bytes) -> tuple[str, str]:
    with pytest.raises(ImageUnreadable) as caught:
        opened(content)
    return caught.value.reason, caught.value.detail


@pytest.mark.parametrize("compression", ["zstd", "lzma"])
@pytest.mark.parametrize("pixels", [RGB, GRAY], ids=["rgb", "gray"])
def test_newer_compressions(compression: str, pixels: np.ndarray) -> None:
    content = saved(Image.fromarray(pixels), "TIFF", compression=compression)
    np.testing.assert_array_equal(opened(content).pixels, pixels)


def test_newer_compressions_at_16_bits() -> None:
    deep = GRAY.astype(np.uint16) * 257
    content = saved(Image.fromarray(deep), "TIFF", compression="zstd")
    np.testing.assert_array_equal(opened(content).pixels, deep)


def test_deflate_of_pixar() -> None:
    content = tiff_of(gray(8, packing=PIXAR), [zlib.compress(GRAY.tobytes())])
    np.testing.assert_array_equal(opened(content).pixels, GRAY)


def test_strips_that_are_webp_pictures() -> None:
    strips = [saved(Image.fromarray(RGB[at : at + 8]), "WEBP", lossless=True) for at in (0, 8, 16)]
    fields = gray(8, packing=WEBP) | {258: (8, 8, 8), 262: 2, 277: 3, 278: 8}
    np.testing.assert_array_equal(opened(tiff_of(fields, strips)).pixels, RGB[:24])


def test_a_webp_strip_of_another_size_is_damage() -> None:
    strip = saved(Image.fromarray(RGB[:4]), "WEBP", lossless=True)
    fields = gray(8, packing=WEBP) | {258: (8, 8, 8), 262: 2, 277: 3}
    assert refused(tiff_of(fields, [strip]))[0] == "kind"


@pytest.mark.parametrize(("kind", "bits"), [(np.float16, 16), (np.float32, 32), (np.float64, 64)])
def test_differences_of_the_bits_of_floats(kind: type, bits: int) -> None:
    """Predictor 2 is one of whole numbers, whatever they stand for."""
    shares = (GRAY / 255).astype(kind)
    whole = shares.view(f"u{bits // 8}")
    first = np.zeros((HEIGHT, 1), whole.dtype)
    steps = np.diff(whole, axis=1, prepend=first)
    content = tiff_of(gray(bits, packing=8, _317=2, _339=3), [zlib.compress(steps.tobytes())])
    expected = np.rint(shares.astype(np.float64) * 65_535)
    np.testing.assert_array_equal(opened(content).pixels, expected)


def test_differences_of_12_bits() -> None:
    values = GRAY.astype(np.uint32) * 16
    steps = np.diff(values, axis=1, prepend=np.zeros((HEIGHT, 1), np.uint32)) & 0xFFF
    bits = ((steps[..., None] >> np.arange(11, -1, -1, dtype=np.uint32)) & 1).astype(np.uint8)
    rows = np.packbits(bits.reshape(HEIGHT, -1), axis=1)
    found = opened(tiff_of(gray(12, _317=2), [rows.tobytes()])).pixels
    np.testing.assert_array_equal(found, np.rint(values * (65_535 / 4_095)))


def test_64_bits() -> None:
    deep = GRAY.astype(np.uint64) * 257 << np.uint64(48)
    found = opened(tiff_of(gray(64), [deep.tobytes()]))
    assert np.abs(found.pixels.astype(int) - GRAY.astype(int) * 257).max() <= 1
    assert found.notes == ("depth-reduced:64:16",)


def test_tiles_that_the_lists_of_strips_name() -> None:
    """Files of the first years of TIFF 6 have the size of tiles, and the old lists."""
    tiles = []
    for y in range(0, HEIGHT, 16):
        tile = np.zeros((16, 16), np.uint8)
        part = GRAY[y : y + 16, :16]
        tile[: part.shape[0], : part.shape[1]] = part
        tiles.append(tile.tobytes())
    assert WIDTH == 16
    content = tiff_of(gray(8, _322=16, _323=16), tiles)
    np.testing.assert_array_equal(opened(content).pixels, GRAY)


@pytest.mark.parametrize("bits", [12, 16])
def test_a_jpeg_of_more_than_8_bits_in_a_tiff_is_named(bits: int) -> None:
    content = tiff_of(gray(bits, packing=7), [saved(Image.fromarray(GRAY), "JPEG")])
    assert refused(content) == ("kind", "tiff-compression 7")
