"""TIFF files of a few fields, made by hand: for kinds that no writer here makes."""

import struct

from engine.image_io.headers import ifd

DNG_VERSION = 50_706
Number = int | tuple[int, ...]


def tiff_of(
    fields: dict[int, Number],
    strips: list[bytes],
    *,
    inner: dict[int, Number] | None = None,
    texts: dict[int, bytes] | None = None,
) -> bytes:
    """A little-endian TIFF with these strips; `inner` are the fields of a sub-directory."""
    body, offsets = b"", []
    for strip in strips:
        offsets.append(8 + len(body))
        body += strip + bytes(len(strip) % 2)
    inner_at = 8 + len(body)
    if inner:
        packed = ifd.serialised(_branch(inner), inner_at)
        body += packed + bytes(len(packed) % 2)
        fields = {**fields, 330: inner_at}
    counts = tuple(map(len, strips))
    branch = _branch({**fields, 273: tuple(offsets), 279: counts})
    for tag, text in (texts or {}).items():
        kind = ifd.BYTE if tag == DNG_VERSION else ifd.ASCII
        branch[tag] = ifd.IfdValue(kind, len(text), text)
    at = 8 + len(body)
    return b"II*\0" + struct.pack("<I", at) + body + ifd.serialised(branch, at)


def _branch(fields: dict[int, Number]) -> ifd.Tree:
    wide = {256, 257, 273, 279, 330}
    return {
        tag: ifd.value(
            ifd.LONG if tag in wide else ifd.SHORT, *(each if isinstance(each, tuple) else (each,))
        )
        for tag, each in fields.items()
    }
