"""Brackets, chunks, and what the encoders give for them."""

import pytest
import torch
from diffusers import FluxPipeline, StableDiffusionXLPipeline

from engine.local.nets.clip_tokenizer import FIRST, tokenizer
from engine.local.nets.diffusion import prompts
from engine.local.nets.diffusion.prompt_weights import Token, chunks, pieces
from engine.local.nets.diffusion.prompts import embed
from engine.models.families import Family
from tests.engine.local.nets.tiny_parts import parts

START, END = 49406, 49407


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("", []),
        ("a red truck", [("a red truck", 1.0)]),
        ("a (red) truck", [("a ", 1.0), ("red", 1.1), (" truck", 1.0)]),
        ("a (red:1.3) truck", [("a ", 1.0), ("red", 1.3), (" truck", 1.0)]),
        ("((red))", [("red", 1.1 * 1.1)]),
        ("(a (red:0.5) truck:1.4)", [("a ", 1.4), ("red", 0.5), (" truck", 1.4)]),
        ("(a (red) truck:1.4)", [("a ", 1.4), ("red", 1.4 * 1.1), (" truck", 1.4)]),
        ("at 10:30 (noon: now)", [("at 10:30 ", 1.0), ("noon: now", 1.1)]),
        (r"a \(red\) truck", [("a (red) truck", 1.0)]),
        (r"(a \(red:1.2\):1.5)", [("a (red:1.2)", 1.5)]),
        ("a (red truck", [("a ", 1.0), ("(red truck", 1.0)]),
        ("a red) truck", [("a red) truck", 1.0)]),
        ("(:1.2)", [(":1.2", 1.1)]),
        ("(red:nan)", [("red:nan", 1.1)]),
        ("one\ntwo", [("one two", 1.0)]),
        ("()", []),
    ],
)
def test_brackets(prompt: str, expected: list[tuple[str, float]]):
    found = pieces(prompt)
    assert [piece.text for piece in found] == [text for text, _ in expected]
    assert [piece.weight for piece in found] == pytest.approx([weight for _, weight in expected])


def numbered(*lengths: int) -> list[list[Token]]:
    """Words of so many tokens; each word has its own number."""
    return [[Token(number)] * length for number, length in enumerate(lengths, 1)]


def cut(*lengths: int) -> list[list[int]]:
    found = chunks(numbered(*lengths), start=-1, end=-2, pad=0, length=77)
    return [[token.number for token in chunk] for chunk in found]


def test_an_empty_prompt_is_one_chunk():
    assert cut() == [[-1, -2] + [0] * 75]


def test_75_tokens_fit():
    assert cut(75) == [[-1] + [1] * 75 + [-2]]
    assert cut(76) == [[-1] + [1] * 75 + [-2], [-1, 1, -2] + [0] * 74]


def test_a_small_word_is_not_cut_in_two():
    assert cut(70, 7) == [[-1] + [1] * 70 + [-2] + [0] * 5, [-1] + [2] * 7 + [-2] + [0] * 68]
    assert cut(70, 8) == [[-1] + [1] * 70 + [2] * 5 + [-2], [-1] + [2] * 3 + [-2] + [0] * 72]


def test_a_very_long_prompt():
    assert [len(chunk) for chunk in cut(300, 3)] == [77] * 5


@pytest.mark.parametrize("family", [Family.SD15, Family.SD21_INPAINT])
@torch.no_grad()
def test_a_plain_prompt_is_the_encoders_last_layer(family: Family):
    loaded = parts(family)
    numbers = loaded.tokenizers[0](
        "a red truck!", padding="max_length", max_length=77, return_tensors="pt"
    ).input_ids
    assert numbers[0, -1] == (0 if family.base == "sd21" else END)
    found = embed(loaded, "a red truck!")
    expected = loaded.text_encoders[0](numbers).last_hidden_state
    torch.testing.assert_close(found.tokens, expected)
    assert found.pooled is None


@torch.no_grad()
def test_sdxl_reads_as_its_pipeline_does():
    loaded = parts(Family.SDXL)
    pipe = StableDiffusionXLPipeline(
        vae=loaded.vae, unet=loaded.backbone, scheduler=None, tokenizer=loaded.tokenizers[0],
        text_encoder=loaded.text_encoders[0], tokenizer_2=loaded.tokenizers[1],
        text_encoder_2=loaded.text_encoders[1],
    )  # fmt: skip
    tokens, _, pooled, _ = pipe.encode_prompt(
        "a red truck, wow!", do_classifier_free_guidance=False
    )
    found = embed(loaded, "a red truck, wow!")
    torch.testing.assert_close(found.tokens, tokens)
    torch.testing.assert_close(found.pooled, pooled)


@pytest.mark.parametrize(("prompt", "length"), [("a red truck", 256), ("a tree " * 50, 512)])
@torch.no_grad()
def test_flux_reads_as_its_pipeline_does(prompt: str, length: int):
    loaded = parts(Family.FLUX_DEV)
    pipe = FluxPipeline(
        vae=loaded.vae, transformer=loaded.backbone, scheduler=None,
        tokenizer=loaded.tokenizers[0], text_encoder=loaded.text_encoders[0],
        tokenizer_2=loaded.tokenizers[1], text_encoder_2=loaded.text_encoders[1],
    )  # fmt: skip
    found = embed(loaded, prompt)
    tokens = pipe._get_t5_prompt_embeds(prompt, max_sequence_length=length)
    torch.testing.assert_close(found.tokens, tokens)
    if length == 256:  # of a longer one ours has the first chunk, theirs is cut a token earlier
        torch.testing.assert_close(found.pooled, pipe._get_clip_prompt_embeds(prompt))


@torch.no_grad()
def test_weights_move_tokens_away_from_the_empty_prompt():
    loaded = parts(Family.SD15)
    plain, blank = embed(loaded, "a red truck").tokens, embed(loaded, "").tokens
    found = embed(loaded, "a (red:1.5) truck").tokens
    torch.testing.assert_close(found[0, 2], blank[0, 2] + 1.5 * (plain[0, 2] - blank[0, 2]))
    others = [place for place in range(77) if place != 2]
    torch.testing.assert_close(found[0, others], plain[0, others], rtol=0, atol=0)


@torch.no_grad()
def test_weights_in_a_later_chunk():
    loaded = parts(Family.SD15)
    plain, blank = embed(loaded, "tree " * 74 + "a red truck").tokens, embed(loaded, "").tokens
    assert plain.shape[1] == 154
    found = embed(loaded, "tree " * 74 + "a (red:0.5) truck").tokens
    assert found.shape[1] == 154
    changed = (found != plain).any(-1)[0].nonzero().flatten().tolist()
    assert len(changed) >= 1
    for place in changed[:1]:
        halfway = blank[0, place % 77] + 0.5 * (plain[0, place] - blank[0, place % 77])
        torch.testing.assert_close(found[0, place], halfway)


@torch.no_grad()
def test_weights_of_flux_are_t5s():
    loaded = parts(Family.FLUX_DEV)
    plain, heavy = embed(loaded, "a red truck"), embed(loaded, "(a red truck:1.3)")
    blank = embed(loaded, "").tokens
    torch.testing.assert_close(heavy.pooled, plain.pooled)
    expected = blank[0, 0] + 1.3 * (plain.tokens[0, 0] - blank[0, 0])
    torch.testing.assert_close(heavy.tokens[0, 0], expected)


def test_an_exclamation_mark_is_not_padding():
    read = prompts._clip_chunks(tokenizer(77, FIRST), "wow!")
    assert [token.number for token in read[0][:5]] == [START, 2781, 256, END, 0]
