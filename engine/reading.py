"""Pictures in: the only place where foreign picture bytes are decoded.

Notes a picture may carry: cmyk-converted, cmyk-no-profile, palette-converted, first-frame,
profile-broken, profile-one-way, depth-reduced, exif-broken.
"""

import io
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image as Pil
from PIL import ImageOps

from engine import formats
from engine.errors import EngineError, ImageUnreadable
from engine.geometry import Size
from engine.limits import Limits
from engine.picture import Metadata, Picture


def read(path: Path, limits: Limits | None = None) -> Picture:
    """The picture in a file. Raises ImageUnreadable or ImageTooLarge."""
    limits = limits or Limits()
    try:
        limits.check("file", path.stat().st_size, path)
        return read_bytes(path.read_bytes(), path.name, limits)
    except OSError as error:
        raise ImageUnreadable(path, "access", str(error)) from error


def read_bytes(content: bytes, name: str, limits: Limits | None = None) -> Picture:
    """The picture in these bytes; `name` is for messages. Raises as `read` does."""
    limits = limits or Limits()
    path = Path(name)
    limits.check("file", len(content), path)
    found = formats.sniff(content[:64])
    if found is None:
        raise ImageUnreadable(path, "format")
    with _only_declared(path):
        return _decoded(content, found, limits, path)


@contextmanager
def _only_declared(path: Path) -> Generator[None]:
    try:
        yield
    except EngineError:
        raise
    except Exception as error:
        raise ImageUnreadable(path, "damaged", f"{type(error).__name__}: {error}") from error


def _decoded(content: bytes, found: str, limits: Limits, path: Path) -> Picture:
    allowed = ("PNG", "JPEG", "MPO", "WEBP", "TIFF", "BMP", "GIF", "AVIF")
    with Pil.open(io.BytesIO(content), formats=allowed) as image:
        limits.check_size(Size(*image.size), path)
        icc = image.info.get("icc_profile")
        exif = image.getexif()
        turned = ImageOps.exif_transpose(image)
    mode = "L" if turned.mode in ("L", "1") else "RGB"
    alpha = np.asarray(turned.convert("RGBA").getchannel("A")) if "A" in turned.mode else None
    metadata = Metadata(exif=exif.tobytes()[6:] if exif else None)
    pixels = np.asarray(turned.convert(mode))
    return Picture(pixels=pixels, alpha=alpha, icc=icc, metadata=metadata, format=found)
