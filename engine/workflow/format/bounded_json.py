"""Parses foreign JSON within limits of size, depth and numbers, and reads values leniently."""

import json
from typing import Any, TypeGuard

MAX_BYTES = 16_000_000
MAX_NODES = 5_000
MAX_LINKS = 20_000
MAX_DEPTH = 64
_MAX_DIGITS = 40  # of a whole number: seeds have 20


def parse_json(text: bytes | str) -> Any:
    """The parsed text; NaN and infinities, which ComfyUI itself writes, become None.

    Raises ValueError for invalid JSON, and for what cannot be written again: nesting deeper than
    MAX_DEPTH, numbers beyond the range of a float or too long, lone surrogates.
    """
    try:
        found = json.loads(
            text, parse_int=_integer, parse_float=_float, parse_constant=lambda _: None
        )
    except RecursionError as error:
        raise ValueError("too deep") from error
    _check_depth(found)
    return found


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether the value is a JSON object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether the value is a JSON list."""
    return isinstance(value, list)


def as_object(value: object) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if is_object(value) else {}


def as_list(value: object) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if is_list(value) else []


def as_text(value: object) -> str:
    """The value if it is a text, else an empty one."""
    return value if isinstance(value, str) else ""


def is_integer(value: object) -> TypeGuard[int]:
    """Whether the value is an int; true and false are not."""
    return isinstance(value, int) and not isinstance(value, bool)


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise ValueError("number too long")
    return int(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if abs(number) == float("inf"):
        raise ValueError("number too large")
    return number


def _check_depth(found: object) -> None:
    level: list[Any] = [found]
    for _ in range(MAX_DEPTH):
        if not level:
            return
        level = [child for each in level for child in _children(each)]
    raise ValueError("too deep")


def _children(value: object) -> list[Any]:
    if isinstance(value, str):
        value.encode()  # UnicodeEncodeError, a ValueError: a lone surrogate
        return []
    if is_object(value):
        return [*value.keys(), *value.values()]
    return as_list(value)
