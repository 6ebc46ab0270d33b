"""PNG files chunk by chunk, looked through before decoding (PNG specification, third edition)."""

import os
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from engine.geometry import Size
from engine.image_io.limits import Limits
from engine.picture import Metadata

SIGNATURE = b"\x89PNG\r\n\x1a\n"
END = b"\0\0\0\0IEND\xaeB`\x82"  # the whole chunk that every file ends with
_DECODED = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
XMP_KEY = b"XML:com.adobe.xmp"


@dataclass(slots=True)
class PngHeader:
    """What a PNG says before its pixels are decoded."""

    size: Size = Size(0, 0)  # noqa: RUF009  a tuple
    depth: int = 8  # 1, 2, 4, 8, 16
    colour: int = 2  # 0 gray, 2 RGB, 3 palette, 4 gray + alpha, 6 RGB + alpha
    transparent: bytes | None = None  # tRNS
    frames: int = 1
    interlaced: bool = False  # Adam7
    palette: bytes = b""  # PLTE: RGB after RGB
    icc: bytes | None = None
    code_points: tuple[int, int] | None = None  # cICP: primaries and transfer (ITU-T H.273)
    gamma: float = 0.0  # gAMA, the exponent to light; 0: none
    chromaticities: tuple[float, ...] = ()  # cHRM: x, y of white, red, green, blue
    is_srgb: bool = False  # sRGB
    exif: bytes | None = None
    xmp: bytes | None = None
    dpi: tuple[float, float] | None = None
    text: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    metadata_bytes: int = 0
    has_broken_parts: bool = False

    @property
    def metadata(self) -> Metadata:
        return Metadata(exif=self.exif, xmp=self.xmp, dpi=self.dpi, text=tuple(self.text))


def examine(stream: BinaryIO, limits: Limits) -> PngHeader:
    """Look through a PNG without decoding its pixels.

    Raises ImageTooLarge, or ValueError where a part that is needed is missing or damaged.
    """
    found = PngHeader()
    for kind, length in _chunks(stream):
        if kind in (b"IDAT", b"fdAT"):
            continue
        if kind not in (b"IHDR", b"PLTE", b"IEND"):
            found.metadata_bytes += length + 12
            limits.check("metadata", max(found.metadata_bytes, length))
        if kind in _READERS:
            _read_chunk(found, kind, stream.read(length), limits)
        if kind == b"IHDR":
            limits.check_size(found.size)
    if min(found.size) < 1:
        raise ValueError("no size")
    return found


def _read_chunk(found: PngHeader, kind: bytes, body: bytes, limits: Limits) -> None:
    """Damage counts only in what the pixels need."""
    try:
        _READERS[kind](found, body, limits)
    except (ValueError, struct.error, zlib.error):
        if kind in _DECODED:
            raise
        found.has_broken_parts = True


def _chunks(stream: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Kind and length of each chunk, the stream at its content. Ends after IEND."""
    end = stream.seek(0, os.SEEK_END)
    at, kind = len(SIGNATURE), b""
    while kind != b"IEND":
        stream.seek(at)
        head = stream.read(8)
        if len(head) < 8:
            raise ValueError("cut off")
        length, kind = struct.unpack(">I4s", head)
        at += 12 + length
        if at > end:
            raise ValueError("cut off")
        yield kind, length


def bare(content: bytes) -> bytes:
    """The same PNG with nothing but what its pixels need; their checksums are verified.

    So the decoder sees no text, profile or animation. Raises ValueError when damaged.
    """
    parts, at, kind = [SIGNATURE], len(SIGNATURE), b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if end > len(content):
            raise ValueError("cut off")
        if kind in _DECODED:
            _verify(content, at, end)
            parts.append(content[at:end])
        at = end
    return b"".join(parts)


def with_end(content: bytes) -> bytes:
    """The same PNG with its end chunk, where the file stops before that chunk or within it.

    Any other content comes back as it is. Whether the pixels are all there the decoder says.
    """
    if content.endswith(END):
        return content
    at, kind, has_pixels = len(SIGNATURE), b"", False
    while kind != b"IEND" and len(content) - at >= len(END):
        length, kind = struct.unpack_from(">I4s", content, at)
        has_pixels = has_pixels or kind == b"IDAT"
        at += 12 + length
    rest = content[at:]
    lacks_end = kind != b"IEND" and at <= len(content) and END.startswith(rest)
    return content[:at] + END if has_pixels and lacks_end else content


def _verify(content: bytes, at: int, end: int) -> None:
    (checksum,) = struct.unpack_from(">I", content, end - 4)
    if zlib.crc32(memoryview(content)[at + 4 : end - 4]) != checksum:
        raise ValueError("checksum")


def _inflated(packed: bytes, what: str, limits: Limits) -> bytes:
    """Unpacked content; stops at the limit called `what`."""
    limit: int = getattr(limits, what)
    out = zlib.decompressobj().decompress(packed, limit + 1)
    limits.check(what, len(out))
    return out


def _header(found: PngHeader, body: bytes, limits: Limits) -> None:
    width, height, found.depth, found.colour = struct.unpack_from(">IIBB", body)
    found.interlaced = body[12:13] == b"\x01"
    found.size = Size(width, height)
    if found.depth not in (1, 2, 4, 8, 16) or found.colour not in (0, 2, 3, 4, 6):
        raise ValueError("header")


def _palette(found: PngHeader, body: bytes, limits: Limits) -> None:
    found.palette = body[:768]


def _transparency(found: PngHeader, body: bytes, limits: Limits) -> None:
    found.transparent = body


def _animation(found: PngHeader, body: bytes, limits: Limits) -> None:
    (found.frames,) = struct.unpack_from(">I", body)
    limits.check("frames", found.frames)


def _profile(found: PngHeader, body: bytes, limits: Limits) -> None:
    _, _, packed = body.partition(b"\0")
    found.icc = _inflated(packed[1:], "profile", limits)


def _code_points(found: PngHeader, body: bytes, limits: Limits) -> None:
    primaries, transfer, matrix, full = struct.unpack(">4B", body)
    if (matrix, full) == (0, 1):
        found.code_points = primaries, transfer


def _gamma(found: PngHeader, body: bytes, limits: Limits) -> None:
    (value,) = struct.unpack(">I", body)
    found.gamma = 100_000 / value if value else 0.0


def _chromaticities(found: PngHeader, body: bytes, limits: Limits) -> None:
    found.chromaticities = tuple(value / 100_000 for value in struct.unpack(">8I", body))


def _srgb(found: PngHeader, body: bytes, limits: Limits) -> None:
    found.is_srgb = True


def _exif(found: PngHeader, body: bytes, limits: Limits) -> None:
    found.exif = body.removeprefix(b"Exif\0\0")


def _resolution(found: PngHeader, body: bytes, limits: Limits) -> None:
    across, down, unit = struct.unpack(">IIB", body)
    if unit == 1 and across and down:
        found.dpi = (round(across * 0.0254, 2), round(down * 0.0254, 2))


def _plain_text(found: PngHeader, body: bytes, limits: Limits) -> None:
    key, _, words = body.partition(b"\0")
    _keep_text(found, key, words.decode("latin-1"))


def _packed_text(found: PngHeader, body: bytes, limits: Limits) -> None:
    key, _, rest = body.partition(b"\0")
    words = _inflated(rest[1:], "metadata", limits)
    _count(found, words, limits)
    _keep_text(found, key, words.decode("latin-1"))


def _international_text(found: PngHeader, body: bytes, limits: Limits) -> None:
    key, _, rest = body.partition(b"\0")
    words = rest[2:].split(b"\0", 2)[-1]
    if rest[:1] == b"\1":
        words = _inflated(words, "metadata", limits)
        _count(found, words, limits)
    if key == XMP_KEY:
        found.xmp = words
    else:
        _keep_text(found, key, words.decode("utf-8", "replace"))


def _count(found: PngHeader, words: bytes, limits: Limits) -> None:
    found.metadata_bytes += len(words)
    limits.check("metadata", found.metadata_bytes)


def _keep_text(found: PngHeader, key: bytes, words: str) -> None:
    """Raw profiles are EXIF or IPTC in hexadecimal, and would carry places past every switch."""
    if not key.startswith(b"Raw profile type"):
        found.text.append((key.decode("latin-1"), words))


_READERS: dict[bytes, Callable[[PngHeader, bytes, Limits], None]] = {
    b"IHDR": _header,
    b"PLTE": _palette,
    b"tRNS": _transparency,
    b"acTL": _animation,
    b"iCCP": _profile,
    b"cICP": _code_points,
    b"gAMA": _gamma,
    b"cHRM": _chromaticities,
    b"sRGB": _srgb,
    b"eXIf": _exif,
    b"pHYs": _resolution,
    b"tEXt": _plain_text,
    b"zTXt": _packed_text,
    b"iTXt": _international_text,
}
