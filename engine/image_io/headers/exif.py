"""EXIF blocks: reading of single fields, and changes made in place.

A block is never written anew: maker notes hold offsets that only stay right where they are.
"""

import io
import struct
from dataclasses import dataclass

from engine.geometry import Size
from engine.image_io.headers import ifd
from engine.image_io.headers.ifd import Directory, Tree

ORIENTATION = 0x0112
_COLOUR_SPACE = 0xA001
_THUMBNAIL_AT, _THUMBNAIL_LENGTH = 0x0201, 0x0202
_WIDTH, _HEIGHT = 0xA002, 0xA003
OF_PIXELS = frozenset(
    [
        *(254, 255, 256, 257, 258, 259, 262, 266, 273, 277, 278, 279, 280, 281, 284, 317, 318, 319),
        *(320, 321, 322, 323, 324, 325, 330, 332, 333, 336, 337, 338, 339, 340, 341, 347, 529, 530),
        *(531, 532, 263, 264, 265, 288, 289, 512, 513, 514, 700, 33_723, 34_377, 34_675, 37_724),
        *(ORIENTATION, 282, 283, 296),
    ]
)
"""Fields of a TIFF that speak of its pixels, or that are carried by another way."""


@dataclass(frozen=True, slots=True)
class _Block:
    stream: io.BytesIO
    order: str
    first: Directory


def _opened(exif: bytes) -> _Block | None:
    stream = io.BytesIO(exif)
    try:
        order, offset = ifd.start(stream)
        return _Block(stream, order, ifd.directory(stream, order, offset))
    except (ValueError, struct.error):
        return None


def orientation(exif: bytes | None) -> int:
    """1..8; 1 when there is none or it makes no sense."""
    block = _opened(exif or b"")
    if block is None or ORIENTATION not in block.first.fields:
        return 1
    try:
        found = ifd.numbers(block.stream, block.order, block.first.fields[ORIENTATION])
    except (ValueError, struct.error):
        return 1
    return found[0] if found and 1 <= found[0] <= 8 else 1


def names_orientation(exif: bytes | None) -> bool:
    """Whether the block says which way is up, rightly or not."""
    block = _opened(exif or b"")
    return block is not None and ORIENTATION in block.first.fields


def tiff_orientation(branch: Tree) -> int:
    """The same of a TIFF's own first directory."""
    found = branch.get(ORIENTATION)
    if not isinstance(found, ifd.IfdValue) or found.kind not in (ifd.SHORT, ifd.LONG):
        return 1
    turn = int.from_bytes(found.raw[:2], "little")
    return turn if 1 <= turn <= 8 else 1


def upright(exif: bytes | None) -> bytes | None:
    """The block with its orientation set to 1; None when it is broken."""
    block = _opened(exif or b"")
    if block is None or exif is None:
        return None
    out = bytearray(exif)
    _set_orientation(out, block)
    return bytes(out)


def oriented(exif: bytes | None, orientation: int) -> bytes | None:
    """The block with this orientation, 1..8; a block of this alone where there is none."""
    block = _opened(exif or b"")
    if block is None or ORIENTATION not in block.first.fields:
        return exif if orientation == 1 else exif or _block_of(orientation)
    out = bytearray(exif or b"")
    _set_orientation(out, block, orientation)
    return bytes(out)


def _block_of(orientation: int) -> bytes:
    field = struct.pack("<HHIHH", ORIENTATION, ifd.SHORT, 1, orientation, 0)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", 1) + field + bytes(4)


def is_adobe_rgb(exif: bytes | None) -> bool:
    """Whether a camera says that its colours are Adobe RGB (DCF 2.0: R03, or colour space 2)."""
    block = _opened(exif or b"")
    if block is None:
        return False
    try:
        branch = ifd.tree(block.stream, block.order, _table_at(exif or b"", block.order))
    except (ValueError, struct.error):
        return False
    camera = branch.get(ifd.EXIF)
    space = camera.get(_COLOUR_SPACE) if isinstance(camera, dict) else None
    links = camera.get(ifd.INTEROP) if isinstance(camera, dict) else None
    index = links.get(1) if isinstance(links, dict) else None
    number = space.raw[:2] if isinstance(space, ifd.IfdValue) else b""
    named = isinstance(index, ifd.IfdValue) and index.raw[:3] == b"R03"
    return number == b"\2\0" or (named and number in (b"\xff\xff", b""))


def has_gps(exif: bytes | None) -> bool:
    """Whether there is a directory of places."""
    block = _opened(exif or b"")
    return block is not None and ifd.GPS in block.first.fields


def thumbnail(exif: bytes | None) -> bytes | None:
    """The small JPEG inside, if any."""
    block = _opened(exif or b"")
    span = _thumbnail_span(block) if block else None
    return (exif or b"")[span] or None if span else None


def _thumbnail_span(block: _Block) -> slice | None:
    if not block.first.next_offset:
        return None
    try:
        second = ifd.directory(block.stream, block.order, block.first.next_offset).fields
        at, length = (
            ifd.numbers(block.stream, block.order, second[tag])[0]
            for tag in (_THUMBNAIL_AT, _THUMBNAIL_LENGTH)
        )
    except (ValueError, KeyError, IndexError, struct.error):
        return None
    return slice(at, at + length)


def sized(exif: bytes | None, size: Size) -> bytes | None:
    """The block with this size of the picture in its EXIF directory, where it names one."""
    block = _opened(exif or b"")
    if block is None or exif is None or ifd.EXIF not in block.first.fields:
        return exif
    try:
        (offset,) = ifd.numbers(block.stream, block.order, block.first.fields[ifd.EXIF])
        fields = ifd.directory(block.stream, block.order, offset).fields
    except (ValueError, struct.error):
        return exif
    out = bytearray(exif)
    for tag, side in zip((_WIDTH, _HEIGHT), size):
        field = fields.get(tag)
        letter = {ifd.SHORT: "H", ifd.LONG: "I"}.get(field.kind if field else 0)
        if field and letter and field.count == 1 and side >> 8 * ifd.WIDTHS[field.kind] == 0:
            struct.pack_into(block.order + letter, out, field.value_at, side)
    return bytes(out)


def _set_orientation(out: bytearray, block: _Block, orientation: int = 1) -> None:
    field = block.first.fields.get(ORIENTATION)
    if field and field.count == 1 and field.kind in (ifd.SHORT, ifd.LONG):
        letter = "H" if field.kind == ifd.SHORT else "I"
        struct.pack_into(block.order + letter, out, field.value_at, orientation)


def _table_at(exif: bytes, order: str) -> int:
    return struct.unpack_from(order + "I", exif, 4)[0]


def of_tiff(branch: Tree) -> bytes | None:
    """An EXIF block of what a TIFF's first directory says beside its pixels."""
    kept: Tree = {tag: item for tag, item in branch.items() if tag not in OF_PIXELS}
    return b"II*\0\x08\0\0\0" + ifd.serialised(kept, 8) if kept else None


def for_tiff(exif: bytes | None) -> Tree:
    """The fields that a TIFF's first directory takes from an EXIF block."""
    block = _opened(exif or b"")
    if block is None:
        return {}
    offset = _table_at(exif or b"", block.order)
    try:
        branch = ifd.tree(block.stream, block.order, offset)
    except (ValueError, struct.error):
        return {}
    return {tag: item for tag, item in branch.items() if tag not in OF_PIXELS}
