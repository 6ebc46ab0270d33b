"""Every format, depth and mode comes in as it lies in the file."""

import io
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from engine.errors import ImageTooLarge, ImageUnreadable
from engine.image_io.encoding import png_writer
from engine.image_io.headers import exif
from engine.image_io.limits import Limits
from engine.image_io.reader import read, read_bytes
from tests.support import pictures
from tests.support.pictures import saved

LOSSLESS_8 = [
    ("PNG", "L"),
    ("PNG", "LA"),
    ("PNG", "RGB"),
    ("PNG", "RGBA"),
    ("TIFF", "L"),
    ("TIFF", "LA"),
    ("TIFF", "RGB"),
    ("TIFF", "RGBA"),
    ("BMP", "L"),
    ("BMP", "RGB"),
]


@pytest.mark.parametrize(("form", "mode"), LOSSLESS_8)
def test_lossless_8_bit(form: str, mode: str) -> None:
    shape = (13, 19) if mode == "L" else (13, 19, len(mode))
    pixels = np.random.default_rng(1).integers(0, 256, shape).astype(np.uint8)
    found = read_bytes(saved(Image.fromarray(pixels, mode), form), "a")
    assert found.format == form.lower()
    assert found.depth == 8
    assert found.is_gray == mode.startswith("L")
    colours = pixels if mode in ("L", "RGB") else pixels[..., :-1].squeeze()
    np.testing.assert_array_equal(found.pixels, colours)
    if mode.endswith("A"):
        np.testing.assert_array_equal(found.alpha, pixels[..., -1])
    else:
        assert found.alpha is None


def test_arrays_are_read_only() -> None:
    found = read_bytes(saved(Image.new("RGBA", (3, 4)), "PNG"), "a")
    assert not found.pixels.flags.writeable
    assert found.alpha is not None
    assert not found.alpha.flags.writeable


@pytest.mark.parametrize("bits", [1, 4])
def test_png_of_few_bits(bits: int) -> None:
    image = Image.fromarray((np.arange(48).reshape(6, 8) % 2 * 255).astype(np.uint8))
    small = image.convert("1") if bits == 1 else image.quantize(8)
    found = read_bytes(saved(small, "PNG"), "a")
    flat = found.pixels if found.is_gray else found.pixels[..., 0]
    np.testing.assert_array_equal(flat, np.asarray(image))
    assert ("palette-converted" in found.notes) == (bits == 4)


def test_palette_with_transparency() -> None:
    image = Image.fromarray(np.arange(16, dtype=np.uint8).reshape(4, 4), "P")
    image.putpalette([value for index in range(16) for value in (index, 9, 255 - index)])
    for form in ("PNG", "GIF"):
        found = read_bytes(saved(image, form, transparency=5), "a")
        assert found.notes == ("palette-converted",)
        assert found.pixels[0, 3].tolist() == [3, 9, 252]
        assert found.alpha is not None
        assert found.alpha.ravel().tolist() == [0 if index == 5 else 255 for index in range(16)]


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "AVIF"])
def test_lossy_formats_are_close(form: str) -> None:
    pixels = pictures.smooth(64, 96)
    found = read_bytes(saved(Image.fromarray(pixels), form, quality=95), "a")
    assert found.pixels.shape == pixels.shape
    assert np.abs(found.pixels.astype(int) - pixels).mean() < 3


def test_gray_jpeg_stays_gray() -> None:
    gray = pictures.smooth(40, 30)[..., 0]
    found = read_bytes(saved(Image.fromarray(gray), "JPEG", quality=95), "a")
    assert found.is_gray
    assert np.abs(found.pixels.astype(int) - gray).max() < 12


def test_jpeg_is_what_the_reference_decoder_gives() -> None:
    content = saved(Image.fromarray(pictures.smooth(120, 90)), "JPEG", progressive=True)
    reference = np.asarray(Image.open(io.BytesIO(content)))
    assert np.abs(read_bytes(content, "a").pixels.astype(int) - reference).max() <= 2


@pytest.mark.parametrize("form", ["WEBP", "AVIF"])
def test_alpha_of_lossy_formats(form: str) -> None:
    image = Image.fromarray(pictures.smooth(32, 32)).convert("RGBA")
    image.putalpha(Image.linear_gradient("L").resize((32, 32)))
    found = read_bytes(saved(image, form, quality=95), "a")
    assert found.alpha is not None
    assert np.abs(found.alpha.astype(int) - np.asarray(image)[..., 3]).max() < 16


def test_multi_picture_jpeg_gives_its_first() -> None:
    first, second = Image.fromarray(pictures.smooth(30, 40)), Image.new("RGB", (40, 30), "red")
    found = read_bytes(saved(first, "MPO", save_all=True, append_images=[second]), "a")
    assert found.format == "jpeg"
    assert np.abs(found.pixels.astype(int) - np.asarray(first)).mean() < 4


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG", "TIFF"])
def test_first_frame_is_taken_and_said(form: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("#f00000", "#00f000")]
    content = saved(frames[0], form, save_all=True, append_images=frames[1:])
    found = read_bytes(content, "a")
    assert "first-frame" in found.notes
    assert np.abs(found.pixels.astype(int) - [240, 0, 0]).max() < 20


@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
def test_cmyk_is_converted_and_said(form: str) -> None:
    image = Image.new("CMYK", (16, 16), (255, 0, 0, 0))
    found = read_bytes(saved(image, form), "a")
    assert found.notes == ("cmyk-converted", "cmyk-no-profile")
    assert found.pixels.shape == (16, 16, 3)
    assert np.abs(found.pixels[8, 8].astype(int) - [0, 255, 255]).max() < 6
    assert found.icc is None


@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
def test_cmyk_goes_through_its_profile(form: str) -> None:
    image = Image.new("CMYK", (16, 16), (128, 0, 0, 0))
    found = read_bytes(saved(image, form, icc_profile=pictures.cmyk_profile()), "a")
    assert found.notes == ("cmyk-converted",)
    assert found.icc is None
    # half of the light is sRGB 188; plain arithmetic would say 127
    assert np.abs(found.pixels[8, 8].astype(int) - [188, 255, 255]).max() < 4


def test_heic_of_more_than_8_bits() -> None:
    heif = pytest.importorskip("pillow_heif")
    content = io.BytesIO()
    pixels = pictures.smooth(64, 48).astype(np.uint16) * 257
    heif.from_bytes("RGB;16", (48, 64), pixels.tobytes()).save(content, quality=95)
    found = read_bytes(content.getvalue(), "a.heic")
    assert found.depth == 16
    assert np.abs(found.pixels.astype(int) - pixels).mean() < 4 * 257


@pytest.mark.parametrize("turn", [3, 6])
def test_heic_is_turned_once(turn: int) -> None:
    heif = pytest.importorskip("pillow_heif")
    image = Image.fromarray(pictures.smooth(64, 48))
    block, content = b"Exif\0\0" + pictures.exif_block(turn), io.BytesIO()
    plain = heif.from_bytes("RGB", image.size, image.tobytes())
    plain.save(content, quality=95, exif=block)  # as a box of the container, beside the EXIF
    found = read_bytes(content.getvalue(), "a.heic")
    image.getexif()[0x0112] = turn
    expected = np.asarray(ImageOps.exif_transpose(image))
    assert found.pixels.shape == expected.shape
    assert np.abs(found.pixels.astype(int) - expected).mean() < 4
    assert exif.orientation(found.metadata.exif) == 1


def test_heic(monkeypatch: pytest.MonkeyPatch) -> None:
    heif = pytest.importorskip("pillow_heif")
    out = io.BytesIO()
    pixels = pictures.smooth(64, 48)
    heif.from_pillow(Image.fromarray(pixels)).save(out, quality=95)
    found = read_bytes(out.getvalue(), "a.heic")
    assert found.format == "heic"
    assert np.abs(found.pixels.astype(int) - pixels).mean() < 4
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(ImageUnreadable) as caught:
        read_bytes(out.getvalue(), "a.heic")
    assert caught.value.reason == "needs-formats"


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_orientation_is_applied_once(form: str, turn: int) -> None:
    image = Image.fromarray(pictures.smooth(40, 64))
    tag = Image.Exif()
    tag[0x0112] = turn
    content = saved(image, form, exif=tag, **({"quality": 95} if form in ("JPEG", "WEBP") else {}))
    found = read_bytes(content, "a")
    image.getexif()[0x0112] = turn
    expected = np.asarray(ImageOps.exif_transpose(image))
    assert found.pixels.shape == expected.shape
    assert np.abs(found.pixels.astype(int) - expected).mean() < 4
    assert exif.orientation(found.metadata.exif) == 1


@pytest.mark.parametrize("order", ["<", ">"])
def test_metadata_comes_along(order: str) -> None:
    block = pictures.exif_block(3, order=order)
    content = saved(
        Image.new("RGB", (8, 8)),
        "JPEG",
        exif=b"Exif\0\0" + block,
        xmp=pictures.XMP,
        dpi=(300, 300),
        icc_profile=pictures.rgb_profile(*pictures.ADOBE_RGB),
    )
    found = read_bytes(content, "a")
    assert found.metadata.exif == exif.upright(block)
    assert found.metadata.xmp == pictures.XMP.replace(b'ion="6"', b'ion="1"')
    assert found.metadata.dpi == (300, 300)
    assert found.icc == pictures.rgb_profile(*pictures.ADOBE_RGB)
    assert found.notes == ()


def test_tiff_tells_what_its_first_directory_knows() -> None:
    fields = ImageFileDirectory_v2()
    fields[271], fields[315] = "Camera", "Анна"
    content = saved(Image.new("RGB", (8, 8)), "TIFF", tiffinfo=fields, dpi=(300.0, 300.0))
    found = read_bytes(content, "a")
    told = Image.Exif()
    told.load(found.metadata.exif)
    assert told[271] == "Camera"
    assert 256 not in told
    assert found.metadata.dpi == (300, 300)


@pytest.mark.parametrize("icc", [b"x" * 200, pictures.gray_profile(2.2)])
def test_profile_that_cannot_be_used_is_left_out_and_said(icc: bytes) -> None:
    found = read_bytes(saved(Image.new("RGB", (8, 8)), "PNG", icc_profile=icc), "a")
    assert found.icc is None
    assert found.notes == ("profile-broken",)


def test_profile_of_one_way_is_applied_and_said() -> None:
    full = pictures.table_profile()
    one_way = full.replace(b"B2A0", b"zzzz")
    pixels = pictures.noise(6, 6)
    found = read_bytes(saved(Image.fromarray(pixels), "PNG", icc_profile=one_way), "a")
    assert found.notes == ("profile-one-way",)
    assert found.icc is None
    assert np.abs(found.pixels.astype(int) - pixels).max() > 5


def test_profile_of_one_way_takes_16_bits_and_alpha_to_8() -> None:
    one_way = pictures.table_profile().replace(b"B2A0", b"zzzz")
    pixels = np.random.default_rng(1).integers(0, 65_536, (6, 9, 4)).astype(np.uint16)
    content = png_writer.encode_png(pixels, chunks=[png_writer.profile_chunk(one_way)])
    found = read_bytes(content, "a")
    assert found.notes == ("profile-one-way", "depth-reduced:16:8")
    assert found.pixels.dtype == np.uint8
    assert found.alpha is not None
    np.testing.assert_array_equal(found.alpha, np.rint(pixels[..., 3] / 257))


def test_cut_off_files_are_damaged() -> None:
    image = Image.fromarray(pictures.noise(90, 70))
    for form in ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "AVIF"):
        content = saved(image, form)
        with pytest.raises(ImageUnreadable) as caught:
            read_bytes(content[: len(content) * 2 // 3], "a")
        assert caught.value.reason == "damaged", form


def test_changed_png_data_is_damaged() -> None:
    content = bytearray(saved(Image.fromarray(pictures.noise(90, 70)), "PNG"))
    content[len(content) // 2] ^= 1
    with pytest.raises(ImageUnreadable):
        read_bytes(bytes(content), "a")


def test_missing_file_is_no_crash(tmp_path: Path) -> None:
    with pytest.raises(ImageUnreadable) as caught:
        read(tmp_path / "none.png")
    assert caught.value.reason == "access"


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "AVIF"])
@pytest.mark.parametrize("what", ["side", "pixels", "file"])
def test_limits(form: str, what: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xyz"
    path.write_bytes(saved(Image.new("RGB", (40, 30)), form))
    limit = {"side": 39, "pixels": 1_199, "file": 40}[what]
    with pytest.raises(ImageTooLarge) as caught:
        read(path, Limits(**{what: limit}))
    assert (caught.value.what, caught.value.limit, caught.value.path) == (what, limit, path)
