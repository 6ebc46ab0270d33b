"""Weights that stay packed in memory: GGUF, and bitsandbytes' nf4."""

import re
from pathlib import Path
from typing import Any

import torch
from diffusers.models.model_loading_utils import load_gguf_checkpoint
from diffusers.models.transformers.transformer_flux import FluxTransformer2DModel
from diffusers.quantizers.quantization_config import BitsAndBytesConfig, GGUFQuantizationConfig

from engine.errors import ModelUnreadable
from engine.local.nets.loading.assembling import check_names
from engine.local.nets.loading.configs import folder
from engine.local.nets.loading.dimensions import Config
from engine.local.nets.loading.unpacking import read_weights
from engine.local.nets.tensors import Tensors, read_tensors
from engine.models.model_file import ModelFile
from engine.models.weights_gguf import read_gguf

GGUF, NF4 = "gguf", "nf4"
_T5_RULES = (
    (r"^token_embd\.", "shared."),
    (r"^enc\.output_norm\.", "encoder.final_layer_norm."),
    (r"^enc\.blk\.(\d+)\.", r"encoder.block.\1."),
    (r"\.attn_rel_b\.", ".layer.0.SelfAttention.relative_attention_bias."),
    (r"\.attn_norm\.", ".layer.0.layer_norm."),
    (r"\.attn_([qkvo])\.", r".layer.0.SelfAttention.\1."),
    (r"\.ffn_gate\.", ".layer.1.DenseReluDense.wi_0."),
    (r"\.ffn_up\.", ".layer.1.DenseReluDense.wi_1."),
    (r"\.ffn_down\.", ".layer.1.DenseReluDense.wo."),
    (r"\.ffn_norm\.", ".layer.1.layer_norm."),
)


def tensors_of(model: ModelFile, device: torch.device, dtype: torch.dtype) -> Tensors:
    """The tensors of a FLUX file, as they are packed; nf4 is unpacked, to be packed again.

    Raises ModelUnreadable (device): nf4 runs on NVIDIA cards alone.
    """
    if model.precision.startswith(GGUF):
        read_gguf(model.path)
        return load_gguf_checkpoint(str(model.path))
    if model.precision != NF4:
        return read_weights(model.path, dtype)
    if device.type != "cuda":
        raise ModelUnreadable(model.path, "device", "nf4")
    return unpacked(read_tensors(model.path), dtype)


def flux(
    model: ModelFile, sized: Config, weights: Tensors, device: torch.device, dtype: torch.dtype
) -> Any:
    """The transformer with its weights packed; they are unpacked layer by layer as it runs."""
    kind: Any = FluxTransformer2DModel
    with torch.device("meta"):
        wanted = kind.from_config(sized).state_dict()
    found = {name: tensor.shape for name, tensor in weights.items()}
    check_names(wanted, found, model.path, "transformer", shapes=False)
    given = {name: value for name, value in sized.items() if not name.startswith("_")}
    made = kind.from_single_file(
        {name: weights[name] for name in wanted}, config=str(folder(model.family)),
        subfolder="transformer", local_files_only=True, torch_dtype=dtype,
        quantization_config=_how(model, dtype), **given,
    )  # fmt: skip
    return made.eval()


def unpacked(tensors: Tensors, dtype: torch.dtype) -> Tensors:
    """nf4 as plain numbers; packing them again gives the same blocks."""
    from bitsandbytes.functional import QuantState, dequantize_4bit

    marks = [name for name in tensors if name.endswith(".quant_state.bitsandbytes__nf4")]
    made = dict(tensors)
    for mark in marks:
        weight = mark.removesuffix(".quant_state.bitsandbytes__nf4")
        about = {n: made.pop(n) for n in list(made) if n.startswith(weight + ".")}
        packed = made[weight]
        state = QuantState.from_dict(about, device=packed.device)
        made[weight] = dequantize_4bit(packed, state).to(dtype)
    return made


def t5_of_gguf(path: Path) -> Tensors:
    """T5 from llama.cpp's names, unpacked: its layers ask for the type of their weights."""
    from gguf import GGUFReader
    from gguf.quants import dequantize

    read_gguf(path)
    made: dict[str, torch.Tensor] = {}
    for tensor in GGUFReader(path).tensors:
        name = tensor.name
        for pattern, new in _T5_RULES:
            name = re.sub(pattern, new, name)
        plain = torch.from_numpy(dequantize(tensor.data, tensor.tensor_type))
        made[name] = plain.to(torch.bfloat16) if plain.dim() > 1 else plain
    return made


def _how(model: ModelFile, dtype: torch.dtype) -> Any:
    if model.precision.startswith(GGUF):
        return GGUFQuantizationConfig(compute_dtype=dtype)
    return BitsAndBytesConfig(
        load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=dtype
    )
