"""Decodes BMP files: bit fields from the samples, all else by Pillow.

A file of bit fields (BI_BITFIELDS) says by masks which bits of a pixel are red, green, blue and
alpha; Pillow knows the usual masks only, and no alpha at 16 bits.
"""

import io
import struct
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PIL import BmpImagePlugin
from PIL import Image as Pil

from engine.errors import ImageUnreadable
from engine.geometry import Native, Size
from engine.image_io.decoding import arrays
from engine.image_io.decoding.arrays import Decoded
from engine.image_io.limits import Limits
from engine.picture import Metadata

_BIT_FIELDS, _BIT_FIELDS_WITH_ALPHA = 3, 6
_LEAST = 70  # bytes of a file with all masks
_UNKNOWN = "Unsupported BMP"  # the start of Pillow's words for a form that it does not know


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fields:
    """Header of a BMP of bit fields."""

    size: Size
    bits: int  # of a pixel: 16 or 32
    start: int  # offset of the first row
    is_top_down: bool
    masks: tuple[int, int, int, int]  # red, green, blue, alpha
    dpi: tuple[float, float] | None


def decode(content: bytes, limits: Limits) -> Decoded:
    """The picture of a BMP. Raises ImageUnreadable, ImageTooLarge, OSError, ValueError."""
    fields = _fields_of(content)
    if fields is not None:
        limits.check_size(fields.size)
        return _by_fields(content, fields)
    try:
        return _by_pillow(content, limits)
    except OSError as error:
        if not str(error).startswith(_UNKNOWN):
            raise
        raise ImageUnreadable(None, "kind", "bmp-form") from error


def _by_pillow(content: bytes, limits: Limits) -> Decoded:
    with BmpImagePlugin.BmpImageFile(io.BytesIO(content)) as image:
        limits.check_size(Size(*image.size))
        notes = ("palette-converted",) if image.mode == "P" else ()
        pixels, alpha = arrays.by_pillow(image)
        return Decoded(
            pixels=pixels, alpha=alpha, metadata=Metadata(dpi=_dpi_of(image)), notes=notes
        )


def _dpi_of(image: Pil.Image) -> tuple[float, float] | None:
    found = image.info.get("dpi")
    return (round(float(found[0]), 2), round(float(found[1]), 2)) if found else None


def _fields_of(content: bytes) -> _Fields | None:
    """None for another form."""
    if len(content) < _LEAST:
        return None
    start, header, width, height, _, bits, form = struct.unpack_from("<IIiiHHI", content, 10)
    if header < 40 or form not in (_BIT_FIELDS, _BIT_FIELDS_WITH_ALPHA) or bits not in (16, 32):
        return None
    red, green, blue, alpha = struct.unpack_from("<4I", content, 54)
    has_alpha = header >= 56 or form == _BIT_FIELDS_WITH_ALPHA
    masks = (red, green, blue, alpha if has_alpha else 0)
    if width < 1 or height == 0 or not all(map(_is_plain, masks)):
        return None
    across, down = struct.unpack_from("<ii", content, 38)
    return _Fields(
        size=Size(width, abs(height)),
        bits=bits,
        start=start,
        is_top_down=height < 0,
        masks=masks,
        dpi=(round(across * 0.0254, 2), round(down * 0.0254, 2)) if min(across, down) > 0 else None,
    )


def _is_plain(mask: int) -> bool:
    """Whether its bits stand together."""
    return (mask & -mask) + mask & mask == 0


def _by_fields(content: bytes, fields: _Fields) -> Decoded:
    values = _values(content, fields)
    red, green, blue = (_channel(values, mask) for mask in fields.masks[:3])
    alpha = _channel(values, fields.masks[3]) if fields.masks[3] else None
    deepest = max(mask.bit_count() for mask in fields.masks)
    notes = (f"depth-reduced:{deepest}:8",) if deepest > 8 else ()
    if alpha is not None and not alpha.any():  # a part that the writer left at nothing
        alpha, notes = None, (*notes, "alpha-empty")
    return Decoded(
        pixels=cast(Native, np.dstack([red, green, blue])),
        alpha=alpha,
        metadata=Metadata(dpi=fields.dpi),
        notes=notes,
    )


def _values(content: bytes, fields: _Fields) -> NDArray[np.uint32]:
    """(H, W): the bits of each pixel. Raises ValueError where rows are missing."""
    width, height = fields.size
    step = (width * fields.bits + 31) // 32 * 4
    if fields.start + step * height > len(content):
        raise ValueError("cut off")
    rows = np.frombuffer(content, np.uint8, step * height, fields.start).reshape(height, step)
    found = np.ascontiguousarray(rows).view(f"<u{fields.bits // 8}")[:, :width].astype(np.uint32)
    return found if fields.is_top_down else found[::-1]


def _channel(values: NDArray[np.uint32], mask: int) -> NDArray[np.uint8]:
    """(H, W) uint8: the bits of the mask, scaled."""
    if not mask:
        return np.zeros(values.shape, np.uint8)
    lowest = (mask & -mask).bit_length() - 1
    top = mask >> lowest
    found = (values & np.uint32(mask)) >> np.uint32(lowest)
    return np.rint(found * (255 / top)).astype(np.uint8)
