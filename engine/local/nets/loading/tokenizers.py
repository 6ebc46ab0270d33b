"""The tokenizers of each family: CLIP's ships with us, T5's comes with its weights."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from transformers import AutoTokenizer

from engine.errors import ModelMissing
from engine.local.nets.clip_tokenizer import END, FIRST, tokenizer
from engine.models.families import Family, Kind

CLIP_LENGTH, T5_LENGTH = 77, 512
T5_PART = "t5-tokenizer"


def clip_tokenizers(family: Family) -> tuple[Any, ...]:
    """One for each encoder of CLIP, padding as it was trained: OpenCLIP's with "!"."""
    if family.base == "sdxl":
        return tokenizer(CLIP_LENGTH, END), tokenizer(CLIP_LENGTH, FIRST)
    return (tokenizer(CLIP_LENGTH, FIRST if family.base == "sd21" else END),)


def t5_tokenizer(places: Iterable[Path]) -> Any:
    """From the first place that has one: a folder, or one in it that is called as in diffusers.

    Raises ModelMissing.
    """
    for place in places:
        for folder in (place, place / "tokenizer_2", place / "t5-tokenizer"):
            if (folder / "tokenizer.json").is_file():
                return AutoTokenizer.from_pretrained(
                    str(folder), local_files_only=True, model_max_length=T5_LENGTH
                )
    raise ModelMissing(Kind.TEXT_ENCODER.value, T5_PART)
