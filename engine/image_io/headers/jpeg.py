"""JPEG files segment by segment: looked through before decoding (ITU-T T.81, annex B)."""

import io
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import BinaryIO

from engine.geometry import Size
from engine.image_io.limits import Limits
from engine.picture import Metadata

_EXIF = b"Exif\0\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"
_ICC = b"ICC_PROFILE\0"
_PHOTOSHOP = b"Photoshop 3.0\0"
_MPF = b"MPF\0"
_FRAMES = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
_PROGRESSIVE = frozenset({0xC2, 0xC6, 0xCA, 0xCE})
_SCAN, _END, _TABLES, _ADOBE = 0xDA, 0xD9, 0xDB, 0xEE
_CODING = _FRAMES | {0xC4, 0xCC, _SCAN, _TABLES, 0xDC, 0xDD}  # with the tables of a picture
_MARKER = re.compile(rb"\xff+[^\0\xd0-\xd7\xff]")
_SCAN_END = re.compile(rb"\xff[^\0\xd0-\xd7\xff]")  # begins with one byte: found by memchr
_GARBAGE, _MOST_GARBAGE = 0, 65_536
_ISO_GAIN_MAP = b"urn:iso:std:iso:ts:21496:-1\0"
_SEGMENT_MAX = 65_533
_SUBSAMPLING = {
    (1, 1): "4:4:4",
    (2, 1): "4:2:2",
    (2, 2): "4:2:0",
    (1, 2): "4:4:0",
    (4, 1): "4:1:1",
    (4, 2): "4:1:0",
}
_LUMA = (
    *(16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55),
    *(14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62),
    *(18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92),
    *(49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99),
)
"""Luminance steps of T.81, table K.1; their order does not matter for a mean."""
_IPTC_RESOURCE = 0x0404


@dataclass(slots=True)
class JpegHeader:
    """What a JPEG says before its pixels are decoded."""

    size: Size = Size(0, 0)  # noqa: RUF009  a tuple; as stored
    frame: int = 0xC0  # marker of the frame: the kind of coding
    irregular: bool = False  # bytes between the segments, which libjpeg skips with a warning
    has_gain_map: bool = False  # by ISO 21496-1
    channels: int = 3
    precision: int = 8
    progressive: bool = False
    sampling: tuple[tuple[int, int], ...] = ()  # across and down, by component
    has_jfif: bool = False
    luma_steps: bytes = b""  # the first quantisation table of 8 bits, zigzag
    exif: bytes | None = None
    xmp: bytes | None = None
    dpi: tuple[float, float] | None = None
    profile_parts: dict[int, bytes] = field(default_factory=dict[int, bytes])
    photoshop: bytes = b""
    mpf: bytes | None = None
    mpf_at: int = 0
    scan_at: int = 0
    metadata_bytes: int = 0

    @property
    def icc(self) -> bytes | None:
        return b"".join(self.profile_parts[key] for key in sorted(self.profile_parts)) or None

    @property
    def metadata(self) -> Metadata:
        return Metadata(exif=self.exif, xmp=self.xmp, iptc=_iptc(self.photoshop), dpi=self.dpi)


def examine(stream: BinaryIO, limits: Limits) -> JpegHeader:
    """Look through the segments before the first scan.

    Raises ImageTooLarge, or ValueError when the file ends or makes no sense before it.
    """
    found = JpegHeader()
    for marker, at, length in _segments(stream):
        if marker == _GARBAGE:
            found.irregular = True
        elif marker in _FRAMES and found.size == (0, 0):
            _read_frame(found, marker, stream.read(length))
            limits.check_size(found.size)
        elif marker == _TABLES and not found.luma_steps:
            found.luma_steps = _first_table(stream.read(length))
        elif 0xE0 <= marker <= 0xEF or marker == 0xFE:
            found.metadata_bytes += length
            _read_application(found, marker, at, stream.read(length))
            limits.check("profile", sum(map(len, found.profile_parts.values())))
            limits.check("metadata", found.metadata_bytes)
        found.scan_at = at
    if min(found.size) < 1:
        raise ValueError("no size")
    return found


def _segments(stream: BinaryIO) -> Iterator[tuple[int, int, int]]:
    """Marker, place and length of each segment's content, up to the first scan.

    Bytes that belong to no segment come as the marker 0, as libjpeg skips them.
    """
    at, marker = 2, 0
    while marker != _SCAN:
        stream.seek(at)
        head = stream.read(4)
        if len(head) < 4:
            raise ValueError("cut off")
        marker = head[1]
        if head[0] != 0xFF or marker in (0, 1, *range(0xD0, 0xD8)):
            skipped = _to_marker(stream, at)
            yield _GARBAGE, at, skipped
            at += skipped
            continue
        if marker == 0xFF:
            at += 1
            continue
        length = struct.unpack(">H", head[2:])[0]
        if marker == _END or length < 2:
            raise ValueError("no scan")
        yield marker, at + 4, length - 2
        at += 2 + length


def _to_marker(stream: BinaryIO, at: int) -> int:
    """How many bytes lie between `at` and the next marker. Raises ValueError."""
    stream.seek(at)
    found = _MARKER.search(stream.read(_MOST_GARBAGE), 1)
    if found is None:
        raise ValueError("cut off")
    return found.start()


def _read_frame(found: JpegHeader, marker: int, body: bytes) -> None:
    found.precision, height, width, found.channels = struct.unpack_from(">BHHB", body)
    found.size = Size(width, height)
    found.frame = marker
    found.progressive = marker in _PROGRESSIVE
    factors = body[7 : 6 + 3 * found.channels : 3]
    found.sampling = tuple((each >> 4, each & 15) for each in factors)


def _first_table(body: bytes) -> bytes:
    """Table 0 where it comes first and has 8 bits, as in nearly every file."""
    return body[1:65] if len(body) >= 65 and body[0] == 0 else b""


def subsampling(head: JpegHeader) -> str | None:
    """The usual name of the sampling factors; None where there is none."""
    if len(head.sampling) != 3:
        return None
    luma, *chroma = head.sampling
    return _SUBSAMPLING.get(luma) if set(chroma) == {(1, 1)} else None


def mcu_size(head: JpegHeader) -> tuple[int, int]:
    """Height and width in pixels of what is coded together."""
    if len(head.sampling) < 2:  # a scan of one component is not interleaved
        return 8, 8
    return 8 * max(down for _, down in head.sampling), 8 * max(wide for wide, _ in head.sampling)


def quality(head: JpegHeader) -> int | None:
    """1..100: the setting of libjpeg whose luma table is nearest (T.81, table K.1, scaled)."""
    if len(head.luma_steps) != 64:
        return None
    mean = sum(head.luma_steps) / 64
    return min(range(1, 101), key=lambda each: abs(_mean_step(each) - mean))


@cache
def _mean_step(quality: int) -> float:
    """Mean of the luma table that libjpeg makes for this quality."""
    scale = 5000 / quality if quality < 50 else 200 - 2 * quality
    return sum(min(255, max(1, (step * scale + 50) // 100)) for step in _LUMA) / 64


def _read_application(found: JpegHeader, marker: int, at: int, body: bytes) -> None:
    if marker == 0xE0 and body.startswith(b"JFIF\0"):
        _read_density(found, body)
    elif marker == 0xE1 and body.startswith(_EXIF) and found.exif is None:
        found.exif = body[len(_EXIF) :]
    elif marker == 0xE1 and body.startswith(_XMP) and found.xmp is None:
        found.xmp = body[len(_XMP) :]
    elif marker == 0xE2 and body.startswith(_ICC) and len(body) > 14:
        found.profile_parts[body[12]] = body[14:]
    elif marker == 0xE2 and body.startswith(_ISO_GAIN_MAP):
        found.has_gain_map = True
    elif marker == 0xE2 and body.startswith(_MPF):
        found.mpf, found.mpf_at = body[4:], at + 4
    elif marker == 0xED and body.startswith(_PHOTOSHOP):
        found.photoshop += body[len(_PHOTOSHOP) :]


def _read_density(found: JpegHeader, body: bytes) -> None:
    found.has_jfif = True
    if len(body) < 12:
        return
    unit, across, down = struct.unpack_from(">BHH", body, 7)
    scale = {1: 1.0, 2: 2.54}.get(unit)
    if scale and across and down:
        found.dpi = (across * scale, down * scale)


def _iptc(photoshop: bytes) -> bytes | None:
    """The IIM records among Photoshop's image resources."""
    at = 0
    while photoshop[at : at + 4] == b"8BIM" and at + 12 <= len(photoshop):
        (resource,) = struct.unpack_from(">H", photoshop, at + 4)
        name_end = at + 7 + photoshop[at + 6]
        name_end += (name_end - at) % 2
        length_bytes = photoshop[name_end : name_end + 4]
        length = int.from_bytes(length_bytes, "big")
        if resource == _IPTC_RESOURCE:
            return photoshop[name_end + 4 : name_end + 4 + length] or None
        at = name_end + 4 + length + length % 2
    return None


def iptc_segment(iptc: bytes) -> bytes:
    """An APP13 segment with these IIM records; nothing when they are too long for one."""
    resource = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(iptc)) + iptc + bytes(len(iptc) % 2)
    body = _PHOTOSHOP + resource
    return b"\xff\xed" + struct.pack(">H", len(body) + 2) + body if len(body) < 65_000 else b""


def coded(content: bytes) -> bytes:
    """The first picture of a file: tables, frames and scans, without start marker, alone.

    APP14 is kept, as it says what colours the components are. Raises ValueError where other bytes
    stand between its parts.
    """
    kept, marker, end = bytearray(), 0, 0
    for marker, at, end in parts(content):
        if marker == _ADOBE and content[at + 4 : end].startswith(b"Adobe"):
            kept += segment(marker, content[at + 4 : min(end, at + 16)])
        elif marker in _CODING:
            kept += content[at:end]
    if marker != _END and end < len(content):
        raise ValueError("bytes between segments")
    return bytes(kept) + b"\xff\xd9"


def applications(content: bytes) -> list[tuple[int, bytes]]:
    """Marker and body of each application segment before the first scan."""
    found: list[tuple[int, bytes]] = []
    try:
        for marker, at, length in _segments(io.BytesIO(content)):
            if 0xE0 <= marker <= 0xEF:
                found.append((marker, content[at : at + length]))
    except ValueError:  # cut off: what came before counts
        pass
    return found


def end_of(content: bytes) -> int:
    """The offset behind the first picture of a file."""
    return max((end for _, _, end in parts(content)), default=0)


def parts(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each part of the first picture; a scan has its coded data."""
    at = 2
    while at + 2 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        end = at + 2
        if marker != _END:
            end += int.from_bytes(content[at + 2 : at + 4], "big")
        if marker == _SCAN:
            end = _end_of_scan(content, end)
        yield marker, at, end
        if marker == _END or end == at + 2:
            return
        at = end


def _end_of_scan(content: bytes, at: int) -> int:
    """In coded data 0xFF is followed by 0 or a restart marker."""
    found = _SCAN_END.search(content, at)
    if found is None:
        return len(content)
    end = found.start()
    while content[end - 1] == 0xFF and end > at:  # a marker may be led by more of them
        end -= 1
    return end


def segments(metadata: Metadata, icc: bytes | None, *, jfif: bool) -> bytes:
    """What stands between the start marker and the tables: density, EXIF, XMP, profile, IPTC.

    Raises ValueError when a block is longer than a segment holds.
    """
    out = [_jfif(metadata.dpi)] if jfif else []
    if metadata.exif:
        out.append(segment(0xE1, _EXIF + metadata.exif))
    if metadata.xmp:
        out.append(segment(0xE1, _XMP + metadata.xmp))
    out.extend(_profile_segments(icc or b""))
    if metadata.iptc:
        out.append(iptc_segment(metadata.iptc))
    return b"".join(out)


def application(body: bytes) -> bytes:
    """An APP2 segment; nothing for no body."""
    return segment(0xE2, body) if body else b""


def segment(marker: int, body: bytes) -> bytes:
    """Marker, length and body. Raises ValueError when it is longer than a segment holds."""
    if len(body) > _SEGMENT_MAX:
        raise ValueError("longer than a segment")
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _jfif(dpi: tuple[float, float] | None) -> bytes:
    unit, across, down = (1, *map(round, dpi)) if dpi else (0, 1, 1)
    return segment(0xE0, struct.pack(">5sHBHHBB", b"JFIF", 0x0101, unit, across, down, 0, 0))


def _profile_segments(icc: bytes) -> list[bytes]:
    step = _SEGMENT_MAX - len(_ICC) - 2
    parts = [icc[at : at + step] for at in range(0, len(icc), step)]
    return [
        segment(0xE2, _ICC + bytes((number, len(parts))) + part)
        for number, part in enumerate(parts, 1)
    ]


def is_whole(content: bytes, contents: JpegHeader) -> bool:
    """Whether the end marker is there: libjpeg paints what is missing gray and says nothing.

    In coded data 0xFF is always followed by 0 or a restart marker, so the bytes cannot be chance.
    """
    return content.endswith(b"\xff\xd9") or content.find(b"\xff\xd9", contents.scan_at) >= 0
