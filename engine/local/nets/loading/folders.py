"""Checkpoints from folders in diffusers' layout, each network by its library."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.transformers.transformer_flux import FluxTransformer2DModel
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from transformers import CLIPTextModel, CLIPTextModelWithProjection, T5EncoderModel

from engine.errors import ModelUnreadable
from engine.jobs.backend import JobContext
from engine.local.nets.components import PipelineComponents
from engine.local.nets.loading import training_noise
from engine.local.nets.loading.assembling import check_numbers, check_unused
from engine.local.nets.loading.single_files import readable
from engine.local.nets.loading.tokenizers import clip_tokenizers, t5_tokenizer
from engine.models.families import Family
from engine.models.model_file import ModelFile
from engine.models.weights import read_header
from engine.models.weights_torch import check_pickle

FLOW = training_noise.TrainingNoise("flow")
_HALF = (torch.float16, torch.bfloat16)


_WHAT = {"text_encoder": "text encoder", "text_encoder_2": "text encoder"}
"""Names of networks as `assembling` has them."""


class _Files(NamedTuple):
    variant: str | None
    safe: bool  # safetensors rather than a checked pickle


def load(
    model: ModelFile, family: Family, given: Sequence[ModelFile], job: JobContext,
    device: torch.device, dtype: torch.dtype,
) -> PipelineComponents:  # fmt: skip
    """All networks of the folder."""
    path = model.path
    wanted: list[tuple[str, Any]] = [("text_encoder", CLIPTextModel)]
    if family.is_flux:
        wanted.append(("text_encoder_2", T5EncoderModel))
    elif family.base == "sdxl":
        wanted.append(("text_encoder_2", CLIPTextModelWithProjection))
    encoders: list[Any] = []
    for name, kind in wanted:
        encoders.append(_network(kind, path, name, dtype))
        job.report(0.3, "load")
    backbone = (
        _network(FluxTransformer2DModel, path, "transformer", dtype)
        if family.is_flux
        else _network(UNet2DConditionModel, path, "unet", dtype)
    )
    job.report(0.8, "load")
    with readable(path, "scheduler"):
        noise = FLOW if family.is_flux else training_noise.of_folder(path)
    tokenizers = clip_tokenizers(family)
    if family.is_flux:
        tokenizers += (t5_tokenizer([path, *(part.path for part in given)]),)
    return PipelineComponents(
        model=model,
        family=family,
        backbone=backbone,
        vae=_network(AutoencoderKL, path, "vae", dtype),
        tokenizers=tokenizers,
        text_encoders=tuple(encoders),
        prediction=noise.prediction,
        device=device,
        dtype=dtype,
        alphas_cumprod=noise.alphas_cumprod,
        sigma_range=noise.sigma_range,
        sigma_data=noise.sigma_data,
    )


def _network(kind: Any, folder: Path, name: str, dtype: torch.dtype) -> Any:
    """Raises ModelUnreadable: keys (a tensor would stay random), unknown, nan."""
    inside = folder / name
    files = _checked(inside, dtype)
    word = "dtype" if kind.__module__.startswith("transformers") else "torch_dtype"
    try:
        net, report = kind.from_pretrained(
            str(inside), local_files_only=True, use_safetensors=files.safe, variant=files.variant,
            output_loading_info=True, **{word: dtype},
        )  # fmt: skip
    except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
        raise ModelUnreadable(folder, "keys", f"{name}: {error}"[:300]) from error
    missing = [key for key in report["missing_keys"] if "position_ids" not in key]
    lost = [*missing, *map(str, report.get("mismatched_keys", ()))]
    if lost:
        raise ModelUnreadable(folder, "keys", f"{name}: {len(lost)} missing: {', '.join(lost[:4])}")
    what = _WHAT.get(name, name)
    check_unused(report["unexpected_keys"], (), folder, what)
    check_numbers(net.state_dict(), folder, what)
    return net.eval().requires_grad_(requires_grad=False)


def _checked(inside: Path, dtype: torch.dtype) -> _Files:
    """Which of a network's files are read; each has passed the checks for its format.

    The smaller fp16 files where half precision is enough, or where there are no others; those of
    another variant (non_ema) where they stand alone.
    """
    for ending, safe in ((".safetensors", True), (".bin", False)):
        files = sorted(inside.glob(f"*{ending}"))
        halved = [file for file in files if ".fp16" in file.suffixes or ".fp16-" in file.name]
        whole = [file for file in files if _is_plain(file)]
        chosen = halved if halved and (dtype in _HALF or not whole) else whole or files
        if chosen:
            for file in chosen:
                read_header(file) if safe else check_pickle(file)
            return _Files(_variant(chosen[0]), safe)
    raise ModelUnreadable(inside.parent, "partial", inside.name)


def _variant(file: Path) -> str | None:
    """non_ema, of model.non_ema.safetensors or model.non_ema-00001-of-00002.safetensors."""
    parts = file.name.split(".")
    return parts[1].partition("-")[0] if len(parts) > 2 else None


def _is_plain(file: Path) -> bool:
    """model.safetensors or model-00001-of-00002.safetensors, of no variant."""
    return file.name.count(".") == 1
