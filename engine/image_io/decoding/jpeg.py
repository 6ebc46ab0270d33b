"""Decodes JPEG files: libjpeg-turbo straight into the final array, Pillow where that refuses.

Pillow reads what libjpeg reads with a warning: bytes between the segments, a profile that is cut,
an unusual sampling. Such files, and those without an end, are noted, and their blocks are not kept.
"""

import io
from dataclasses import replace

import numpy as np
import simplejpeg  # pyright: ignore[reportMissingTypeStubs]
from numpy.typing import NDArray
from PIL import Image as Pil
from PIL import JpegImagePlugin

from engine.errors import ImageUnreadable
from engine.geometry import Native, Size
from engine.image_io.decoding import arrays
from engine.image_io.decoding.arrays import Decoded
from engine.image_io.headers import exif, jpeg, mpf
from engine.image_io.limits import Limits
from engine.picture import Coding

_END = b"\xff\xd9"
_LOSSLESS, _HIERARCHICAL, _ARITHMETIC = (0xC3,), (0xC5, 0xC6, 0xC7, 0xCD, 0xCE, 0xCF), (0xC9, 0xCA)
_VIDEO_MARKS = (b'MotionPhoto="1"', b'MicroVideo="1"', b"<GCamera:MotionPhoto>1<")
_GAIN_MARKS = (b"http://ns.adobe.com/hdr-gain-map/1.0/", b"http://ns.apple.com/HDRGainMap/1.0/")
_VIDEO_WITHIN = 64  # bytes behind the end of the picture
_SAMSUNG = b"MotionPhoto_Data"


def decode(content: bytes, limits: Limits) -> Decoded:
    """The first picture of the file. Raises ImageUnreadable, ImageTooLarge, ValueError, OSError."""
    head = jpeg.examine(io.BytesIO(content), limits)
    _check_kind(head)
    found = _cmyk(content, head) if head.channels == 4 else _pixels(content, head)
    clean = not {"end-missing", "irregular"} & set(found.notes)
    return replace(
        found,
        metadata=head.metadata,
        orientation=exif.orientation(head.exif),
        notes=(*found.notes, *_more(content, head)),
        coding=Coding(
            quality=jpeg.quality(head),
            subsampling=jpeg.subsampling(head),
            progressive=head.progressive,
            file=content if clean else None,
        ),
    )


def _check_kind(head: jpeg.JpegHeader) -> None:
    code = ""
    if head.frame in _HIERARCHICAL:
        code = "jpeg-hierarchical"
    elif head.frame in _LOSSLESS and head.precision == 8:
        code = "jpeg-lossless"
    elif head.precision != 8:
        code = f"jpeg-bits {head.precision}"
    elif head.channels not in (1, 3, 4):
        code = f"jpeg-channels {head.channels}"
    if code:
        raise ImageUnreadable(None, "kind", code)


def _pixels(content: bytes, head: jpeg.JpegHeader) -> Decoded:
    """Gray or RGB."""
    gray = head.channels == 1
    if not jpeg.is_whole(content, head):
        return _without_end(content, head)
    if not head.irregular:
        try:
            pixels = arrays.by_turbo(content, head.size, gray=gray)
            return Decoded(pixels=pixels, icc=head.icc, metadata=head.metadata)
        except ValueError:  # Pillow knows more, and says whether it is damage
            pass
    pixels = _by_pillow(content, head)
    return Decoded(pixels=pixels, icc=head.icc, metadata=head.metadata, notes=("irregular",))


def _without_end(content: bytes, head: jpeg.JpegHeader) -> Decoded:
    """Only the mark of the end may be missing: libjpeg paints missing pixels gray, and warns."""
    gray = head.channels == 1
    try:
        found = simplejpeg.decode_jpeg(content + _END, "GRAY" if gray else "RGB", strict=True)
    except ValueError as error:
        raise ImageUnreadable(None, "damaged", "cut off") from error
    if Size.of(found) != head.size:
        raise ImageUnreadable(None, "damaged", "size")
    pixels = found[..., 0].copy() if gray else found
    return Decoded(pixels=pixels, icc=head.icc, metadata=head.metadata, notes=("end-missing",))


def _by_pillow(content: bytes, head: jpeg.JpegHeader) -> Native:
    with JpegImagePlugin.JpegImageFile(io.BytesIO(content)) as image:
        if Size(*image.size) != head.size:
            raise ImageUnreadable(None, "damaged", "size")
        try:
            pixels, _ = arrays.by_pillow(image)
        except OSError as error:
            if head.frame in _ARITHMETIC:
                raise ImageUnreadable(None, "kind", "jpeg-arithmetic") from error
            raise
    arrays.expect(pixels, np.uint8, head.channels)
    return pixels


def _cmyk(content: bytes, head: jpeg.JpegHeader) -> Decoded:
    if not jpeg.is_whole(content, head):
        raise ImageUnreadable(None, "damaged", "cut off")
    with _opened(content, head) as image:
        converted, notes = arrays.from_cmyk(image, head.icc)
    return Decoded(pixels=arrays.array(converted, 3), metadata=head.metadata, notes=notes)


def inks(content: bytes, head: jpeg.JpegHeader) -> NDArray[np.uint8]:
    """(H, W, 4) uint8: the inks of a JPEG of four channels, 255 being all of them."""
    with _opened(content, head) as image:
        return arrays.array(image, 4)


def _opened(content: bytes, head: jpeg.JpegHeader) -> Pil.Image:
    image = JpegImagePlugin.JpegImageFile(io.BytesIO(content))
    if Size(*image.size) != head.size or image.mode != "CMYK":
        raise ImageUnreadable(None, "damaged", "size")
    return image


def _more(content: bytes, head: jpeg.JpegHeader) -> tuple[str, ...]:
    """What the file holds beside its first picture."""
    packet, notes = head.xmp or b"", ()
    has_map = head.has_gain_map or any(mark in packet for mark in _GAIN_MARKS)
    others = len(mpf.other_pictures(head)) - has_map
    if has_map:
        notes += ("gain-map",)
    if others > 0:
        notes += ("more-pictures",)
    if any(mark in packet for mark in _VIDEO_MARKS) or _has_video(content):
        notes += ("motion-video",)
    return notes


def _has_video(content: bytes) -> bool:
    at = jpeg.end_of(content)
    behind = content[at : at + _VIDEO_WITHIN]
    return (
        behind[4:8] == b"ftyp"
        or _SAMSUNG in behind
        or (content[-4:] == b"SEFT" and (_SAMSUNG in content[at:]))
    )
