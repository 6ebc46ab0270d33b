"""Kinds of files by their bytes: BMP of any bit fields opens, what does not is named."""

import struct

import numpy as np
import pytest
from PIL import Image

from engine.errors import ImageUnreadable
from engine.image_io.headers.kinds import format_of
from engine.image_io.reader import read_bytes
from tests.support import pictures
from tests.support.pictures import saved

RGB = pictures.noise(7, 5)
HEIGHT, WIDTH = RGB.shape[:2]


def bmp(values: np.ndarray, bits: int, masks: tuple[int, ...], *, top_down: bool = False) -> bytes:
    """A BMP of the (H, W) bits of its pixels, with a header of version 3 or 4."""
    header = 40 if len(masks) == 3 else 108
    rows = values if top_down else values[::-1]
    packed = b""
    for row in rows.astype(f"<u{bits // 8}"):
        packed += row.tobytes() + bytes(-row.nbytes % 4)
    start = 14 + header + (12 if header == 40 else 0)
    height = -HEIGHT if top_down else HEIGHT
    body = struct.pack(
        "<IiiHHIIiiII", header, WIDTH, height, 1, bits, 3, len(packed), 11_811, 11_811, 0, 0
    )
    body += struct.pack(f"<{len(masks)}I", *masks)
    body = body.ljust(start - 14, b"\0")
    return struct.pack("<2sIHHI", b"BM", start + len(packed), 0, 0, start) + body + packed


def packed(masks: tuple[int, ...], channels: list[np.ndarray]) -> np.ndarray:
    """(H, W): shares of 255 in the bits of each mask."""
    out = np.zeros((HEIGHT, WIDTH), np.uint64)
    for mask, channel in zip(masks, channels):
        low = (mask & -mask).bit_length() - 1
        top = mask >> low
        out |= np.rint(channel * (top / 255)).astype(np.uint64) << np.uint64(low)
    return out


@pytest.mark.parametrize("top_down", [False, True])
@pytest.mark.parametrize(
    ("bits", "masks"),
    [
        (16, (0xF00, 0xF0, 0xF)),
        (16, (0xF800, 0x7E0, 0x1F)),
        (16, (0xC000, 0x3800, 0x7)),
        (32, (0x3FF00000, 0xFFC00, 0x3FF)),
        (32, (0xFF, 0xFF00, 0xFF0000)),
        (32, (0xFE000000, 0x1FF0000, 0x7F)),
    ],
)
def test_bit_fields_of_any_masks(bits: int, masks: tuple[int, ...], top_down: bool) -> None:
    values = packed(masks, [RGB[..., index] for index in range(3)])
    found = read_bytes(bmp(values, bits, masks, top_down=top_down), "a.bmp")
    widest = max(0.5 / ((1 << mask.bit_count()) - 1) * 255 for mask in masks)
    assert np.abs(found.pixels.astype(float) - RGB).max() <= widest + 1
    assert found.alpha is None
    assert found.metadata.dpi == (300, 300)


def test_alpha_of_bit_fields() -> None:
    masks = (0x3FF, 0xFFC00, 0x3FF00000, 0xC0000000)
    alpha = np.where(np.arange(WIDTH) % 2, 255, 85) * np.ones((HEIGHT, 1))
    channels = [*(RGB[..., index] for index in range(3)), alpha]
    found = read_bytes(bmp(packed(masks, channels), 32, masks), "a.bmp")
    assert found.alpha is not None
    np.testing.assert_array_equal(found.alpha, alpha)
    np.testing.assert_array_equal(found.pixels, RGB)
    assert found.notes == ("depth-reduced:10:8",)


def test_alpha_of_one_bit() -> None:
    masks = (0x7C00, 0x3E0, 0x1F, 0x8000)
    alpha = np.where(np.arange(WIDTH) % 2, 255, 0) * np.ones((HEIGHT, 1))
    channels = [*(RGB[..., index] for index in range(3)), alpha]
    found = read_bytes(bmp(packed(masks, channels), 16, masks), "a.bmp")
    assert found.alpha is not None
    np.testing.assert_array_equal(found.alpha, alpha)


def test_alpha_that_the_writer_left_at_nothing_is_none_and_said() -> None:
    masks = (0x3FF, 0xFFC00, 0x3FF00000, 0xC0000000)
    channels = [*(RGB[..., index] for index in range(3)), np.zeros((HEIGHT, WIDTH))]
    found = read_bytes(bmp(packed(masks, channels), 32, masks), "a.bmp")
    assert found.alpha is None
    assert "alpha-empty" in found.notes


def test_bit_fields_that_are_cut_are_damaged() -> None:
    content = bmp(np.zeros((HEIGHT, WIDTH), np.uint64), 16, (0xF00, 0xF0, 0xF))
    with pytest.raises(ImageUnreadable) as caught:
        read_bytes(content[:-3], "a.bmp")
    assert caught.value.reason == "damaged"


@pytest.mark.parametrize(("bits", "form"), [(24, 5), (24, 4), (2, 0)])
def test_forms_of_bmp_that_are_not_read_are_named(bits: int, form: int) -> None:
    content = bytearray(saved(Image.fromarray(RGB), "BMP"))
    struct.pack_into("<HI", content, 28, bits, form)
    with pytest.raises(ImageUnreadable) as caught:
        read_bytes(bytes(content), "a.bmp")
    assert (caught.value.reason, caught.value.detail) == ("kind", "bmp-form")


def tga(form: int, bits: int, *, colours: int = 0) -> bytes:
    return struct.pack("<BBBHHBHHHHBB", 0, colours, form, 0, 0, 0, 0, 0, 4, 3, bits, 0) + bytes(36)


KINDS = {
    "tga": tga(2, 24),
    "tga of gray": tga(3, 8),
    "tga, packed": tga(10, 32),
    "tga with a palette": tga(1, 8, colours=1),
    "ico": b"\0\0\1\0\1\0" + bytes(58),
    "ico that is a pointer": b"\0\0\2\0\1\0" + bytes(58),
    "os2": b"BA" + struct.pack("<IIHH", 40, 0, 640, 480) + b"CI" + bytes(40),
}


@pytest.mark.parametrize("name", KINDS)
def test_kinds_that_look_alike_are_told_apart(name: str) -> None:
    with pytest.raises(ImageUnreadable) as caught:
        format_of(KINDS[name])
    assert (caught.value.reason, caught.value.detail) == ("kind", name.split()[0].rstrip(","))


@pytest.mark.parametrize(("brand", "name"), [(b"avif", "avif"), (b"heic", "heic")])
def test_the_short_form_of_heif_is_no_video(brand: bytes, name: str) -> None:
    assert format_of(struct.pack(">I4s4s4s", 16, b"ftyp", b"mif3", brand) + bytes(40)) == name
