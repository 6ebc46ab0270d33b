"""Every format goes out with what the document has, or says what it leaves out."""

import errno
import io
import os
from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from engine.errors import Cancelled, DiskFull, ImageUnwritable
from engine.image_io import writer
from engine.image_io.reader import read, read_bytes
from engine.image_io.writer import (
    Embedded,
    ExportOptions,
    embedded,
    encode,
    write,
    write_cutout,
    write_mask,
)
from engine.picture import Metadata, Picture
from engine.storage import atomic_file
from tests.support import pictures
from tests.support.hair import fur

ADOBE = pictures.rgb_profile(*pictures.ADOBE_RGB)
GRAY = pictures.gray_profile(2.2)
CARRIED = Metadata(
    exif=pictures.exif_block(1),
    xmp=pictures.XMP,
    iptc=pictures.IPTC,
    dpi=(300.0, 300.0),
    text=(("Title", "Лакуна"), ("Comment", "plain")),
)


@pytest.mark.parametrize("with_profile", [False, True])
@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("gray", [False, True])
@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("form", ["png", "tiff", "tiff-stored"])
def test_lossless_round_trip(
    form: str, depth: int, gray: bool, alpha: bool, with_profile: bool, tmp_path: Path
) -> None:
    icc = (GRAY if gray else ADOBE) if with_profile else None
    picture = pictures.picture(
        61, 43, depth=depth, gray=gray, alpha=alpha, icc=icc, metadata=CARRIED
    )
    name, _, stored = form.partition("-")
    path = tmp_path / f"a.{name}"
    write(picture, path, ExportOptions(format=name, compress=not stored))
    found = read(path)
    assert found.depth == depth
    assert found.notes == ()
    np.testing.assert_array_equal(found.pixels, picture.pixels)
    if alpha:
        np.testing.assert_array_equal(found.alpha, picture.alpha)
    else:
        assert found.alpha is None
    assert found.icc == icc
    assert found.metadata.dpi == (300, 300)
    assert found.metadata.exif is not None


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("form", ["png", "tiff"])
def test_other_programs_read_the_same(form: str, depth: int) -> None:
    for alpha in (False, True):
        picture = pictures.picture(33, 47, depth=depth, alpha=alpha, icc=ADOBE, metadata=CARRIED)
        content = encode(picture, ExportOptions(format=form))
        if form == "tiff":
            found = tifffile.imread(io.BytesIO(content))
        else:
            found = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_UNCHANGED)
            assert found is not None
            found = found[..., [2, 1, 0, 3][: found.shape[2]]]
        np.testing.assert_array_equal(found[..., :3], picture.pixels)
        if alpha:
            np.testing.assert_array_equal(found[..., 3], picture.alpha)
        assert Image.open(io.BytesIO(content)).info["icc_profile"] == ADOBE


@pytest.mark.parametrize("form", ["png", "tiff"])
def test_large_pictures_are_written_in_strips(form: str) -> None:
    picture = pictures.picture(700, 901, depth=16, alpha=True)
    shares: list[float] = []
    content = encode(picture, ExportOptions(format=form), lambda share, _: shares.append(share))
    np.testing.assert_array_equal(read_bytes(content, "a").pixels, picture.pixels)
    assert len(shares) > 2
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_png_of_a_photo_is_smaller_than_its_pixels() -> None:
    pixels = pictures.smooth(300, 300)
    assert len(encode(Picture(pixels=pixels), ExportOptions())) < pixels.nbytes / 4


@pytest.mark.parametrize("gray", [False, True])
@pytest.mark.parametrize("form", ["jpeg", "webp", "avif"])
def test_lossy_round_trip(form: str, gray: bool) -> None:
    pixels = pictures.smooth(64, 80)
    picture = Picture(pixels=pixels[..., 0] if gray else pixels, icc=None if gray else ADOBE)
    found = read_bytes(encode(picture, ExportOptions(format=form, quality=95)), "a")
    assert found.icc == picture.icc
    shown = found.pixels if found.pixels.ndim == picture.pixels.ndim else found.pixels[..., 0]
    assert np.abs(shown.astype(int) - picture.pixels).mean() < 3


@pytest.mark.parametrize("form", ["webp", "avif"])
def test_gray_profile_is_not_put_on_three_channels(form: str) -> None:
    picture = Picture(pixels=pictures.smooth(64, 80)[..., 0], icc=pictures.gray_profile(1.0))
    found = read_bytes(encode(picture, ExportOptions(format=form, quality=95)), "a")
    assert found.icc is None
    expected = writer.view_of(picture)
    assert np.abs(found.pixels.astype(int) - expected).mean() < 4


@pytest.mark.parametrize("form", ["jpeg", "webp", "avif"])
def test_16_bits_become_8_by_rounding_where_a_format_has_no_more(form: str) -> None:
    eight = pictures.smooth(64, 64)
    deep = Picture(pixels=eight.astype(np.uint16) * 257 - (eight > 0).astype(np.uint16) * 120)
    options = ExportOptions(format=form)
    assert encode(deep, options) == encode(Picture(pixels=eight), options)
    assert Embedded(kind="depth", kept=False, size=8, why="format") in embedded(deep, options)


def test_8_bits_by_choice() -> None:
    options = ExportOptions(format="png", depth=8)
    picture = pictures.picture(depth=16, alpha=True)
    found = read_bytes(encode(picture, options), "a")
    np.testing.assert_array_equal(found.pixels, np.rint(picture.pixels / 257))
    assert Embedded(kind="depth", kept=False, size=8, why="choice") in embedded(picture, options)


def test_jpeg_is_put_on_white_and_says_so() -> None:
    pixels = np.zeros((32, 32, 3), np.uint8)
    alpha = np.full((32, 32), 255, np.uint8)
    alpha[:, 16:] = 0
    picture = Picture(pixels=pixels, alpha=alpha)
    options = ExportOptions(format="jpeg", quality=100)
    found = read_bytes(encode(picture, options), "a").pixels
    assert found[16, 4].max() < 4
    assert found[16, 28].min() > 251
    assert Embedded(kind="alpha", kept=False, why="format") in embedded(picture, options)


def test_quality_and_subsampling_matter() -> None:
    picture = Picture(pixels=pictures.noise(64, 64))
    sizes = [
        len(encode(picture, ExportOptions(format="jpeg", quality=quality, subsampling=sampling)))
        for quality, sampling in ((95, "4:4:4"), (95, "4:2:0"), (50, "4:2:0"))
    ]
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 3


def test_16_bit_adobe_rgb_tiff_survives_in_little_cms() -> None:
    picture = pictures.picture(depth=16, icc=ADOBE)
    content = encode(picture, ExportOptions(format="tiff"))
    with tifffile.TiffFile(io.BytesIO(content)) as file:
        assert file.pages[0].tags[34_675].value == ADOBE
    profile = ImageCms.ImageCmsProfile(io.BytesIO(read_bytes(content, "a").icc or b""))
    assert "test profile" in ImageCms.getProfileDescription(profile)


# --- mask and cut-out


def test_mask(tmp_path: Path) -> None:
    mask = pictures.noise(20, 30, gray=True)
    write_mask(mask, tmp_path / "m.png")
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "m.png")), mask)


@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("form", ["png", "tiff"])
def test_cut_out(form: str, depth: int, alpha: bool, tmp_path: Path) -> None:
    picture = pictures.picture(20, 30, depth=depth, alpha=alpha)
    mask = np.zeros((20, 30), np.uint8)
    mask[5:15, 5:20], mask[5:15, 20:25] = 255, 51
    path = tmp_path / "cut"
    write_cutout(picture, mask, path, ExportOptions(format=form))
    found = read(path)
    top = 255 if depth == 8 else 65_535
    own = picture.alpha if picture.alpha is not None else np.full((20, 30), top)
    assert found.alpha is not None
    np.testing.assert_array_equal(
        found.alpha, np.rint(own * (mask / 255)).astype(found.alpha.dtype)
    )
    np.testing.assert_array_equal(found.pixels[found.alpha > 0], picture.pixels[found.alpha > 0])
    assert not found.pixels[mask == 0].any()  # what was cut away does not hide in the file


def test_a_cut_out_with_its_own_colours_changes_only_what_is_between(tmp_path: Path) -> None:
    ball = fur()
    mask = np.rint(ball.share * 255).astype(np.uint8)
    path = tmp_path / "cut.png"
    write_cutout(Picture(pixels=ball.image), mask, path, ExportOptions(), own_colours=True)
    found = read(path)
    assert found.alpha is not None
    np.testing.assert_array_equal(found.alpha, mask)
    np.testing.assert_array_equal(found.pixels[mask == 255], ball.image[mask == 255])
    assert not found.pixels[mask == 0].any()
    between = (mask > 20) & (mask < 235)
    wrong = np.abs(found.pixels[between] - ball.colours[between]).mean()
    assert wrong < np.abs(ball.image[between] - ball.colours[between]).mean() / 5


def test_cut_out_as_webp(tmp_path: Path) -> None:
    mask = np.zeros((20, 30), np.uint8)
    mask[5:15, 5:20] = 255
    path = tmp_path / "cut.webp"
    write_cutout(pictures.picture(20, 30), mask, path, ExportOptions(format="webp"))
    found = read(path)
    assert found.alpha is not None
    np.testing.assert_array_equal(found.alpha, mask)


def test_cut_out_needs_alpha(tmp_path: Path) -> None:
    mask = np.zeros((12, 17), np.uint8)
    with pytest.raises(ImageUnwritable) as caught:
        write_cutout(pictures.picture(), mask, tmp_path / "a.jpg", ExportOptions(format="jpeg"))
    assert caught.value.reason == "no-alpha"


# --- refusals


@pytest.mark.parametrize(
    ("form", "reason"), [("gif", "format"), ("heic", "format"), ("", "format")]
)
def test_formats_that_are_only_read(form: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ImageUnwritable) as caught:
        write(pictures.picture(), tmp_path / "a", ExportOptions(format=form))
    assert caught.value.reason == reason


def test_side_over_what_the_format_can_hold(tmp_path: Path) -> None:
    picture = Picture(pixels=np.zeros((1, 16_384, 3), np.uint8))
    with pytest.raises(ImageUnwritable) as caught:
        write(picture, tmp_path / "a.webp", ExportOptions(format="webp"))
    assert caught.value.reason == "size"
    assert list(tmp_path.iterdir()) == []


# --- atomic


def old_file(folder: Path) -> Path:
    path = folder / "a.png"
    path.write_bytes(b"old")
    return path


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = old_file(tmp_path)
    path.chmod(0o640)
    with atomic_file.replace(path) as file:
        file.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    path = old_file(tmp_path)
    link = tmp_path / "link.png"
    link.symlink_to(path)
    with atomic_file.replace(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, DiskFull),
        (errno.EDQUOT, DiskFull),
        (errno.EACCES, ImageUnwritable),
        (errno.EROFS, ImageUnwritable),
        (errno.EIO, ImageUnwritable),
    ],
)
@pytest.mark.parametrize("where", ["fsync", "replace", "open"])
def test_failures_leave_the_old_file(
    where: str, number: int, kind: type, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = old_file(tmp_path)

    def fail(*_: object) -> None:
        raise OSError(number, "made up")

    if where == "open":
        monkeypatch.setattr(atomic_file, "_created", fail)
    else:
        monkeypatch.setattr(os, where, fail)
    with pytest.raises(kind) as caught:
        write(pictures.picture(), path, ExportOptions())
    assert caught.value.path == path
    monkeypatch.undo()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_device_without_room(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full")
    with (
        pytest.raises(DiskFull),
        atomic_file.replace(tmp_path / "a.png"),
        Path("/dev/full").open("wb", buffering=0) as full,
    ):
        full.write(b"x")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ImageUnwritable) as caught:
        write(pictures.picture(), tmp_path / "none" / "a.png", ExportOptions())
    assert caught.value.reason == "folder"


def test_cancel_writes_nothing(tmp_path: Path) -> None:
    path = old_file(tmp_path)

    def stop(share: float, note: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        write(pictures.picture(), path, ExportOptions(), stop)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
