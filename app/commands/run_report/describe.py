"""The report of a run on one picture: how it was made, and proof of what did not change.

Hashes are sha256 over the pixels outside the ring, row by row, channels together, in the depth and
byte order of this computer's arrays: once of the source as this file's format holds it, once of the
pixels that were decoded from the written file. They are equal where nothing else changed.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

import cv2
import numpy as np

from app.commands.recipe import RecipeResult, StepReport
from app.document.document import Lease
from app.document.generation_text import with_parameters
from engine.colour.convert import view_of
from engine.errors import FileError
from engine.geometry import Image, Mask, Native, Rect, Size
from engine.image_io.encoding import encode
from engine.image_io.export_options import ExportOptions
from engine.image_io.limits import Limits
from engine.image_io.proof import Proof
from engine.image_io.reader import read
from engine.image_io.writer import contents
from engine.jobs.requests import Patch

THUMBNAIL_PX = 320  # the longer side of a thumbnail


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureReport:
    """All that is told of one written picture."""

    source: str  # "" where it came from no file
    source_sha256: str  # of the file as it is now; "" where there is none
    output: str
    size: tuple[int, int]
    steps: tuple[StepReport, ...]  # with engine, model and seed
    ring_px: int
    ring_bounds: Rect
    outside_sha256_before: str
    outside_sha256_after: str  # "": the file could not be read again
    proof: Proof | None
    thumbnails: dict[str, str] = field(repr=False)  # before, after, mask, ring: PNG in base64


def describe(
    lease: Lease,
    output: Path,
    options: ExportOptions,
    *,
    source: Path | None,
    result: RecipeResult,
    proof: Proof | None,
) -> PictureReport:
    """The report on a file that was written from the leased document by these steps."""
    size = lease.picture.size
    ring, mask = ring_of(result.patches, size), mask_of(result.marked, size)
    before = encode.flattened(
        contents(replace(with_parameters(lease), pixels=lease.original()), options)
    )[0]
    return PictureReport(
        source=str(source or ""),
        source_sha256=_sha256_of_file(source),
        output=str(output),
        size=(size.width, size.height),
        steps=tuple(result.reports),
        ring_px=cv2.countNonZero(ring),
        ring_bounds=Rect(*cv2.boundingRect(ring)),
        outside_sha256_before=outside_sha256(before, ring),
        outside_sha256_after=_after(output, before, ring),
        proof=proof,
        thumbnails=_thumbnails(lease, mask, ring),
    )


def ring_of(patches: Sequence[Patch], size: Size) -> Mask:
    """(H, W) uint8: 255 where any of the patches may change something."""
    ring = np.zeros((size.height, size.width), np.uint8)
    for patch in patches:
        ring[patch.rect.slices][patch.blend > 0] = 255
    return ring


def mask_of(marked: Sequence[tuple[Rect, Mask]], size: Size) -> Mask:
    """(H, W) uint8: all that was removed or painted over."""
    mask = np.zeros((size.height, size.width), np.uint8)
    for rect, part in marked:
        np.maximum(mask[rect.slices], part, out=mask[rect.slices])
    return mask


def outside_sha256(pixels: Native, ring: Mask) -> str:
    """The hash of (H, W) or (H, W, 3) pixels where `ring` is 0."""
    digest = hashlib.sha256()
    for row, inside in zip(pixels, ring):
        digest.update(np.ascontiguousarray(row[inside == 0]).tobytes())
    return digest.hexdigest()


def _after(output: Path, before: Native, ring: Mask) -> str:
    limits = Limits(pixels=max(ring.size, Limits().pixels))
    try:
        found = read(output, limits).pixels
    except FileError:
        return ""
    if found.ndim > before.ndim:
        found = found[..., 0]
    elif found.ndim < before.ndim:
        found = cast(Native, np.repeat(found[..., None], 3, axis=2))
    return outside_sha256(found, ring)


def _sha256_of_file(path: Path | None) -> str:
    if path is None:
        return ""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _thumbnails(lease: Lease, mask: Mask, ring: Mask) -> dict[str, str]:
    before = view_of(replace(lease.picture, pixels=lease.original()))
    return {
        "before": _png(_small(before)),
        "after": _png(_small(lease.view)),
        "mask": _png(_small(mask)),
        "ring": _png(_small(ring)),
    }


def _small(image: Image | Mask) -> Image | Mask:
    height, width = image.shape[:2]
    scale = min(1.0, THUMBNAIL_PX / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _png(image: Image | Mask) -> str:
    """RGB or gray as PNG in base64."""
    pixels = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    return base64.b64encode(cv2.imencode(".png", pixels)[1].tobytes()).decode("ascii")
