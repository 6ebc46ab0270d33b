"""How the source codes its pixels is kept in projects and snapshots, so that exports can follow."""

import io
import zipfile
from contextlib import closing
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pil

from app.document.document import Document
from app.document.history import History
from app.journal import snapshot
from app.project import project
from engine.geometry import Rect
from engine.image_io.limits import Limits
from engine.image_io.reader import read
from engine.image_io.writer import ExportOptions, write
from engine.jobs.requests import Patch
from engine.picture import Coding


def jpeg_file(folder: Path, **options: object) -> Path:
    y, x = np.mgrid[:90, :130]
    pixels = np.stack([x * 2 % 256, y * 2 % 256, (x + y) % 256], axis=2).astype(np.uint8)
    path = folder / "photo.jpg"
    image = Pil.fromarray(pixels)
    image.save(path, quality=88, subsampling="4:2:0", **options)  # type: ignore[arg-type]
    return path


def turned() -> bytes:
    exif = Pil.Exif()
    exif[0x0112] = 6
    return exif.tobytes()


def edited(path: Path) -> Document:
    ours = Document.from_picture(read(path), path)
    rect = Rect(20, 30, 24, 20)
    pixels = np.full((20, 24, 3), 200, np.uint8)
    blend = np.full((20, 24), 255, np.uint8)
    with closing(History(ours)) as history, history.edit("Remove") as edit:
        edit.write(Patch(rect=rect, pixels=pixels, blend=blend))
    return ours


def exported(ours: Document, path: Path) -> bytes:
    write(ours.picture(), path, ExportOptions(format=ours.picture().format))
    return path.read_bytes()


def same(one: Coding, other: Coding) -> bool:
    """But for what is known of this process alone."""
    names = [each.name for each in fields(Coding) if each.name != "is_read"]
    return all(getattr(one, name) == getattr(other, name) for name in names)


@pytest.mark.parametrize("exif", [b"", turned()])
def test_a_jpeg_keeps_its_untouched_blocks_through_a_project(exif: bytes, tmp_path: Path) -> None:
    ours = edited(jpeg_file(tmp_path, exif=exif))
    expected = exported(ours, tmp_path / "without.jpg")
    project.save(ours.lease(), tmp_path / "a.lacuna")
    back = project.load(tmp_path / "a.lacuna")
    assert same(back.picture().coding, ours.picture().coding)
    assert back.picture().coding.file is not None
    assert not back.picture().coding.is_read  # a project may hold any file of this size
    assert exported(back, tmp_path / "with.jpg") == expected


def test_a_snapshot_of_a_journal_keeps_it_too(tmp_path: Path) -> None:
    ours = edited(jpeg_file(tmp_path))
    snapshot.write(tmp_path / "base.raw", ours.lease(), lambda: None)
    back = snapshot.read(tmp_path / "base.raw", Limits())
    assert same(back.picture().coding, ours.picture().coding)


def test_a_palette_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "few.png"
    colours = np.random.default_rng(1).integers(0, 3, (40, 50)).astype(np.uint8)
    image = Pil.fromarray(colours, "P")
    image.putpalette([10, 20, 30, 200, 10, 10, 0, 255, 0])
    image.save(path, bits=2)
    ours = Document.from_picture(read(path), path)
    assert ours.picture().coding.palette
    expected = exported(ours, tmp_path / "without.png")
    project.save(ours.lease(), tmp_path / "a.lacuna")
    back = project.load(tmp_path / "a.lacuna")
    assert same(back.picture().coding, ours.picture().coding)
    assert exported(back, tmp_path / "with.png") == expected


def other_jpeg() -> bytes:
    file = io.BytesIO()
    Pil.new("RGB", (64, 64)).save(file, "JPEG")
    return file.getvalue()


@pytest.mark.parametrize("coded", [b"no picture", other_jpeg(), b"\xff\xd8\xff\xd9"])
def test_a_file_that_is_not_the_pictures_own_is_left_out(coded: bytes, tmp_path: Path) -> None:
    ours = edited(jpeg_file(tmp_path))
    path = tmp_path / "a.lacuna"
    project.save(ours.lease(), path)
    with zipfile.ZipFile(path) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    content["lacuna/coded.bin"] = coded
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in content.items():
            archive.writestr(zipfile.ZipInfo(name), part)
    back = project.load(path)
    assert back.picture().coding.file is None
    assert (back.native == ours.native).all()
