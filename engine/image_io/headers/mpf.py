"""Index of several pictures in one JPEG file: multi-picture format (CIPA DC-007)."""

import io
import struct

from engine.image_io.headers import ifd, jpeg

_HEAD = b"MPF\0"
_PRIMARY = 0x030000  # baseline, the representative picture
_PREVIEW_KINDS = (0x010001, 0x010002)


def preview_span(contents: jpeg.JpegHeader) -> tuple[int, int] | None:
    """Offset and length of the largest preview that the multi-picture index names."""
    found = ((length, at) for kind, at, length in pictures(contents) if kind in _PREVIEW_KINDS)
    length, at = max(found, default=(0, 0))
    return (at, length) if length else None


def other_pictures(contents: jpeg.JpegHeader) -> list[tuple[int, int, int]]:
    """Those of `pictures` that are no previews of the first one."""
    return [each for each in pictures(contents) if each[0] not in _PREVIEW_KINDS]


def pictures(contents: jpeg.JpegHeader) -> list[tuple[int, int, int]]:
    """Kind, offset and length of the pictures behind the first one (CIPA DC-007)."""
    stream = io.BytesIO(contents.mpf or b"")
    try:
        order, offset = ifd.start(stream)
        entry = ifd.directory(stream, order, offset).fields[0xB002]
        table = ifd.raw(stream, entry)
    except (ValueError, KeyError, struct.error):
        return []
    records = struct.iter_unpack(order + "IIIHH", table[: len(table) // 16 * 16])
    return [
        (kind & 0xFFFFFF, contents.mpf_at + at, length) for kind, length, at, *_ in records if at
    ]


def index_segment(at: int, first_bytes: int, second_bytes: int) -> bytes:
    """The index of two pictures, one behind the other, to be put at offset `at` of the first.

    `first_bytes` are those of the first picture without this segment.
    """
    whole = first_bytes + len(jpeg.segment(0xE2, _index(0, 0, 0)))
    return jpeg.segment(0xE2, _index(whole, second_bytes, whole - at - 4 - len(_HEAD)))


def _index(first_bytes: int, second_bytes: int, second_at: int) -> bytes:
    entries = struct.pack("<IIIHH", _PRIMARY, first_bytes, 0, 0, 0)
    entries += struct.pack("<IIIHH", 0, second_bytes, second_at, 0, 0)
    fields: ifd.Tree = {
        0xB000: ifd.IfdValue(ifd.UNDEFINED, 4, b"0100"),
        0xB001: ifd.value(ifd.LONG, 2),
        0xB002: ifd.IfdValue(ifd.UNDEFINED, len(entries), entries),
    }
    return _HEAD + b"II*\0\x08\0\0\0" + ifd.serialised(fields, 8)
