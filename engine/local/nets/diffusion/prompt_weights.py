"""Prompt weights: parses the brackets of a prompt and cuts its tokens into chunks for an encoder.

(word) counts 1.1 times, (word:1.3) 1.3 times; brackets in brackets multiply, unless a number is
given: that one counts. A backslash before a bracket makes it a letter. These are ComfyUI's rules.
"""

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeAlias

BRACKET = 1.1
LARGE = 8  # tokens; a smaller piece is not cut in two

_HIDDEN = {"\\(": "\ue000", "\\)": "\ue001"}  # private letters, while brackets are counted
_SHOWN = str.maketrans({"\ue000": "(", "\ue001": ")"})


class Piece(NamedTuple):
    """A part of a prompt, and how much it counts."""

    text: str
    weight: float


class Token(NamedTuple):
    """A number of the encoder's vocabulary, and how much it counts."""

    number: int
    weight: float = 1.0


Chunk: TypeAlias = list[Token]


def pieces(prompt: str) -> tuple[Piece, ...]:
    """The prompt without its brackets."""
    for escaped, private in _HIDDEN.items():
        prompt = prompt.replace(escaped, private)
    prompt = prompt.replace("\n", " ")
    return tuple(
        Piece(text.translate(_SHOWN), weight) for text, weight in _weighed(prompt, 1.0) if text
    )


def chunks(words: Sequence[Chunk], *, start: int, end: int, pad: int, length: int) -> list[Chunk]:
    """Tokens of pieces as chunks of `length`, each between start and end, filled up with pad."""
    room = length - 2
    inner: list[Chunk] = [[]]
    for word in words:
        while len(word) > room - len(inner[-1]):
            if len(word) >= LARGE:
                free = room - len(inner[-1])
                inner[-1] += word[:free]
                word = word[free:]
            inner.append([])
        inner[-1] += word
    return [_filled([Token(start), *chunk, Token(end)], pad, length) for chunk in inner]


def _filled(chunk: Chunk, pad: int, length: int) -> Chunk:
    return chunk + [Token(pad)] * (length - len(chunk))


def _weighed(text: str, weight: float) -> Iterator[Piece]:
    for part in _split(text):
        if part.startswith("(") and part.endswith(")"):
            yield from _weighed(*_own(part[1:-1], weight * BRACKET))
        else:
            yield Piece(part, weight)


def _own(text: str, weight: float) -> Piece:
    """The weight after the last colon, if there is a number."""
    before, _, after = text.rpartition(":")
    try:
        number = float(after)
    except ValueError:
        return Piece(text, weight)
    return Piece(before, number) if before and math.isfinite(number) else Piece(text, weight)


def _split(text: str) -> Iterator[str]:
    """What stands in outermost brackets, with them, and what stands between; all of the text.

    A bracket without its partner is a letter.
    """
    begin, depth = 0, 0
    for place, letter in enumerate(text):
        if letter == "(":
            if depth == 0 and begin < place:
                yield text[begin:place]
                begin = place
            depth += 1
        elif letter == ")" and depth:
            depth -= 1
            if depth == 0:
                yield text[begin : place + 1]
                begin = place + 1
    if begin < len(text):
        yield text[begin:]
