"""Formats of files by their first bytes, also of those that are not opened: errors name them."""

import re

from engine.errors import ImageUnreadable
from engine.image_io.formats import sniff

HEAD = 4_096
"""Bytes from the start that are looked at."""

_RAW = (
    (b"FUJIFILMCCD-RAW", "RAF"),
    (b"IIU\0", "RW2"),
    (b"IIRO", "ORF"),
    (b"IIRS", "ORF"),
    (b"MMOR", "ORF"),
    (b"FOVb", "X3F"),
    (b"\0MRM", "MRW"),
    (b"II\x1a\0\0\0HEAPCCDR", "CRW"),
)
_STARTS = (
    (b"8BPS", "psd"),
    (b"gimp xcf", "xcf"),
    (b"%PDF", "pdf"),
    (b"%!PS", "postscript"),
    (b"\xc5\xd0\xd3\xc6", "postscript"),
    (b"\xff\x0a", "jxl"),
    (b"\0\0\0\x0cJXL ", "jxl"),
    (b"\0\0\0\x0cjP  ", "jp2"),
    (b"\xff\x4f\xff\x51", "jp2"),
    (b"II\xbc\x01", "jxr"),
    (b"\0\0\1\0", "ico"),
    (b"\x76\x2f\x31\x01", "exr"),
    (b"#?RADIANCE", "hdr"),
    (b"#?RGBE", "hdr"),
    (b"DDS ", "dds"),
    (b"qoif", "qoi"),
    (b"SIMPLE  =", "fits"),
    (b"AT&TFORM", "djvu"),
    (b"\x1aE\xdf\xa3", "video"),
    (b"\xd7\xcd\xc6\x9a", "metafile"),
    (b"\x1f\x8b", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"Rar!", "archive"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
)
_MEMBERS = ((b"application/x-krita", "krita"), (b"image/openraster", "openraster"))
_OS2 = (b"BM", b"CI", b"IC", b"CP", b"PT")
_TGA_FORMS, _TGA_BITS = (1, 2, 3, 9, 10, 11), (8, 15, 16, 24, 32)
_PNM = re.compile(rb"P[1-7fF]\s")
_TEXT = re.compile(r"[^\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]+")


def format_of(content: bytes) -> str:
    """The name of the format. Raises ImageUnreadable: empty, raw, kind, format.

    Of `raw` and `kind`, the detail is what was found: the usual ending of a raw file, a code.
    """
    found = sniff(content[:64])
    if found is not None and content[8:10] != b"CR":
        return found
    raise _refusal(content[:HEAD])


def _refusal(head: bytes) -> ImageUnreadable:
    if not head:
        return ImageUnreadable(None, "empty")
    raw = _raw(head)
    if raw:
        return ImageUnreadable(None, "raw", raw)
    kind = _kind(head)
    return ImageUnreadable(None, "kind", kind) if kind else ImageUnreadable(None, "format")


def _raw(head: bytes) -> str:
    if head[:4] in (b"II*\0", b"MM\0*") and head[8:10] == b"CR":
        return "CR2"
    if head[4:12] == b"ftypcrx ":
        return "CR3"
    return next((kind for start, kind in _RAW if head.startswith(start)), "")


def _kind(head: bytes) -> str:
    if head.startswith(b"PK\3\4"):
        return next((kind for start, kind in _MEMBERS if start in head[:200]), "archive")
    if head[4:8] == b"ftyp":
        return "video"
    if head[:4] == b"RIFF":
        return "video" if head[8:12] == b"AVI " else "audio"
    if _PNM.match(head):
        return "pnm"
    if head[128:132] == b"DICM":
        return "dicom"
    if head[:4] == b"\0\0\2\0" and head[4:6] != b"\0\0":
        return "ico"  # a pointer: it has a count of pictures
    if head[:2] == b"BA" and head[14:16] in _OS2:
        return "os2"
    known = next((kind for start, kind in _STARTS if head.startswith(start)), "")
    return known or ("zeros" if not any(head) else _text(head)) or ("tga" if _is_tga(head) else "")


def _is_tga(head: bytes) -> bool:
    """By its fields alone: a TGA has no mark at its start."""
    if len(head) < 18 or head[1] > 1 or head[2] not in _TGA_FORMS:
        return False
    width, height = head[12] | head[13] << 8, head[14] | head[15] << 8
    return min(width, height) > 0 and head[16] in _TGA_BITS and head[17] & 0xC0 == 0


def _text(head: bytes) -> str:
    """What a text is: a page, a drawing, or only words; empty where it is none."""
    try:
        text = head.decode("utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:  # else a letter of several bytes that HEAD cuts
            return ""
        text = head[: error.start].decode("utf-8-sig", "replace")
    if not _TEXT.fullmatch(text):
        return ""
    start = text.lstrip().lower()
    if start.startswith(("<!doctype html", "<html", "<head", "<body")):
        return "html"
    if "<svg" in start:
        return "svg"
    return "xml" if start.startswith("<?xml") else "text"
