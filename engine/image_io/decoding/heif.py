"""Decodes AVIF and HEIC files to arrays."""

import io
import struct
from dataclasses import replace
from functools import partial
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil

from engine.colour.named import of_code_points
from engine.errors import ImageUnreadable
from engine.geometry import Native, Size
from engine.image_io.decoding import arrays
from engine.image_io.decoding.arrays import ColoursOf, Decoded
from engine.image_io.headers import avif_boxes, exif
from engine.image_io.limits import Limits
from engine.picture import Metadata

_BOXES = 65_536
"""Bytes from the start in which the boxes of the description are looked for."""


def decode_avif(content: bytes, limits: Limits) -> Decoded:
    """An AVIF file, at 8 bits."""
    opened, irregular = _opened_avif(content)
    with opened as image:
        limits.check_size(Size(*image.size))
        pixels, alpha = arrays.by_pillow(image)
        info = image.info
        frames = getattr(image, "n_frames", 1)
    depth = _depth(content)
    notes = (
        *((f"depth-reduced:{depth}:8",) if depth > 8 else ()),
        *(("first-frame",) if frames > 1 else ()),
        *irregular,
    )
    colours = _colours(content)
    return replace(_boxed(pixels, alpha, info, limits), notes=notes, colours=colours)


def _opened_avif(content: bytes) -> tuple[Pil.Image, tuple[str, ...]]:
    """The opened file, of an early writer after a repair, and what is to note of it."""
    try:
        return open_avif(io.BytesIO(content)), ()
    except (SyntaxError, RuntimeError, ValueError) as error:
        if not _has_whole_boxes(content):
            raise
        repaired = _repaired(content)
        if repaired is None:
            raise ImageUnreadable(None, "kind", "avif-form") from error
        return open_avif(io.BytesIO(repaired)), ("irregular",)


def _repaired(content: bytes) -> bytes | None:
    try:
        return avif_boxes.with_one_association(content)
    except (ValueError, struct.error, IndexError):
        return None


def open_avif(stream: BinaryIO) -> Pil.Image:
    """Pillow's AVIF reader on a stream; nothing is decoded yet."""
    from PIL import AvifImagePlugin  # its library is large: loaded with the first file

    return AvifImagePlugin.AvifImageFile(stream)


def _has_whole_boxes(content: bytes) -> bool:
    """Whether the boxes of a file fill it: then it is no copy that was cut."""
    at = 0
    while at + 8 <= len(content):
        length = int.from_bytes(content[at : at + 4], "big")
        if length == 1:
            length = int.from_bytes(content[at + 8 : at + 16], "big")
        if length < 8:
            return length == 0  # to the end of the file
        at += length
    return at == len(content)


def _depth(content: bytes) -> int:
    """Bits of a channel by the AV1 configuration box: 8, or 10 and 12, which Pillow cuts."""
    at = content.find(b"av1C", 0, _BOXES)
    flags = content[at + 6] if 0 < at < len(content) - 6 else 0
    return (12 if flags & 0x20 else 10) if flags & 0x40 else 8


def _colours(content: bytes) -> ColoursOf | None:
    """What the first colour box of code points says (ISO/IEC 23008-12, nclx)."""
    at = content.find(b"colrnclx", 0, _BOXES)
    if at < 0 or at + 12 > len(content):
        return None
    primaries, transfer = struct.unpack_from(">HH", content, at + 8)
    return partial(of_code_points, primaries, transfer)


def decode_heic(content: bytes, limits: Limits) -> Decoded:
    """A HEIC file, which libheif has turned upright already."""
    try:
        heif = open_heic(content)
        limits.check_size(Size(*heif.size))
        found = np.asarray(heif)
    except IndexError as error:  # no picture that it can decode
        raise ImageUnreadable(None, "kind", "heif-codec") from error
    except (RuntimeError, ValueError, OSError, NotImplementedError) as error:
        kind = _kind_of(str(error).lower())
        if kind and _has_whole_boxes(content):
            raise ImageUnreadable(None, "kind", kind) from error
        raise
    pixels, alpha = arrays.apart(found) if heif.has_alpha else (found, None)
    if alpha is not None:
        alpha = _scaled(alpha, heif.info)
    pixels = _scaled(cast(Native, pixels), heif.info)
    if alpha is not None and heif.premultiplied_alpha:
        pixels = arrays.straight(pixels, alpha)
    boxed = _boxed(pixels, alpha, heif.info, limits, turn=1)
    return replace(boxed, notes=_more(heif), colours=_colours(content))


def _kind_of(words: str) -> str:
    """What libheif's words say of a whole file that it does not open; empty for others."""
    if "primary item" in words:
        return "heif-sequence"
    return "heif-codec" if "support" in words else ""


def _scaled(pixels: Native, info: dict[str, Any]) -> Native:
    """libheif's numbers of 10 and 12 bits stand in the upper bits of 16: white made 65,535."""
    depth = int(info.get("bit_depth", 8))
    if pixels.dtype != np.uint16 or not 8 < depth < 16:
        return pixels
    top = (1 << depth) - 1
    table = np.rint(np.arange(top + 1) * (65_535 / top)).astype(np.uint16)
    out = np.empty_like(pixels)
    for row, found in zip(out, pixels):
        row[:] = table[cast("NDArray[np.uint16]", found) >> (16 - depth)]
    return out


def _more(heif: Any) -> tuple[str, ...]:
    """What the file holds beside its main picture."""
    others = len(heif) > 1 or bool(heif.info.get("depth_images"))
    has_map = any("hdrgainmap" in str(name).lower() for name in heif.info.get("aux", {}))
    return (
        *(("more-pictures",) if others else ()),
        *(("gain-map",) if has_map else ()),
    )


def open_heic(content: bytes) -> Any:
    """A HEIC file by the optional extra. Raises ImageUnreadable where that is not installed."""
    try:
        import pillow_heif
    except ImportError as error:
        raise ImageUnreadable(None, "needs-formats", "heic") from error
    opened = pillow_heif.open_heif  # pyright: ignore[reportUnknownMemberType,reportUnknownVariableType]
    return opened(io.BytesIO(content), convert_hdr_to_8bit=False)


def _boxed(
    pixels: Native,
    alpha: Native | None,
    info: dict[Any, Any],
    limits: Limits,
    turn: int | None = None,
) -> Decoded:
    """AVIF and HEIC: what the library found in the boxes."""
    icc, block, packet = (_bytes(info.get(key)) for key in ("icc_profile", "exif", "xmp"))
    limits.check("profile", len(icc or b""))
    limits.check("metadata", len(block or b"") + len(packet or b""))
    block = block.removeprefix(b"Exif\0\0") if block else None
    return Decoded(
        pixels=pixels,
        alpha=alpha,
        icc=icc,
        metadata=Metadata(exif=block, xmp=packet),
        orientation=turn or exif.orientation(block),
    )


def _bytes(found: object) -> bytes | None:
    return found or None if isinstance(found, bytes) else None
