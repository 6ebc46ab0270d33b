"""Small pictures of a job as it stands; a broken one is no trouble: the next is on its way."""

import io
import warnings

import numpy as np
from PIL import Image as Pillow

from engine.geometry import Image

MAX_PIXELS = 2048 * 2048  # servers scale previews to 512; more is a result, or an attack


def decode(content: bytes) -> Image | None:
    """(h, w, 3) of a JPEG, PNG or WebP file; None when it is none, damaged or too large."""
    try:
        with warnings.catch_warnings(), Pillow.open(io.BytesIO(content), "r", _FORMATS) as file:
            warnings.simplefilter("ignore")
            if file.width * file.height > MAX_PIXELS:
                return None
            pixels = np.asarray(file.convert("RGB"), np.uint8)
    except (OSError, SyntaxError, ValueError, Pillow.DecompressionBombError):
        return None
    pixels.setflags(write=False)
    return pixels


_FORMATS = ("JPEG", "PNG", "WEBP")
