"""Identifies models by their headers: no tensor is read, nothing is unpickled."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from engine.errors import ModelUnreadable, ModelUnsafe
from engine.models.families import Family, Kind
from engine.models.lora_header import facts_of, is_lora
from engine.models.model_file import ModelFile
from engine.models.weights import Tensor, WeightHeader, read_header
from engine.models.weights_gguf import read_gguf
from engine.models.weights_torch import check_pickle
from engine.storage.foreign_file import FileTooLong, read_file

MAX_JSON = 1 << 20
WEIGHTS = (".safetensors", ".sft", ".ckpt", ".pt", ".pth", ".bin", ".gguf")
SUPPORTED_LORAS = ("lora", "locon", "dora")

_CONTEXT = {768: "sd15", 1024: "sd21", 2048: "sdxl"}  # width of the text that attention reads
_CHANNELS = {4: "", 9: "-inpaint"}  # that the UNet takes in
_PRECISIONS = {"F32": "fp32", "F16": "fp16", "BF16": "bf16", "F8_E4M3": "fp8", "F8_E5M2": "fp8"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    kind: Kind
    family: Family | None = None
    part: str = ""
    problem: str = ""


def identify(path: Path) -> ModelFile:
    """The model at `path`. Raises ModelUnreadable, ModelUnsafe where it is none of ours.

    A model of ours that cannot be used has a `problem`: schnell, partial (networks are
    missing), kind (a LoRA of an unsupported kind), controlnet, torchscript.
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
    found = _torchscript(path) if header.layout == "torchscript" else _network(path, header)
    if header.layout == "torch-legacy" and found.kind is not Kind.SUBJECT:
        raise ModelUnsafe(path, "pickle", "the old layout")
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
    )


def _torchscript(path: Path) -> _Found:
    """It says nothing of its tensors; only pinned files of LaMa and MI-GAN are ever read."""
    name = path.name.lower()
    family = Family.MIGAN if "migan" in name else Family.LAMA
    is_known = family is Family.MIGAN or "lama" in name
    return _Found(kind=Kind.REMOVER, family=family, problem="" if is_known else "torchscript")


def _network(path: Path, header: WeightHeader) -> _Found:
    names = header.tensors
    for look in (_segmenter, _remover, _subject, _flux, _diffusion, _encoder, _vae):
        found = look(path, names)
        if found is not None:
            return found
    raise ModelUnreadable(path, "format", "no known network")


def _has(names: Iterable[str], *parts: str) -> bool:
    """Whether each of the parts occurs in some name."""
    names = list(names)
    return all(any(part in name for name in names) for part in parts)


def _segmenter(path: Path, names: Mapping[str, Tensor]) -> _Found | None:
    if _has(names, "detector_model.", "tracker_model."):
        return _Found(kind=Kind.SEGMENTER, family=Family.SAM3)
    if _has(names, "detector.backbone.vision_backbone.trunk."):
        is_31 = _has(names, "vision_backbone.interactive_convs.")
        return _Found(kind=Kind.SEGMENTER, family=Family.SAM31 if is_31 else Family.SAM3)
    for backbone in ("vision_encoder.backbone.timm_model.", "image_encoder.trunk.body."):
        if _has(names, backbone, "mask_decoder.", "prompt_encoder."):
            return _Found(kind=Kind.SEGMENTER, family=Family.EDGETAM)
    if _has(names, "vision_encoder.backbone.blocks.", "mask_decoder.", "prompt_encoder."):
        return _Found(kind=Kind.SEGMENTER, family=Family.SAM2)
    return None


def _remover(_path: Path, names: Mapping[str, Tensor]) -> _Found | None:
    if _has(names, "ffc.convl2l.weight", "ffc.convg2g"):
        return _Found(kind=Kind.REMOVER, family=Family.LAMA)
    if _has(names, "encoder.b512.fromrgb.weight", "synthesis.b512.torgb.weight"):
        return _Found(kind=Kind.REMOVER, family=Family.MIGAN)
    if _has(names, "synthesis.first_stage.", "mapping.fc0.weight"):
        return _Found(kind=Kind.REMOVER, family=Family.MAT)
    return None


def _subject(_path: Path, names: Mapping[str, Tensor]) -> _Found | None:
    """U-2-Net's small form and IS-Net; the large U-2-Net has no graph."""
    middle = names.get("stage1.rebnconv2.conv_s1.weight")
    if middle is None or not _has(names, "stage6.rebnconvin.conv_s1.weight", "side1.weight"):
        return None
    if _has(names, "conv_in.weight"):
        return _Found(kind=Kind.SUBJECT, family=Family.ISNET)
    is_small = middle.shape[:1] == (16,)
    return _Found(kind=Kind.SUBJECT, family=Family.U2NETP) if is_small else None


def _flux(path: Path, names: Mapping[str, Tensor]) -> _Found | None:
    width = next(
        (t.shape[-1] for n, t in names.items()
         if n.endswith(("img_in.weight", "x_embedder.weight")) and len(t.shape) == 2), 0
    )  # fmt: skip
    if not width or (not _has(names, "double_blocks.") and not _has(names, "transformer_blocks.")):
        return None
    is_guided = _has(names, "guidance_in.") or _has(names, "guidance_embedder.")
    if width == 384:
        return _Found(kind=Kind.CHECKPOINT, family=Family.FLUX_FILL)
    family = Family.FLUX_KONTEXT if "kontext" in path.name.lower() else Family.FLUX_DEV
    problem = "" if is_guided else "schnell"
    return _Found(kind=Kind.CHECKPOINT, family=family, problem=problem)


def _diffusion(_path: Path, names: Mapping[str, Tensor]) -> _Found | None:
    first = names.get("model.diffusion_model.input_blocks.0.0.weight")
    if first is None or len(first.shape) != 4:
        return None
    family = _sd(_CONTEXT.get(_context(names)) or _generation(names), first.shape[1])
    if family is None:
        return _Found(kind=Kind.CHECKPOINT, problem="partial")
    whole = _has(names, "first_stage_model.") and (
        _has(names, "cond_stage_model.") or _has(names, "conditioner.embedders.")
    )
    return _Found(kind=Kind.CHECKPOINT, family=family, problem="" if whole else "partial")


def _context(names: Mapping[str, Tensor]) -> int:
    """Width of the text that attention reads: it tells the generations apart."""
    for name, tensor in names.items():
        if name.endswith("attn2.to_k.weight") and len(tensor.shape) == 2:
            return tensor.shape[1]
    return 0


def _generation(names: Mapping[str, Tensor]) -> str:
    """By the text encoders, for checkpoints of unusual size; "" for SDXL's refiner and others."""
    if _has(names, "conditioner.embedders.1.model."):
        return "sdxl"
    if _has(names, "cond_stage_model.model."):
        return "sd21"
    return "sd15" if _has(names, "cond_stage_model.transformer.") else ""


def _sd(generation: str, channels: int) -> Family | None:
    value = generation + _CHANNELS.get(channels, "?")
    return next((family for family in Family if family.value == value), None)


def _encoder(_path: Path, names: Mapping[str, Tensor]) -> _Found | None:
    if _has(names, "encoder.block.0.layer.0.SelfAttention.q.weight"):
        return _Found(kind=Kind.TEXT_ENCODER, part="t5-xxl")
    if _has(names, "enc.blk.0.attn_q.weight") or _has(names, "token_embd.weight", "enc.blk."):
        return _Found(kind=Kind.TEXT_ENCODER, part="t5-xxl")
    if _has(names, "text_model.encoder.layers.0."):
        wide = any(t.shape[-1] == 1280 for n, t in names.items() if "token_embedding" in n)
        return _Found(kind=Kind.TEXT_ENCODER, part="clip-g" if wide else "clip-l")
    return None


def _vae(_path: Path, names: Mapping[str, Tensor]) -> _Found | None:
    decoder = next((t for n, t in names.items() if n.endswith("decoder.conv_in.weight")), None)
    if decoder is None or len(decoder.shape) != 4:
        return None
    return _Found(kind=Kind.VAE, part="flux" if decoder.shape[1] == 16 else "sd")


def _precision(header: WeightHeader) -> str:
    """That of most elements; nf4 and GGUF by their own marks."""
    if any("bitsandbytes__nf4" in name for name in header.tensors):
        return "nf4"
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
    index = path / "model_index.json"
    found = _pipeline(path, _json(index)) if index.is_file() else _transformers(path)
    files = [each for each in path.rglob("*") if each.suffix in WEIGHTS and each.is_file()]
    return ModelFile(
        path=path,
        kind=found.kind,
        family=found.family,
        name=path.name,
        title=path.name,
        size_bytes=sum(each.stat().st_size for each in files),
        problem=found.problem,
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


def _pipeline(path: Path, index: Mapping[str, Any]) -> _Found:
    if (path / "transformer").is_dir():
        width = _json(path / "transformer" / "config.json").get("in_channels")
        if width == 384:
            return _Found(kind=Kind.CHECKPOINT, family=Family.FLUX_FILL)
        is_kontext = "Kontext" in str(index.get("_class_name"))
        family = Family.FLUX_KONTEXT if is_kontext else Family.FLUX_DEV
        return _Found(kind=Kind.CHECKPOINT, family=family)
    unet = _json(path / "unet" / "config.json")
    known = _CONTEXT.get(_number(unet, "cross_attention_dim"))
    generation = known or _stated_generation(str(index.get("_class_name")), unet)
    family = _sd(generation, _number(unet, "in_channels"))
    return _Found(kind=Kind.CHECKPOINT, family=family, problem="" if family else "partial")


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


def _transformers(path: Path) -> _Found:
    kind = str(_json(path / "config.json").get("model_type"))
    if kind.startswith("sam3"):
        return _Found(kind=Kind.SEGMENTER, family=Family.SAM3)
    if kind.startswith("sam2"):
        return _Found(kind=Kind.SEGMENTER, family=Family.SAM2)
    raise ModelUnreadable(path, "format", kind)
