"""JPEG files: the source's own blocks where they can be kept, else encoded anew by Pillow."""

import io
import logging
from dataclasses import replace
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil

from engine.colour.convert import to_8_bit
from engine.geometry import Native, Size
from engine.image_io.cleaning import pictures
from engine.image_io.decoding.arrays import array, by_turbo, from_cmyk, to_cmyk
from engine.image_io.decoding.jpeg import inks
from engine.image_io.encoding import gain_map as gain_map_file
from engine.image_io.encoding import jpeg_blocks
from engine.image_io.export_options import ExportOptions
from engine.image_io.headers import exif, jpeg, mpf, xmp
from engine.image_io.headers import gain_map as gain_maps
from engine.image_io.headers.gain_map import GainMap
from engine.image_io.limits import Limits
from engine.picture import Coding, Metadata

QUALITY, SUBSAMPLING = 92, "4:4:4"  # where the source has none to follow

logger = logging.getLogger(__name__)


def keeps_blocks(coding: Coding, options: ExportOptions, pixels: Native) -> bool:
    """Whether untouched blocks of the source go into a file of these (H, W, 3) or (H, W) pixels."""
    as_source = options.quality is None and options.subsampling is None
    return coding.file is not None and as_source and pixels.dtype == np.uint8


def keeps_gain_map(pixels: Native, coding: Coding, options: ExportOptions) -> bool:
    """Whether a gain map of the source goes into a file of these (H, W, ...) pixels."""
    if coding.file is None or options.format != "jpeg" or options.private:
        return False
    size = jpeg.examine(io.BytesIO(coding.file), Limits()).size
    if coding.orientation >= 5:
        size = Size(size.height, size.width)
    is_upright = keeps_blocks(coding, options, pixels) or coding.orientation == 1
    return is_upright and Size.of(pixels) == size


def with_kept_blocks(
    pixels: Native,
    coding: Coding,
    icc: bytes | None,
    metadata: Metadata,
    *,
    original: Native | None,
    gain_map: bool,
    apart: bool,
) -> bytes | None:
    """The source with what was changed in it; None where its blocks cannot be kept.

    `pixels` (H, W) or (H, W, 3) uint8 are upright; the file keeps its orientation as a tag, and its
    gain map, edited likewise, by choice. `original`: the pixels as opened, where they are known.
    `apart`: as in `jpeg_blocks.edited`.
    """
    source = coding.file or b""
    try:
        head, stored, was = _compared(pixels, coding, original)
        now = jpeg_blocks.edited(source, stored, was, mcu=jpeg.mcu_size(head), apart=apart)
    except ValueError as error:
        logger.info("the blocks of the source are not kept: %s", error)
        return None
    metadata = _as_stored(metadata, coding.orientation, head.size)
    if head.channels == 4:  # the pixels are sRGB, the file stays in its own colours
        icc = pictures.blanked(head.icc) if head.icc else None
    second = _gain_map(source, stored, was, apart=apart) if gain_map else None
    try:
        return _assembled(jpeg.coded(now), metadata, icc, jfif=head.has_jfif, second=second)
    except ValueError as error:
        logger.info("the metadata do not fit: %s", error)
        return None


def with_gain_map(
    content: bytes,
    pixels: Native,
    coding: Coding,
    icc: bytes | None,
    metadata: Metadata,
    *,
    original: Native | None,
) -> bytes:
    """A picture that was encoded anew, with the source's gain map; as it is where there is none.

    `content` is the JPEG of the upright `pixels` (H, W) or (H, W, 3), without orientation;
    `original` as in `with_kept_blocks`.
    """
    if coding.file is None or coding.orientation != 1 or gain_maps.find(coding.file) is None:
        return content
    try:
        _, stored, was = _compared(pixels, coding, original)
        second = _gain_map(coding.file, stored, was, apart=False)
        if second is not None:
            return _assembled(jpeg.coded(content), metadata, icc, jfif=True, second=second)
    except ValueError as error:
        logger.info("the gain map is not kept: %s", error)
    return content


def _compared(
    pixels: Native, coding: Coding, original: Native | None
) -> tuple[jpeg.JpegHeader, Native, Native]:
    """The source's header, the pixels as it would store them, and those it decodes to.

    The last are the `original` ones where these were decoded from it. Of a source in CMYK both are
    inks, (H, W, 4). Raises ValueError where they are not of one shape.
    """
    source = coding.file or b""
    head = jpeg.examine(io.BytesIO(source), Limits())
    stored = turned_back(to_8_bit(pixels), coding.orientation)
    if Size.of(stored) != head.size or (stored.ndim == 2) != (head.channels == 1):
        raise ValueError("another shape than the source")
    if head.channels == 4:
        return head, *_inks(source, head, stored)
    if original is not None and coding.is_read and original.shape == pixels.shape:
        return head, stored, turned_back(to_8_bit(original), coding.orientation)
    return head, stored, by_turbo(source, head.size, gray=head.channels == 1)


def _inks(source: bytes, head: jpeg.JpegHeader, stored: Native) -> tuple[Native, Native]:
    """(H, W, 4) inks of the (H, W, 3) pixels, and the source's: the same where nothing changed."""
    was = inks(source, head)
    shown, _ = from_cmyk(Pil.fromarray(was, "CMYK"), head.icc)
    changed = _differing(stored, array(shown, 3))
    now = was.copy()
    if changed.any():
        now[changed] = to_cmyk(np.ascontiguousarray(stored[changed], np.uint8), head.icc)
    return now, was


def _differing(stored: Native, was: Native) -> NDArray[np.bool_]:
    """(H, W): pixels that differ in any channel."""
    found = stored != was
    return found.any(axis=2) if found.ndim == 3 else found


def _gain_map(
    source: bytes, stored: Native, was: Native, *, apart: bool
) -> tuple[GainMap, bytes] | None:
    """The source's gain map and its edited JPEG."""
    found = gain_maps.find(source)
    try:
        if found is None:
            return None
        return found, gain_map_file.edited(found, _differing(stored, was), apart=apart)
    except ValueError as error:
        logger.info("the gain map is not kept: %s", error)
        return None


def _assembled(
    body: bytes,
    metadata: Metadata,
    icc: bytes | None,
    *,
    jfif: bool,
    second: tuple[GainMap, bytes] | None,
) -> bytes:
    """A whole file; with a gain map behind it, and the index and the directory that name it."""
    if second is None:
        return b"\xff\xd8" + jpeg.segments(metadata, icc, jfif=jfif) + body
    found, content = second
    packet = gain_maps.announced(metadata.xmp, found, len(content))
    before = b"\xff\xd8" + jpeg.segments(replace(metadata, xmp=packet), icc, jfif=jfif)
    before += jpeg.application(found.iso_first)
    index = mpf.index_segment(len(before), len(before) + len(body), len(content))
    return before + index + body + content


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
    packet = metadata.xmp
    if packet and orientation != 1:
        packet = xmp.oriented(packet, orientation)
    return replace(
        metadata,
        exif=exif.sized(exif.oriented(metadata.exif, orientation), size),
        xmp=xmp.sized(packet, size) if packet else None,
    )
