"""JSON into frozen records and back, by msgspec: types are checked, errors name the path.

The classes `Stored...` are what stands in a file; arrays stand beside the JSON as blobs, which it
calls by a name or an index. Reading trusts nothing: anything unexpected is a ValueError that says
where, as in "Expected `int`, got `str` - at `$.marks.clicks[0][1]`".
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, TypeAlias, TypeVar

import msgspec

from app.document.tiles import PackedMask
from engine.geometry import Native, Rect, Size

Stored = TypeVar("Stored")
Item = TypeVar("Item")

MAX_ITEMS = 100_000
BlobName: TypeAlias = int | str
Items: TypeAlias = Annotated[tuple[Item, ...], msgspec.Meta(max_length=MAX_ITEMS)]


@dataclass(frozen=True, slots=True)
class BlobWriter:
    """Stores arrays and masks beside the JSON and returns the names for them."""

    pixels: Callable[[Native], BlobName]
    mask: Callable[[PackedMask], BlobName]


@dataclass(frozen=True, slots=True)
class BlobReader:
    """Returns what `BlobWriter` stored; raises ValueError, KeyError or its like where it is none.

    `pixels(name, size, channels)` gives (H, W) for one channel, else (H, W, 3).
    """

    pixels: Callable[[BlobName, Size, int], Native]
    mask: Callable[[BlobName, Size], PackedMask]


def decode(content: bytes, kind: type[Stored]) -> Stored:
    """JSON of strangers. No NaN, no infinity, no half surrogate pair, no depth without end.

    Raises ValueError.
    """
    try:
        return msgspec.json.decode(content, type=kind)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def decode_with_paths(content: bytes, kind: type[Stored]) -> Stored:
    """JSON of our own that holds paths: on Linux they need not be UTF-8, hence half pairs.

    Raises ValueError.
    """
    try:
        found = json.loads(content, parse_float=_finite, parse_constant=_finite)
    except RecursionError as error:
        raise ValueError("nested too deep") from error
    return msgspec.convert(found, kind)


def encode(record: object) -> bytes:
    """A record as JSON in ASCII."""
    return json.dumps(builtins(record)).encode()


def builtins(record: object) -> Any:
    """A record as dictionaries, lists and plain values."""
    return msgspec.to_builtins(record)


def within(rect: Rect, size: Size) -> Rect:
    """The same rectangle. Raises ValueError unless it lies in a picture of this size."""
    if rect.is_empty or rect.clamp(size) != rect:
        raise ValueError("outside the picture")
    return rect


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("no finite number")
    return value
