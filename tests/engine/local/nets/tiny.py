"""Checkpoints in the published layouts, with random weights and few parameters.

Names, kinds of layers and what follows from the family are the published ones; only widths and
depths are small. Folders are diffusers' (`write_folder`), single files A1111's and ComfyUI's
(`write_file`); a folder and a file of the same family and seed hold the same weights.
"""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from diffusers import AutoencoderKL, FluxTransformer2DModel, UNet2DConditionModel
from tokenizers import Tokenizer
from tokenizers.models import Unigram
from tokenizers.processors import TemplateProcessing
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    PreTrainedTokenizerFast,
    T5Config,
    T5EncoderModel,
)

from engine.models.families import Family
from tests.engine.local.nets import ldm_layout

HIDDEN = 32  # width of CLIP, and of T5
LAYERS = 1  # per block of the UNet
BLOCKS = 4  # of the VAE: pictures are eight times as large as latents
FLUX_WIDTH = 128  # one head of the published width
NOISE = {
    "_class_name": "PNDMScheduler",
    "beta_start": 0.00085,
    "beta_end": 0.012,
    "beta_schedule": "scaled_linear",
    "num_train_timesteps": 1000,
    "prediction_type": "epsilon",
}
WEIGHTS = {"unet": "diffusion_pytorch_model", "vae": "diffusion_pytorch_model",
           "transformer": "diffusion_pytorch_model", "text_encoder": "model",
           "text_encoder_2": "model"}  # fmt: skip

Weights = dict[str, torch.Tensor]


def write_folder(
    folder: Path, family: Family, seed: int = 0, *, variant: str = "", **noise: Any
) -> Path:
    """A folder in diffusers' layout, its tensors under the published names.

    `variant` is part of the files' names, as "fp16" is, whose weights are halved; `noise` are
    entries of the scheduler's configuration.
    """
    made = written(family, seed)
    for name, net in made.items():
        net.save_config(folder / name) if hasattr(net, "save_config") else (
            net.config.save_pretrained(folder / name)
        )
        ending = f".{variant}" if variant else ""
        weights = published(name, net)
        if variant == "fp16":
            weights = {key: tensor.half() for key, tensor in weights.items()}
        _save(weights, folder / name / f"{WEIGHTS[name]}{ending}.safetensors")
    if family.is_flux:
        t5_tokenizer().save_pretrained(folder / "tokenizer_2")
    _write_json(folder / "scheduler" / "scheduler_config.json", NOISE | noise)
    parts = {name: [type(net).__module__.split(".")[0], type(net).__name__]
             for name, net in made.items()}  # fmt: skip
    _write_json(folder / "model_index.json", {"_class_name": _pipeline(family)} | parts)
    return folder


def write_file(
    path: Path, family: Family, seed: int = 0, *, dtype: torch.dtype = torch.float32,
    change: Callable[[Weights], Weights] = lambda weights: weights,
) -> Path:  # fmt: skip
    """A single file; of FLUX the transformer alone. `change` may spoil its table of tensors."""
    made = {name: published(name, net) for name, net in written(family, seed).items()}
    if family.is_flux:
        weights = ldm_layout.flux(made["transformer"])
    else:
        weights = ldm_layout.unet(made["unet"], LAYERS) | ldm_layout.vae(made["vae"], BLOCKS)
        weights |= _encoders(family, made)
    _save(change({name: tensor.to(dtype) for name, tensor in weights.items()}), path)
    return path


def write_flux_parts(folder: Path, family: Family = Family.FLUX_DEV, seed: int = 0) -> list[Path]:
    """The files beside a FLUX transformer: VAE, CLIP and T5 with its tokenizer."""
    made = {name: published(name, net) for name, net in written(family, seed).items()}
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        "ae.safetensors": ldm_layout.vae(made["vae"], BLOCKS, prefix=""),
        "clip_l.safetensors": made["text_encoder"],
        "t5xxl.safetensors": made["text_encoder_2"],
    }
    for name, weights in files.items():
        _save(weights, folder / name)
    t5_tokenizer().save_pretrained(folder / "tokenizer_2")
    return [folder / name for name in files]


def write_sd15(path: Path, seed: int = 0) -> Path:
    """A folder, or where the path ends in .safetensors a file; so are those below."""
    return _write(path, Family.SD15, seed)


def write_sd15_inpaint(path: Path, seed: int = 0) -> Path:
    return _write(path, Family.SD15_INPAINT, seed)


def write_sd21_inpaint(path: Path, seed: int = 0) -> Path:
    return _write(path, Family.SD21_INPAINT, seed)


def write_sdxl(path: Path, seed: int = 0) -> Path:
    return _write(path, Family.SDXL, seed)


def write_sdxl_inpaint(path: Path, seed: int = 0) -> Path:
    return _write(path, Family.SDXL_INPAINT, seed)


def write_flux_dev(path: Path, seed: int = 0) -> Path:
    return _write(path, Family.FLUX_DEV, seed)


def write_flux_fill(path: Path, seed: int = 0) -> Path:
    return _write(path, Family.FLUX_FILL, seed)


def _write(path: Path, family: Family, seed: int) -> Path:
    write = write_file if path.suffix == ".safetensors" else write_folder
    return write(path, family, seed)


def nets(family: Family, seed: int = 0) -> dict[str, Any]:
    """The networks under their folders' names; the same seed gives the same weights."""
    torch.manual_seed(seed)
    if family.is_flux:
        made = {"transformer": flux(family), "vae": vae(16), "text_encoder": encoder(family),
                "text_encoder_2": t5()}  # fmt: skip
    else:
        made = {"unet": unet(family), "vae": vae(), "text_encoder": encoder(family)}
    if family.base == "sdxl":
        made["text_encoder_2"] = encoder(family, second=True)
        made["vae"].register_to_config(scaling_factor=0.13025)
    for net in made.values():
        _shake(net.eval())
    return made


@cache
def written(family: Family, seed: int) -> dict[str, Any]:
    """Networks that are only read: making them takes longer than writing them."""
    return nets(family, seed)


def published(name: str, net: torch.nn.Module) -> Weights:
    """The tensors under the names that published files have: transformers 5 has others."""
    weights = net.state_dict()
    if isinstance(net, CLIPTextModel | CLIPTextModelWithProjection):
        return ldm_layout.clip(weights, "")
    return {key: tensor for key, tensor in weights.items() if key != "encoder.embed_tokens.weight"}


def unet(family: Family) -> UNet2DConditionModel:
    is_xl = family.base == "sdxl"
    more: dict[str, Any] = {"attention_head_dim": 8}
    if is_xl:
        more = {
            "addition_embed_type": "text_time",
            "addition_time_embed_dim": 256,
            "projection_class_embeddings_input_dim": 6 * 256 + HIDDEN,
            "transformer_layers_per_block": [1, 2],
        }
    if family.base in ("sd21", "sdxl"):
        more |= {"use_linear_projection": True, "attention_head_dim": [1, 1]}
    if family is Family.SD21:
        more["upcast_attention"] = True
    return UNet2DConditionModel(
        in_channels=9 if family.is_inpainting else 4,
        out_channels=4,
        block_out_channels=(32, 64),
        layers_per_block=LAYERS,
        down_block_types=("DownBlock2D" if is_xl else "CrossAttnDownBlock2D",
                          "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D" if is_xl else "CrossAttnUpBlock2D"),
        cross_attention_dim=2 * HIDDEN if is_xl else HIDDEN,
        sample_size=8,
        **more,
    )  # fmt: skip


def vae(channels: int = 4) -> AutoencoderKL:
    """FLUX's has 16 channels, a shift, and no 1 x 1 convolutions at its middle."""
    is_flux = channels == 16
    more = {"scaling_factor": 0.3611, "shift_factor": 0.1159} if is_flux else {}
    return AutoencoderKL(
        block_out_channels=(32,) * BLOCKS,
        down_block_types=("DownEncoderBlock2D",) * BLOCKS,
        up_block_types=("UpDecoderBlock2D",) * BLOCKS,
        latent_channels=channels,
        sample_size=64,
        use_quant_conv=not is_flux,
        use_post_quant_conv=not is_flux,
        **more,
    )


def encoder(family: Family, *, second: bool = False) -> CLIPTextModel:
    is_open = second or family.base == "sd21"
    config = CLIPTextConfig(
        vocab_size=49408,
        hidden_size=HIDDEN,
        intermediate_size=4 * HIDDEN,
        num_hidden_layers=3,
        num_attention_heads=1,
        max_position_embeddings=77,
        hidden_act="gelu" if is_open else "quick_gelu",
        projection_dim=HIDDEN,
        bos_token_id=0,
        eos_token_id=2,
    )
    return (CLIPTextModelWithProjection if second else CLIPTextModel)(config).eval()


def flux(family: Family) -> FluxTransformer2DModel:
    is_fill = family is Family.FLUX_FILL
    return FluxTransformer2DModel(
        in_channels=384 if is_fill else 64,
        out_channels=64,
        num_layers=2,
        num_single_layers=2,
        attention_head_dim=128,
        num_attention_heads=FLUX_WIDTH // 128,
        joint_attention_dim=HIDDEN,
        pooled_projection_dim=HIDDEN,
        guidance_embeds=True,
    )


def t5() -> T5EncoderModel:
    return T5EncoderModel(
        T5Config(
            vocab_size=256, d_model=HIDDEN, d_kv=64, d_ff=2 * HIDDEN, num_layers=2, num_heads=1,
            feed_forward_proj="gated-gelu", dropout_rate=0.0, use_cache=False,
            tie_word_embeddings=False, is_encoder_decoder=False,
        )
    )  # fmt: skip


def t5_tokenizer() -> PreTrainedTokenizerFast:
    """Letter by letter, with T5's special tokens in their places."""
    letters = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    letters += [(chr(code), -3.0) for code in range(32, 127)]
    made = Tokenizer(Unigram(letters, unk_id=2))
    made.post_processor = TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    )


def _encoders(family: Family, made: dict[str, Weights]) -> Weights:
    first = made["text_encoder"]
    if family.base == "sdxl":
        second = ldm_layout.open_clip(made["text_encoder_2"], "conditioner.embedders.1.model.")
        return ldm_layout.clip(first, "conditioner.embedders.0.transformer.") | second
    if family.base == "sd21":
        return ldm_layout.open_clip(first, "cond_stage_model.model.")
    return ldm_layout.clip(first, "cond_stage_model.transformer.")


def _pipeline(family: Family) -> str:
    if family.is_flux:
        return {Family.FLUX_FILL: "FluxFillPipeline", Family.FLUX_KONTEXT: "FluxKontextPipeline"
                }.get(family, "FluxPipeline")  # fmt: skip
    stem = "StableDiffusionXL" if family.base == "sdxl" else "StableDiffusion"
    return stem + ("InpaintPipeline" if family.is_inpainting else "Pipeline")


def _shake(net: torch.nn.Module) -> None:
    """Nothing is zero or one, so that a tensor in the wrong place is seen."""
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.02)


def _save(weights: Weights, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    safetensors.torch.save_file({n: t.clone().contiguous() for n, t in weights.items()}, path)


def _write_json(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
