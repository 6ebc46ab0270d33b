"""Kinds of TIFF: every one is read with the right pixels, or refused by its name."""

import io
import zlib
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from engine.errors import ImageUnreadable
from engine.image_io.reader import read_bytes
from engine.picture import Picture
from tests.support import pictures
from tests.support.tiff_files import tiff_of

RGB16 = (pictures.noise(24, 17).astype(np.uint16) * 257) ^ 5
GRAY16 = RGB16[..., 0]
RGB8 = pictures.noise(24, 17)


def tiff(pixels: np.ndarray, **options: Any) -> bytes:
    content = io.BytesIO()
    options.setdefault("photometric", "rgb" if pixels.ndim == 3 else "minisblack")
    tifffile.imwrite(content, pixels, **options)
    return content.getvalue()


def opened(content: bytes) -> Picture:
    return read_bytes(content, "a.tif")


def refused(content: bytes) -> tuple[str, str]:
    with pytest.raises(ImageUnreadable) as caught:
        opened(content)
    return caught.value.reason, caught.value.detail


@pytest.mark.parametrize(
    "pixels", [RGB8, RGB16, GRAY16, RGB8[..., 0]], ids=["8", "16", "g16", "g8"]
)
@pytest.mark.parametrize("order", ["<", ">"])
def test_bigtiff(pixels: np.ndarray, order: str) -> None:
    found = opened(tiff(pixels, bigtiff=True, byteorder=order, resolution=(300, 300)))
    np.testing.assert_array_equal(found.pixels, pixels)
    assert found.metadata.dpi == (300, 300)
    assert found.notes == ()


@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("tile", [None, (16, 16)])
@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("pixels", [RGB8, RGB16], ids=["8", "16"])
def test_planes_and_tiles(
    pixels: np.ndarray, planar: str, tile: Any, compression: str | None
) -> None:
    for big in (False, True):
        laid = np.moveaxis(pixels, 2, 0) if planar == "separate" else pixels
        content = tiff(laid, planarconfig=planar, tile=tile, compression=compression, bigtiff=big)
        np.testing.assert_array_equal(opened(content).pixels, pixels)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_floats_are_scaled_to_16_bits(dtype: type, compression: str | None) -> None:
    shares = (RGB8 / 255).astype(dtype)
    for order in "<>":
        found = opened(tiff(shares, compression=compression, byteorder=order))
        expected = np.rint(shares.astype(np.float64) * 65_535)
        np.testing.assert_array_equal(found.pixels, expected)
    depth = np.dtype(dtype).itemsize * 8
    assert found.notes == ((f"depth-reduced:{depth}:16",) if depth > 16 else ())


def test_floats_packed_by_libtiff() -> None:
    shares = (RGB8[..., 0] / 255).astype(np.float32)
    content = io.BytesIO()
    Image.fromarray(shares).save(content, "TIFF", compression="tiff_lzw")
    np.testing.assert_array_equal(
        opened(content.getvalue()).pixels, np.rint(shares.astype(np.float64) * 65_535)
    )


def test_floats_beyond_white_are_clipped_and_said() -> None:
    shares = np.full((10, 10), 0.5, np.float32)
    shares[0, :3] = 1.5, -0.5, np.nan
    found = opened(tiff(shares))
    assert found.pixels[0, :4].tolist() == [65_535, 0, 0, 32_768]
    assert "values-clipped" in found.notes


def test_numbers_that_are_no_shares_of_white_are_refused() -> None:
    assert refused(tiff(np.full((4, 4), 200.0, np.float32))) == ("kind", "tiff-range")


def test_the_predictor_of_floats() -> None:
    """Adobe TIFF Technical Note 3: bytes of a row by their weight, then differences."""
    shares = (RGB8 / 255).astype(np.float32)
    rows = []
    for row in shares.reshape(shares.shape[0], -1):
        weighed = row.astype(">f4").view(np.uint8).reshape(-1, 4).T.reshape(-1, 3)
        rows.append(np.diff(weighed, axis=0, prepend=np.zeros((1, 3), np.uint8)).tobytes())
    height, width = shares.shape[:2]
    fields = {256: width, 257: height, 258: (32, 32, 32), 259: 8, 262: 2, 277: 3, 278: height}
    fields |= {317: 3, 339: (3, 3, 3)}
    content = tiff_of(fields, [zlib.compress(b"".join(rows))])
    expected = np.rint(shares.astype(np.float64) * 65_535)
    np.testing.assert_array_equal(opened(content).pixels, expected)


@pytest.mark.parametrize("bits", [3, 6, 10, 12, 14, 20, 24])
def test_odd_depths_are_scaled(bits: int) -> None:
    top = (1 << bits) - 1
    values = np.linspace(0, top, 13 * 7).astype(np.uint32).reshape(7, 13)
    rows = []
    for row in values:
        word = int(
            "".join(f"{value:0{bits}b}" for value in row).ljust(-(-13 * bits // 8) * 8, "0"), 2
        )
        rows.append(word.to_bytes(-(-13 * bits // 8), "big"))
    fields = {256: 13, 257: 7, 258: bits, 259: 1, 262: 1, 277: 1, 278: 7}
    found = opened(tiff_of(fields, [b"".join(rows)]))
    white = 255.0 if bits < 8 else 65_535.0
    np.testing.assert_array_equal(found.pixels, np.rint(values * white / top))
    notes = (f"depth-widened:{bits}:8",) if bits < 8 else ()
    assert found.notes == ((f"depth-reduced:{bits}:16",) if bits > 16 else notes)


def test_32_bits() -> None:
    wide = (GRAY16.astype(np.uint32) << 16) | GRAY16
    found = opened(tiff(wide))
    np.testing.assert_array_equal(found.pixels, GRAY16)
    assert found.notes == ("depth-reduced:32:16",)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_cmyk_at_both_depths(dtype: type) -> None:
    inks = np.random.default_rng(3).integers(0, 256, (20, 30, 4), np.uint8)
    values = inks if dtype == np.uint8 else inks.astype(np.uint16) * 257
    found = opened(tiff(values, photometric="separated"))
    expected = np.asarray(Image.fromarray(inks, "CMYK").convert("RGB"))
    np.testing.assert_array_equal(found.pixels, expected)
    assert {"cmyk-converted", "cmyk-no-profile"} <= set(found.notes)
    assert ("depth-reduced:16:8" in found.notes) == (dtype == np.uint16)


@pytest.mark.parametrize("bits", [8, 16])
def test_lab(bits: int) -> None:
    """Against LittleCMS, within what its 8 bits allow."""
    lab8 = np.zeros((4, 6, 3), np.uint8)
    lab8[..., 0] = np.linspace(20, 230, 24).reshape(4, 6)
    lab8[..., 1:] = np.arange(48).reshape(4, 6, 2) % 13 - 6
    values = lab8
    if bits == 16:
        values = np.zeros((4, 6, 3), np.uint16)
        values[..., 0] = lab8[..., 0].astype(np.uint16) * 257
        values[..., 1:] = (lab8[..., 1:].view(np.int8).astype(np.int16) * 256).view(np.uint16)
    found = opened(tiff(values, photometric="cielab"))
    to_srgb = ImageCms.buildTransform(
        ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB"
    )
    expected = np.asarray(to_srgb.apply(Image.frombytes("LAB", (6, 4), lab8.tobytes())))
    levels = found.pixels if bits == 8 else found.pixels / 257
    assert np.abs(levels.astype(float) - expected).max() <= 2.5
    assert found.depth == bits
    assert "lab-converted" in found.notes


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("extra", [(0,), (0, 0), (2, 0), (1, 0), (2,)], ids=str)
@pytest.mark.parametrize("gray", [False, True])
def test_extra_channels_mean_the_same_at_both_depths(
    dtype: type, extra: tuple[int, ...], gray: bool
) -> None:
    """A channel that nothing is said of (a saved selection) is no alpha; left out, and said."""
    white = np.iinfo(dtype).max
    pixels = RGB8[..., :1] if gray else RGB8
    pixels = np.where(pixels == 255, white, pixels).astype(dtype)
    sides = np.full((*pixels.shape[:2], len(extra)), white, dtype)
    photometric = "minisblack" if gray else "rgb"
    content = tiff(np.dstack([pixels, sides]), photometric=photometric, extrasamples=extra,
                   planarconfig="contig")  # fmt: skip
    found = opened(content)
    np.testing.assert_array_equal(found.pixels, pixels[..., 0] if gray else pixels)
    assert (found.alpha is not None) == (extra[0] != 0)
    assert ("channels-dropped" in found.notes) == (0 in extra)


@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("gray", [False, True])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_alpha_in_a_plane_of_its_own(
    planar: str, dtype: type, gray: bool, compression: str | None
) -> None:
    """Pillow 13 gives such alpha of gray as 0: findings/pillow_planar_gray_alpha.sh."""
    pixels = RGB8.astype(dtype) if dtype == np.uint8 else RGB16
    pixels = pixels[..., :1] if gray else pixels
    alpha = np.arange(pixels[..., :1].size, dtype=dtype).reshape(*pixels.shape[:2], 1)
    whole = np.dstack([pixels, alpha])
    laid = np.moveaxis(whole, 2, 0) if planar == "separate" else whole
    photometric = "minisblack" if gray else "rgb"
    content = tiff(laid, photometric=photometric, extrasamples=(2,), planarconfig=planar,
                   compression=compression)  # fmt: skip
    found = opened(content)
    np.testing.assert_array_equal(found.pixels, pixels[..., 0] if gray else pixels)
    assert found.alpha is not None
    np.testing.assert_array_equal(found.alpha, alpha[..., 0])
    assert found.notes == ()


@pytest.mark.parametrize("photometric", ["separated", "cielab"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_alpha_of_other_colours_is_kept(photometric: str, dtype: type) -> None:
    colours = 4 if photometric == "separated" else 3
    values = np.full((6, 5, colours + 1), 40, dtype)
    values[..., -1] = np.arange(30, dtype=dtype).reshape(6, 5) * (8 if dtype == np.uint8 else 2056)
    content = tiff(values, photometric=photometric, extrasamples=(2,), planarconfig="contig")
    found = opened(content)
    assert found.alpha is not None
    expected = values[..., -1]
    levels = expected if found.alpha.dtype == dtype else expected // 257
    np.testing.assert_array_equal(found.alpha, levels)
    assert "channels-dropped" not in found.notes


@pytest.mark.parametrize(("channels", "gray"), [(1, True), (3, False)])
def test_colours_that_the_file_does_not_name_are_those_of_its_channels(
    channels: int, gray: bool
) -> None:
    height, width = RGB8.shape[:2]
    fields = {256: width, 257: height, 258: (8,) * channels, 259: 1, 277: channels, 278: height}
    values = np.ascontiguousarray(RGB8[..., :channels])
    content = tiff_of(fields, [values.tobytes()])
    np.testing.assert_array_equal(opened(content).pixels, values[..., 0] if gray else values)


def test_four_channels_without_a_name_are_refused() -> None:
    fields = {256: 4, 257: 4, 258: (8,) * 4, 259: 1, 277: 4, 278: 4}
    assert refused(tiff_of(fields, [bytes(64)])) == ("kind", "tiff-pixels")


def test_layers_of_photoshop_are_not_counted() -> None:
    layers = b"Adobe Photoshop Document Data Block\0".ljust(9_000_000, b"\0")
    content = tiff(RGB8, compression="zlib", extratags=[(37_724, 1, len(layers), layers, True)])
    np.testing.assert_array_equal(opened(content).pixels, RGB8)


def small_version(**more: Any) -> bytes:
    fields = {254: 1, 256: 8, 257: 6, 258: (8, 8, 8), 259: 1, 262: 2, 277: 3, 278: 6}
    return tiff_of(fields | more.pop("fields", {}), [bytes(8 * 6 * 3)], **more)


def test_a_small_version_of_the_main_picture_is_refused() -> None:
    main = {254: 0, 256: 400, 257: 300, 262: 2}
    assert refused(small_version(inner=main)) == ("reduced", "")
    assert refused(small_version(inner=main, fields={254: 0})) == ("reduced", "")
    pages = io.BytesIO()
    with tifffile.TiffWriter(pages) as file:
        file.write(RGB8[::2, ::2], photometric="rgb", subfiletype=1)
        file.write(RGB8, photometric="rgb")
    assert refused(pages.getvalue()) == ("reduced", "")


def test_a_page_that_is_all_there_is_opens_whatever_it_says() -> None:
    assert opened(small_version()).size == (8, 6)


def test_pages_smaller_than_the_first_are_no_reason() -> None:
    pages = io.BytesIO()
    with tifffile.TiffWriter(pages) as file:
        file.write(RGB8, photometric="rgb", subifds=1)
        file.write(RGB8[::2, ::2], photometric="rgb", subfiletype=1)
    np.testing.assert_array_equal(opened(pages.getvalue()).pixels, RGB8)


@pytest.mark.parametrize(
    ("make", "ending"),
    [(b"NIKON CORPORATION\0", "NEF"), (b"SONY\0", "ARW"), (b"PENTAX\0", "PEF"), (b"Sony\0", "ARW")],
)
def test_camera_raw_in_tiff_is_named(make: bytes, ending: str) -> None:
    sensor = {254: 0, 256: 400, 257: 300, 262: 32_803}
    assert refused(small_version(inner=sensor, texts={271: make})) == ("raw", ending)
    main = {254: 0, 256: 400, 257: 300, 262: 2}
    assert refused(small_version(inner=main, texts={271: make})) == ("raw", ending)


def test_dng_is_known_by_its_version() -> None:
    assert refused(small_version(texts={50_706: b"\1\4\0\0"})) == ("raw", "DNG")


@pytest.mark.parametrize(
    ("pixels", "options", "detail"),
    [
        (np.zeros((4, 4), np.int32), {}, "tiff-signed"),
        (np.zeros((4, 4, 3), np.uint16), {"photometric": 32_844}, "tiff-pixels"),
    ],
)
def test_what_is_not_read_is_named(pixels: np.ndarray, options: Any, detail: str) -> None:
    assert refused(tiff(pixels, **options)) == ("kind", detail)


def test_a_compression_that_is_not_known_is_named() -> None:
    fields = {256: 8, 257: 6, 258: 16, 259: 34_712, 262: 1, 277: 1, 278: 6}
    reason, detail = refused(tiff_of(fields, [bytes(96)]))
    assert (reason, detail) == ("kind", "tiff-compression 34712")
