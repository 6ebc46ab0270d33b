"""SD and SDXL from single files in the layout of A1111 and ComfyUI."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from diffusers.loaders.single_file_utils import (
    convert_ldm_unet_checkpoint,
    convert_ldm_vae_checkpoint,
)
from diffusers.models.autoencoders.autoencoder_kl import AutoencoderKL
from diffusers.models.unets.unet_2d_condition import UNet2DConditionModel
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

from engine.errors import ModelUnreadable
from engine.jobs.backend import JobContext
from engine.local.nets.components import PipelineComponents
from engine.local.nets.loading import dimensions, ldm_names, training_noise
from engine.local.nets.loading.assembling import assembled, check_kept
from engine.local.nets.loading.configs import config
from engine.local.nets.loading.dimensions import Config, Shapes
from engine.local.nets.loading.tokenizers import clip_tokenizers
from engine.local.nets.loading.unpacking import read_weights
from engine.local.nets.tensors import Tensors
from engine.models.families import Family, Kind
from engine.models.identify import header_of
from engine.models.model_file import ModelFile

UNET, VAE = "model.diffusion_model.", "first_stage_model."
CLIP = ("cond_stage_model.transformer.", "conditioner.embedders.0.transformer.")
OPEN_CLIP = ("cond_stage_model.model.", "conditioner.embedders.0.model.")  # SD 2.1
SECOND = ("conditioner.embedders.1.model.",)  # SDXL
STRANGE = (KeyError, IndexError, ValueError, ZeroDivisionError, TypeError, RuntimeError)


def load(
    model: ModelFile, family: Family, given: Sequence[ModelFile], job: JobContext,
    device: torch.device, dtype: torch.dtype,
) -> PipelineComponents:  # fmt: skip
    """All networks of the file; a VAE that is given takes the place of its own."""
    path = model.path
    tensors = read_weights(path, dtype)
    header = header_of(path)
    noise = training_noise.of_file(path, header, tensors, family, config(family, "scheduler"))
    unet = _unet(tensors, family, dtype, path)
    job.report(0.5, "load")
    own = next((part for part in given if part.kind is Kind.VAE), None)
    vae = read_vae(
        own.path if own else path, None if own else tensors, family, dtype, noise.latent_space
    )
    job.report(0.6, "load")
    return PipelineComponents(
        model=model,
        family=family,
        backbone=unet,
        vae=vae,
        tokenizers=clip_tokenizers(family),
        text_encoders=tuple(_encoders(tensors, family, dtype, path)),
        prediction=noise.prediction,
        device=device,
        dtype=dtype,
        alphas_cumprod=noise.alphas_cumprod,
        sigma_range=noise.sigma_range,
        sigma_data=noise.sigma_data,
    )


def read_vae(
    path: Path,
    tensors: Tensors | None,
    family: Family,
    dtype: torch.dtype,
    latent_space: Mapping[str, Any] = MappingProxyType({}),
) -> Any:
    """A VAE out of a checkpoint, or from a file of its own, in either layout.

    `latent_space`: scale and shift of the latents, where they are not the family's.
    """
    known = tensors if tensors is not None else read_weights(path, dtype)
    known = ldm_names.below(known, VAE, "vae.") or known
    base = config(family, "vae") | dict(latent_space)
    with readable(path, "vae"):
        sized = dimensions.vae(base, shapes_of(known))
        if any(name.startswith("decoder.up_blocks.") for name in known):
            return _vae(sized, known, dtype, path)
        weights = convert_ldm_vae_checkpoint(dict(known), sized)
    check_kept(known, weights, path, "vae")
    return _vae(sized, weights, dtype, path)


def read_clip(
    tensors: Tensors, base: Config, dtype: torch.dtype, path: Path, *, projected: bool = False
) -> Any:
    """A text encoder, for the names of `ldm_names.clip_weights`."""
    with readable(path, "text encoder"):
        sized = dimensions.clip(base, shapes_of(tensors))
    kind = CLIPTextModelWithProjection if projected else CLIPTextModel
    with torch.device("meta"):
        level = "text_model." if hasattr(kind(CLIPTextConfig(**sized)), "text_model") else ""
    weights = {n if n == "text_projection.weight" else level + n: t for n, t in tensors.items()}
    return assembled(lambda: kind(CLIPTextConfig(**sized)), weights, dtype, path, "text encoder")


@contextmanager
def readable(path: Path, what: str) -> Iterator[None]:
    """Names and shapes that make no sense are the file's fault: ModelUnreadable (keys)."""
    try:
        yield
    except STRANGE as error:
        raise ModelUnreadable(path, "keys", f"{what}: {error}"[:300]) from error


def shapes_of(tensors: Tensors) -> Shapes:
    """As `dimensions` reads them."""
    return {name: tuple(tensor.shape) for name, tensor in tensors.items()}


def _unet(tensors: Tensors, family: Family, dtype: torch.dtype, path: Path) -> Any:
    known = ldm_names.below(tensors, UNET)
    with readable(path, "unet"):
        sized = dimensions.unet(config(family, "unet"), shapes_of(known))
        weights = convert_ldm_unet_checkpoint({UNET + n: t for n, t in known.items()}, sized)
    check_kept(known, weights, path, "unet")
    return assembled(lambda: UNet2DConditionModel.from_config(sized), weights, dtype, path, "unet")


def _vae(sized: Config, weights: Tensors, dtype: torch.dtype, path: Path) -> Any:
    return assembled(lambda: AutoencoderKL.from_config(sized), weights, dtype, path, "vae")


def _encoders(tensors: Tensors, family: Family, dtype: torch.dtype, path: Path) -> Iterator[Any]:
    first = config(family, "text_encoder")
    if family.base == "sd21":
        open_clip = ldm_names.open_clip_weights(ldm_names.below(tensors, *OPEN_CLIP))
        yield read_clip(open_clip, first, dtype, path)
        return
    clip = ldm_names.clip_weights(ldm_names.below(tensors, *CLIP))
    yield read_clip(clip, first, dtype, path)
    if family.base == "sdxl":
        open_clip = ldm_names.open_clip_weights(ldm_names.below(tensors, *SECOND))
        second = config(family, "text_encoder_2")
        yield read_clip(open_clip, second, dtype, path, projected=True)
