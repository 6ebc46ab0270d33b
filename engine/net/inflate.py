"""Unpacks compressed bodies of HTTP in pieces: none of them is larger than `PIECE` bytes.

A library that unpacks a chunk at once makes 300 MB of the few bytes that were packed twice. Here
whoever reads stops when he has had enough.
"""

import zlib
from collections.abc import Iterable, Iterator

PIECE = 1 << 20
MAX_LAYERS = 2  # of compression

_GZIP = zlib.MAX_WBITS | 16


class NotInflatable(ValueError):
    """The body is damaged, or is packed in a way that was not asked for."""


def inflated(chunks: Iterable[bytes], encodings: str) -> Iterator[bytes]:
    """The body of an answer with this Content-Encoding: gzip, deflate, identity, or lists of them.

    Raises NotInflatable.
    """
    names = [name.strip().lower() for name in encodings.split(",")]
    layers = [name for name in names if name not in ("", "identity")]
    if len(layers) > MAX_LAYERS or set(layers) - {"gzip", "x-gzip", "deflate"}:
        raise NotInflatable(f"content-encoding {encodings[:80]}")
    found = iter(chunks)
    for name in reversed(layers):
        found = _layer(found, is_gzip=name != "deflate")
    return found


def _layer(chunks: Iterator[bytes], *, is_gzip: bool) -> Iterator[bytes]:
    """One layer; what follows its end is passed over."""
    stream = None
    try:
        for chunk in filter(None, chunks):
            if stream is None:
                stream = zlib.decompressobj(_GZIP if is_gzip else _deflate_bits(chunk))
            packed = chunk
            while packed and not stream.eof:
                yield stream.decompress(packed, PIECE)
                packed = stream.unconsumed_tail
        if stream is not None:
            yield stream.decompress(b"", PIECE)  # what was left of a full piece
    except zlib.error as error:
        raise NotInflatable(str(error)) from error
    if stream is not None and not stream.eof:
        raise NotInflatable("the compressed body ends too soon")


def _deflate_bits(start: bytes) -> int:
    """Most servers send the zlib header that belongs there, some do not."""
    return zlib.MAX_WBITS if start[0] & 0x0F == 8 else -zlib.MAX_WBITS
