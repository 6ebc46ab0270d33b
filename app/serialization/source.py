"""Profile and metadata of a picture's file as JSON and raw parts, and back."""

from collections.abc import Callable

import msgspec

from app.serialization.blobs import Items
from engine.colour import convert as colour
from engine.geometry import Native
from engine.picture import Metadata, Picture

LIMITS = {"icc": "profile", "exif": "metadata", "xmp": "metadata", "iptc": "metadata"}
"""The raw parts, each with the name of its limit."""


class StoredSource(msgspec.Struct, frozen=True, kw_only=True):
    """Format, notes and metadata of a Picture, but for the raw parts."""

    format: str
    notes: Items[str]
    dpi: tuple[float, float] | None
    text: Items[tuple[str, str]]


def store_source(picture: Picture) -> StoredSource:
    metadata = picture.metadata
    return StoredSource(
        format=picture.format, notes=picture.notes, dpi=metadata.dpi, text=metadata.text
    )


def raw_parts(picture: Picture) -> dict[str, bytes]:
    """Profile and metadata as they came, by the names of `LIMITS`."""
    metadata = picture.metadata
    found = {"icc": picture.icc, "exif": metadata.exif, "xmp": metadata.xmp, "iptc": metadata.iptc}
    return {name: content for name, content in found.items() if content is not None}


def load_picture(
    stored: StoredSource,
    pixels: Native,
    alpha: Native | None,
    *,
    part: Callable[[str], bytes | None],
) -> Picture:
    """The picture of (H, W) or (H, W, 3) pixels and (H, W) alpha of the same depth.

    `part` returns a raw part by name. Raises ValueError for a profile that cannot be used.
    """
    icc = part("icc")
    if icc is not None and not colour.usable(icc, gray=pixels.ndim == 2):
        raise ValueError("a profile that cannot be used")
    return Picture(
        pixels=pixels,
        alpha=alpha,
        icc=icc,
        metadata=Metadata(
            exif=part("exif"),
            xmp=part("xmp"),
            iptc=part("iptc"),
            dpi=stored.dpi,
            text=stored.text,
        ),
        format=stored.format,
        notes=stored.notes,
    )
