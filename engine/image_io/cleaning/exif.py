"""EXIF blocks: only fields that are known stay, each where it lay; all other bytes become zero.

Maker notes stay where they are, as they hold offsets; pictures inside them are blanked.
"""

import io
import struct
from dataclasses import dataclass, field

from engine.geometry import Size
from engine.image_io.cleaning import exif_fields, pictures
from engine.image_io.headers import exif, ifd
from engine.image_io.headers.ifd import Directory, IfdField

_CHARSETS = {b"ASCII\0\0\0": "ascii", b"UNICODE\0": "utf-16", b"JIS\0\0\0\0\0": "iso2022_jp"}
_RULES = {
    ifd.EXIF: exif_fields.CAMERA,
    ifd.GPS: exif_fields.PLACES,
    ifd.INTEROP: exif_fields.INTEROPERABILITY,
}
_SHORT_TEXT = 200  # bytes that may be in any code page


@dataclass(slots=True)
class _Copy:
    """The block as it is being filled."""

    source: bytes
    order: str
    keep_gps: bool
    out: bytearray
    end: int = 8
    lost: set[str] = field(default_factory=set[str])

    def put(self, at: int, content: bytes) -> None:
        self.out[at : at + len(content)] = content
        self.end = max(self.end, at + len(content))


def cleaned(
    block: bytes, *, keep_gps: bool = True, size: Size | None = None
) -> tuple[bytes | None, frozenset[str]]:
    """The block upright and without pictures, and what went: thumbnail, maker-note, fields, text.

    None when it is broken. `size` becomes the size that it names. Places inside maker notes stay:
    their form is the maker's secret.
    """
    stream = io.BytesIO(block)
    try:
        order, offset = ifd.start(stream)
        first = ifd.directory(stream, order, offset)
    except (ValueError, struct.error):
        return None, frozenset()
    copy = _Copy(block, order, keep_gps, bytearray(len(block)))
    _take_directory(copy, first, offset, exif_fields.MAIN)
    copy.put(0, block[:8])
    if first.next_offset:
        copy.lost.add("thumbnail")
    found = exif.oriented(bytes(copy.out[: copy.end + copy.end % 2]), 1)
    return exif.sized(found, size) if size else found, frozenset(copy.lost)


def _take_directory(copy: _Copy, found: Directory, offset: int, rules: dict[int, int]) -> None:
    kept = [
        item
        for item in sorted(found.fields.values(), key=lambda item: item.tag)
        if _takes(copy, item, rules)
    ]
    table = b"".join(copy.source[item.entry_at : item.entry_at + 12] for item in kept)
    copy.put(offset, struct.pack(copy.order + "H", len(kept)) + table + bytes(4))


def _takes(copy: _Copy, item: IfdField, rules: dict[int, int]) -> bool:
    """Copy a field's content, if it may stay."""
    try:
        if item.tag in _RULES and item.tag in rules:
            return _takes_child(copy, item)
        content = _content(copy, item, rules)
    except (ValueError, struct.error):
        return False
    if content is not None and item.length > 4:
        copy.put(item.value_at, content)
    return content is not None


def _takes_child(copy: _Copy, item: IfdField) -> bool:
    if item.tag == ifd.GPS and not copy.keep_gps:
        return False
    stream = io.BytesIO(copy.source)
    (offset,) = ifd.numbers(stream, copy.order, item)
    inner = ifd.directory(stream, copy.order, offset)
    if inner.next_at + 4 > len(copy.source):  # the link at the end may be missing
        copy.out.extend(bytes(inner.next_at + 4 - len(copy.out)))
    _take_directory(copy, inner, offset, _RULES[item.tag])
    return True


def _content(copy: _Copy, item: IfdField, rules: dict[int, int]) -> bytes | None:
    """What stays of a field, as long as before; None where it goes."""
    most = rules.get(item.tag)
    hidden = item.tag in exif_fields.GEO_TAGS and not copy.keep_gps
    if most is None or hidden or item.length > most:
        copy.lost.add("thumbnail" if item.tag in exif_fields.PICTURES else "fields")
        return None
    content = ifd.raw(io.BytesIO(copy.source), item)
    if item.tag == exif_fields.MAKER_NOTE:
        return _maker_note(copy, content)
    if _is_plain(item, content):
        return content
    copy.lost.add("text")
    return None


def _maker_note(copy: _Copy, content: bytes) -> bytes:
    found = pictures.blanked(content, opaque=True)
    if found != content:
        copy.lost.add("maker-note")
    return found


def _is_plain(item: IfdField, content: bytes) -> bool:
    """Whether a value is short, or text without anything coded in it."""
    if item.tag == exif_fields.USER_COMMENT:
        return _is_text(content[8:], _CHARSETS.get(content[:8]))
    if item.tag in exif_fields.WIDE_TEXTS:
        return _is_text(content, "utf-16-le")
    if len(content) <= 64:
        return True
    if item.kind in (ifd.BYTE, ifd.ASCII, ifd.UNDEFINED):
        return _is_text(content, None)
    is_whole = pictures.blanked(content) == content and not pictures.has_samples(content)
    return item.tag in exif_fields.GEO_TAGS and is_whole


def _is_text(content: bytes, charset: str | None) -> bool:
    content = content.rstrip(b"\0 ") if charset is None else content
    if pictures.blanked(content) != content or pictures.has_samples(content):
        return False
    text = _decoded(content, charset)
    if text is None:
        return len(content) <= _SHORT_TEXT
    return pictures.is_text(text) and pictures.without_coded(text) == text


def _decoded(content: bytes, charset: str | None) -> str | None:
    """UTF-16 comes in either order; programs write UTF-8 whatever they call it."""
    names = ["utf-16-le", "utf-16-be"] if (charset or "").startswith("utf-16") else []
    tries = [*names, *([charset] if charset and not names else []), "utf-8"]
    for name in tries:
        try:
            text = content.decode(name)
        except UnicodeDecodeError:
            continue
        if pictures.is_text(text) or name == "utf-8":
            return text
    return None
