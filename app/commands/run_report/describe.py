"""The report of a run on one picture: how it was made, and proof of what did not change.

Hashes are sha256 over the pixels outside the ring, row by row, channels together, in the depth and
byte order of this computer's arrays: once of the source as this file's format holds it, once of the
pixels that were decoded from the written file. They are equal where nothing else changed.
"""

import base64
import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Self, cast

import cv2
import numpy as np

from app.commands.recipe import StepReport
from app.commands.run_report.edits import Edits
from app.document.document import Lease
from engine.colour.convert import view_of
from engine.errors import FileError
from engine.geometry import Image, Mask, Native, Rect
from engine.image_io.encoding import encode
from engine.image_io.export_options import ExportOptions
from engine.image_io.limits import Limits
from engine.image_io.proof import Proof
from engine.image_io.reader import read
from engine.image_io.writer import contents
from engine.picture import Picture

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
    thumbnails: dict[str, str] = field(repr=False)  # PNG in base64, by what it shows


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Change:
    """A picture before its edits, and (H, W, 3) uint8 as the screen shows it after them."""

    original: Picture
    view: Image

    @classmethod
    def of(cls, lease: Lease) -> Self:
        """The change from what was opened to what the document shows."""
        return cls(original=replace(lease.picture, pixels=lease.original()), view=lease.view)


def describe(
    change: Change,
    output: Path,
    options: ExportOptions,
    *,
    source: Path | None,
    edits: Edits,
    proof: Proof | None,
) -> PictureReport:
    """The report on a file that was written of the changed picture by these edits."""
    size, ring = change.original.size, edits.ring
    before = encode.flattened(contents(change.original, options))[0]
    return PictureReport(
        source=str(source or ""),
        source_sha256=_sha256_of_file(source),
        output=str(output),
        size=(size.width, size.height),
        steps=edits.steps,
        ring_px=cv2.countNonZero(ring),
        ring_bounds=Rect(*cv2.boundingRect(ring)),
        outside_sha256_before=outside_sha256(before, ring),
        outside_sha256_after=_after(output, before, ring),
        proof=proof,
        thumbnails=_thumbnails(change, edits),
    )


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


def _thumbnails(change: Change, edits: Edits) -> dict[str, str]:
    pictures = {"before": view_of(change.original), "after": change.view}
    masks = {**edits.marked, "ring": edits.ring}
    return {name: _png(_small(image)) for name, image in {**pictures, **masks}.items()}


def _small(image: Image | Mask) -> Image | Mask:
    height, width = image.shape[:2]
    scale = min(1.0, THUMBNAIL_PX / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _png(image: Image | Mask) -> str:
    """RGB or gray as PNG in base64."""
    pixels = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    return base64.b64encode(cv2.imencode(".png", pixels)[1].tobytes()).decode("ascii")
