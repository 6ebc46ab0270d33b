"""Tolerant access to foreign JSON: a value of another type counts as empty.

So one odd entry of an answer does not hide the others, as it would with a strict decoder.
"""

import math
from collections.abc import Mapping
from typing import Any, cast


def as_object(value: object) -> Mapping[str, Any]:
    """An object of JSON; anything else is an empty one."""
    return cast("Mapping[str, Any]", value) if isinstance(value, dict) else {}


def as_array(value: object) -> list[Any]:
    """An array of JSON; anything else is an empty one."""
    return cast("list[Any]", value) if isinstance(value, list) else []


def as_number(value: object) -> float | None:
    """A finite number; None for anything else, also for whole numbers beyond a float's range."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def as_text(value: object) -> str:
    """A string; a number as a string, for ids that some packs write so; anything else is ""."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""
