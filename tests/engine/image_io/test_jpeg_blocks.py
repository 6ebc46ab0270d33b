"""Edited JPEGs keep the coefficients of every MCU that holds no changed pixel."""

import io
import os
from dataclasses import replace
from pathlib import Path

import cv2
import jpegio
import numpy as np
import pytest
import simplejpeg
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image as Pil

from engine.geometry import Native
from engine.image_io.encoding import jpeg_blocks, jpeg_coefficients, jpeg_file
from engine.image_io.encoding.jpeg_file import turned_back
from engine.image_io.headers import jpeg
from engine.image_io.limits import Limits
from engine.image_io.reader import read, read_bytes, turned
from engine.image_io.writer import ExportOptions, encode, write
from engine.picture import Picture

SAMPLINGS = ("444", "422", "420", "440", "411", "gray")
MCU = {"444": (8, 8), "422": (8, 16), "420": (16, 16), "440": (16, 8), "411": (8, 32)}


def scene(height: int, width: int, seed: int) -> NDArray[np.uint8]:
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)
    return cv2.GaussianBlur(noise, (0, 0), 1.5)


def coded(pixels: NDArray[np.uint8], sampling: str, *, progressive: bool, restart: int) -> bytes:
    """By simplejpeg where the sampling needs it: Pillow knows three."""
    out = io.BytesIO()
    names = {"444": 0, "422": 1, "420": 2}
    if sampling in names or sampling == "gray":
        image = Pil.fromarray(pixels if sampling in names else pixels[..., 0])
        image.save(
            out,
            "JPEG",
            quality=85,
            progressive=progressive,
            subsampling=names.get(sampling, 0),
            restart_marker_blocks=restart,
        )
        return out.getvalue()
    return simplejpeg.encode_jpeg(
        np.ascontiguousarray(pixels), quality=85, colorspace="RGB", colorsubsampling=sampling
    )


def decoded(content: bytes, sampling: str) -> Native:
    if sampling == "gray":
        return simplejpeg.decode_jpeg(content, "GRAY")[..., 0]
    return simplejpeg.decode_jpeg(content, "RGB")


def coefficients(content: bytes, path: object) -> list[NDArray[np.int32]]:
    file = f"{path}/coefficients.jpg"
    with open(file, "wb") as out:
        out.write(content)
    return [np.array(part) for part in jpegio.read(file).coef_arrays]


sides = st.integers(1, 200)
boxes = st.tuples(*(st.floats(0, 1) for _ in range(4)))


def marked(shape: tuple[int, ...], box: tuple[float, ...]) -> tuple[slice, slice]:
    top, left = int(box[0] * (shape[0] - 1)), int(box[1] * (shape[1] - 1))
    high, wide = 1 + int(box[2] * (shape[0] - top - 1)), 1 + int(box[3] * (shape[1] - left - 1))
    return slice(top, top + high), slice(left, left + wide)


@given(
    sides,
    sides,
    st.sampled_from(SAMPLINGS),
    st.booleans(),
    st.integers(0, 5),
    boxes,
    st.integers(0, 255),
)
def test_untouched_blocks_are_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    height: int,
    width: int,
    sampling: str,
    progressive: bool,
    restart: int,
    box: tuple[float, ...],
    value: int,
) -> None:
    folder = tmp_path_factory.mktemp("blocks")
    source = coded(scene(height, width, 7), sampling, progressive=progressive, restart=restart)
    was = decoded(source, sampling)
    pixels = was.copy()
    pixels[marked(was.shape, box)] = value
    mcu = MCU.get(sampling, (8, 8))
    edited = jpeg_blocks.edited(source, pixels, was, mcu=mcu)
    touched = jpeg_blocks.changed_mcus(pixels, was, mcu)
    pairs = zip(coefficients(source, folder), coefficients(edited, folder), strict=True)
    for component, (old, new) in enumerate(pairs):
        blocks = (old != new).reshape(old.shape[0] // 8, 8, -1, 8).any(axis=(1, 3))
        per_mcu = (mcu[0] // 8, mcu[1] // 8) if component == 0 else (1, 1)
        may = np.kron(touched, np.ones(per_mcu, bool))[: blocks.shape[0], : blocks.shape[1]]
        assert not (blocks & ~may).any()


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_pixels_beyond_one_chroma_sample_are_the_same(sampling: str) -> None:
    source = coded(scene(150, 190, 3), sampling, progressive=False, restart=0)
    was = decoded(source, sampling)
    pixels = was.copy()
    pixels[32:112, 32:160] = 210
    mcu = MCU.get(sampling, (8, 8))
    now = decoded(jpeg_blocks.edited(source, pixels, was, mcu=mcu), sampling)
    touched = np.kron(jpeg_blocks.changed_mcus(pixels, was, mcu), np.ones(mcu, np.uint8))
    reach = (2 * mcu[0] // 8 - 1, 2 * mcu[1] // 8 - 1)
    near = cv2.dilate(touched[:150, :190].astype(np.uint8), np.ones(reach, np.uint8))
    assert np.array_equal(now[near == 0], was[near == 0])
    assert np.abs(now[48:96, 64:128].astype(int) - 210).max() <= 2


def test_nothing_changed_gives_the_same_bytes() -> None:
    source = coded(scene(33, 47, 1), "420", progressive=True, restart=0)
    was = decoded(source, "420")
    assert jpeg_blocks.edited(source, was.copy(), was, mcu=(16, 16)) == source


def test_coefficients_that_cannot_be_coded_are_refused(tmp_path: Path) -> None:
    """As a damaged source may hold them."""
    file = tmp_path / "photo.jpg"
    file.write_bytes(coded(scene(33, 47, 1), "420", progressive=False, restart=0))
    opened = jpeg_coefficients.read(file)
    opened.coef_arrays[0][1, 1] = 20_000
    with pytest.raises(jpeg_blocks.BlocksUnsupported, match="write"):
        jpeg_coefficients.write(opened, file, optimize=True)


@pytest.mark.parametrize("sampling", ["444", "420", "gray"])
def test_ten_edits_in_a_row_leave_the_rest_alone(sampling: str) -> None:
    content = coded(scene(120, 160, 5), sampling, progressive=False, restart=2)
    first = read_bytes(content, "photo.jpg")
    picture = first
    for edit in range(10):
        pixels = picture.pixels.copy()
        pixels[50:70, 60 + edit : 80 + edit] = 25 * edit
        options = ExportOptions(format="jpeg")
        picture = read_bytes(encode(replace(picture, pixels=pixels), options), "again.jpg")
    far = np.ones(picture.size[::-1], bool)
    far[32:96, 32:112] = False
    assert np.array_equal(picture.pixels[far], first.pixels[far])
    assert picture.coding.subsampling == first.coding.subsampling


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("private", [False, True])
def test_the_orientation_stays_a_tag(orientation: int, private: bool) -> None:
    tags = Pil.Exif()
    tags[0x0112] = orientation
    out = io.BytesIO()
    Pil.fromarray(scene(60, 90, 2)).save(out, "JPEG", exif=tags, quality=90)
    picture = read_bytes(out.getvalue(), "turned.jpg")
    pixels = picture.pixels.copy()
    pixels[:8, :8] = 255 - pixels[:8, :8]
    options = ExportOptions(format="jpeg", private=private)
    again = read_bytes(encode(replace(picture, pixels=pixels), options), "again.jpg")
    assert again.coding.orientation == orientation
    far = np.ones(picture.size[::-1], bool)
    far[:24, :24] = False
    assert np.array_equal(again.pixels[far], picture.pixels[far])


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turning_back_undoes_turning(orientation: int) -> None:
    stored = scene(5, 9, 4)
    assert np.array_equal(turned_back(turned(stored.copy(), orientation), orientation), stored)


def test_tables_sampling_scans_and_restarts_are_the_sources() -> None:
    content = coded(scene(64, 64, 9), "420", progressive=False, restart=3)
    picture = read_bytes(content, "photo.jpg")
    pixels = picture.pixels.copy()
    pixels[10:20, 10:20] = 0
    after = encode(replace(picture, pixels=pixels), ExportOptions(format="jpeg"))
    old, new = (jpeg.examine(io.BytesIO(each), Limits()) for each in (content, after))
    assert (new.sampling, new.luma_steps) == (old.sampling, old.luma_steps)
    assert new.progressive == old.progressive
    assert b"\xff\xdd\x00\x04\x00\x03" in after


def test_a_chosen_quality_encodes_anew() -> None:
    picture = read_bytes(coded(scene(64, 64, 9), "420", progressive=False, restart=0), "a.jpg")
    content = encode(picture, ExportOptions(format="jpeg", quality=30))
    assert jpeg.quality(jpeg.examine(io.BytesIO(content), Limits())) == 30


def test_without_a_source_of_jpeg_the_defaults_hold() -> None:
    out = io.BytesIO()
    Pil.fromarray(scene(20, 30, 1)).save(out, "PNG")
    content = encode(read_bytes(out.getvalue(), "a.png"), ExportOptions(format="jpeg"))
    head = jpeg.examine(io.BytesIO(content), Limits())
    assert (jpeg.quality(head), jpeg.subsampling(head)) == (92, "4:4:4")


def changed_picture(folder: Path) -> tuple[Picture, Path]:
    picture = read_bytes(coded(scene(64, 96, 9), "420", progressive=True, restart=0), "a.jpg")
    pixels = picture.pixels.copy()
    pixels[10:20, 10:20] = 0
    return replace(picture, pixels=pixels), folder / "out.jpg"


def test_a_process_of_its_own_gives_the_same_bytes(tmp_path: Path) -> None:
    picture, path = changed_picture(tmp_path)
    write(picture, path, ExportOptions(format="jpeg"), apart=True)
    assert path.read_bytes() == encode(picture, ExportOptions(format="jpeg"))


def test_a_process_that_ends_early_leaves_the_plain_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture, path = changed_picture(tmp_path)
    monkeypatch.setattr(jpeg_blocks, "rewrite", os.abort)
    write(picture, path, ExportOptions(format="jpeg"), apart=True)
    assert read(path).size == picture.size
    assert jpeg.subsampling(jpeg.examine(io.BytesIO(path.read_bytes()), Limits())) == "4:4:4"


@pytest.mark.parametrize("orientation", [1, 6])
def test_pixels_as_opened_stand_for_decoding_the_source(
    monkeypatch: pytest.MonkeyPatch, orientation: int
) -> None:
    exif = Pil.Exif()
    exif[0x0112] = orientation
    out = io.BytesIO()
    Pil.fromarray(scene(64, 96, 3)).save(out, "JPEG", quality=85, exif=exif)
    picture, options = read_bytes(out.getvalue(), "a.jpg"), ExportOptions(format="jpeg")
    assert picture.coding.is_read
    pixels = picture.pixels.copy()
    pixels[10:20, 10:20] = 0
    changed = replace(picture, pixels=pixels)
    expected = encode(changed, options)
    monkeypatch.setattr(jpeg_file, "by_turbo", None)  # not called
    assert encode(changed, options, original=picture.pixels) == expected


def test_blocks_of_another_picture_are_not_kept_for_pixels_as_opened() -> None:
    """A project may hold any JPEG of the same size as the file of its picture."""
    ours = read_bytes(coded(scene(64, 96, 3), "444", progressive=False, restart=0), "a.jpg")
    other = coded(scene(64, 96, 4), "444", progressive=False, restart=0)
    coding = replace(ours.coding, file=other, is_read=False)
    content = encode(
        replace(ours, coding=coding), ExportOptions(format="jpeg"), original=ours.pixels
    )
    shown = read_bytes(content, "again.jpg").pixels.astype(np.int16)
    assert np.abs(shown - ours.pixels).mean() < 5
