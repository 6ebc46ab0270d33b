"""Adds the loaders of what paints: a checkpoint, or a network with its parts; then LoRAs."""

from collections.abc import Iterable
from typing import NamedTuple

from engine.comfy.errors import Lack
from engine.comfy.graphs.builder import GraphBuilder, Socket, slot
from engine.comfy.graphs.node_packs import known, lack_of_file
from engine.comfy.protocol.snapshot import DIFFUSION_MODELS, TEXT_ENCODERS, VAE
from engine.models.catalog import CheckpointPart
from engine.models.families import Kind
from engine.models.model_file import ModelFile

FLUX_PARTS = ("clip-l", "t5-xxl", "flux")
SDXL_PARTS = ("clip-l", "clip-g", "sdxl")
_USUAL = {"clip-g": "clip_g.safetensors", "sdxl": "sdxl_vae.safetensors"}


class LoadedModels(NamedTuple):
    """The three that every painting needs."""

    model: Socket
    clip: Socket
    vae: Socket


def parts_of(model: ModelFile) -> tuple[str, ...]:
    """The parts that a model's file lacks, as ModelFile.part calls them: encoders and VAE."""
    if model.path.parts[0] != DIFFUSION_MODELS:
        return ()
    return FLUX_PARTS if _is_flux(model) else SDXL_PARTS


def load_models(
    builder: GraphBuilder, model: ModelFile, parts: Iterable[ModelFile],
    loras: Iterable[tuple[ModelFile, float]],
) -> LoadedModels:  # fmt: skip
    """Everything, with the LoRAs applied in their order.

    A model lies in the folder of the server that its path begins with.
    """
    needed = parts_of(model)
    if not needed:
        whole = builder.put("model", "CheckpointLoaderSimple", ckpt_name=model.name)
        return _with_loras(
            builder, model, LoadedModels(whole, slot(whole, 1), slot(whole, 2)), loras
        )
    network = builder.put("model", "UNETLoader", unet_name=model.name, weight_dtype="default")
    at_hand = {each.part: each.name for each in parts}
    found = [at_hand.get(part) or _lacking(builder, part) for part in needed]
    kind = "flux" if _is_flux(model) else "sdxl"
    clip = builder.put(
        "clip", "DualCLIPLoader", clip_name1=found[0], clip_name2=found[1], type=kind
    )
    vae = builder.put("vae", "VAELoader", vae_name=found[2])
    return _with_loras(builder, model, LoadedModels(network, clip, vae), loras)


def lack_of_part(part: str) -> Lack:
    """The file that is usually taken for it."""
    folder = VAE if part in ("flux", "sdxl") else TEXT_ENCODERS
    kind = Kind.VAE if folder == VAE else Kind.TEXT_ENCODER
    entries = known().offering(CheckpointPart(kind, part))
    files = [entry.files[0].path for entry in entries]
    usual = next((file for file in files if file.endswith(".safetensors")), _USUAL.get(part, part))
    return lack_of_file(folder, usual)


def _lacking(builder: GraphBuilder, part: str) -> str:
    lack = lack_of_part(part)
    builder.lacks(lack)
    return lack.name


def _with_loras(
    builder: GraphBuilder,
    model: ModelFile,
    before: LoadedModels,
    loras: Iterable[tuple[ModelFile, float]],
) -> LoadedModels:
    """FLUX's LoRAs leave the text encoders alone."""
    network, clip, vae = before
    for number, (lora, weight) in enumerate(loras, 1):
        id_ = f"lora{number}"
        if _is_flux(model):
            network = builder.put(
                id_, "LoraLoaderModelOnly",
                model=network, lora_name=lora.name, strength_model=weight,
            )  # fmt: skip
        else:
            network = builder.put(
                id_, "LoraLoader",
                model=network, clip=clip, lora_name=lora.name,
                strength_model=weight, strength_clip=weight,
            )  # fmt: skip
            clip = slot(network, 1)
    return LoadedModels(network, clip, vae)


def _is_flux(model: ModelFile) -> bool:
    return model.family is not None and model.family.is_flux
