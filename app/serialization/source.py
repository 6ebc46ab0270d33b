"""Profile, metadata and coding of a picture's file as JSON and raw parts, and back."""

import io
from collections.abc import Callable
from typing import Annotated, Literal

import msgspec

from app.serialization.blobs import Items
from engine.colour import convert as colour
from engine.errors import FileError
from engine.geometry import Native, Size
from engine.image_io.headers import jpeg
from engine.image_io.limits import Limits
from engine.picture import Coding, Metadata, Picture

LIMITS = {
    "icc": "profile",
    "exif": "metadata",
    "xmp": "metadata",
    "iptc": "metadata",
    "coded": "file",
}
"""The raw parts, each with the name of its limit."""


class StoredCoding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A Coding, but for the file."""

    quality: Annotated[int, msgspec.Meta(ge=1, le=100)] | None = None
    subsampling: Literal["4:4:4", "4:2:2", "4:2:0", "4:4:0", "4:1:1", "4:1:0"] | None = None
    progressive: bool = False
    lossless: bool | None = None
    bits: Literal[1, 2, 4, 8, 16] | None = None
    palette: Annotated[bytes, msgspec.Meta(max_length=768)] = b""
    palette_alpha: Annotated[bytes, msgspec.Meta(max_length=256)] = b""
    interlaced: bool = False
    orientation: Annotated[int, msgspec.Meta(ge=1, le=8)] = 1


class StoredSource(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Format, notes and metadata of a Picture, but for the raw parts."""

    format: str
    notes: Items[str]
    dpi: tuple[float, float] | None
    text: Items[tuple[str, str]]
    coding: StoredCoding | None = None


def store_source(picture: Picture) -> StoredSource:
    metadata = picture.metadata
    fields = {name: getattr(picture.coding, name) for name in StoredCoding.__struct_fields__}
    coding = StoredCoding(**fields)
    return StoredSource(
        format=picture.format,
        notes=picture.notes,
        dpi=metadata.dpi,
        text=metadata.text,
        coding=coding if coding != StoredCoding() else None,
    )


def raw_parts(picture: Picture) -> dict[str, bytes]:
    """Profile, metadata and the file that is coded as it came, by the names of `LIMITS`."""
    metadata = picture.metadata
    found = {
        "icc": picture.icc,
        "exif": metadata.exif,
        "xmp": metadata.xmp,
        "iptc": metadata.iptc,
        "coded": picture.coding.file,
    }
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
        coding=_coding(stored.coding or StoredCoding(), part("coded"), Size.of(pixels)),
        notes=stored.notes,
    )


def _coding(stored: StoredCoding, file: bytes | None, size: Size) -> Coding:
    """The coding; without the file where that is no whole JPEG of this size."""
    fields = {name: getattr(stored, name) for name in StoredCoding.__struct_fields__}
    is_fit = file is not None and _is_jpeg(file, size, is_turned=stored.orientation >= 5)
    return Coding(**fields, file=file if is_fit else None)


def _is_jpeg(file: bytes, size: Size, *, is_turned: bool) -> bool:
    try:
        head = jpeg.examine(io.BytesIO(file), Limits(pixels=size.pixels))
    except (FileError, ValueError):
        return False
    upright = Size(head.size.height, head.size.width) if is_turned else head.size
    return upright == size and jpeg.is_whole(file, head)
