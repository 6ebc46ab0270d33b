"""What is written comes back; what others wrote is read, and never trusted."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.geometry import Size
from engine.image_io.headers.a1111 import MAX_TEXT, read_parameters, text_of
from engine.jobs.paint_settings import MAX_SEED, SAMPLERS, SCHEDULERS, Lora, PaintSettings

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cf", "Zl", "Zp",
                "Co", "Cn"]), max_size=60).map(str.strip)  # fmt: skip


@given(
    WORDS.filter(lambda text: "<" not in text and not text.startswith("Negative prompt:")),
    WORDS,
    st.sampled_from(SAMPLERS),
    st.sampled_from(SCHEDULERS),
    st.integers(0, MAX_SEED),
)
@example("猫　犬", "0\u16800", "euler", "normal", 0)
def test_what_is_written_comes_back(
    prompt: str, negative: str, sampler: str, scheduler: str, seed: int
) -> None:
    settings = PaintSettings(
        prompt=prompt, negative_prompt=negative, checkpoint="v1-5, pruned.safetensors",
        loras=(Lora("tom.safetensors", 0.7), Lora("style", -1.0)), steps=33, guidance=8.5,
        sampler=sampler, scheduler=scheduler, strength=0.35,
    )  # fmt: skip
    found = read_parameters(text_of(settings, seed, Size(512, 768)))
    assert found is not None
    assert found.seed == seed
    read = found.settings
    assert (read.prompt, read.negative_prompt) == (prompt, negative)
    assert (read.sampler, read.scheduler) == (sampler, scheduler)
    assert (read.steps, read.guidance, read.strength) == (33, 8.5, 0.35)
    assert read.loras == (Lora("tom", 0.7), Lora("style", -1.0))
    assert read.checkpoint == "v1-5, pruned"


A1111 = """a <lora:detail:0.8> house, (red:1.2)
second line
Negative prompt: text, watermark
Steps: 25, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 1234, Size: 512x512, Model hash: abc, \
Model: dreamshaper_8, Lora hashes: "detail: ab12, x: y", Version: v1.6.0"""


def test_what_others_wrote_is_read() -> None:
    found = read_parameters(A1111)
    assert found is not None
    settings = found.settings
    assert settings.prompt == "a  house, (red:1.2)\nsecond line"
    assert settings.negative_prompt == "text, watermark"
    assert (settings.sampler, settings.scheduler) == ("dpmpp_2m", "karras")
    assert (settings.steps, settings.guidance, found.seed) == (25, 7.0, 1234)
    assert settings.loras == (Lora("detail", 0.8),)
    assert settings.checkpoint == "dreamshaper_8"


def test_a_path_is_never_written() -> None:
    settings = PaintSettings(checkpoint="/home/me/secret/sd.safetensors")
    text = text_of(settings, 1, Size(8, 8), "/home/me/secret/sd.safetensors")
    assert "secret" not in text
    assert "Model: sd" in text


@pytest.mark.parametrize(
    "text",
    ["", "a photo", "x" * (MAX_TEXT + 1), '{"3": {"class_type": "KSampler"}}', "Steps", "\n" * 500],
)
def test_other_texts_are_none(text: str) -> None:
    assert read_parameters(text) is None


def test_numbers_out_of_range_are_left_out() -> None:
    found = read_parameters("x\nSteps: 99999, CFG scale: nan, Seed: -5, Sampler: PLMS, Denoising "
                            "strength: 9")  # fmt: skip
    assert found is not None
    usual = PaintSettings()
    assert found.seed is None
    assert (found.settings.steps, found.settings.guidance) == (usual.steps, usual.guidance)
    assert (found.settings.sampler, found.settings.strength) == (usual.sampler, usual.strength)


@given(st.text(max_size=3000))
def test_no_text_does_harm(text: str) -> None:
    read_parameters(text + "\nSteps: 5, " + text)
