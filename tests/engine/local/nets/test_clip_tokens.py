"""CLIP's tokenizer: the published ids, both lengths, both paddings, and no "!" lost."""

import hashlib
from importlib.resources import files

import pytest

from engine.local.nets.clip_tokenizer import FIRST, tokenizer

SHA256 = "924691ac288e54409236115652ad4aa250f48203de50a9e4722a6ecd48d6804a"
START, END = 49406, 49407


def test_the_byte_pairs_are_clips():
    packed = files("resources") / "tokenizers" / "bpe_simple_vocab_16e6.txt.gz"
    assert hashlib.sha256(packed.read_bytes()).hexdigest() == SHA256


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("a red truck", [320, 736, 4629]),
        ("A  Red\ntruck", [320, 736, 4629]),
        ("visual", [7195]),
        ("it's 日本 ü", [585, 568, 39121, 19277, 361, 47177]),
        ("", []),
    ],
)
def test_ids_are_the_published_ones(text: str, ids: list[int]):
    assert tokenizer(32)(text).input_ids == [START, *ids, END]
    assert len(tokenizer(32)) == 49408


@pytest.mark.parametrize("length", [32, 77])
@pytest.mark.parametrize(("pad", "number"), [("<|endoftext|>", END), (FIRST, 0)])
def test_short_and_long_texts_have_the_same_length(length: int, pad: str, number: int):
    made = tokenizer(length, pad)
    short = made("wow!", padding="max_length", truncation=True)
    assert short.input_ids == [START, 2781, 256, END] + [number] * (length - 4)
    assert short.attention_mask == [1] * 4 + [0] * (length - 4)
    long = made("tree " * 100, padding="max_length", truncation=True)
    assert len(long.input_ids) == length
    assert long.input_ids[-1] == END


def test_padding_with_the_exclamation_mark_leaves_those_of_the_prompt_alone():
    text = "stop! now!!! (really!:1.2)"
    assert tokenizer(77, FIRST)(text).input_ids == tokenizer(77)(text).input_ids
