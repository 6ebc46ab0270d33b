"""PNG in the form of its source: palette, samples of 1, 2 or 4 bits, Adam7 interlacing.

A form is kept where the pixels fit it: every colour in the palette, or room left for new ones;
every gray level one that so few bits can say. Else the picture is written with 8 bits a sample.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Native
from engine.image_io.headers.png import SIGNATURE
from engine.picture import Coding

Chunk: TypeAlias = tuple[bytes, bytes]
_GRAY, _PALETTE = 0, 3
_COLOUR_TYPES = {1: 0, 2: 4, 3: 2, 4: 6}  # by number of channels
_PASSES = (  # Adam7: first column, first row, step across, step down
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)),
    *((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
)
_WHOLE = ((0, 0, 1, 1),)
_SUB = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Form:
    """Samples (H, W, C), uint8 or uint16, and what a header says of them."""

    samples: Native
    bits: int
    colour: int
    chunks: tuple[Chunk, ...] = ()  # PLTE and tRNS
    interlaced: bool = False


def form_of(pixels: Native, alpha: Native | None, coding: Coding) -> Form | None:
    """The source's form for these pixels, (H, W) or (H, W, 3); None where plain PNG will do.

    `alpha` is (H, W) or none, of the same depth.
    """
    found = _indexed(pixels, alpha, coding) if coding.palette else _few_levels(pixels, coding)
    if found is not None and (alpha is None or coding.palette):
        return found
    return _plain(pixels, alpha) if coding.interlaced else None


def keeps_palette(pixels: Native, alpha: Native | None, coding: Coding) -> bool:
    """Whether the colours of (H, W, 3) pixels with (H, W) alpha still fit the source's palette."""
    return bool(coding.palette) and _indexed(pixels, alpha, coding) is not None


def keeps_bits(pixels: Native, alpha: Native | None, coding: Coding) -> bool:
    """Whether gray (H, W) pixels still fit the few bits that a sample of the source has."""
    return alpha is None and _few_levels(pixels, coding) is not None


def encoded(form: Form, chunks: Iterable[Chunk]) -> bytes:
    """The file; `chunks` stand before the palette."""
    height, width = form.samples.shape[:2]
    header = struct.pack(
        ">IIBBBBB", width, height, form.bits, form.colour, 0, 0, int(form.interlaced)
    )
    body = zlib.compress(b"".join(_scanlines(form)), 6)
    parts = ((b"IHDR", header), *chunks, *form.chunks, (b"IDAT", body), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(*part) for part in parts)


def _chunk(kind: bytes, body: bytes) -> bytes:
    checksum = zlib.crc32(body, zlib.crc32(kind))
    return struct.pack(">I4s", len(body), kind) + body + struct.pack(">I", checksum)


def _indexed(pixels: Native, alpha: Native | None, coding: Coding) -> Form | None:
    if pixels.dtype != np.uint8:
        return None
    colours, indices = np.unique(_packed(pixels, alpha), return_inverse=True)
    known = _palette(coding)
    place = {colour: at for at, colour in reversed(list(enumerate(known)))}
    new = [colour for colour in colours.tolist() if colour not in place]
    table = known + new
    bits = coding.bits or 8
    while len(table) > 1 << bits and bits < 8:
        bits *= 2
    if len(table) > 1 << bits:
        return None
    place.update({colour: len(known) + at for at, colour in enumerate(new)})
    order = np.array([place[colour] for colour in colours.tolist()], np.uint8)
    return Form(
        samples=order[indices].reshape(*pixels.shape[:2], 1),
        bits=bits,
        colour=_PALETTE,
        chunks=_palette_chunks(table),
        interlaced=coding.interlaced,
    )


def _packed(pixels: Native, alpha: Native | None) -> NDArray[np.uint32]:
    """(H * W,): red, green, blue and alpha of each pixel as one number."""
    rgb = pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
    last = np.full(pixels.shape[:2], 255, np.uint8) if alpha is None else alpha
    whole = np.ascontiguousarray(np.dstack([rgb, last]).astype(np.uint8))
    return whole.view(">u4").astype(np.uint32).ravel()


def _palette(coding: Coding) -> list[int]:
    count = len(coding.palette) // 3
    opaque = coding.palette_alpha[:count].ljust(count, b"\xff")
    return [
        int.from_bytes(coding.palette[3 * at : 3 * at + 3] + opaque[at : at + 1], "big")
        for at in range(count)
    ]


def _palette_chunks(table: list[int]) -> tuple[Chunk, ...]:
    entries = [colour.to_bytes(4, "big") for colour in table]
    chunks = ((b"PLTE", b"".join(entry[:3] for entry in entries)),)
    transparent = b"".join(entry[3:] for entry in entries).rstrip(b"\xff")
    return (*chunks, (b"tRNS", transparent)) if transparent else chunks


def _few_levels(pixels: Native, coding: Coding) -> Form | None:
    bits = coding.bits or 8
    if bits >= 8 or pixels.ndim == 3 or pixels.dtype != np.uint8:
        return None
    step = 255 // ((1 << bits) - 1)
    if (pixels % step).any():
        return None
    samples = (pixels // step)[..., None]
    return Form(samples=samples, bits=bits, colour=_GRAY, interlaced=coding.interlaced)


def _plain(pixels: Native, alpha: Native | None) -> Form:
    planes = [pixels] if alpha is None else [pixels, alpha]
    samples = cast(Native, np.dstack(planes))
    bits, colour = 8 * pixels.itemsize, _COLOUR_TYPES[samples.shape[2]]
    return Form(samples=samples, bits=bits, colour=colour, interlaced=True)


def _scanlines(form: Form) -> Iterator[bytes]:
    """The rows of each pass, led by their filter: none, or the difference to the left."""
    for left, top, across, down in _PASSES if form.interlaced else _WHOLE:
        part = form.samples[top::down, left::across]
        if not part.size:
            continue
        rows = _row_bytes(part, form.bits)
        out = np.zeros((len(rows), rows.shape[1] + 1), np.uint8)
        out[:, 1:] = rows
        if form.bits >= 8 and form.colour != _PALETTE:
            step = part.shape[2] * form.bits // 8
            out[:, 0] = _SUB
            out[:, 1 + step :] -= rows[:, :-step]
        yield out.tobytes()


def _row_bytes(part: Native, bits: int) -> NDArray[np.uint8]:
    """(H, n): samples one after the other, the first in the highest bits."""
    if bits >= 8:
        ordered = np.ascontiguousarray(part.astype(f">u{bits // 8}"))
        return ordered.reshape(len(part), -1).view(np.uint8)
    each = 8 // bits
    width = part.shape[1]
    padded = np.zeros((len(part), -(-width // each) * each), np.uint8)
    padded[:, :width] = part[..., 0]
    groups = padded.reshape(len(part), -1, each)
    shifts = np.arange(8 - bits, -1, -bits, dtype=np.uint8)
    return np.bitwise_or.reduce(groups << shifts, axis=2).astype(np.uint8)
