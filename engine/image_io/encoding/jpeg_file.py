"""JPEG files: the source's own blocks where they can be kept, else encoded anew by Pillow."""

import io
import logging
from dataclasses import replace
from typing import cast

import cv2
import numpy as np
from PIL import Image as Pil

from engine.colour.convert import to_8_bit
from engine.geometry import Native, Size
from engine.image_io.decoding.arrays import by_turbo
from engine.image_io.encoding import jpeg_blocks
from engine.image_io.export_options import ExportOptions
from engine.image_io.headers import exif, jpeg, xmp
from engine.image_io.limits import Limits
from engine.picture import Coding, Metadata

QUALITY, SUBSAMPLING = 92, "4:4:4"  # where the source has none to follow

logger = logging.getLogger(__name__)


def keeps_blocks(coding: Coding, options: ExportOptions, pixels: Native) -> bool:
    """Whether untouched blocks of the source go into a file of these (H, W, 3) or (H, W) pixels."""
    as_source = options.quality is None and options.subsampling is None
    return coding.file is not None and as_source and pixels.dtype == np.uint8


def with_kept_blocks(
    pixels: Native, coding: Coding, icc: bytes | None, metadata: Metadata, *, apart: bool
) -> bytes | None:
    """The source with what was changed in it; None where its blocks cannot be kept.

    `pixels` (H, W) or (H, W, 3) uint8 are upright; the file keeps its orientation as a tag.
    `apart`: as in `jpeg_blocks.edited`.
    """
    source = coding.file or b""
    try:
        head = jpeg.examine(io.BytesIO(source), Limits())
        stored = turned_back(pixels, coding.orientation)
        if Size.of(stored) != head.size or (stored.ndim == 2) != (head.channels == 1):
            return None
        was = by_turbo(source, head.size, gray=head.channels == 1)
        now = jpeg_blocks.edited(source, stored, was, mcu=jpeg.mcu_size(head), apart=apart)
        body = jpeg.coded(now)
        metadata = _as_stored(metadata, coding.orientation, head.size)
        before = jpeg.segments(metadata, icc, jfif=head.has_jfif)
    except ValueError as error:
        logger.info("the blocks of the source are not kept: %s", error)
        return None
    return b"\xff\xd8" + before + body


def encoded(pixels: Native, icc: bytes | None, found: Metadata, options: ExportOptions) -> bytes:
    """All of the picture anew; `pixels` (H, W) or (H, W, 3), 8 or 16 bit."""
    out = io.BytesIO()
    Pil.fromarray(to_8_bit(pixels)).save(
        out,
        "JPEG",
        quality=options.quality or QUALITY,
        subsampling=options.subsampling or SUBSAMPLING,
        icc_profile=icc,
        exif=b"Exif\0\0" + found.exif if found.exif else b"",
        xmp=found.xmp,
        dpi=tuple(map(round, found.dpi)) if found.dpi else (0, 0),
        extra=jpeg.iptc_segment(found.iptc) if found.iptc else b"",
    )
    return out.getvalue()


def turned_back(pixels: Native, orientation: int) -> Native:
    """Upright pixels, (H, W) or (H, W, 3), as a file with this EXIF orientation, 1..8, has them."""
    flip = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}.get(orientation)
    found = pixels if flip is None else cast(Native, cv2.flip(pixels, flip))
    return cast(Native, cv2.transpose(found)) if orientation >= 5 else found


def _as_stored(metadata: Metadata, orientation: int, size: Size) -> Metadata:
    """Metadata of upright pixels, for a file that stores them turned, in this size."""
    return replace(
        metadata,
        exif=exif.sized(exif.oriented(metadata.exif, orientation), size),
        xmp=xmp.sized(xmp.oriented(metadata.xmp, orientation), size) if metadata.xmp else None,
    )
