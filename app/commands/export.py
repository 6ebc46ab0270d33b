"""Exports a picture and proves the file: it is decoded again and compared with the source."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from app.document.document import Lease
from app.document.generation_text import with_parameters
from engine.errors import FileError
from engine.geometry import Mask, Native
from engine.image_io.encoding import encode
from engine.image_io.proof import Proof, kept_block, prove
from engine.image_io.writer import ExportOptions, Report, contents, write
from engine.picture import Picture


def export(
    lease: Lease,
    path: Path,
    options: ExportOptions,
    report: Report | None = None,
    *,
    apart: bool = False,
    source: Path | None = None,
) -> Proof | None:
    """Write the picture and compare the file with what was opened; None: it cannot be read again.

    `apart` and `source`: as in `engine.image_io.writer.write`.
    Raises ImageUnwritable, DiskFull.
    """
    picture, original = with_parameters(lease), lease.original()
    write(picture, path, options, report, original=original, apart=apart, source=source)
    return prove_file(picture, path, options, original=original, ring=ring_of(lease))


def prove_file(
    picture: Picture, path: Path, options: ExportOptions, *, original: Native, ring: Mask
) -> Proof | None:
    """The proof of a file that was written from `picture`; None: it cannot be read again.

    `original`, (H, W) or (H, W, 3), are its pixels before the edits, which stay within `ring`,
    (H, W) uint8.
    """
    source = contents(replace(picture, pixels=original), options)
    try:
        return prove(path, encode.flattened(source), ring, kept_block(picture, options))
    except FileError:
        return None


def ring_of(lease: Lease) -> Mask:
    """(H, W) uint8: 255 where the document shows other pixels than were opened, or may."""
    ring = np.zeros(lease.picture.pixels.shape[:2], np.uint8)
    for cell, tile in lease.original_tiles.items():  # no other tile was written to
        place = cell.rect(lease.picture.size).slices
        differs = lease.picture.pixels[place] != tile
        ring[place] = np.where(differs if differs.ndim == 2 else differs.any(axis=2), 255, 0)
    for variant in lease.variants:
        if variant.number in lease.marks.applied:
            for patch in variant.patches:
                np.maximum(
                    ring[patch.rect.slices],
                    np.where(patch.blend > 0, np.uint8(255), np.uint8(0)),
                    out=ring[patch.rect.slices],
                )
    return ring
