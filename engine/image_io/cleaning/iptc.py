"""IPTC records (IIM 4.2): the texts of the first two records stay, previews and objects go."""

from collections.abc import Iterator

from engine.image_io.cleaning import pictures

_MARK, _EXTENDED = 0x1C, 0x8000
_ENVELOPE, _APPLICATION = 1, 2
_BITMAP = 125  # the caption as a picture
_TEXTS = range(150)  # further on: audio, and the preview of the object
_MOST_BYTES = 32_000


def cleaned(records: bytes) -> tuple[bytes | None, bool]:
    """The records with text alone, and whether a preview or another picture was dropped."""
    kept, dropped = bytearray(), False
    for record, number, whole, content in _datasets(records):
        if _stays(record, number, content):
            kept += whole
        else:
            dropped = True
    return bytes(kept) or None, dropped


def _datasets(records: bytes) -> Iterator[tuple[int, int, bytes, bytes]]:
    """Record, number, all bytes and content of each dataset of a usual length."""
    at = 0
    while at + 5 <= len(records) and records[at] == _MARK:
        length = int.from_bytes(records[at + 3 : at + 5], "big")
        start = at + 5
        if length & _EXTENDED:
            width = length & ~_EXTENDED
            length = int.from_bytes(records[start : start + width], "big")
            start += width
        end = start + length
        yield records[at + 1], records[at + 2], records[at:end], records[start:end]
        at = end


def _stays(record: int, number: int, content: bytes) -> bool:
    if record not in (_ENVELOPE, _APPLICATION) or len(content) > _MOST_BYTES:
        return False
    if record == _APPLICATION and (number == _BITMAP or number not in _TEXTS):
        return False
    if len(content) <= 4:
        return True
    text = content.decode("utf-8", "ignore") if _is_utf_8(content) else content.decode("latin-1")
    is_code = len(content) < 64 and pictures.blanked(content) == content
    return is_code or (pictures.is_text(text) and pictures.without_coded(text) == text)


def _is_utf_8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
