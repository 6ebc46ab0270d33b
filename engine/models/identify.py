"""Identifies models by their headers: no tensor is read, nothing is unpickled."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from engine.errors import ModelUnreadable, ModelUnsafe
from engine.models.accounting import listed
from engine.models.families import Family, Kind
from engine.models.lora_header import facts_of, is_lora
from engine.models.model_file import ModelFile
from engine.models.recognition import quantisation
from engine.models.recognition.networks import (
    CONTEXTS,
    FLUX_WIDTHS,
    RecognisedNetwork,
    flux_problem,
    recognised,
    sd_family,
    sd_problem,
)
from engine.models.weights import WeightHeader, read_header
from engine.models.weights_gguf import read_gguf
from engine.models.weights_torch import check_pickle
from engine.storage.foreign_file import FileTooLong, read_file

MAX_JSON = 1 << 20
INDEX = "model_index.json"
BACKBONES = ("unet", "transformer")
NETWORKS = {
    "sd15": ("unet", "vae", "text_encoder"),
    "sd21": ("unet", "vae", "text_encoder"),
    "sdxl": ("unet", "vae", "text_encoder", "text_encoder_2"),
    "flux": ("transformer", "vae", "text_encoder", "text_encoder_2"),
}
"""The folders whose weights the loader reads, by Family.base."""

WEIGHTS = (".safetensors", ".sft", ".ckpt", ".pt", ".pth", ".bin", ".gguf")
SUPPORTED_LORAS = ("lora", "locon", "dora", "loha", "lokr", "full", "norm")

_PRECISIONS = {"F32": "fp32", "F16": "fp16", "BF16": "bf16", "F8_E4M3": "fp8", "F8_E5M2": "fp8"}


def identify(path: Path) -> ModelFile:
    """The model at `path`. Raises ModelUnreadable, ModelUnsafe where it is none of ours.

    A model that is known and cannot be used has a `problem` (see ModelFile).
    """
    return _folder(path) if path.is_dir() else _file(path)


def header_of(path: Path) -> WeightHeader:
    """The checked header of a weight file of any layout. Raises ModelUnreadable, ModelUnsafe."""
    ending = path.suffix.lower()
    if ending == ".gguf":
        return read_gguf(path)
    if ending in (".safetensors", ".sft"):
        return read_header(path)
    return check_pickle(path)


def _file(path: Path) -> ModelFile:
    header = header_of(path)
    if is_lora(header):
        return _lora(path, header)
    found = recognised(path, header)
    if header.layout == "torch-legacy" and found.kind is not Kind.SUBJECT:
        raise ModelUnsafe(path, "old")
    return ModelFile(
        path=path,
        kind=found.kind,
        family=found.family,
        name=path.name,
        title=path.stem,
        part=found.part,
        precision=_precision(header),
        size_bytes=path.stat().st_size,
        problem=found.problem,
        detail=found.detail,
        unused=found.unused,
    )


def _lora(path: Path, header: WeightHeader) -> ModelFile:
    facts = facts_of(header)
    base = next((family for family in Family if family.value == facts.base), None)
    return ModelFile(
        path=path,
        kind=Kind.LORA,
        family=Family.FLUX_DEV if facts.base == "flux" else base,
        name=path.name,
        title=path.stem,
        precision=_precision(header),
        size_bytes=path.stat().st_size,
        rank=facts.rank,
        trigger_words=facts.trigger_words,
        problem="" if facts.kind in SUPPORTED_LORAS else "kind",
        detail="" if facts.kind in SUPPORTED_LORAS else facts.kind,
    )


def _precision(header: WeightHeader) -> str:
    """That of most elements; nf4, GGUF and what is unpacked by their own marks."""
    if any("bitsandbytes__nf4" in name for name in header.tensors):
        return "nf4"
    packed = quantisation.precision_of(quantisation.layers_of(header).values())
    if packed:
        return packed
    weights: dict[str, int] = {}
    for tensor in header.tensors.values():
        elements = 1
        for side in tensor.shape:
            elements *= side
        weights[tensor.dtype] = weights.get(tensor.dtype, 0) + elements
    if not weights:
        return ""
    most = max(weights, key=lambda dtype: weights[dtype])
    return f"gguf-{most.lower()}" if header.layout == "gguf" else _PRECISIONS.get(most, "")


def _folder(path: Path) -> ModelFile:
    """A folder in the layout of diffusers (model_index.json) or of transformers (config.json)."""
    is_pipeline = (path / INDEX).is_file() or any((path / name).is_dir() for name in BACKBONES)
    found = _pipeline(path) if is_pipeline else _transformers(path)
    files = [each for each in path.rglob("*") if each.suffix in WEIGHTS and each.is_file()]
    return ModelFile(
        path=path,
        kind=found.kind,
        family=found.family,
        name=path.name,
        title=path.name,
        size_bytes=sum(each.stat().st_size for each in files),
        problem=found.problem,
        detail=found.detail,
    )


def _json(path: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(read_file(path, MAX_JSON))
    except FileTooLong as error:
        raise ModelUnsafe(path, "limit", "a configuration of more than 1 MB") from error
    except OSError as error:
        raise ModelUnreadable(path, "missing", error.strerror or "") from error
    except (ValueError, RecursionError) as error:
        raise ModelUnreadable(path, "damaged") from error
    if not isinstance(content, dict):
        raise ModelUnreadable(path, "damaged")
    return cast(dict[str, Any], content)


def _pipeline(path: Path) -> RecognisedNetwork:
    """By the configuration of the network that samples; partial where anything else is missing."""
    if not (path / INDEX).is_file():
        return _partial(None, [INDEX])
    index = _json(path / INDEX)
    is_flux = (path / "transformer").is_dir()
    config = path / BACKBONES[is_flux] / "config.json"
    if not config.is_file():
        return _partial(None, [f"{BACKBONES[is_flux]}/config.json"])
    found = _transformer(index, _json(config)) if is_flux else _unet(index, _json(config))
    lacking = _lacking(path, found.family) if found.family and not found.problem else []
    return _partial(found.family, lacking) if lacking else found


def _partial(family: Family | None, lacking: list[str]) -> RecognisedNetwork:
    return RecognisedNetwork(
        kind=Kind.CHECKPOINT, family=family, problem="partial", detail=listed(lacking)
    )


def _lacking(path: Path, family: Family) -> list[str]:
    """The networks without weights, and the scheduler without its configuration."""
    lacking = [
        name
        for name in NETWORKS[family.base]
        if not any(file.suffix in WEIGHTS for file in (path / name).glob("*"))
    ]
    is_stated = family.is_flux or (path / "scheduler" / "scheduler_config.json").is_file()
    return lacking if is_stated else [*lacking, "scheduler"]


def _transformer(index: Mapping[str, Any], config: Mapping[str, Any]) -> RecognisedNetwork:
    kind = str(config.get("_class_name", "FluxTransformer2DModel"))
    if kind != "FluxTransformer2DModel":
        return RecognisedNetwork(kind=Kind.CHECKPOINT, problem="transformer-kind", detail=kind)
    width = _number(config, "in_channels")
    family = FLUX_WIDTHS.get(width)
    if family is None:
        problem = flux_problem(width)
        return RecognisedNetwork(kind=Kind.CHECKPOINT, problem=problem)
    if family is Family.FLUX_DEV and "Kontext" in str(index.get("_class_name")):
        family = Family.FLUX_KONTEXT
    is_guided = config.get("guidance_embeds", True)
    return RecognisedNetwork(
        kind=Kind.CHECKPOINT, family=family, problem="" if is_guided else "schnell"
    )


def _unet(index: Mapping[str, Any], config: Mapping[str, Any]) -> RecognisedNetwork:
    context, channels = _number(config, "cross_attention_dim"), _number(config, "in_channels")
    known = CONTEXTS.get(context)
    generation = known or _stated_generation(str(index.get("_class_name")), config)
    family = sd_family(generation, channels)
    problem = "" if family else sd_problem(context, channels)
    return RecognisedNetwork(kind=Kind.CHECKPOINT, family=family, problem=problem)


def _number(content: Mapping[str, Any], key: str) -> int:
    value = content.get(key)
    return value if isinstance(value, int) else 0


def _stated_generation(pipeline: str, unet: Mapping[str, Any]) -> str:
    """For checkpoints of unusual size: by the pipeline, and how the UNet projects."""
    if not pipeline.startswith("StableDiffusion"):
        return ""
    if pipeline.startswith("StableDiffusionXL"):
        return "sdxl"
    return "sd21" if unet.get("use_linear_projection") else "sd15"


_SEGMENTERS = {
    "sam3_lite_text": Family.SAM3_LITE_TEXT,
    "sam3": Family.SAM3,
    "sam2": Family.SAM2,
    "edgetam": Family.EDGETAM,
}
_HALVES = {"sam3": "tracker_model", "sam3_tracker": "detector_model"}
"""Halves of a SAM 3 that transformers saves alone, and what each lacks."""


def _transformers(path: Path) -> RecognisedNetwork:
    kind = str(_json(path / "config.json").get("model_type"))
    family = next((f for start, f in _SEGMENTERS.items() if kind.startswith(start)), None)
    if family is None:
        raise ModelUnreadable(path, "format", kind)
    lacking = _HALVES.get(kind, "")
    return RecognisedNetwork(
        kind=Kind.SEGMENTER, family=family, problem="partial" if lacking else "", detail=lacking
    )
