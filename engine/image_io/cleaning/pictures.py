"""Embedded pictures in bytes and in text: found by signature, by structure and by coding.

Bytes are blanked in place, so that offsets around them stay right; text loses the coded part.
Sought are whole files (JPEG, PNG, WebP, ...), bare samples without any header, and both of these
in base64, hexadecimal or as lists of numbers.
"""

import re
import struct
import unicodedata
from collections import Counter
from collections.abc import Iterator
from typing import TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

Span: TypeAlias = tuple[int, int]
_Bytes: TypeAlias = NDArray[np.uint8]

_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_SCAN, _BARE = 0xDA, frozenset({0x01, *range(0xD0, 0xD9)})
_HEADLESS = (b"\xff\xdb\x00\x43", b"\xff\xdb\x00\x84", b"\xff\xc0\x00\x11\x08")
_PNG = b"\x89PNG\r\n\x1a\n"
_OTHERS = re.compile(
    rb"GIF8[79]a|\0\0\0\x0c(?:jP  |JXL )\r\n\x87\n|\xff\x4f\xff\x51\0"
    rb"|\0\0\0.ftyp(?:avif|avis|heic|heix|mif1|msf1|mp4|isom|qt  )"
    rb"|(?:II\*\0|MM\0\*)(?:\x08\0\0\0|\0\0\0\x08)|BM.{4}\0{4}.{4}[\x0c\x28\x6c\x7c]\0\0\0",
    re.DOTALL,
)
"""Files of other formats; their end is not sought, all that follows goes."""

_WINDOW, _STEP = 512, 128
_LEAST_BYTES = 768  # of bare samples: 16 x 16 RGB
_MOST_ZEROS, _MOST_TEXT = 0.12, 0.97
_LAGS = (1, 2, 3, 4, 6)  # gray, 16 bit, RGB, RGBA, 16-bit RGB
_SMOOTH, _LEAST_SPREAD = 0.3, 3.0

_LETTER = r"(?:[A-Za-z0-9+_-]|\\?/|%2[BbFf])"
_BREAK = r"(?:\s|\\[nr]|%0[AaDd])"
_CODED = re.compile(rf"(?>{_LETTER}{{24,}}+{_BREAK}*+)++(?:=|%3[Dd])*")
_HEX = re.compile(r"(?:(?:0x|\\x)?+[0-9A-Fa-f]{2}[\s,:;]{0,2}+){128,}+")
_NUMBERS = re.compile(r"(?:\d{1,3}[\s,;]{1,3}+){400,}+")
_DENSE = re.compile(r"[!-~]{1000,}+")
_SIGNATURES = ("/9j/", "iVBORw0K", "UklGR", "ffd8ff", "FFD8FF", "89504e47", "R0lGOD")
_LEAST_CODED, _LEAST_SIGNED, _LEAST_LETTERS = 400, 96, 10
_DENSE_BITS = 5.9  # of entropy for a character: coded with 85 letters or more


def blanked(content: bytes, *, opaque: bool = False) -> bytes:
    """The same length, with zeros where pictures were. `opaque`: bare samples are sought, too."""
    out = bytearray(content)
    for start, end in _spans(content, opaque):
        out[start:end] = bytes(end - start)
    return bytes(out)


def _spans(content: bytes, opaque: bool) -> Iterator[Span]:
    yield from _files(content)
    for pattern in (_CODED, _HEX, _NUMBERS):
        yield from _coded_spans(content.decode("latin-1"), pattern)
    if opaque:
        yield from _samples(content, dense=True)


def has_samples(content: bytes) -> bool:
    """Whether there are bare samples whose neighbours are alike, as in a photograph."""
    return next(_samples(content, dense=False), None) is not None


def _files(content: bytes) -> Iterator[Span]:
    at = content.find(b"\xff\xd8\xff")
    while at >= 0:
        end = _jpeg_end(content, at + 2)
        if end:
            yield at, end
        at = content.find(b"\xff\xd8\xff", end or at + 3)
    for mark in _HEADLESS:  # some cameras change the first byte of a preview
        at = content.find(mark)
        while at >= 0:
            end = _jpeg_end(content, at)
            if end:
                yield max(0, at - 4), end
            at = content.find(mark, end or at + 4)
    for start in _all_of(content, _PNG):
        yield start, _png_end(content, start)
    for start in _all_of(content, b"RIFF"):
        if content[start + 8 : start + 12] in (b"WEBP", b"AVI "):
            yield start, len(content)
    for found in _OTHERS.finditer(content):
        yield found.start(), len(content)


def _all_of(content: bytes, mark: bytes) -> Iterator[int]:
    at = content.find(mark)
    while at >= 0:
        yield at
        at = content.find(mark, at + len(mark))


def _jpeg_end(content: bytes, at: int) -> int:
    """Behind the end marker of a JPEG whose segments begin at `at`; 0 where it is none."""
    has_frame = False
    while at + 4 <= len(content) and content[at] == 0xFF:
        marker = content[at + 1]
        if marker in _BARE or marker == 0xFF:
            at += 1 if marker == 0xFF else 2
            continue
        has_frame = has_frame or marker in _FRAMES
        if marker == _SCAN:
            end = content.find(b"\xff\xd9", at)
            return end + 2 if end >= 0 else len(content)
        (length,) = struct.unpack_from(">H", content, at + 2)
        if marker < 0xC0 or length < 2:
            break
        at += 2 + length
    return len(content) if has_frame else 0


def _png_end(content: bytes, start: int) -> int:
    end = content.find(b"IEND\xaeB`\x82", start)
    return end + 8 if end >= 0 else len(content)


def _samples(content: bytes, *, dense: bool) -> Iterator[Span]:
    """Runs of windows that look like bare samples; `dense`: like any coded bytes as well."""
    values = np.frombuffer(content, np.uint8)
    if len(values) < _LEAST_BYTES:
        return
    windows = np.lib.stride_tricks.sliding_window_view(values, _WINDOW)[::_STEP]
    zeros = (windows == 0).mean(axis=1)
    found = _is_smooth(windows)
    if dense:
        text = ((windows >= 32) & (windows < 127) | (windows == 9) | (windows == 10)).mean(axis=1)
        found |= text < _MOST_TEXT
    found &= zeros < _MOST_ZEROS
    edges = np.flatnonzero(np.diff(np.concatenate([[0], found.astype(np.int8), [0]])))
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist()):
        start, end = first * _STEP, (last - 1) * _STEP + _WINDOW
        if end - start >= _LEAST_BYTES:
            yield _widened(start, end, len(content))


def _widened(start: int, end: int, length: int) -> Span:
    """The ends of a run are in windows that hold other things, too."""
    return max(0, start - _STEP), length if end + _WINDOW > length else end + _STEP


def _is_smooth(windows: _Bytes) -> NDArray[np.bool_]:
    values = windows.astype(np.int16)
    spread = values.std(axis=1)
    steps = np.min(
        [np.abs(values[:, lag:] - values[:, :-lag]).mean(axis=1) for lag in _LAGS], axis=0
    )
    return cast(
        NDArray[np.bool_], (spread > _LEAST_SPREAD) & (steps < _SMOOTH * spread) & (steps > 0)
    )


def _coded_spans(text: str, pattern: re.Pattern[str]) -> Iterator[Span]:
    for found in pattern.finditer(text):
        if _is_coded(found[0], pattern):
            yield found.span()


def _is_coded(run: str, pattern: re.Pattern[str]) -> bool:
    if pattern is _DENSE:
        return _entropy(run) > _DENSE_BITS
    if len(set(run)) < _LEAST_LETTERS:
        return False
    signed = any(mark in run.replace("\\", "") for mark in _SIGNATURES)
    return len(run) >= (_LEAST_SIGNED if signed else _LEAST_CODED) or pattern is _HEX


def _entropy(run: str) -> float:
    counts = np.array(list(Counter(run).values())) / len(run)
    return float(-(counts * np.log2(counts)).sum())


def without_coded(text: str) -> str:
    """The text without what is coded in it: base64, hexadecimal, numbers, or denser codes."""
    for pattern in (_CODED, _HEX, _NUMBERS, _DENSE):
        text = pattern.sub(
            lambda found, p=pattern: "" if _is_coded(found[0], p) else found[0], text
        )
    return text


_CONTROLS, _UNREADABLE, _MOST_UNREADABLE = "\t\n\r\f\0", ("Cc", "Cn", "Co", "Cs"), 0.01
_MOST_SCRIPTS, _LEAST_SHARE, _MOST_ACCENTS = 6, 0.01, 0.35


def is_text(text: str) -> bool:
    """Whether a person, or a program for one, may have written this."""
    counts = Counter(text)
    total = len(text) or 1
    odd = sum(
        count
        for letter, count in counts.items()
        if letter not in _CONTROLS and unicodedata.category(letter) in _UNREADABLE
    )
    accents = sum(count for letter, count in counts.items() if "\x7f" < letter <= "\xff")
    if odd / total > _MOST_UNREADABLE or (total > 200 and accents / total > _MOST_ACCENTS):
        return False
    scripts = Counter[str]()
    for letter, count in counts.items():
        if letter.isalpha():
            scripts[unicodedata.name(letter, "?").split()[0]] += count
    return sum(count / total > _LEAST_SHARE for count in scripts.values()) <= _MOST_SCRIPTS
