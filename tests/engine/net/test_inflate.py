"""Packed bodies come out in small pieces, whole or not at all."""

import gzip
import tracemalloc
import zlib

import pytest

from engine.net import inflate
from engine.net.inflate import NotInflatable, UnpacksTooFar, inflated

BODY = bytes(range(256)) * 40
RAW = zlib.compressobj(wbits=-zlib.MAX_WBITS)
BARE_DEFLATE = RAW.compress(BODY) + RAW.flush()


def cut(body: bytes, size: int = 7) -> list[bytes]:
    return [body[start : start + size] for start in range(0, len(body), size)]


@pytest.mark.parametrize(
    ("packed", "encodings"),
    [
        (BODY, ""),
        (BODY, "identity"),
        (gzip.compress(BODY), "gzip"),
        (gzip.compress(BODY), "X-GZIP, identity"),
        (zlib.compress(BODY), "deflate"),
        (BARE_DEFLATE, "deflate"),
        (gzip.compress(zlib.compress(BODY)), "deflate, gzip"),
        (gzip.compress(BODY) + b"\0" * 9, "gzip"),
        (b"", "gzip"),
    ],
)
@pytest.mark.parametrize("piece", [1, 100, 1 << 20])
def test_a_body_is_what_was_packed(
    packed: bytes, encodings: str, piece: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inflate, "PIECE", piece)
    assert b"".join(inflated(cut(packed), encodings)) == (BODY if packed else b"")
    assert b"".join(inflated([packed], encodings)) == (BODY if packed else b"")


@pytest.mark.parametrize(
    ("packed", "encodings"),
    [
        (gzip.compress(BODY)[:-9], "gzip"),
        (b"no gzip at all", "gzip"),
        (BODY, "br"),
        (BODY, "gzip, gzip, gzip"),
    ],
)
def test_what_is_damaged_or_unknown_is_refused(packed: bytes, encodings: str) -> None:
    with pytest.raises(NotInflatable):
        b"".join(inflated(cut(packed), encodings))


def test_whoever_reads_may_stop_before_the_memory_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflate, "PIECE", 1000)
    twice = gzip.compress(gzip.compress(b" " * 2_000_000))
    tracemalloc.start()
    pieces = inflated([twice], "gzip, gzip")
    taken = sum(len(next(pieces)) for _ in range(5))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken <= 5000
    assert peak < 500_000


def test_what_was_sent_bounds_what_it_unpacks_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inflate, "PIECE", 100)
    monkeypatch.setattr(inflate, "RATIO_FROM", 1000)
    flat = gzip.compress(b" " * 50_000)
    with pytest.raises(UnpacksTooFar):
        b"".join(inflated([flat], "gzip"))
    monkeypatch.setattr(inflate, "MAX_RATIO", 2000)
    assert b"".join(inflated([flat], "gzip")) == b" " * 50_000
    monkeypatch.setattr(inflate, "MAX_RATIO", 2)
    assert b"".join(inflated(cut(BODY * 9), "")) == BODY * 9
