"""Unpacks compressed bodies of HTTP in pieces: none of them is larger than `PIECE` bytes.

A library that unpacks a chunk at once makes 300 MB of the few bytes that were packed twice. Here
whoever reads stops when he has had enough, and a large body is at most `MAX_RATIO` times what was
sent for it.
"""

import zlib
from collections.abc import Iterable, Iterator

PIECE = 1 << 20
MAX_LAYERS = 2  # of compression
MAX_RATIO = 200
RATIO_FROM = 8 << 20  # bytes; below, a body may shrink as it likes

_GZIP = zlib.MAX_WBITS | 16


class NotInflatable(ValueError):
    """The body is damaged, or is packed in a way that was not asked for."""


class UnpacksTooFar(ValueError):
    """The body unpacks to more than `MAX_RATIO` times what was sent."""


def inflated(chunks: Iterable[bytes], encodings: str) -> Iterator[bytes]:
    """The body of an answer with this Content-Encoding: gzip, deflate, identity, or lists of them.

    Raises NotInflatable, UnpacksTooFar.
    """
    names = [name.strip().lower() for name in encodings.split(",")]
    layers = [name for name in names if name not in ("", "identity")]
    if len(layers) > MAX_LAYERS or set(layers) - {"gzip", "x-gzip", "deflate"}:
        raise NotInflatable(f"content-encoding {encodings[:80]}")
    if not layers:
        return iter(chunks)
    sent = _CountedChunks(chunks)
    found = iter(sent)
    for name in reversed(layers):
        found = _layer(found, is_gzip=name != "deflate")
    return _in_proportion(found, sent)


class _CountedChunks:
    """Chunks of a body, with the number of bytes that were taken so far."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self.taken = 0  # bytes

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            self.taken += len(chunk)
            yield chunk


def _in_proportion(pieces: Iterable[bytes], sent: _CountedChunks) -> Iterator[bytes]:
    """The pieces, as long as they are in proportion to what was sent."""
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > max(RATIO_FROM, sent.taken * MAX_RATIO):
            raise UnpacksTooFar(f"{sent.taken} bytes unpack to more than {size}")
        yield piece


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
