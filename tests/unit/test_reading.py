"""Every format, depth and mode comes in as it lies in the file."""

import io
import struct
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms, ImageOps
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from engine import encoding_png, exif
from engine.errors import ImageTooLarge, ImageUnreadable
from engine.first_view import first_view
from engine.geometry import Size
from engine.limits import Limits
from engine.probing import probe
from engine.reading import read, read_bytes
from tests import pictures


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def tiff(pixels: np.ndarray, **options: object) -> bytes:
    out = io.BytesIO()
    tifffile.imwrite(out, pixels, **options)
    return out.getvalue()


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


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_png_16_bit(channels: int) -> None:
    pixels = np.random.default_rng(2).integers(0, 65_536, (9, 14, channels)).astype(np.uint16)
    found = read_bytes(encoding_png.encoded(pixels, [], lambda _: None), "a.png")
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
    found = read_bytes(encoding_png.encoded(channels, [(b"tRNS", value)], lambda _: None), "a")
    np.testing.assert_array_equal(found.pixels, pixels)
    assert found.alpha is not None
    assert found.alpha[2, 3] == 0
    assert (found.alpha == 65_535).sum() == 29


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


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((4, 4, 3), np.float32),
        np.zeros((4, 4), np.float32),
        np.zeros((4, 4), np.int32),
        np.zeros((4, 4), np.int16),
    ],
)
def test_exotic_pixels_are_refused_in_words(pixels: np.ndarray) -> None:
    with pytest.raises(ImageUnreadable) as caught:
        read_bytes(tiff(pixels, photometric="rgb" if pixels.ndim == 3 else "minisblack"), "a.tif")
    assert caught.value.reason == "mode"
    assert caught.value.path == Path("a.tif")


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
def test_orientation_is_applied_once(form: str, turn: int, tmp_path: Path) -> None:
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
    path = tmp_path / "a"
    path.write_bytes(content)
    assert probe(path).size == found.size


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
    found = read_bytes(encoding_png.encoded(pixels, [chunk], lambda _: None), "a")
    np.testing.assert_array_equal(found.pixels, np.rot90(pixels, -1)[..., :3])
    np.testing.assert_array_equal(found.alpha, np.rot90(pixels, -1)[..., 3])


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
    assert found.metadata.xmp == pictures.XMP
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
    content = encoding_png.encoded(pixels, [encoding_png.profile_chunk(one_way)], lambda _: None)
    found = read_bytes(content, "a")
    assert found.notes == ("profile-one-way", "depth-reduced")
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
    if what != "file":
        with pytest.raises(ImageTooLarge):
            probe(path, Limits(**{what: limit}))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "AVIF"])
def test_probe_agrees_with_reading(form: str, tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(saved(Image.new("RGB", (40, 30)), form))
    head = probe(path)
    assert (head.format, head.size, head.depth) == (form.lower(), Size(40, 30), 8)
    assert not head.has_alpha
    assert not head.has_profile


# --- first view


def test_first_view_is_small_and_right(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    tag = Image.Exif()
    tag[0x0112] = 6
    Image.fromarray(pictures.smooth(480, 800)).save(path, quality=95, exif=tag)
    found = first_view(path)
    assert found is not None
    assert (found.size, found.embedded) == (Size(480, 800), False)
    assert found.image.shape == (100, 60, 3)
    whole = cv2.resize(read(path).pixels, (60, 100), interpolation=cv2.INTER_AREA)
    assert np.abs(found.image.astype(int) - whole).mean() < 4


def test_first_view_takes_the_preview_inside(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    small = saved(Image.new("RGB", (160, 96), "#204060"), "JPEG")
    block = b"Exif\0\0" + pictures.exif_block(1, thumbnail=small)
    Image.fromarray(pictures.smooth(480, 800)).save(path, exif=block)
    found = first_view(path)
    assert found is not None
    assert found.embedded
    assert np.abs(found.image[50, 80].astype(int) - [0x20, 0x40, 0x60]).max() < 6


def test_first_view_takes_the_largest_of_several_pictures(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    whole, small = Image.fromarray(pictures.smooth(480, 800)), Image.new("RGB", (400, 240), "red")
    content = bytearray(saved(whole, "MPO", save_all=True, append_images=[small]))
    at = content.find(struct.pack("<HHI", 0xB002, 7, 32))
    table = content.find(b"MPF\0") + 4 + struct.unpack_from("<I", content, at + 8)[0]
    struct.pack_into("<I", content, table + 16, 0x010002)  # a preview, not another view
    path.write_bytes(content)
    found = first_view(path)
    assert found is not None
    assert found.embedded
    assert found.image.shape == (240, 400, 3)


def test_first_view_distrusts_a_preview_of_another_shape(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    small = saved(Image.new("RGB", (160, 120), "black"), "JPEG")
    block = b"Exif\0\0" + pictures.exif_block(1, thumbnail=small)
    Image.fromarray(pictures.smooth(480, 800)).save(path, exif=block)
    found = first_view(path, max_side=50)
    assert found is not None
    assert not found.embedded
    assert max(found.image.shape) == 50


def test_first_view_shows_colours_through_the_profile(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    icc = pictures.rgb_profile(*pictures.ADOBE_RGB)
    Image.new("RGB", (80, 80), (200, 100, 50)).save(path, icc_profile=icc, quality=98)
    found = first_view(path)
    assert found is not None
    source = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    expected = ImageCms.profileToProfile(
        Image.open(path), source, ImageCms.createProfile("sRGB"), outputMode="RGB"
    )
    assert expected is not None
    assert np.abs(found.image[5, 5].astype(int) - np.asarray(expected)[40, 40]).max() <= 3


def test_first_view_of_other_formats_is_none(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.new("RGB", (8, 8)).save(path, "PNG")
    assert first_view(path) is None
