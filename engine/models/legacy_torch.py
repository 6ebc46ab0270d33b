"""The layout in which torch wrote files before 2020: five pickles, then the storages one by one.

The pickles are a mark, a version, the byte order, the table of tensors and the keys of the storages
in the order in which they follow. They are walked by `pickletools`, which runs nothing.
"""

import io
import pickletools
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from engine.errors import ModelUnreadable, ModelUnsafe
from engine.storage.foreign_file import open_file

MAX_PICKLE = 8 << 20  # bytes of all five
MAX_KEYS = 20_000  # storages
_PICKLE = b"\x80"  # how a pickle begins
_MARK, _VERSION = 0x1950A86A20F9469CFC6C, 1001
_PLAIN = frozenset(
    {"PROTO", "STOP", "MARK", "EMPTY_DICT", "EMPTY_LIST", "APPENDS", "APPEND", "SETITEMS",
     "SETITEM", "BINPUT", "LONG_BINPUT", "BINGET", "LONG_BINGET", "NEWTRUE", "NEWFALSE", "NONE",
     "LONG1", "BININT", "BININT1", "BININT2", "BINUNICODE"}
)  # fmt: skip


class LegacyLayout(NamedTuple):
    """Where the parts of such a file are."""

    table: bytes  # the pickle of the tensors, which is not judged here
    keys: tuple[str, ...]  # of the storages, in their order in the file
    start: int  # of the first storage: its length (8 bytes), then its numbers


def legacy_layout(path: Path) -> LegacyLayout | None:
    """The parts of a file; None for another format.

    Raises ModelUnsafe (pickle, limit) for other opcodes than plain values are made of, OSError, and
    ModelUnreadable (damaged) for a file that is cut off or has another byte order.
    """
    with open_file(path) as file:
        if file.read(1) != _PICKLE:
            return None
        content = io.BytesIO(_PICKLE + file.read(MAX_PICKLE - 1))
    if not _is_marked(path, content):
        return None
    try:
        found = _layout(path, content)
    except (ValueError, UnicodeDecodeError) as error:
        raise _cut(path, content.tell() >= MAX_PICKLE, error) from error
    if len(found.keys) > MAX_KEYS:
        raise ModelUnsafe(path, "limit", f"{len(found.keys)} storages")
    return found


def _is_marked(path: Path, content: BinaryIO) -> bool:
    try:
        return _values(path, content) == [_MARK]
    except (ValueError, UnicodeDecodeError):
        return False


def _layout(path: Path, content: io.BytesIO) -> LegacyLayout:
    """What follows the mark."""
    version, order = _values(path, content), _values(path, content)
    if version != [_VERSION] or ("little_endian", True) not in pairwise(order):
        raise ModelUnreadable(path, "damaged", "another version or byte order")
    start = content.tell()
    for _ in _operations(content):
        pass
    table = content.getvalue()[start : content.tell()]
    keys = tuple(map(str, _values(path, content)))
    return LegacyLayout(table, keys, content.tell())


def _cut(path: Path, is_long: bool, error: Exception) -> ModelUnsafe | ModelUnreadable:
    if is_long:
        return ModelUnsafe(path, "limit", f"more than {MAX_PICKLE} bytes of pickle")
    return ModelUnreadable(path, "damaged", str(error))


def _values(path: Path, content: BinaryIO) -> list[object]:
    """The plain values that one pickle mentions, in their order."""
    found: list[object] = []
    for name, argument in _operations(content):
        if name not in _PLAIN:
            raise ModelUnsafe(path, "pickle", name)
        if name in ("NEWTRUE", "NEWFALSE"):
            found.append(name == "NEWTRUE")
        elif "GET" not in name and "PUT" not in name and argument is not None:
            found.append(argument)
    return found[1:]  # without the version of the protocol


def _operations(content: BinaryIO) -> Iterator[tuple[str, Any]]:
    for opcode, argument, _ in pickletools.genops(content):
        yield opcode.name, argument
