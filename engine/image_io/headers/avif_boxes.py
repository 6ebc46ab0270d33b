"""Repairs the boxes of AVIF files of early writers, so that libavif takes them (ISO/IEC 23008-12).

A file may have one ItemPropertyAssociationBox (ipma) for each version and flags. Writers of 2019
and 2020 made one for each item, which libavif refuses and other readers accept.
"""

import struct
from typing import NamedTuple

_META_HEAD = 4  # version and flags before the boxes of a meta box
_MOST_ITEMS = 1_000


class _Box(NamedTuple):
    kind: bytes
    start: int
    body: int
    end: int


class _Entry(NamedTuple):
    item: int
    content: bytes  # as it lies in the file


def with_one_association(content: bytes) -> bytes | None:
    """The file with its ipma boxes of one kind joined, as long as before; None: nothing to join.

    What becomes free is a `free` box behind the properties, so no offset changes. Raises ValueError
    or struct.error where the boxes do not fit into each other.
    """
    meta = _only(_boxes(content, 0, len(content)), b"meta")
    properties = _only(_boxes(content, meta.body + _META_HEAD, meta.end), b"iprp")
    inside = _boxes(content, properties.body, properties.end)
    associations = [box for box in inside if box.kind == b"ipma"]
    joined = _joined(content, associations)
    before = b"".join(content[box.start : box.end] for box in inside if box.kind != b"ipma")
    body = before + b"".join(joined)
    spare = properties.end - properties.body - len(body)
    if spare < 8:  # each box that went away had 16 bytes of its own
        return None
    whole = struct.pack(">I4s", 8 + len(body), b"iprp") + body
    whole += struct.pack(">I4s", spare, b"free") + bytes(spare - 8)
    return content[: properties.start] + whole + content[properties.end :]


def _boxes(content: bytes, at: int, end: int) -> list[_Box]:
    """The boxes between two offsets; those of 64-bit sizes and without an end raise ValueError."""
    found: list[_Box] = []
    while at < end:
        length, kind = struct.unpack_from(">I4s", content, at)
        if length < 8 or at + length > end:
            raise ValueError("box")
        found.append(_Box(kind, at, at + 8, at + length))
        at += length
    return found


def _only(boxes: list[_Box], kind: bytes) -> _Box:
    found = [box for box in boxes if box.kind == kind]
    if len(found) != 1:
        raise ValueError(f"{len(found)} boxes {kind!r}")
    return found[0]


def _joined(content: bytes, boxes: list[_Box]) -> list[bytes]:
    """One box for each version and flags, the items in order, as the standard wants them."""
    groups: dict[bytes, list[_Entry]] = {}
    for box in boxes:
        head = content[box.body : box.body + 4]
        groups.setdefault(head, []).extend(_entries(content[box.body : box.end]))
    found: list[bytes] = []
    for head, entries in groups.items():
        body = b"".join(entry.content for entry in sorted(entries, key=lambda entry: entry.item))
        found.append(struct.pack(">I4s4sI", 16 + len(body), b"ipma", head, len(entries)) + body)
    return found


def _entries(body: bytes) -> list[_Entry]:
    """The items of one box with their properties."""
    form, step = (">H", 2) if body[0] == 0 else (">I", 4)
    wide = 2 if body[3] & 1 else 1
    (count,) = struct.unpack_from(">I", body, 4)
    if count > _MOST_ITEMS:
        raise ValueError("too many items")
    found: list[_Entry] = []
    at = 8
    for _ in range(count):
        (item,) = struct.unpack_from(form, body, at)
        end = at + step + 1 + wide * body[at + step]
        found.append(_Entry(item, body[at:end]))
        at = end
    if at != len(body):
        raise ValueError("ipma")
    return found
