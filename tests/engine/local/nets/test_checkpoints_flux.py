"""FLUX in pieces: which one is missing is said, and all in one file is the same."""

from pathlib import Path

import pytest
import safetensors.torch
import torch

from engine.errors import ModelMissing
from engine.local.nets.loading import checkpoints
from engine.models.families import Family, Kind
from engine.models.identify import identify
from engine.models.model_file import ModelFile
from tests.engine.local.nets import ldm_layout, tiny
from tests.engine.local.nets.loading import Job, difference, load
from tests.engine.local.nets.offline import no_network as no_network


@pytest.mark.parametrize("lost", ["ae.safetensors", "clip_l.safetensors", "t5xxl.safetensors"])
def test_flux_says_which_of_its_parts_is_missing(lost: str, tmp_path: Path):
    file = tiny.write_flux_dev(tmp_path / "m.safetensors")
    given = tiny.write_flux_parts(tmp_path / "parts")
    with pytest.raises(ModelMissing) as caught:
        load(file, *(part for part in given if part.name != lost))
    assert caught.value.name in ("flux", "clip-l", "t5-xxl")


def test_flux_says_that_the_tokenizer_of_t5_is_missing(tmp_path: Path):
    file = tiny.write_flux_dev(tmp_path / "m.safetensors")
    given = tiny.write_flux_parts(tmp_path / "parts")
    words = (tmp_path / "parts" / "tokenizer_2").rename(tmp_path / "elsewhere")
    with pytest.raises(ModelMissing) as caught:
        load(file, *given)
    assert (caught.value.need, caught.value.name) == ("text_encoder", "t5-tokenizer")
    named = ModelFile(
        path=words, kind=Kind.TEXT_ENCODER, family=None, name="", title="", part="t5-tokenizer"
    )
    parts = checkpoints.load(
        identify(file), [*map(identify, given), named], None, Job(), device=torch.device("cpu"),
        dtype=torch.float32,
    )  # fmt: skip
    assert parts.tokenizers[1]("a truck").input_ids[-1] == 1


def test_flux_with_all_networks_in_one_file(tmp_path: Path):
    """As ComfyUI publishes it."""
    made = {
        name: tiny.published(name, net) for name, net in tiny.written(Family.FLUX_DEV, 0).items()
    }
    weights = ldm_layout.flux(made["transformer"], "model.diffusion_model.")
    weights |= ldm_layout.vae(made["vae"], tiny.BLOCKS, "vae.")
    for name, start in (("text_encoder", "clip_l"), ("text_encoder_2", "t5xxl")):
        weights |= {f"text_encoders.{start}.transformer.{n}": t for n, t in made[name].items()}
    safetensors.torch.save_file(
        {name: tensor.contiguous() for name, tensor in weights.items()}, tmp_path / "m.safetensors"
    )
    tiny.t5_tokenizer().save_pretrained(tmp_path / "tokenizer_2")
    folder = load(tiny.write_flux_dev(tmp_path / "folder"))
    assert difference(load(tmp_path / "m.safetensors"), folder) == 0.0


def test_t5_keeps_the_layers_that_overflow_in_full(tmp_path: Path):
    file = tiny.write_flux_dev(tmp_path / "m.safetensors")
    t5 = load(file, *tiny.write_flux_parts(tmp_path / "p"), dtype=torch.float16).text_encoders[1]
    block = t5.encoder.block[0].layer[1].DenseReluDense
    assert (block.wo.weight.dtype, block.wi_0.weight.dtype) == (torch.float32, torch.float16)
    assert t5.encoder.embed_tokens.weight is t5.shared.weight
