"""Files that libjpeg, libwebp and libpng open with a warning open here, with a note."""

import io
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, JpegImagePlugin

from engine.errors import ImageUnreadable
from engine.image_io.reader import read_bytes
from tests.support import pictures
from tests.support.pictures import saved

SMALL = Image.fromarray(pictures.noise(9, 12)).resize((120, 90))
JPEG = saved(SMALL, "JPEG", quality=90)


def segment(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def behind_start(part: bytes) -> bytes:
    return JPEG[:2] + part + JPEG[2:]


def sampled(*factors: int) -> bytes:
    """The file with other sampling factors: its pixels are nonsense, as libjpeg shows it."""
    content, at = bytearray(JPEG), JPEG.index(b"\xff\xc0")
    for index, factor in enumerate(factors):
        content[at + 11 + 3 * index] = factor
    return bytes(content)


def by_libjpeg(content: bytes) -> np.ndarray:
    with JpegImagePlugin.JpegImageFile(io.BytesIO(content)) as image:
        return np.asarray(image.convert("RGB"))


IRREGULAR = {
    "bytes between segments": JPEG[:20] + b"\0\0\0\0" + JPEG[20:],
    "a profile segment of nothing": behind_start(segment(0xE2, b"ICC_PROFILE\0\1\1")),
    "a profile that is cut": behind_start(segment(0xE2, b"ICC_PROFILE\0\5\2" + bytes(100))),
    "4:1:0": sampled(0x42, 0x11, 0x11),
    "luma smaller than chroma": sampled(0x11, 0x22, 0x11),
    "chroma of two kinds": sampled(0x21, 0x12, 0x11),
}


@pytest.mark.parametrize("name", IRREGULAR)
def test_what_libjpeg_reads_with_a_warning_opens_with_a_note(name: str) -> None:
    content = IRREGULAR[name]
    found = read_bytes(content, "a.jpg")
    np.testing.assert_array_equal(found.pixels, by_libjpeg(content))
    assert {"irregular", "encoded-anew"} <= set(found.notes)
    assert found.coding.file is None


REGULAR = {
    "padding": behind_start(b"\xff\xff\xff"),
    "a short Adobe segment": behind_start(segment(0xEE, b"Adobe\0\x64")),
    "YCCK said of three channels": behind_start(segment(0xEE, b"Adobe\0\x64\0\0\0\0\2")),
}


@pytest.mark.parametrize("name", REGULAR)
def test_what_libjpeg_reads_without_a_warning_is_as_any(name: str) -> None:
    found = read_bytes(REGULAR[name], "a.jpg")
    assert np.abs(found.pixels.astype(int) - by_libjpeg(REGULAR[name])).max() <= 1
    assert found.notes == ()


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_missing_end_mark_is_said(mode: str) -> None:
    content = saved(SMALL.convert(mode), "JPEG", quality=90)
    whole, found = read_bytes(content, "a.jpg"), read_bytes(content[:-2], "a.jpg")
    np.testing.assert_array_equal(found.pixels, whole.pixels)
    assert "end-missing" in found.notes
    assert found.coding.file is None
    assert whole.notes == ()
    assert whole.coding.file == content


@pytest.mark.parametrize("lost", [3, 40, 400])
def test_a_missing_part_of_the_pixels_is_refused(lost: int) -> None:
    with pytest.raises(ImageUnreadable) as caught:
        read_bytes(JPEG[: -2 - lost], "a.jpg")
    assert caught.value.reason == "damaged"


@pytest.mark.parametrize(
    ("marker", "detail"), [(0xC3, "jpeg-lossless"), (0xC5, "jpeg-hierarchical")]
)
def test_other_codings_are_named(marker: int, detail: str) -> None:
    content = bytearray(JPEG)
    content[JPEG.index(b"\xff\xc0") + 1] = marker
    with pytest.raises(ImageUnreadable) as caught:
        read_bytes(bytes(content), "a.jpg")
    assert (caught.value.reason, caught.value.detail) == ("kind", detail)


def test_12_bits_are_named() -> None:
    content = bytearray(JPEG)
    content[JPEG.index(b"\xff\xc0") + 4] = 12
    with pytest.raises(ImageUnreadable) as caught:
        read_bytes(bytes(content), "a.jpg")
    assert (caught.value.reason, caught.value.detail) == ("kind", "jpeg-bits 12")


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", zlib.crc32(kind + body))


@pytest.mark.parametrize(
    "chunk",
    [(b"iCCP", b"name\0\7unknown"), (b"pHYs", b"\0"), (b"zTXt", b"key\0\0no"), (b"acTL", b"")],
)
def test_a_broken_chunk_beside_the_pixels_is_left_out(chunk: tuple[bytes, bytes]) -> None:
    plain = saved(SMALL, "PNG")
    at = 8 + 25
    found = read_bytes(plain[:at] + png_chunk(*chunk) + plain[at:], "a.png")
    np.testing.assert_array_equal(found.pixels, np.asarray(SMALL))
    assert found.notes == ("parts-broken",)


PNG_MODES = ("RGB", "RGBA", "L", "P", "I;16")


def png_of(mode: str) -> bytes:
    return saved(SMALL.convert("L" if mode == "I;16" else mode).convert(mode), "PNG")


@pytest.mark.parametrize("mode", PNG_MODES)
@pytest.mark.parametrize("left", [0, 1, 7, 11])
def test_a_png_that_stops_in_or_before_its_end_chunk_opens_and_says_so(
    mode: str, left: int
) -> None:
    content = png_of(mode)
    whole, found = (
        read_bytes(content, "a.png"),
        read_bytes(content[: len(content) - 12 + left], "a"),
    )
    np.testing.assert_array_equal(found.pixels, whole.pixels)
    assert (found.alpha is None) is (whole.alpha is None)
    assert found.notes == (*whole.notes, "end-missing")
    assert "end-missing" not in whole.notes


def in_chunks(content: bytes, count: int) -> list[bytes]:
    """The parts of a PNG, its pixels in so many chunks."""
    start = content.index(b"IDAT") - 4
    length = int.from_bytes(content[start : start + 4], "big")
    packed = content[start + 8 : start + 8 + length]
    step = -(-length // count)
    pieces = [packed[at : at + step] for at in range(0, length, step)]
    return [content[:start], *(png_chunk(b"IDAT", piece) for piece in pieces)]


@pytest.mark.parametrize("mode", PNG_MODES)
def test_a_png_that_has_lost_pixels_with_its_end_is_refused(mode: str) -> None:
    parts = in_chunks(png_of(mode), 5)
    whole = read_bytes(b"".join(parts), "a.png")
    assert whole.notes[-1] == "end-missing"
    for kept in range(1, len(parts)):
        with pytest.raises(ImageUnreadable) as caught:
            read_bytes(b"".join(parts[:kept]), "a.png")
        assert caught.value.reason == "damaged"


def test_other_bytes_than_those_of_the_end_chunk_are_damage() -> None:
    content = png_of("RGB")
    for rest in (b"IEND", b"\0\0\0\1", b"junkjunkjunk"):
        with pytest.raises(ImageUnreadable):
            read_bytes(content[:-12] + rest, "a.png")


def test_bytes_behind_a_webp() -> None:
    content = saved(SMALL, "WEBP", lossless=True)
    found = read_bytes(content + b"some bytes after the end", "a.webp")
    np.testing.assert_array_equal(found.pixels, np.asarray(SMALL))
    assert "irregular" in found.notes
    with pytest.raises(ImageUnreadable):
        read_bytes(content[:-200], "a.webp")


def test_a_bmp_with_reserved_bytes() -> None:
    content = bytearray(saved(SMALL, "BMP"))
    content[6:10] = b"\1\2\3\4"
    np.testing.assert_array_equal(read_bytes(bytes(content), "a.bmp").pixels, np.asarray(SMALL))


def mpo() -> bytes:
    content = io.BytesIO()
    SMALL.save(content, "MPO", save_all=True, append_images=[SMALL.rotate(180)])
    return content.getvalue()


XMP = b"http://ns.adobe.com/xap/1.0/\0<x %s/>"
MORE: dict[str, tuple[Callable[[], bytes], str]] = {
    "stereo": (mpo, "more-pictures"),
    "gain map by XMP": (
        lambda: behind_start(
            segment(0xE1, XMP % b"xmlns:a='http://ns.adobe.com/hdr-gain-map/1.0/'")
        ),
        "gain-map",
    ),
    "gain map by ISO": (
        lambda: behind_start(segment(0xE2, b"urn:iso:std:iso:ts:21496:-1\0" + bytes(4))),
        "gain-map",
    ),
    "video by XMP": (
        lambda: behind_start(segment(0xE1, XMP % b'GCamera:MotionPhoto="1"')),
        "motion-video",
    ),
    "video behind the picture": (
        lambda: JPEG + b"\0\0\0\x18ftypmp42" + bytes(40),
        "motion-video",
    ),
}


@pytest.mark.parametrize("name", MORE)
def test_what_a_jpeg_holds_beside_its_picture_is_said(name: str) -> None:
    make, note = MORE[name]
    assert read_bytes(make(), "a.jpg").notes == (note,)


def test_a_jpeg_whose_exif_names_a_directory_that_is_nowhere() -> None:
    """A pointer with a count of nothing: cameras and old editors write it."""
    table = struct.pack("<HHHIIHHII", 2, 0x112, 3, 1, 1, 0x8825, 4, 0, 0) + bytes(4)
    block = b"Exif\0\0II*\0\x08\0\0\0" + table
    found = read_bytes(behind_start(segment(0xE1, block)), "a.jpg")
    np.testing.assert_array_equal(found.pixels, by_libjpeg(JPEG))
