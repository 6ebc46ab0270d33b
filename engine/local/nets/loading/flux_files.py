"""Loads FLUX in pieces: a file of the transformer, and files of CLIP, T5 and the VAE beside it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from diffusers.models.transformers.transformer_flux import FluxTransformer2DModel
from transformers import T5Config, T5EncoderModel

from engine.errors import ModelMissing
from engine.jobs.backend import JobContext
from engine.local.nets.components import PipelineComponents
from engine.local.nets.loading import dimensions, ldm_names, quantised
from engine.local.nets.loading.assembling import assembled, check_unused
from engine.local.nets.loading.configs import config
from engine.local.nets.loading.dimensions import Config, Shapes
from engine.local.nets.loading.single_files import read_clip, read_vae, readable, shapes_of
from engine.local.nets.loading.tokenizers import clip_tokenizers, t5_tokenizer
from engine.local.nets.loading.unpacking import read_weights
from engine.local.nets.tensors import Tensors
from engine.models.families import Family, Kind
from engine.models.identify import header_of
from engine.models.model_file import ModelFile

VAE, CLIP, T5 = "flux", "clip-l", "t5-xxl"
_INSIDE = {
    VAE: ("vae.", "first_stage_model."),
    CLIP: ("text_encoders.clip_l.transformer.",),
    T5: ("text_encoders.t5xxl.transformer.",),
}
"""Prefixes of the parts in ComfyUI's all-in-one files."""


def load(
    model: ModelFile, family: Family, given: Sequence[ModelFile], job: JobContext,
    device: torch.device, dtype: torch.dtype,
) -> PipelineComponents:  # fmt: skip
    """All networks. Raises ModelMissing for a part that is not here, before anything is read."""
    files = {part.part: part.path for part in given}
    names = header_of(model.path).tensors
    places = {part: _place(part, files, names, model.path) for part in _INSIDE}
    folders = [part.path for part in given if part.path.is_dir()]
    t5_words = t5_tokenizer([*folders, places[T5].parent, model.path.parent])
    t5 = _t5(places[T5], config(family, "text_encoder_2"), dtype)
    job.report(0.3, "load")
    clip = _inside(CLIP, places[CLIP], dtype)
    encoder = read_clip(
        ldm_names.clip_weights(clip), config(family, "text_encoder"), dtype, places[CLIP]
    )
    vae = read_vae(places[VAE], _inside(VAE, places[VAE], dtype), family, dtype)
    job.report(0.4, "load")
    return PipelineComponents(
        model=model,
        family=family,
        backbone=transformer(model, config(family, "transformer"), device, dtype),
        vae=vae,
        tokenizers=(*clip_tokenizers(family), t5_words),
        text_encoders=(encoder, t5),
        prediction="flow",
        device=device,
        dtype=dtype,
    )


def transformer(model: ModelFile, base: Config, device: torch.device, dtype: torch.dtype) -> Any:
    """The transformer of a file: plain, fp8, GGUF or nf4."""
    path = model.path
    tensors = quantised.tensors_of(model, device, dtype)
    known = ldm_names.below(tensors, ldm_names.FLUX_PREFIX) or tensors
    sized, weights = base, dict(known)
    if any(name.startswith("double_blocks.") for name in known):
        with readable(path, "transformer"):
            sized = dimensions.flux(base, _true_shapes(model, known))
            width = sized["num_attention_heads"] * sized["attention_head_dim"]
            weights = ldm_names.flux_weights(known, width)
        used = [name for name in known if ldm_names.flux_modules(name.rpartition(".")[0])]
        check_unused(known, used, path, "transformer")
    if model.precision.startswith(quantised.GGUF) or model.precision == quantised.NF4:
        return quantised.flux(model, sized, weights, device, dtype)
    return assembled(
        lambda: FluxTransformer2DModel.from_config(sized), weights, dtype, path, "transformer"
    )


def _true_shapes(model: ModelFile, known: Tensors) -> Shapes:
    """What is packed has other shapes in memory than in the header."""
    if not model.precision.startswith(quantised.GGUF):
        return shapes_of(known)
    named = header_of(model.path).tensors.items()
    return {name.removeprefix(ldm_names.FLUX_PREFIX): tensor.shape for name, tensor in named}


def _t5(path: Path, base: Config, dtype: torch.dtype) -> Any:
    weights = dict(_inside(T5, path, dtype))
    with readable(path, "t5"):
        sized = dimensions.t5(base, shapes_of(weights))
        weights["encoder.embed_tokens.weight"] = weights["shared.weight"]
    net = assembled(lambda: T5EncoderModel(T5Config(**sized)), weights, dtype, path, "t5")
    net.tie_weights()
    return net


def _place(part: str, files: dict[str, Path], names: Any, own: Path) -> Path:
    """The file that has a part: one of its own, or the checkpoint."""
    if part in files:
        return files[part]
    if any(name.startswith(_INSIDE[part]) for name in names):
        return own
    kind = Kind.VAE if part == VAE else Kind.TEXT_ENCODER
    raise ModelMissing(kind.value, part)


def _inside(part: str, path: Path, dtype: torch.dtype) -> Tensors:
    is_gguf = path.suffix.lower() == ".gguf"
    tensors = quantised.t5_of_gguf(path) if is_gguf else read_weights(path, dtype)
    return ldm_names.below(tensors, *_INSIDE[part]) or tensors
