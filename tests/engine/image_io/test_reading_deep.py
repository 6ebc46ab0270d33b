"""16 bits of PNG and TIFF come in whole."""

import io

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageOps

from engine.image_io.encoding import png_writer
from engine.image_io.reader import read_bytes
from tests.support import pictures
from tests.support.pictures import saved


def tiff(pixels: np.ndarray, **options: object) -> bytes:
    out = io.BytesIO()
    tifffile.imwrite(out, pixels, **options)
    return out.getvalue()


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_png_16_bit(channels: int) -> None:
    pixels = np.random.default_rng(2).integers(0, 65_536, (9, 14, channels)).astype(np.uint16)
    found = read_bytes(png_writer.encode_png(pixels), "a.png")
    assert found.depth == 16
    colours = pixels[..., 0] if channels < 3 else pixels[..., :3]
    np.testing.assert_array_equal(found.pixels, colours)
    if channels in (2, 4):
        np.testing.assert_array_equal(found.alpha, pixels[..., -1])
    else:
        assert found.alpha is None


def test_png_16_bit_as_another_program_writes_it() -> None:
    pixels = pictures.noise(9, 14, depth=16)
    done, content = cv2.imencode(".png", np.ascontiguousarray(pixels[..., ::-1]))
    assert done
    np.testing.assert_array_equal(read_bytes(content.tobytes(), "a").pixels, pixels)


@pytest.mark.parametrize("gray", [False, True])
def test_png_16_bit_with_one_transparent_value(gray: bool) -> None:
    pixels = pictures.noise(5, 6, depth=16, gray=gray)
    value = np.atleast_1d(pixels[2, 3]).astype(">u2").tobytes()
    channels = pixels[..., None] if gray else pixels
    found = read_bytes(png_writer.encode_png(channels, chunks=[(b"tRNS", value)]), "a")
    np.testing.assert_array_equal(found.pixels, pixels)
    assert found.alpha is not None
    assert found.alpha[2, 3] == 0
    assert (found.alpha == 65_535).sum() == 29


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("kind", ["gray", "gray+alpha", "rgb", "rgb+alpha", "planar", "big-endian"])
def test_tiff_16_bit(kind: str, compression: str | None) -> None:
    gray, alpha = kind.startswith("gray"), kind.endswith("alpha")
    pixels = pictures.noise(21, 15, depth=16, gray=gray)
    options: dict = {"photometric": "minisblack" if gray else "rgb", "compression": compression}
    if compression == "zlib":
        options["predictor"] = True
    if kind == "big-endian":
        options["byteorder"] = ">"
    source = pixels
    if alpha:
        opacity = pictures.noise(21, 15, depth=16, gray=True, seed=4)
        source, options["extrasamples"] = np.dstack([pixels, opacity]), ["unassalpha"]
    if kind == "planar":
        source, options["planarconfig"] = np.ascontiguousarray(np.moveaxis(pixels, 2, 0)), 2
    found = read_bytes(tiff(source, **options), "a.tif")
    assert found.depth == 16
    np.testing.assert_array_equal(found.pixels, pixels)
    if alpha:
        np.testing.assert_array_equal(found.alpha, opacity)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_tiff_16_bit_lzw(channels: int) -> None:
    pixels = np.random.default_rng(3).integers(0, 65_536, (17, 11, channels)).astype(np.uint16)
    if channels == 4:  # as a TIFF declares it; OpenCV itself leaves the tag out
        order = [2, 1, 0, 3]
    else:
        order = [0] if channels == 1 else [2, 1, 0]
    lzw = [cv2.IMWRITE_TIFF_COMPRESSION, 5]
    done, content = cv2.imencode(".tif", np.ascontiguousarray(pixels[..., order]), lzw)
    assert done
    found = read_bytes(content.tobytes(), "a.tif")
    np.testing.assert_array_equal(found.pixels, pixels[..., :3].squeeze())
    if channels == 4:
        np.testing.assert_array_equal(found.alpha, pixels[..., 3])


def test_tiff_16_bit_packbits() -> None:
    pixels = pictures.noise(17, 11, depth=16, gray=True)
    found = read_bytes(saved(Image.fromarray(pixels), "TIFF", compression="packbits"), "a")
    np.testing.assert_array_equal(found.pixels, pixels)


def test_tiff_16_bit_where_white_is_zero() -> None:
    pixels = pictures.noise(8, 8, depth=16, gray=True)
    found = read_bytes(tiff(pixels, photometric="miniswhite"), "a")
    np.testing.assert_array_equal(found.pixels, 65_535 - pixels)


def test_tiff_16_bit_premultiplied() -> None:
    pixels = np.full((4, 4, 4), 10_000, np.uint16)
    pixels[..., 3] = 20_000
    found = read_bytes(tiff(pixels, photometric="rgb", extrasamples=["assocalpha"]), "a")
    assert (found.pixels == round(10_000 * 65_535 / 20_000)).all()


@pytest.mark.parametrize("turn", range(1, 9))
def test_orientation_of_16_bit_tiff(turn: int) -> None:
    pixels = pictures.noise(6, 9, depth=16)
    content = tiff(pixels, photometric="rgb", extratags=[(274, 3, 1, turn, True)])
    image = Image.fromarray((pixels >> 8).astype(np.uint8))
    image.getexif()[0x0112] = turn
    expected = np.asarray(ImageOps.exif_transpose(image))
    np.testing.assert_array_equal(read_bytes(content, "a").pixels >> 8, expected)


def test_orientation_of_16_bits_and_alpha() -> None:
    pixels = np.random.default_rng(5).integers(0, 65_536, (6, 9, 4)).astype(np.uint16)
    chunk = (b"eXIf", pictures.exif_block(6))
    found = read_bytes(png_writer.encode_png(pixels, chunks=[chunk]), "a")
    np.testing.assert_array_equal(found.pixels, np.rot90(pixels, -1)[..., :3])
    np.testing.assert_array_equal(found.alpha, np.rot90(pixels, -1)[..., 3])
