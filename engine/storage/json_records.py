"""JSON into frozen records and back, by msgspec: types are checked, errors name the path.

What does not fit the declared types is a ValueError, as in "Expected `int`, got `str` - at
`$.marks.clicks[0][1]`". Records are dataclasses, named tuples, or `msgspec.Struct` for what
stands in a file in another shape than in memory.
"""

import json
import math
import operator
from typing import Any, TypeVar

import msgspec

Record = TypeVar("Record")


def decode(content: bytes, kind: type[Record]) -> Record:
    """Decode JSON from any source: no NaN, no infinity, no half surrogate pair, no endless nesting.

    Raises ValueError.
    """
    try:
        return msgspec.json.decode(content, type=kind)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def decode_with_paths(content: bytes, kind: type[Record]) -> Record:
    """Decode JSON of our own with paths, which on Linux need not be UTF-8: half pairs pass.

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
    """A record as dictionaries, lists and plain values. Raises TypeError."""
    return msgspec.to_builtins(record, enc_hook=_plain)


def _plain(value: Any) -> int | float:
    """A number of numpy as one of Python. Raises TypeError for anything else."""
    if hasattr(value, "__index__"):
        return operator.index(value)
    if hasattr(value, "__float__") and not isinstance(value, str):
        return float(value)
    raise TypeError(f"not a plain value: {type(value).__name__}")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("no finite number")
    return value
