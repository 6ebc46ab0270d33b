"""Decodes AVIF and HEIC files to arrays."""

import io
from dataclasses import replace
from typing import Any, BinaryIO, cast

import numpy as np
from PIL import Image as Pil

from engine.errors import ImageUnreadable
from engine.geometry import Native, Size
from engine.image_io.decoding import arrays
from engine.image_io.decoding.arrays import Decoded
from engine.image_io.headers import exif
from engine.image_io.limits import Limits
from engine.picture import Metadata


def decode_avif(content: bytes, limits: Limits) -> Decoded:
    """An AVIF file, at 8 bits."""
    with open_avif(io.BytesIO(content)) as image:
        limits.check_size(Size(*image.size))
        pixels, alpha = arrays.by_pillow(image)
        info = image.info
    notes = ("depth-reduced",) if _is_deep(content) else ()
    return replace(_boxed(pixels, alpha, info, limits), notes=notes)


def open_avif(stream: BinaryIO) -> Pil.Image:
    """Pillow's AVIF reader on a stream; nothing is decoded yet."""
    from PIL import AvifImagePlugin  # its library is large: loaded with the first file

    return AvifImagePlugin.AvifImageFile(stream)


def _is_deep(content: bytes) -> bool:
    """Whether the AV1 configuration box tells of more than 8 bits, which Pillow cuts."""
    at = content.find(b"av1C", 0, 65_536)
    return 0 < at < len(content) - 6 and bool(content[at + 6] & 0x40)


def decode_heic(content: bytes, limits: Limits) -> Decoded:
    """A HEIC file, which libheif has turned upright already."""
    heif = open_heic(content)
    limits.check_size(Size(*heif.size))
    found = np.asarray(heif)
    pixels, alpha = arrays.apart(found) if heif.has_alpha else (found, None)
    if alpha is not None and heif.premultiplied_alpha:
        raise ImageUnreadable(None, "mode", "premultiplied alpha")
    return _boxed(cast(Native, pixels), alpha, heif.info, limits, turn=1)


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
