"""Colours that a file names without a profile are honoured, or said."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageCms

from engine.colour import convert, named
from engine.colour.icc import shape
from engine.errors import ImageUnreadable
from engine.image_io.export_options import ExportOptions
from engine.image_io.reader import read_bytes
from engine.image_io.writer import encode
from tests.engine.image_io.test_irregular_files import behind_start, png_chunk, segment
from tests.support import pictures
from tests.support.pictures import saved

PIXELS = pictures.noise(12, 16)
PNG = saved(Image.fromarray(PIXELS), "PNG")
P3_CHRM = struct.pack(">8I", 31_270, 32_900, 68_000, 32_000, 26_500, 69_000, 15_000, 6_000)
SRGB_CHRM = struct.pack(">8I", 31_270, 32_900, 64_000, 33_000, 30_000, 60_000, 15_000, 6_000)


def png(*chunks: tuple[bytes, bytes], content: bytes = PNG) -> bytes:
    return content[:33] + b"".join(png_chunk(*each) for each in chunks) + content[33:]


def gamma(value: int) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", value)


@pytest.mark.parametrize(
    ("primaries", "colorants"),
    [(named.ADOBE, pictures.ADOBE_RGB), (named.SRGB, pictures.SRGB)],
)
def test_colorants_are_the_published_ones(
    primaries: named.Primaries, colorants: tuple[tuple[tuple[float, ...], ...], float]
) -> None:
    found = shape(named.profile(primaries, (2.2,), gray=False))
    assert found is not None
    np.testing.assert_allclose(found.to_xyz, colorants[0], atol=6e-4)


def test_profiles_open_in_littlecms() -> None:
    for gray, mode in ((False, "RGB"), (True, "L")):
        icc = named.profile(named.ADOBE, named.SRGB_CURVE, gray=gray)
        assert convert.usable(icc, gray=gray)
        opened = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        srgb = ImageCms.createProfile("sRGB")
        ImageCms.buildTransform(opened, srgb, mode, "RGB")


@pytest.mark.parametrize(
    "content",
    [
        PNG,
        png(gamma(45_455)),
        png(gamma(45_455), (b"cHRM", SRGB_CHRM)),
        png((b"cICP", bytes((1, 13, 0, 1)))),
        png((b"sRGB", b"\0"), gamma(100_000)),
        png(gamma(0)),
        png(gamma(4_000_000_000)),
    ],
)
def test_srgb_in_any_words_needs_no_profile(content: bytes) -> None:
    found = read_bytes(content, "a.png")
    assert found.icc is None
    assert found.notes == ()


@pytest.mark.parametrize(
    "chunks",
    [
        [(b"cICP", bytes((12, 13, 0, 1)))],
        [(b"cICP", bytes((9, 1, 0, 1)))],
        [gamma(45_455), (b"cHRM", P3_CHRM)],
        [gamma(100_000)],
    ],
)
def test_other_colours_get_a_profile_that_the_export_embeds(
    chunks: list[tuple[bytes, bytes]],
) -> None:
    found = read_bytes(png(*chunks), "a.png")
    np.testing.assert_array_equal(found.pixels, PIXELS)
    assert found.icc is not None
    assert found.notes == ("colours-named",)
    again = read_bytes(encode(found, ExportOptions(format="png")), "b.png")
    assert again.icc == found.icc


def test_linear_light_is_shown_as_other_programs_show_it() -> None:
    half = saved(Image.new("RGB", (4, 4), (120, 120, 120)), "PNG")
    view = convert.view_of(read_bytes(png(gamma(100_000), content=half), "a.png"))
    assert abs(int(view[0, 0, 0]) - 182) <= 1
    gray = saved(Image.new("L", (4, 4), 120), "PNG")
    found = read_bytes(png(gamma(100_000), content=gray), "a.png")
    assert found.is_gray
    assert abs(int(convert.view_of(found)[0, 0, 0]) - 182) <= 1


@pytest.mark.parametrize(
    ("transfer", "note"), [(16, "colours-pq"), (18, "colours-hlg"), (11, "colours-unknown")]
)
def test_what_cannot_be_honoured_is_said(transfer: int, note: str) -> None:
    found = read_bytes(png((b"cICP", bytes((9, transfer, 0, 1)))), "a.png")
    assert found.icc is None
    assert found.notes == (note,)


def test_impossible_primaries_are_said() -> None:
    found = read_bytes(png(gamma(50_000), (b"cHRM", struct.pack(">8I", *[30_000] * 8))), "a.png")
    assert found.notes == ("colours-unknown",)


def camera(space: int, index: bytes = b"R03\0") -> bytes:
    interop = struct.pack("<HHHI4sI", 1, 1, 2, 4, index, 0)
    inner = struct.pack("<HHHIIHHIII", 2, 0xA001, 3, 1, space, 0xA005, 4, 1, 56, 0)
    first = struct.pack("<HHHIII", 1, 0x8769, 4, 1, 26, 0)
    return (b"II*\0\x08\0\0\0" + first + inner).ljust(56, b"\0") + interop


@pytest.mark.parametrize(
    ("space", "index", "adobe"),
    [
        (0xFFFF, b"R03\0", True),
        (2, b"R98\0", True),
        (1, b"R98\0", False),
        (0xFFFF, b"R98\0", False),
    ],
)
def test_adobe_rgb_of_cameras(space: int, index: bytes, adobe: bool) -> None:
    content = behind_start(segment(0xE1, b"Exif\0\0" + camera(space, index)))
    found = read_bytes(content, "a.jpg")
    assert (found.icc is not None) == adobe
    assert ("colours-named" in found.notes) == adobe
    assert found.coding.file == content


def avif(primaries: int, transfer: int) -> bytes:
    content = saved(Image.fromarray(PIXELS), "AVIF", quality=100, subsampling="4:4:4")
    at = content.index(b"colrnclx") + 8
    return content[:at] + struct.pack(">HH", primaries, transfer) + content[at + 4 :]


@pytest.mark.parametrize(
    ("points", "note"),
    [((1, 13), None), ((12, 13), "colours-named"), ((9, 16), "colours-pq"), ((2, 2), None)],
)
def test_code_points_of_avif(points: tuple[int, int], note: str | None) -> None:
    found = read_bytes(avif(*points), "a.avif")
    assert found.notes == ((note,) if note else ())
    assert (found.icc is not None) == (note == "colours-named")


def test_a_sequence_of_avif_is_said() -> None:
    content = io.BytesIO()
    frame = Image.fromarray(PIXELS)
    frame.save(content, "AVIF", save_all=True, append_images=[frame.rotate(180)])
    assert "first-frame" in read_bytes(content.getvalue(), "a.avif").notes


@pytest.mark.parametrize("gray", [False, True])
def test_white_of_a_deep_heic_is_white(gray: bool) -> None:
    heif = pytest.importorskip("pillow_heif")
    mode, shape_ = ("L;16", (64, 64)) if gray else ("RGB;16", (64, 64, 3))
    white = np.full(shape_, 65_535, np.uint16)
    content = io.BytesIO()
    heif.from_bytes(mode, (64, 64), white.tobytes()).save(content, quality=-1)
    found = read_bytes(content.getvalue(), "a.heic")
    assert found.pixels.max() == found.pixels.min() == 65_535


def test_two_pictures_of_a_heic_are_said() -> None:
    heif = pytest.importorskip("pillow_heif")
    file = heif.from_pillow(Image.fromarray(PIXELS))
    file.add_from_pillow(Image.fromarray(255 - PIXELS))
    content = io.BytesIO()
    file.save(content, quality=90)
    assert "more-pictures" in read_bytes(content.getvalue(), "a.heic").notes


def test_whole_files_of_forms_that_are_not_read_are_named() -> None:
    """A whole AVIF whose description makes no sense to the library is not called damaged."""
    content = struct.pack(">I4s4sI4s", 20, b"ftyp", b"avif", 0, b"mif1") + box(b"meta", bytes(20))
    for cut, reason in ((0, "kind"), (3, "damaged")):
        with pytest.raises(ImageUnreadable) as caught:
            read_bytes(content[: len(content) - cut], "a.avif")
        assert caught.value.reason == reason


def test_a_heif_of_another_coding_is_named() -> None:
    pytest.importorskip("pillow_heif")
    content = avif(1, 13).replace(b"ftypavif", b"ftypmif1", 1)
    brands = content[:32].replace(b"avif", b"mif2")
    with pytest.raises(ImageUnreadable) as caught:
        read_bytes(brands + content[32:], "a.heif")
    assert (caught.value.reason, caught.value.detail) == ("kind", "heif-codec")


def box(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I4s", 8 + len(body), kind) + body
