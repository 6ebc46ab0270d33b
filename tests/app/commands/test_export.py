"""What is said of an exported file is measured on the file."""

import io
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as Pil

from app.commands.export import export, prove_file, ring_of
from app.commands.files import open_picture
from app.document.document import Document
from app.document.history import History
from engine.geometry import Rect
from engine.image_io.writer import ExportOptions
from engine.jobs.requests import Patch

SIDE = 96


def source(folder: Path, kind: str, **options: object) -> Path:
    rng = np.random.default_rng(5)
    pixels = rng.integers(0, 256, (SIDE, SIDE, 3), np.uint8)
    path = folder / f"photo.{kind}"
    out = io.BytesIO()
    Pil.fromarray(pixels).save(out, {"jpg": "JPEG"}.get(kind, kind.upper()), **options)
    path.write_bytes(out.getvalue())
    return path


def edited(path: Path) -> Document:
    document = open_picture(path)
    history = History(document, 1 << 20)
    patch = Patch(
        rect=Rect(30, 40, 20, 10),
        pixels=np.full((10, 20, 3), 250, np.uint8),
        blend=np.full((10, 20), 255, np.uint8),
    )
    with history.edit("Remove") as edit:
        edit.touch("image", patch.rect)
        document.write(patch)
    return document


def proof_of(document: Document, path: Path, options: ExportOptions):
    lease = document.lease()
    try:
        return export(lease, path, options)
    finally:
        lease.release()


@pytest.mark.parametrize(
    ("kind", "options"), [("png", {}), ("webp", {"lossless": True}), ("tiff", {})]
)
def test_a_lossless_file_is_exact(tmp_path: Path, kind: str, options: dict[str, object]) -> None:
    document = edited(source(tmp_path, kind, **options))
    proof = proof_of(document, tmp_path / f"out.{kind}", ExportOptions(format=kind))
    assert proof is not None
    assert proof.is_exact
    assert (proof.outside_levels, proof.beyond_px) == (0, 0)


def test_a_jpeg_is_exact_beyond_the_blocks_of_the_ring(tmp_path: Path) -> None:
    document = edited(source(tmp_path, "jpg", quality=90, subsampling=2))
    proof = proof_of(document, tmp_path / "out.jpg", ExportOptions(format="jpeg"))
    assert proof is not None
    assert proof.block_px == 16
    assert proof.beyond_px == 0
    assert 0 < proof.outside_px < 64 * 48


def test_a_jpeg_that_is_encoded_anew_is_said_to_be(tmp_path: Path) -> None:
    document = edited(source(tmp_path, "jpg", quality=90))
    proof = proof_of(document, tmp_path / "out.jpg", ExportOptions(format="jpeg", quality=40))
    assert proof is not None
    assert proof.block_px == 0
    assert proof.outside_px > SIDE * SIDE // 2
    assert proof.outside_levels > 4


def test_a_file_that_is_changed_after_writing_is_found_out(tmp_path: Path) -> None:
    from engine.image_io.proof import prove

    document = edited(source(tmp_path, "png"))
    lease = document.lease()
    ring = ring_of(lease)
    wrong = lease.picture.pixels.copy()
    wrong[0, 0] ^= 1
    Pil.fromarray(wrong).save(tmp_path / "wrong.png")
    proof = prove(tmp_path / "wrong.png", (lease.original(), None), ring)
    assert (proof.outside_px, proof.outside_levels) == (1, 1)
    assert int((ring > 0).sum()) <= 200
    lease.release()


@pytest.mark.parametrize("orientation", [1, 6])
def test_what_differs_near_the_ring_is_told_from_what_differs_far_from_it(
    tmp_path: Path, orientation: int
) -> None:
    exif = Pil.Exif()
    exif[0x0112] = orientation
    smooth = cv2.resize(np.random.default_rng(1).integers(0, 256, (9, 9, 3), np.uint8), (520, 300))
    path = tmp_path / "photo.jpg"
    Pil.fromarray(smooth).save(path, quality=90, subsampling=1, exif=exif)
    document = open_picture(path)
    lease, options = document.lease(), ExportOptions(format="jpeg")
    original, ring = lease.original(), np.zeros_like(lease.mask)
    ring[123:130, 60:70] = 255  # its blocks cross the border of two strips
    high, wide = (16, 8) if orientation == 6 else (8, 16)
    proof = prove_file(document.picture(), path, options, original=original, ring=ring)
    assert proof is not None
    assert proof.is_exact
    wrong = original.copy()
    wrong[123 - high - 1, 60 - wide - 1] ^= 1  # the nearest corner that still may differ
    near = prove_file(document.picture(), path, options, original=wrong, ring=ring)
    wrong[129 + high + 2, 65] ^= 128
    both = prove_file(document.picture(), path, options, original=wrong, ring=ring)
    assert near is not None
    assert both is not None
    assert (near.outside_px, near.beyond_px) == (1, 0)
    assert (both.outside_px, both.beyond_px) == (2, 1)
    assert (near.outside_levels, both.outside_levels) == (1, 128)
    lease.release()


def test_an_unedited_jpeg_is_the_same_file_but_for_its_metadata(tmp_path: Path) -> None:
    document = open_picture(source(tmp_path, "jpg", quality=77, subsampling=1, progressive=True))
    proof = proof_of(document, tmp_path / "out.jpg", ExportOptions(format="jpeg"))
    assert proof is not None
    assert proof.is_exact


def test_a_file_that_others_write_anew_meanwhile_does_not_come_into_the_export(
    tmp_path: Path,
) -> None:
    path, options = source(tmp_path, "jpg", quality=90), ExportOptions(format="jpeg")
    document = edited(path)
    Pil.fromarray(np.zeros((SIDE, SIDE, 3), np.uint8)).save(path, "JPEG")
    proof = proof_of(document, tmp_path / "out.jpg", options)
    assert proof is not None
    assert proof.beyond_px == 0
    assert proof.block_px > 0
