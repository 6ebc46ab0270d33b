"""Pictures out."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from PIL import Image as Pil

from engine import atomic
from engine.colour import to_8_bit
from engine.geometry import Mask
from engine.picture import Picture

Report: TypeAlias = Callable[[float, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """How a picture is written; the defaults keep what the source had."""

    format: str = "png"  # a writable name of engine.formats
    depth: int | None = None  # 8 or 16; None: as the document
    quality: int = 92  # 1..100, JPEG, WebP, AVIF
    subsampling: str = "4:4:4"  # JPEG: 4:4:4, 4:2:2, 4:2:0
    compress: bool = True  # TIFF: deflate; else stored
    keep_exif: bool = True  # EXIF, XMP, IPTC, resolution and text
    keep_gps: bool = True
    keep_alpha: bool = True
    private: bool = False  # nothing but pixels and profile
    source_type: str | None = None  # term of IPTC's digitalsourcetype vocabulary, into XMP


def write(
    picture: Picture, path: Path, options: ExportOptions, report: Report | None = None
) -> None:
    """Write the file, whole or not at all. Raises ImageUnwritable or DiskFull."""
    content = encode(picture, options, report)
    with atomic.replace(path) as file:
        file.write(content)


def encode(picture: Picture, options: ExportOptions, report: Report | None = None) -> bytes:
    """The bytes of the file."""
    image = Pil.fromarray(to_8_bit(picture.pixels))
    out = io.BytesIO()
    image.save(out, options.format, quality=options.quality, icc_profile=picture.icc)
    return out.getvalue()


def write_mask(mask: Mask, path: Path) -> None:
    """The mask as a gray PNG."""
    write(Picture(pixels=np.asarray(mask)), path, ExportOptions())
