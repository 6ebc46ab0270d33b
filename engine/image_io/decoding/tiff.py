"""Decodes TIFF files to arrays."""

import io
from typing import cast

import numpy as np
from PIL import TiffImagePlugin

from engine.errors import ImageUnreadable
from engine.geometry import Native
from engine.image_io.decoding import arrays
from engine.image_io.decoding.arrays import Decoded
from engine.image_io.headers import exif, tiff
from engine.image_io.limits import Limits
from engine.picture import Metadata

_UNPACKED_BY_TIFFFILE = (1, 8, 32_773, 32_946)


def decode(content: bytes, limits: Limits) -> Decoded:
    """The first picture of a TIFF file."""
    head = tiff.examine(io.BytesIO(content), limits)
    pixels, alpha, notes, icc = _tiff_pixels(content, head)
    return Decoded(
        pixels=pixels,
        alpha=alpha,
        icc=icc,
        metadata=Metadata(
            exif=exif.of_tiff(head.branch), xmp=head.xmp, iptc=head.iptc, dpi=head.dpi
        ),
        # Pillow turns TIFFs, and only those, upright as it loads them
        orientation=exif.tiff_orientation(head.branch) if max(head.bits) > 8 else 1,
        notes=(*notes, *(("first-frame",) if head.has_more else ())),
    )


def _tiff_pixels(
    content: bytes, head: tiff.TiffHeader
) -> tuple[Native, Native | None, tuple[str, ...], bytes | None]:
    if max(head.bits) > 8:
        return *_tiff_16(content, head), (), head.icc
    with TiffImagePlugin.TiffImageFile(io.BytesIO(content)) as image:
        if image.mode == "CMYK":
            converted, notes = arrays.from_cmyk(image, head.icc)
            return arrays.array(converted, 3), None, notes, None
        notes = ("palette-converted",) if image.mode in ("P", "PA") else ()
        return *arrays.by_pillow(image), notes, head.icc


def _tiff_16(content: bytes, head: tiff.TiffHeader) -> tuple[Native, Native | None]:
    count = len(head.bits)
    expected = {0: 1, 1: 1, 2: 3}.get(head.photometric)
    plain = head.sample_format == 1 and set(head.bits) == {16}
    if not plain or expected is None or count not in (expected, expected + 1):
        raise ImageUnreadable(None, "mode", f"TIFF {head.bits} {head.photometric}")
    found = _samples(content, head)
    arrays.expect(found, np.uint16, count)
    if head.photometric == 0:
        found = cast(Native, np.bitwise_not(found))
    if count in (1, 3):
        return found, None
    pixels, alpha = arrays.apart(found)
    return (_straight(pixels, alpha) if head.extra[:1] == (1,) else pixels), alpha


def _samples(content: bytes, head: tiff.TiffHeader) -> Native:
    if head.compression in _UNPACKED_BY_TIFFFILE:
        return _by_tifffile(content, head.planar)
    if head.planar != 1 or len(head.bits) == 2 or head.photometric == 0:
        raise ImageUnreadable(None, "mode", f"TIFF compression {head.compression}")
    found = arrays.by_opencv(content, arrays.UNCHANGED, head.size)
    if found.ndim == 3:
        found[..., :3] = found[..., 2::-1].copy()
    return found


def _by_tifffile(content: bytes, planar: int) -> Native:
    import tifffile  # loaded when the first 16-bit TIFF is

    with tifffile.TiffFile(io.BytesIO(content)) as file:
        found = np.asarray(file.pages[0].asarray())
    if planar == 2 and found.ndim == 3:
        found = np.moveaxis(found, 0, 2)
    return cast(Native, found.astype(found.dtype.newbyteorder("="), copy=False))


def _straight(pixels: Native, alpha: Native) -> Native:
    """Undo premultiplication, rounded."""
    share = np.maximum(alpha, 1).astype(np.float32) / 65_535
    if pixels.ndim == 3:
        share = share[..., None]
    return np.clip(np.rint(pixels / share), 0, 65_535).astype(np.uint16)
