"""PNG files to and from a server."""

import struct

import numpy as np
import pytest

from engine.comfy.errors import ServerBroken
from engine.comfy.protocol.images import decode_png
from engine.geometry import Size
from engine.image_io.encoding.png_writer import encode_png

IMAGE = np.random.default_rng(0).integers(0, 256, (7, 11, 3), np.uint8)


def test_pixels_come_back_as_they_were() -> None:
    np.testing.assert_array_equal(decode_png(encode_png(IMAGE), "s", Size(11, 7)), IMAGE)
    mask = IMAGE[..., 0]
    np.testing.assert_array_equal(decode_png(encode_png(mask), "s")[..., 2], mask)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "format"),
        (b"GIF89a" + bytes(40), "format"),
        (encode_png(IMAGE)[:-30], "truncated"),
        (encode_png(IMAGE)[:20], "format"),
    ],
)
def test_what_is_no_whole_png_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(ServerBroken) as trouble:
        decode_png(content, "attic")
    assert (trouble.value.server, trouble.value.reason) == ("attic", reason)


def test_damage_inside_is_refused() -> None:
    content = bytearray(encode_png(IMAGE))
    content[60:90] = bytes(30)
    with pytest.raises(ServerBroken):
        decode_png(bytes(content), "attic")


@pytest.mark.parametrize("sides", [(1 << 30, 1 << 30), (0, 5), (11, 1 << 15)])
def test_a_size_that_nobody_asked_for_is_never_unpacked(sides: tuple[int, int]) -> None:
    content = bytearray(encode_png(IMAGE))
    content[16:24] = struct.pack(">II", *sides)
    with pytest.raises(ServerBroken) as trouble:
        decode_png(bytes(content), "attic")
    assert trouble.value.reason == "size"
