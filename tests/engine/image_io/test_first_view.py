"""The quick first look at a JPEG."""

import io
import struct
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageCms

from engine.geometry import Size
from engine.image_io.first_view import first_view
from engine.image_io.reader import read
from tests.support import pictures
from tests.support.pictures import saved


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
