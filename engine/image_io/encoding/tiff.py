"""Writes TIFF files: 8 and 16 bits, with profile, XMP, IPTC and the EXIF directories.

Not by a library because tifffile writes no EXIF directory and Pillow no 16-bit RGB.
"""

import struct
import zlib
from collections.abc import Callable, Iterator

import numpy as np

from engine.geometry import Native
from engine.image_io.encoding.png_writer import SMALL
from engine.image_io.headers import exif, ifd
from engine.image_io.headers.ifd import LONG, RATIONAL, SHORT, UNDEFINED, IfdValue, Tree
from engine.picture import Metadata

_STRIP_BYTES = 1 << 20
_STORED, _DEFLATE = 1, 8


def encoded(
    channels: Native,
    icc: bytes | None,
    metadata: Metadata,
    compress: bool,
    report: Callable[[float], None],
) -> bytes:
    """A TIFF of (H, W, C) pixels, C = 1 gray, 2 gray + alpha, 3 RGB, 4 RGB + alpha.

    Raises OverflowError above 4 GB.
    """
    rows = max(1, _STRIP_BYTES // channels[0].nbytes)
    strips: list[bytes] = []
    for strip in _strips(channels, rows, compress):
        strips.append(strip)
        report(min(1.0, len(strips) * rows / channels.shape[0]))
    offsets = np.cumsum([8, *map(len, strips)]).tolist()
    at = offsets.pop()
    if at > 0xFFFF0000:
        raise OverflowError("a TIFF ends at 4 GB")
    fields = _described(icc, metadata) | _structure(channels, rows, compress)
    fields[273] = ifd.value(LONG, *offsets)
    fields[279] = ifd.value(LONG, *map(len, strips))
    pad = bytes(at % 2)
    head = b"II*\0" + struct.pack("<I", at + len(pad))
    return b"".join([head, *strips, pad, ifd.serialised(fields, at + len(pad))])


def _strips(channels: Native, rows: int, compress: bool) -> Iterator[bytes]:
    for top in range(0, channels.shape[0], rows):
        strip = channels[top : top + rows].astype(f"<u{channels.itemsize}")
        if compress:
            strip[:, 1:] -= strip[:, :-1].copy()
            yield zlib.compress(strip.tobytes(), SMALL.level)
        else:
            yield strip.tobytes()


def _structure(channels: Native, rows: int, compress: bool) -> Tree:
    height, width, count = channels.shape
    fields: Tree = {
        256: ifd.value(LONG, width),
        257: ifd.value(LONG, height),
        258: ifd.value(SHORT, *[channels.itemsize * 8] * count),
        259: ifd.value(SHORT, _DEFLATE if compress else _STORED),
        262: ifd.value(SHORT, 1 if count < 3 else 2),
        exif.ORIENTATION: ifd.value(SHORT, 1),
        277: ifd.value(SHORT, count),
        278: ifd.value(LONG, rows),
        284: ifd.value(SHORT, 1),
        339: ifd.value(SHORT, *[1] * count),
    }
    if compress:
        fields[317] = ifd.value(SHORT, 2)
    if count in (2, 4):
        fields[338] = ifd.value(SHORT, 2)  # straight alpha
    return fields


def _described(icc: bytes | None, metadata: Metadata) -> Tree:
    fields = exif.for_tiff(metadata.exif)
    if metadata.dpi:
        across, down = (round(value * 1_000) for value in metadata.dpi)
        fields[282] = ifd.value(RATIONAL, across, 1_000)
        fields[283] = ifd.value(RATIONAL, down, 1_000)
        fields[296] = ifd.value(SHORT, 2)
    for tag, content in ((34_675, icc), (700, metadata.xmp), (33_723, metadata.iptc)):
        if content:
            kind = ifd.BYTE if tag == 700 else UNDEFINED
            fields[tag] = IfdValue(kind, len(content), content)
    return fields
