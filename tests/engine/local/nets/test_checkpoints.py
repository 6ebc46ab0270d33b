"""Checkpoints from folders and single files: every tensor, nothing fetched, nothing random."""

import dataclasses
import json
import logging
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
import transformers
from accelerate import init_empty_weights
from diffusers import AutoencoderKL, FluxTransformer2DModel, UNet2DConditionModel
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    T5Config,
    T5EncoderModel,
)
from transformers.initialization import no_init_weights

from engine.errors import Cancelled, ModelUnreadable, ModelUnsafe, ModelWrongFamily
from engine.local.nets.loading import checkpoints, dimensions
from engine.local.nets.loading.configs import config
from engine.models.families import Family, Kind
from engine.models.identify import identify
from tests.engine.local.nets import ldm_layout, tiny, tiny_loras
from tests.engine.local.nets.loading import Job, difference, load, networks
from tests.engine.local.nets.offline import no_network as no_network

SD = (
    Family.SD15, Family.SD15_INPAINT, Family.SD21, Family.SD21_INPAINT, Family.SDXL,
    Family.SDXL_INPAINT,
)  # fmt: skip
CLIP_L, CLIP_H, CLIP_G, VAE, FLUX_VAE, T5 = 123.06, 340.39, 694.66, 83.65, 83.82, 4762.31
PUBLISHED = {  # millions of parameters
    Family.SD15: {"unet": 859.52, "text_encoder": CLIP_L, "vae": VAE},
    Family.SD15_INPAINT: {"unet": 859.54, "text_encoder": CLIP_L, "vae": VAE},
    Family.SD21: {"unet": 865.91, "text_encoder": CLIP_H, "vae": VAE},
    Family.SD21_INPAINT: {"unet": 865.93, "text_encoder": CLIP_H, "vae": VAE},
    Family.SDXL: {"unet": 2567.46, "text_encoder": CLIP_L, "text_encoder_2": CLIP_G, "vae": VAE},
    Family.SDXL_INPAINT: {
        "unet": 2567.48, "text_encoder": CLIP_L, "text_encoder_2": CLIP_G, "vae": VAE,
    },
    Family.FLUX_DEV: {
        "transformer": 11901.41, "text_encoder": CLIP_L, "text_encoder_2": T5, "vae": FLUX_VAE,
    },
    Family.FLUX_FILL: {
        "transformer": 11902.39, "text_encoder": CLIP_L, "text_encoder_2": T5, "vae": FLUX_VAE,
    },
}  # fmt: skip


@pytest.mark.parametrize("family", PUBLISHED)
def test_the_shipped_configurations_build_the_published_networks(family: Family):
    for name, millions in PUBLISHED[family].items():
        net = empty(family, name)
        count = sum(parameter.numel() for parameter in set(net.parameters()))
        assert round(count / 1e6, 2) == millions, name


@cache
def empty(family: Family, name: str) -> Any:
    """A network of published size without its weights, which is only looked at."""
    known = config(family, name)
    with no_init_weights(), init_empty_weights():
        net = kind_of(family, name, known)
    if isinstance(net, T5EncoderModel):
        net.tie_weights()
    return net


def kind_of(family: Family, name: str, known: dict[str, Any]) -> Any:
    kinds = {"unet": UNet2DConditionModel, "vae": AutoencoderKL,
             "transformer": FluxTransformer2DModel}  # fmt: skip
    if name in kinds:
        return kinds[name].from_config(known)
    if name == "text_encoder":
        return CLIPTextModel(CLIPTextConfig(**known))
    if family.is_flux:
        return T5EncoderModel(T5Config(**known))
    return CLIPTextModelWithProjection(CLIPTextConfig(**known))


@pytest.mark.parametrize("family", PUBLISHED)
def test_the_shapes_of_published_files_say_what_the_configurations_say(family: Family):
    """So that only unusual files are built otherwise."""
    for name in PUBLISHED[family]:
        known = config(family, name)
        found = sized(family, name, known)
        depths = found.pop("transformer_layers_per_block", None)
        assert depths == known.pop("transformer_layers_per_block", depths and [1, 1, 1, 1])
        for key in ("use_quant_conv", "use_post_quant_conv"):
            assert found.pop(key, True) == known.pop(key, True)
        assert found == known


def sized(family: Family, name: str, known: dict[str, Any]) -> dict[str, Any]:
    weights = empty(family, name).state_dict()
    if name == "unet":
        layout, look = ldm_layout.unet(weights, 2, ""), dimensions.unet
    elif name == "vae":
        layout, look = ldm_layout.vae(weights, 4, ""), dimensions.vae
    elif name == "transformer":
        layout, look = ldm_layout.flux(weights), dimensions.flux
    elif "shared.weight" in weights:
        layout, look = weights, dimensions.t5
    else:
        layout = {key.removeprefix("text_model."): value for key, value in weights.items()}
        look = dimensions.clip
    return look(known, {key: tuple(value.shape) for key, value in layout.items()})


@pytest.mark.parametrize("family", [*SD, Family.FLUX_DEV, Family.FLUX_FILL])
def test_a_single_file_and_a_folder_give_the_same_networks(
    family: Family, tmp_path: Path, no_network: list[Any]
):
    folder = load(tiny.write_folder(tmp_path / "folder", family))
    given = tiny.write_flux_parts(tmp_path / "parts", family) if family.is_flux else []
    file = load(tiny.write_file(tmp_path / "m.safetensors", family), *given)
    assert difference(folder, file) == 0.0
    assert folder.family is file.family is family
    for parts in (folder, file):
        made = list(tiny.written(family, 0).values())
        written = dataclasses.replace(
            parts, backbone=made[0], vae=made[1], text_encoders=tuple(made[2:])
        )
        assert difference(parts, written) == 0.0
        assert not any(net.training for net in networks(parts))
    assert no_network == []


@pytest.mark.parametrize("family", [Family.SD15_INPAINT, Family.SDXL_INPAINT])
def test_inpainting_networks_take_nine_channels(family: Family, tmp_path: Path):
    assert (
        load(tiny.write_file(tmp_path / "m.safetensors", family)).backbone.conv_in.in_channels == 9
    )


def test_both_encoders_of_sdxl_and_their_answers(tmp_path: Path):
    """Not only the tensors: what is computed, rather than stored, must be there too."""
    folder = load(tiny.write_sdxl(tmp_path / "folder"))
    file = load(tiny.write_sdxl(tmp_path / "m.safetensors"))
    tokens = torch.tensor([[49406, 320, 736, 4629, 49407] + [49407] * 72])
    made = tiny.written(Family.SDXL, 0)
    for which, name in enumerate(("text_encoder", "text_encoder_2")):
        answers = [
            net(tokens).last_hidden_state
            for net in (folder.text_encoders[which], file.text_encoders[which], made[name])
        ]
        assert torch.equal(answers[0], answers[1])
        assert torch.equal(answers[0], answers[2])


def test_the_half_precision_files_of_a_folder(tmp_path: Path):
    half = load(tiny.write_folder(tmp_path / "half", Family.SDXL, variant="fp16"))
    whole = load(tiny.write_folder(tmp_path / "whole", Family.SDXL))
    assert half.backbone.dtype is torch.float32
    assert 0.0 < difference(half, whole) < 2e-3
    tiny.write_folder(tmp_path / "half", Family.SDXL)
    assert difference(load(tmp_path / "half"), whole) == 0.0  # both are there: whole, for fp32
    both = load(tmp_path / "half", dtype=torch.bfloat16)
    assert both.backbone.dtype is both.text_encoders[1].dtype is torch.bfloat16


def test_a_folder_written_by_transformers_five(tmp_path: Path):
    """It has no level `text_model` in the names of the first encoder."""
    folder = tiny.write_sd15(tmp_path / "folder")
    net = tiny.written(Family.SD15, 0)["text_encoder"]
    assert "encoder.layers.0.mlp.fc1.weight" in net.state_dict()
    net.save_pretrained(folder / "text_encoder")
    assert difference(load(folder), load(tiny.write_sd15(tmp_path / "m.safetensors"))) == 0.0


def test_a_folder_of_pickles_is_checked_and_read(tmp_path: Path):
    folder = tiny.write_sd15(tmp_path / "folder")
    for file in list(folder.rglob("*.safetensors")):
        stem = "pytorch_model" if file.stem == "model" else file.stem
        torch.save(safetensors.torch.load_file(file), file.with_name(f"{stem}.bin"))
        file.unlink()
    assert difference(load(folder), load(tiny.write_sd15(tmp_path / "m.safetensors"))) == 0.0


def test_a_ckpt_is_read_without_unpickling(tmp_path: Path):
    file = tiny.write_sd15(tmp_path / "m.safetensors")
    torch.save({"state_dict": safetensors.torch.load_file(file)}, tmp_path / "m.ckpt")
    assert difference(load(tmp_path / "m.ckpt"), load(file)) == 0.0


def test_a_ckpt_that_asks_for_code_is_refused(tmp_path: Path):
    class Trap:
        def __reduce__(self):
            return print, ("run",)

    file = tiny.write_sd15(tmp_path / "m.safetensors")
    known = identify(file)
    torch.save({"state_dict": Trap()}, tmp_path / "m.ckpt")
    model = dataclasses.replace(known, path=tmp_path / "m.ckpt")
    with pytest.raises(ModelUnsafe):
        checkpoints.load(model, (), None, Job(), device=torch.device("cpu"), dtype=torch.float32)


@pytest.mark.parametrize(
    "lost",
    [
        "model.diffusion_model.middle_block.0.in_layers.2.weight",
        "first_stage_model.decoder.conv_out.bias",
        "cond_stage_model.transformer.text_model.encoder.layers.1.mlp.fc1.weight",
        "model.diffusion_model.input_blocks.1.0.out_layers.3.weight",  # says a width
    ],
)
def test_a_file_that_lacks_a_tensor_is_refused(lost: str, tmp_path: Path):
    def without(weights: tiny.Weights) -> tiny.Weights:
        assert weights.pop(lost) is not None
        return weights

    file = tiny.write_file(tmp_path / "m.safetensors", Family.SD15, change=without)
    with pytest.raises(ModelUnreadable) as caught:
        load(file)
    assert (caught.value.path, caught.value.reason) == (file, "keys")


def test_a_tensor_of_another_shape_is_refused(tmp_path: Path):
    def cut(weights: tiny.Weights) -> tiny.Weights:
        weights["model.diffusion_model.out.2.weight"] = torch.zeros(4, 16, 3, 3)
        return weights

    with pytest.raises(ModelUnreadable) as caught:
        load(tiny.write_file(tmp_path / "m.safetensors", Family.SD15, change=cut))
    assert caught.value.reason == "keys"
    assert "1 of another shape" in caught.value.detail


@pytest.mark.parametrize("network", ["unet", "text_encoder", "vae"])
def test_a_folder_that_lacks_a_tensor_is_refused(network: str, tmp_path: Path):
    folder = tiny.write_sd15(tmp_path / "folder")
    (file,) = (folder / network).glob("*.safetensors")
    weights = safetensors.torch.load_file(file)
    weights.pop(next(name for name in weights if name.endswith("bias")))
    safetensors.torch.save_file(weights, file)
    with pytest.raises(ModelUnreadable) as caught:
        load(folder)
    assert (caught.value.path, caught.value.reason) == (folder, "keys")


def test_another_family_than_was_found_is_refused(tmp_path: Path):
    file = tiny.write_sd15_inpaint(tmp_path / "m.safetensors")
    with pytest.raises(ModelWrongFamily) as caught:
        load(file, family=Family.SD15)
    assert (caught.value.found, caught.value.wanted) == ("sd15-inpaint", "sd15")
    with pytest.raises(ModelWrongFamily):
        load(tiny.write_sdxl(tmp_path / "folder"), family=Family.SD21)
    with pytest.raises(ModelWrongFamily):
        load(file, family=Family.SAM3)
    lora = tiny_loras.write_lora(tmp_path / "l.safetensors", Family.SD15)
    with pytest.raises(ModelWrongFamily):
        load(lora, kind=Kind.CHECKPOINT)


@pytest.mark.parametrize(
    ("key", "prediction", "last"),
    [("", "epsilon", 0.0047), ("v_pred", "v_prediction", 0.0047), ("ztsnr", "epsilon", 4.9e-8)],
)
def test_keys_that_say_how_it_was_trained(key: str, prediction: str, last: float, tmp_path: Path):
    def marked(weights: tiny.Weights) -> tiny.Weights:
        return weights | ({key: torch.zeros(1)} if key else {})

    parts = load(tiny.write_file(tmp_path / "m.safetensors", Family.SDXL, change=marked))
    assert parts.prediction == prediction
    assert parts.alphas_cumprod is not None
    assert parts.alphas_cumprod.dtype is torch.float64
    assert float(parts.alphas_cumprod[-1]) == pytest.approx(last, rel=0.02)
    assert float(parts.alphas_cumprod[0]) == pytest.approx(0.99915, rel=1e-6)


def test_files_beside_that_say_how_it_was_trained(tmp_path: Path):
    file = tiny.write_file(tmp_path / "m.safetensors", Family.SD21)
    assert load(file).prediction == "epsilon"
    file.with_suffix(".yaml").write_text('model:\n  params:\n    parameterization: "v"\n')
    assert load(file).prediction == "v_prediction"
    folder = tiny.write_folder(
        tmp_path / "folder", Family.SD21, prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
    )  # fmt: skip
    parts = load(folder)
    assert parts.prediction == "v_prediction"
    assert parts.alphas_cumprod is not None
    assert float(parts.alphas_cumprod[-1]) < 1e-7


def test_a_vae_of_ones_own_takes_the_place_of_the_files(tmp_path: Path):
    file = tiny.write_sd15(tmp_path / "m.safetensors")
    others = tiny.nets(Family.SD15, seed=5)["vae"].state_dict()
    vae = tmp_path / "vae.safetensors"
    safetensors.torch.save_file(ldm_layout.vae(others, tiny.BLOCKS, ""), vae)
    found = load(file, vae).vae.state_dict()
    assert all(torch.equal(found[name], others[name]) for name in others)
    safetensors.torch.save_file(others, vae)  # in diffusers' layout
    found = load(file, vae).vae.state_dict()
    assert all(torch.equal(found[name], others[name]) for name in others)


def test_loading_is_quiet_and_can_be_stopped(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
):
    file = tiny.write_sdxl(tmp_path / "m.safetensors")
    model = identify(file)
    before = transformers.logging.get_verbosity()
    with caplog.at_level(logging.WARNING):
        load(file)
        load(tiny.write_sdxl(tmp_path / "folder"))
    assert caplog.records == []
    assert "".join(capfd.readouterr()) == ""
    with pytest.raises(Cancelled):
        checkpoints.load(model, (), None, Job(0.5), device=torch.device("cpu"), dtype=torch.float32)
    assert transformers.logging.get_verbosity() == before


def test_a_folder_says_its_scheduler_in_json(tmp_path: Path):
    folder = tiny.write_sd15(tmp_path / "folder")
    (folder / "scheduler" / "scheduler_config.json").write_text(json.dumps({"beta_end": []}))
    with pytest.raises(ModelUnreadable):
        load(folder)
