"""TIFF structures: the directories of TIFF files and of EXIF blocks (TIFF 6.0, section 2).

Reading goes by seeking, so that nothing is loaded before its size was looked at.
"""

import struct
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple, TypeAlias, Union

import numpy as np

WIDTHS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
"""Bytes of one value of each field kind."""
_BIG_WIDTHS = {**WIDTHS, 16: 8, 17: 8, 18: 8}
_ATOMS = {3: 2, 4: 4, 5: 4, 8: 2, 9: 4, 10: 4, 11: 4, 12: 8, 13: 4}
"""Bytes that swap together; a fraction is two numbers."""

EXIF, GPS, INTEROP = 34_665, 34_853, 40_965
CHILDREN = (EXIF, GPS, INTEROP)
_MOST_FIELDS = 1_000
_MOST_BYTES = 8_000_000
BYTE, ASCII, SHORT, LONG, RATIONAL, UNDEFINED = 1, 2, 3, 4, 5, 7


@dataclass(frozen=True, slots=True)
class IfdField:
    """One entry of a directory and where it lies."""

    tag: int
    kind: int
    count: int
    entry_at: int
    value_at: int

    @property
    def length(self) -> int:
        return _BIG_WIDTHS[self.kind] * self.count


class Directory(NamedTuple):
    """The fields of one directory; `next_at` is where the link to the following one is kept."""

    fields: dict[int, IfdField]
    next_at: int
    next_offset: int


@dataclass(frozen=True, slots=True)
class IfdValue:
    """A field's content, little-endian."""

    kind: int
    count: int
    raw: bytes


Tree: TypeAlias = dict[int, Union[IfdValue, "Tree"]]


def start(stream: BinaryIO) -> tuple[str, int]:
    """Byte order (`<` or `>`) and offset of the first directory. Raises ValueError."""
    stream.seek(0)
    head = stream.read(8)
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(head[:4])
    if order is None or len(head) < 8:
        raise ValueError("no TIFF structure")
    return order, struct.unpack(order + "I", head[4:])[0]


def start_of_file(stream: BinaryIO) -> tuple[str, int, bool]:
    """`start` of a TIFF file, and whether it is a BigTIFF, with offsets of 8 bytes."""
    stream.seek(0)
    head = stream.read(16)
    order = {b"II+\0": "<", b"MM\0+": ">"}.get(head[:4])
    if order is None:
        return *start(stream), False
    width, zero, offset = struct.unpack(order + "HHQ", head[4:])
    if (width, zero) != (8, 0):
        raise ValueError("no BigTIFF")
    return order, offset, True


def directory(stream: BinaryIO, order: str, offset: int, *, big: bool = False) -> Directory:
    """The directory at `offset`. Raises ValueError when it is cut off or too long."""
    stream.seek(offset)
    number, width, address = ("Q", 20, "Q") if big else ("H", 12, "I")
    head = struct.calcsize("<" + number)
    (count,) = struct.unpack(order + number, _exactly(stream, head))
    if count > _MOST_FIELDS:
        raise ValueError("too many fields")
    table = _exactly(stream, width * count)
    link = stream.read(struct.calcsize("<" + address))
    after = struct.unpack(order + address, link)[0] if len(link) >= 4 else 0
    fields = {field.tag: field for field in _fields(table, order, offset + head, big)}
    return Directory(fields, offset + head + width * count, after)


def _fields(table: bytes, order: str, at: int, big: bool) -> Iterator[IfdField]:
    width, form, room, widths = (20, "HHQQ", 8, _BIG_WIDTHS) if big else (12, "HHII", 4, WIDTHS)
    for index in range(0, len(table), width):
        tag, kind, count, offset = struct.unpack_from(order + form, table, index)
        if kind in widths:
            own = at + index + width - room
            inline = widths[kind] * count <= room
            yield IfdField(tag, kind, count, at + index, own if inline else offset)


def _exactly(stream: BinaryIO, length: int) -> bytes:
    got = stream.read(length)
    if len(got) < length:
        raise ValueError("cut off")
    return got


def raw(stream: BinaryIO, field: IfdField) -> bytes:
    """The bytes of a field as they are in the file. Raises ValueError."""
    if field.length > _MOST_BYTES:
        raise ValueError("field too long")
    stream.seek(field.value_at)
    return _exactly(stream, field.length)


def numbers(stream: BinaryIO, order: str, field: IfdField) -> tuple[int, ...]:
    """Whole numbers of a BYTE, SHORT, LONG or LONG8 field. Raises ValueError for other kinds."""
    letter = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}.get(field.kind)
    if letter is None:
        raise ValueError("not a number")
    return struct.unpack(f"{order}{field.count}{letter}", raw(stream, field))


@dataclass(slots=True)
class _Walk:
    """A file whose directories are read, and how many bytes of fields it may still have."""

    stream: BinaryIO
    order: str
    big: bool
    left: int = _MOST_BYTES


def tree(
    stream: BinaryIO,
    order: str,
    offset: int,
    *,
    big: bool = False,
    without: Collection[int] = (),
) -> Tree:
    """A directory with its EXIF, GPS and interoperability directories; broken parts left out.

    Fields `without` are not read, whatever their size, and so are those that a classic TIFF
    cannot hold.
    """
    return _branch(_Walk(stream, order, big), offset, frozenset(without), 0)


def _branch(walk: _Walk, offset: int, without: Collection[int], level: int) -> Tree:
    found: Tree = {}
    for field in directory(walk.stream, walk.order, offset, big=walk.big).fields.values():
        if field.tag in without:
            continue
        walk.left -= field.length + 12
        if walk.left < 0:
            raise ValueError("too much")
        try:
            found[field.tag] = _content(walk, field, level)
        except (ValueError, struct.error):
            continue
    return found


def _content(walk: _Walk, field: IfdField, level: int) -> "IfdValue | Tree":
    if field.tag in CHILDREN and level < 3:
        at = numbers(walk.stream, walk.order, field)
        if not at:
            raise ValueError("a directory that is nowhere")
        return _branch(walk, at[0], (), level + 1)
    if field.kind not in WIDTHS:
        raise ValueError("a field of 8 bytes")
    content = _little(raw(walk.stream, field), field.kind, walk.order)
    return IfdValue(field.kind, field.count, content)


def _little(content: bytes, kind: int, order: str) -> bytes:
    atom = _ATOMS.get(kind, 1)
    if order == "<" or atom == 1:
        return content
    return np.frombuffer(content, f">u{atom}").astype(f"<u{atom}").tobytes()


def serialised(branch: Tree, base: int, after: int = 0) -> bytes:
    """A directory and all it holds, little-endian, to be put at offset `base` (even).

    `after` is the offset of the directory that follows.
    """
    tags = sorted(branch)
    table = bytearray(struct.pack("<H", len(tags)))
    tail = bytearray()
    tail_at = base + 2 + 12 * len(tags) + 4
    for tag in tags:
        flat = _flat(branch[tag], tail_at + len(tail))
        content = flat.raw
        table += struct.pack("<HHI", tag, flat.kind, flat.count)
        if isinstance(branch[tag], dict) or len(content) > 4:
            table += struct.pack("<I", tail_at + len(tail))
            tail += content + bytes(len(content) % 2)
        else:
            table += content.ljust(4, b"\0")
    return bytes(table + struct.pack("<I", after) + tail)


def _flat(item: "IfdValue | Tree", at: int) -> IfdValue:
    if isinstance(item, dict):
        return IfdValue(LONG, 1, serialised(item, at))
    return item


def value(kind: int, *items: int) -> IfdValue:
    """A field of SHORT, LONG or RATIONAL numbers (two for each fraction)."""
    letter = "H" if kind == SHORT else "I"
    count = len(items) // 2 if kind == RATIONAL else len(items)
    return IfdValue(kind, count, struct.pack(f"<{len(items)}{letter}", *items))
