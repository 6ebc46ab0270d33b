"""Reads pictures: the only way by which foreign picture bytes enter.

Notes a picture may carry: cmyk-converted, cmyk-no-profile, lab-converted, palette-converted;
first-frame, more-pictures, gain-map, motion-video (the file holds more than was opened);
channels-dropped, alpha-empty (nothing all over, left out); profile-broken (taken for sRGB),
profile-one-way (converted to sRGB), colours-named (a profile was made), colours-unknown (taken for
sRGB), colours-pq, colours-hlg; encoded-anew (a JPEG of which no export can keep the blocks);
depth-reduced and depth-widened with both depths behind colons, values-clipped, values-shifted (half
the range was added to signed numbers), values-unsigned (they are called signed, and are not);
end-missing, irregular (read by a decoder that forgives), parts-broken, exif-broken.
"""

from dataclasses import replace
from pathlib import Path
from typing import cast

import cv2
import numpy as np
from PIL import Image as Pil

from engine.colour import convert, lcms, named
from engine.geometry import Native, Size
from engine.image_io.decoding.arrays import Decoded
from engine.image_io.decoding.decode import decode
from engine.image_io.formats import translate_errors
from engine.image_io.headers import exif, xmp
from engine.image_io.headers.kinds import format_of
from engine.image_io.limits import Limits
from engine.picture import Coding, Picture
from engine.storage.foreign_file import read_file

_TURNED_BY_EXIF = ("jpeg", "png", "webp")


def read(path: Path, limits: Limits | None = None) -> Picture:
    """The picture in a file. Raises ImageUnreadable or ImageTooLarge.

    Reasons of ImageUnreadable: empty, format, kind (known but not read: the detail is its code),
    raw (of a camera: the detail is its usual ending), reduced (a TIFF that opens with a small
    version of its main picture), needs-formats (HEIC without the extra), no-file, access, damaged.
    """
    limits = limits or Limits()
    with translate_errors(path):
        return _picture(read_file(path, limits.file), limits)


def read_bytes(content: bytes, name: str, limits: Limits | None = None) -> Picture:
    """The picture in these bytes; `name` is for messages. Raises as `read` does."""
    limits = limits or Limits()
    with translate_errors(Path(name)):
        limits.check("file", len(content))
        return _picture(content, limits)


def turned(pixels: Native, orientation: int) -> Native:
    """(H, W) or (H, W, C) pixels made upright, for an EXIF orientation of 1..8."""
    if orientation >= 5:
        pixels = cast(Native, cv2.transpose(pixels))
    flip = {2: 1, 3: -1, 4: 0, 6: 1, 7: -1, 8: 0}.get(orientation)
    return pixels if flip is None else cast(Native, cv2.flip(pixels, flip, dst=pixels))


def _picture(content: bytes, limits: Limits) -> Picture:
    found = format_of(content)
    decoded = _with_usable_profile(_with_named_colours(decode(content, found, limits)))
    pixels = turned(decoded.pixels, decoded.orientation)
    alpha = None if decoded.alpha is None else turned(decoded.alpha, decoded.orientation)
    limits.check_size(Size.of(pixels))
    block = exif.upright(decoded.metadata.exif)
    packet = _as_applied(decoded.metadata.xmp, form=found, block=block)
    broken = ("exif-broken",) if decoded.metadata.exif and not block else ()
    for array in (pixels, alpha):
        if array is not None:
            array.flags.writeable = False
    coding = _coding_of(decoded)
    anew = ("encoded-anew",) if found == "jpeg" and coding.file is None else ()
    return Picture(
        pixels=pixels,
        alpha=alpha,
        icc=decoded.icc,
        metadata=replace(decoded.metadata, exif=block, xmp=packet),
        format=found,
        coding=coding,
        notes=(*decoded.notes, *broken, *anew),
    )


def _as_applied(packet: bytes | None, *, form: str, block: bytes | None) -> bytes | None:
    """An XMP packet with the orientation of upright pixels.

    Where a format leaves the orientation to EXIF, and there is none, one that XMP names is applied
    neither here nor by browsers and other editors: it stays.
    """
    if packet is None or (form in _TURNED_BY_EXIF and not exif.names_orientation(block)):
        return packet
    return xmp.oriented(packet, 1)


def _coding_of(decoded: Decoded) -> Coding:
    """Blocks can be kept only where the way from the file's pixels to ours can be gone back."""
    converted = "profile-one-way" in decoded.notes
    file = None if converted else decoded.coding.file
    return replace(
        decoded.coding, file=file, is_read=file is not None, orientation=decoded.orientation
    )


def _with_named_colours(decoded: Decoded) -> Decoded:
    """With the profile of what the file says of its colours in other ways, where it has none."""
    gray = decoded.pixels.ndim == 2
    if decoded.icc is not None or {"cmyk-converted", "lab-converted"} & set(decoded.notes):
        return decoded
    found = decoded.colours(gray=gray) if decoded.colours else named.Named()
    if found == named.Named() and exif.is_adobe_rgb(decoded.metadata.exif):
        found = named.adobe_rgb(gray=gray)
    return replace(decoded, icc=found.icc, notes=(*decoded.notes, *found.notes))


def _with_usable_profile(decoded: Decoded) -> Decoded:
    """A document stays in its profile only if patches can be brought into it."""
    icc, gray = decoded.icc, decoded.pixels.ndim == 2
    if icc is None or convert.usable(icc, gray=gray):
        return decoded
    converted = None if gray else _by_one_way(decoded.pixels, icc)
    if converted is None:
        return replace(decoded, icc=None, notes=(*decoded.notes, "profile-broken"))
    notes = (*decoded.notes, "profile-one-way")
    if decoded.pixels.dtype == np.uint16:
        notes = (*notes, "depth-reduced:16:8")
        alpha = None if decoded.alpha is None else convert.to_8_bit(decoded.alpha)
        decoded = replace(decoded, alpha=alpha)
    return replace(decoded, icc=None, pixels=converted, notes=notes)


def _by_one_way(pixels: Native, icc: bytes) -> Native | None:
    image = lcms.one_way_to_srgb(Pil.fromarray(convert.to_8_bit(pixels)), icc)
    return None if image is None else np.array(image)
