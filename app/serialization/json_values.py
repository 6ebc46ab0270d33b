"""Values of JSON that nothing is known of yet: what is not as expected is refused.

Anything unexpected is a ValueError, KeyError or TypeError.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from app.document.tiles import PackedMask
from engine.geometry import Native, Rect, Size

Form: TypeAlias = dict[str, Any]
MAX_LIST = 100_000


@dataclass(frozen=True, slots=True)
class BlobWriter:
    """Takes arrays and masks, and says how the form calls them."""

    pixels: Callable[[Native], object]
    mask: Callable[[PackedMask], object]


@dataclass(frozen=True, slots=True)
class BlobReader:
    """Gives back what `BlobWriter` took; pixels of (H, W) for one channel, else (H, W, 3)."""

    pixels: Callable[[object, Size, int], Native]
    mask: Callable[[object, Size], PackedMask]


def mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("an object was expected")
    return cast(dict[str, Any], value)


def listed(value: object) -> list[Any]:
    if not isinstance(value, list) or len(cast(list[Any], value)) > MAX_LIST:
        raise TypeError("a list was expected")
    return cast(list[Any], value)


def text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text was expected")
    return value


def whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("a whole number was expected")
    return value


def number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError("a number was expected")
    return float(value)


def truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false was expected")
    return value


def rect(value: object) -> Rect:
    x, y, width, height = (whole(each) for each in listed(value))
    return Rect(x, y, width, height)


def rect_within(value: object, size: Size) -> Rect:
    found = rect(value)
    if found.is_empty or found.clamp(size) != found:
        raise ValueError("outside the picture")
    return found
