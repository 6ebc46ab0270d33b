"""The one PNG encoder: what it writes is read by other decoders, bit for bit."""

import io
import zlib

import cv2
import numpy as np
import pytest
from PIL import Image

from engine.errors import Cancelled
from engine.image_io.encoding.png_writer import QUICK, SMALL, Compression, encode_png
from engine.image_io.headers import png
from engine.image_io.limits import Limits
from tests.support import pictures

SPEEDS = pytest.mark.parametrize("compression", [SMALL, QUICK], ids=["small", "quick"])


def noise(channels: int, depth: int) -> np.ndarray:
    """Large enough for several strips; the last rows are flat."""
    kind = np.uint16 if depth == 16 else np.uint8
    found = np.random.default_rng(channels).integers(0, 1 << depth, (331, 517, channels), kind)
    found[300:] = 7
    return found


@SPEEDS
@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_opencv_reads_the_same_pixels(channels: int, depth: int, compression: Compression) -> None:
    pixels = noise(channels, depth)
    content = encode_png(pixels, compression=compression)
    found = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
    assert found is not None
    turned = {
        1: lambda a: a[..., None],
        3: lambda a: a[..., ::-1],
        4: lambda a: a[..., [2, 1, 0, 3]],
    }
    np.testing.assert_array_equal(turned[channels](found), pixels)


@SPEEDS
def test_gray_with_alpha_stays_gray(compression: Compression) -> None:
    gray, alpha = noise(1, 8)[..., 0], noise(2, 8)[..., 1]
    content = encode_png(gray, alpha, compression=compression)
    with Image.open(io.BytesIO(content)) as image:
        assert image.mode == "LA"
        np.testing.assert_array_equal(np.asarray(image), np.dstack([gray, alpha]))


@pytest.mark.parametrize("size", [(1, 1), (1, 700), (700, 1)])
def test_thin_pictures(size: tuple[int, int]) -> None:
    pixels = np.arange(size[0] * size[1] * 3, dtype=np.uint8).reshape(*size, 3)
    with Image.open(io.BytesIO(encode_png(pixels))) as image:
        np.testing.assert_array_equal(np.asarray(image), pixels)


def test_a_view_of_a_larger_picture_is_written_as_it_looks() -> None:
    pixels = noise(3, 16)[5::3, ::-2]
    found = cv2.imdecode(np.frombuffer(encode_png(pixels), np.uint8), cv2.IMREAD_UNCHANGED)
    assert found is not None
    np.testing.assert_array_equal(found[..., ::-1], pixels)


def test_the_same_pixels_give_the_same_bytes() -> None:
    assert encode_png(noise(3, 8)) == encode_png(noise(3, 8).copy())


def test_chunks_stand_before_the_pixels_and_have_their_checksums() -> None:
    content = encode_png(noise(1, 8), chunks=[(b"tEXt", b"Title\0words")])
    assert content.index(b"tEXt") < content.index(b"IDAT")
    assert zlib.crc32(b"tEXtTitle\0words").to_bytes(4, "big") in content
    assert png.examine(io.BytesIO(content), Limits()).text == [("Title", "words")]


def test_progress_rises_and_cancelling_stops() -> None:
    pixels, seen = pictures.smooth(900, 800), list[float]()
    encode_png(pixels, report=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert len(seen) > 3

    def stop(share: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        encode_png(pixels, report=stop)
