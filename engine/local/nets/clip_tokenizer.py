"""CLIP's tokenizer, made from the byte-pair file that ships with us: nothing is fetched.

It serves SAM3 (length 32) and SD, SDXL and FLUX's first encoder (length 77).
"""

import gzip
from functools import cache
from importlib.resources import files
from typing import Any

from transformers import CLIPTokenizer

START, END = "<|startoftext|>", "<|endoftext|>"
FIRST = "!"  # id 0: what OpenCLIP's encoders (SD 2.1, the second of SDXL) are padded with
MERGES = 48_894  # the file lists more than CLIP was trained with


@cache
def tokenizer(max_length: int, pad: str = END) -> CLIPTokenizer:
    """A tokenizer of 49 408 entries that cuts at `max_length` and pads with `pad`.

    One for all who ask with these: making it takes 0.2 s, and nobody changes it.
    """
    vocabulary, merges = _tables()
    rules: Any = list(merges)  # pairs are right, whatever its annotation says
    made = CLIPTokenizer(vocab=dict(vocabulary), merges=rules, model_max_length=max_length)
    # After construction: a pad that is given to it becomes a special token, and every "!" of a
    # prompt would be read as padding.
    made.pad_token = pad
    return made


@cache
def _tables() -> tuple[dict[str, int], tuple[tuple[str, str], ...]]:
    """Vocabulary and merges, in the order that gives the published ids."""
    packed = files("resources") / "tokenizers" / "bpe_simple_vocab_16e6.txt.gz"
    lines = gzip.decompress(packed.read_bytes()).decode("utf-8").split("\n")
    pairs = [line.split() for line in lines[1 : 1 + MERGES]]
    merges = tuple((left, right) for left, right in pairs)
    letters = _letters()
    entries = [*letters, *(letter + "</w>" for letter in letters)]
    entries += [left + right for left, right in merges]
    return {entry: number for number, entry in enumerate([*entries, START, END])}, merges


def _letters() -> list[str]:
    """A letter for each byte: those that can be seen first, as they are; others from U+0100 on."""
    seen = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    return [*map(chr, seen), *(chr(0x100 + n) for n in range(256 - len(seen)))]
