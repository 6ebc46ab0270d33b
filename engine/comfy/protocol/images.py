"""Decodes what a server sends: whole PNG files, and previews.

A result that is damaged or cut off raises; a preview that cannot be decoded is None, since the
next one is on its way.
"""

import io
import struct
import warnings

import cv2
import numpy as np
from PIL import Image as Pillow

from engine.comfy.errors import ServerBroken
from engine.comfy.prompt_plan import PlanOutputs
from engine.geometry import Image, Size

MAX_SIDE = 1 << 14
MAX_PREVIEW_PIXELS = 2048 * 2048  # servers scale previews to 512; more is a result, or an attack
_PREVIEW_FORMATS = ("JPEG", "PNG", "WEBP")
_HEAD = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
_END = b"IEND\xaeB`\x82"


def decode_png(content: bytes, server: str, size: Size | None = None) -> Image:
    """(h, w, 3) of a PNG that `server` sent; of this size, if one is given.

    Raises ServerBroken: format (no PNG, or one that is damaged), truncated, size. What arrives cut
    off must not pass: the rest of the picture would be black.
    """
    found = size_of_png(content, server)
    if size is not None and found != size:
        raise ServerBroken(server, "size", f"{found.width} x {found.height}")
    if not content.endswith(_END):
        raise ServerBroken(server, "truncated")
    pixels = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR_RGB)
    if pixels is None:
        raise ServerBroken(server, "format", "PNG")
    return np.asarray(pixels, np.uint8)


def only_picture(outputs: PlanOutputs, node: str, size: Size) -> Image:
    """The first picture of a node, (h, w, 3). Raises ServerBroken as `decode_png`, or empty."""
    answered = outputs.of.get(node)
    if answered is None or not answered.images:
        raise ServerBroken(outputs.server, "empty")
    return decode_png(answered.images[0], outputs.server, size)


def size_of_png(content: bytes, server: str) -> Size:
    """As the header has it, so that nothing huge is unpacked. Raises ServerBroken: format, size."""
    if not content.startswith(_HEAD) or len(content) < 33:
        raise ServerBroken(server, "format", "PNG")
    size = Size(*struct.unpack(">II", content[16:24]))
    if not 0 < size.width <= MAX_SIDE or not 0 < size.height <= MAX_SIDE:
        raise ServerBroken(server, "size", f"{size.width} x {size.height}")
    return size


def decode_preview(content: bytes) -> Image | None:
    """(h, w, 3) of a JPEG, PNG or WebP file; None when it is none, damaged or too large."""
    try:
        with (
            warnings.catch_warnings(),
            Pillow.open(io.BytesIO(content), "r", _PREVIEW_FORMATS) as file,
        ):
            warnings.simplefilter("ignore")
            if file.width * file.height > MAX_PREVIEW_PIXELS:
                return None
            pixels = np.asarray(file.convert("RGB"), np.uint8)
    except (OSError, SyntaxError, ValueError, Pillow.DecompressionBombError):
        return None
    pixels.setflags(write=False)
    return pixels
