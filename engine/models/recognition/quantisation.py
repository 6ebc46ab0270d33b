"""Quantised weight files: each layer's format, as the marks in the file's header say it.

One table (PRECISIONS) is what headers are judged by and what the loader unpacks. Layouts are those
of ComfyUI: a mark in each layer (`.comfy_quant`), the same in the metadata, and the older pair of
`scaled_fp8` and `.scale_weight`. https://github.com/comfyanonymous/ComfyUI, QUANTIZATION.md.
"""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from engine.models.weights import MARK, Tensor, WeightHeader

FP8_E4M3, FP8_E5M2 = "float8_e4m3fn", "float8_e5m2"
MXFP8, NVFP4, INT8 = "mxfp8", "nvfp4", "int8_tensorwise"
PRECISIONS = {FP8_E4M3: "fp8", FP8_E5M2: "fp8", MXFP8: "mxfp8", NVFP4: "nvfp4", INT8: "int8"}
"""The precision of each format that is unpacked; a file with any other format is refused."""

GGUF_TYPES = frozenset({
    "F32", "F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K",
    "Q6_K", "IQ4_NL", "IQ4_XS",
})  # fmt: skip
"""Types of GGUF that diffusers unpacks layer by layer."""

OLD_SCALE, SCALE, SECOND_SCALE = ".scale_weight", ".weight_scale", ".weight_scale_2"
OLD_MARK = "scaled_fp8"
METADATA = "_quantization_metadata"
UNREADABLE = "?"  # the format of a mark that is no JSON

_OTHERS = (
    (".pre_quant_scale", "pre_quant_scale"),
    (".qweight", "packed integers (SVDQuant, GPTQ, AWQ)"),
    (".SCB", "bitsandbytes int8"),
    (".quant_state.bitsandbytes__fp4", "bitsandbytes fp4"),
    (".weight_scale_inv", "fp8 in blocks"),
    (".weight_codebook", "asym_w4a8_int8"),
)
"""Endings of tensors that belong to layouts which are not unpacked, and what they are called."""


@dataclass(frozen=True, slots=True)
class QuantisedLayer:
    """One quantised weight: its format (ComfyUI's name), and the settings beside it."""

    format: str
    scale: str  # the name of the tensor that holds its scales
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])


def layers_of(header: WeightHeader) -> dict[str, QuantisedLayer]:
    """The quantised layers by name, without `.weight`; empty where every number stands as it is."""
    found = _marked(header) | _stated(header)
    for name, tensor in header.tensors.items():
        layer, dot, end = name.rpartition(".")
        if dot + end not in (OLD_SCALE, SCALE) or layer in found:
            continue
        weight = header.tensors.get(f"{layer}.weight")
        known = _FORMAT_OF_TYPE.get(weight.dtype, "") if weight else ""
        is_plain = math.prod(tensor.shape) in (1, weight.shape[0] if weight else 1)
        found[layer] = QuantisedLayer(known if known and is_plain else end, name)
    return found


def problem_of(header: WeightHeader) -> str:
    """The name of a quantisation that cannot be unpacked; "" where all of it can be."""
    if header.layout == "gguf":
        return next((t.dtype for t in header.tensors.values() if t.dtype not in GGUF_TYPES), "")
    for name in header.tensors:
        for end, called in _OTHERS:
            if name.endswith(end):
                return called
    for name, layer in layers_of(header).items():
        if layer.format not in PRECISIONS:
            return layer.format
        if layer.scale not in header.tensors or f"{name}.weight" not in header.tensors:
            return f"{layer.format}, {name}"
    return ""


def precision_of(layers: Iterable[QuantisedLayer]) -> str:
    """The precision of most quantised layers, "" without any."""
    found = [PRECISIONS.get(layer.format, layer.format) for layer in layers]
    return max(sorted(set(found)), key=found.count) if found else ""


def unpacked_shapes(header: WeightHeader) -> Mapping[str, Tensor]:
    """The tensors with the shapes that they have once unpacked: nvfp4 holds two numbers a byte."""
    packed = [f"{name}.weight" for name, layer in layers_of(header).items()
              if layer.format == NVFP4]  # fmt: skip
    known = dict(header.tensors)
    for name in packed:
        if name in known and len(known[name].shape) == 2:
            rows, columns = known[name].shape
            known[name] = Tensor(known[name].dtype, (rows, 2 * columns))
    return known


def is_mark(name: str) -> bool:
    """Whether a tensor says how others are packed, and is no weight itself."""
    return name.endswith((MARK, OLD_SCALE, SCALE, SECOND_SCALE)) or (
        name.rpartition(".")[2] == OLD_MARK
    )


_FORMAT_OF_TYPE = {"F8_E4M3": FP8_E4M3, "F8_E5M2": FP8_E5M2}
"""Without a mark only fp8 is certain: rows of int8 may have been turned."""


def _marked(header: WeightHeader) -> dict[str, QuantisedLayer]:
    names = [name.removesuffix(MARK) for name in header.tensors if name.endswith(MARK)]
    return {name: _layer(name, _json(header.marks.get(name + MARK, b""))) for name in names}


def _stated(header: WeightHeader) -> dict[str, QuantisedLayer]:
    content = _json(header.metadata.get(METADATA, "{}").encode())
    layers = content.get("layers", {})
    if not isinstance(layers, dict):
        return {}
    known = cast(dict[str, Any], layers)
    return {
        name: _layer(name, cast(dict[str, Any], about) if isinstance(about, dict) else {})
        for name, about in known.items()
    }


def _layer(name: str, about: Mapping[str, Any]) -> QuantisedLayer:
    return QuantisedLayer(str(about.get("format", UNREADABLE)), name + SCALE, about)


def _json(raw: bytes) -> Mapping[str, Any]:
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return cast(dict[str, Any], content) if isinstance(content, dict) else {}
