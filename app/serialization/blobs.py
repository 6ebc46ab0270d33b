"""Arrays beside the JSON of a file: stored as blobs, which the JSON calls by a name or an index.

The classes `Stored...` of this package are what stands in the JSON.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeAlias, TypeVar

import msgspec

from app.document.tiles import PackedMask
from engine.geometry import Native, Rect, Size

Item = TypeVar("Item")

MAX_ITEMS = 100_000
BlobName: TypeAlias = int | str
Items: TypeAlias = Annotated[tuple[Item, ...], msgspec.Meta(max_length=MAX_ITEMS)]
"""A list of limited length."""


@dataclass(frozen=True, slots=True)
class BlobWriter:
    """Stores arrays and masks, and returns the names for them."""

    pixels: Callable[[Native], BlobName]
    mask: Callable[[PackedMask], BlobName]


@dataclass(frozen=True, slots=True)
class BlobReader:
    """Returns what `BlobWriter` stored; raises ValueError, KeyError or its like where it is none.

    `pixels(name, size, channels)` gives (H, W) for one channel, else (H, W, 3), uint8; `native`
    the same in the depth and the channels of the document, `plane` (H, W) in its depth.
    """

    pixels: Callable[[BlobName, Size, int], Native]
    mask: Callable[[BlobName, Size], PackedMask]
    native: Callable[[BlobName, Size], Native]
    plane: Callable[[BlobName, Size], Native]


def within(rect: Rect, size: Size) -> Rect:
    """The same rectangle. Raises ValueError unless it lies in a picture of this size."""
    if rect.is_empty or rect.clamp(size) != rect:
        raise ValueError("outside the picture")
    return rect
