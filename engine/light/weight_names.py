"""Names of tensors in the official files, as the graphs have them."""

import re
from collections.abc import Iterator

import numpy as np

from engine.models.safetensors_file import Array, Arrays

_LAMA_MARK, _LAMA = "model.1.ffc.convl2l.weight", "model.model."
_SUBJECT_MARK = "stage1.rebnconvin.conv_s1.weight"
_MIGAN_MARK = "encoder.b512.fromrgb.weight"

_TRUNK, _BACKBONE = "image_encoder.trunk.body.", "vision_encoder.backbone.timm_model."
_DECODER, _PROMPTS = "sam_mask_decoder.", "sam_prompt_encoder."
_POINTS, _POSITIONS = "prompt_encoder.point_embed", "positional_embedding"
_EDGETAM = (
    (r"^image_encoder\.trunk\.body\.", _BACKBONE),
    (r"^image_encoder\.neck\.convs\.(\d+)\.conv\.", r"vision_encoder.neck.convs.\1."),
    (r"^no_mem_embed$", "no_memory_embedding"),
    (r"^sam_mask_decoder\.", "mask_decoder."),
    (r"^sam_prompt_encoder\.", "prompt_encoder."),
    (r"\.output_upscaling\.0\.", ".upscale_conv1."),
    (r"\.output_upscaling\.1\.", ".upscale_layer_norm."),
    (r"\.output_upscaling\.3\.", ".upscale_conv2."),
    (r"\.mask_downscaling\.0\.", ".mask_embed.conv1."),
    (r"\.mask_downscaling\.1\.", ".mask_embed.layer_norm1."),
    (r"\.mask_downscaling\.3\.", ".mask_embed.conv2."),
    (r"\.mask_downscaling\.4\.", ".mask_embed.layer_norm2."),
    (r"\.mask_downscaling\.6\.", ".mask_embed.conv3."),
    (r"\.point_embeddings\.", ".point_embed."),
    (r"\.pe_layer\.positional_encoding_gaussian_matrix$", ".shared_embedding." + _POSITIONS),
    (r"\.out_proj\.", ".o_proj."),
    (r"(transformer(?:\..*)?)\.norm", r"\1.layer_norm"),
    (r"\.mlp\.layers\.0\.", ".mlp.proj_in."),
    (r"\.mlp\.layers\.1\.", ".mlp.proj_out."),
    (r"(_head|_mlps\.\d)\.layers\.0\.", r"\1.proj_in."),
    (r"(_head|_mlps\.\d)\.layers\.1\.", r"\1.layers.0."),
    (r"(_head|_mlps\.\d)\.layers\.2\.", r"\1.proj_out."),
)
"""From the official checkpoint of EdgeTAM to transformers, whose modules the graphs are made of."""


def sam(arrays: Arrays) -> dict[str, Array]:
    """Of SAM 2 and of EdgeTAM: transformers' names, whichever of them the file has."""
    arrays = _without(arrays, "model.")
    if not any(name.startswith(_TRUNK) for name in arrays):
        return dict(arrays)
    found = {name: array for each, array in arrays.items() for name in _edgetam(each)}
    corners = [found.pop(f"{_POINTS}.{kind}.weight", None) for kind in range(4)]
    known = [each for each in corners if each is not None]
    if known:
        found[f"{_POINTS}.weight"] = np.concatenate(known)
    return found


def lama(arrays: Arrays) -> dict[str, Array]:
    """The generator's tensors, whatever stands before their names."""
    marked = next((name for name in arrays if name.endswith(_LAMA_MARK)), _LAMA_MARK)
    found = _without(arrays, marked.removesuffix(_LAMA_MARK) + "model.")
    return {_LAMA + name: array for name, array in found.items()}


def migan(arrays: Arrays) -> dict[str, Array]:
    """The generator's tensors, whatever stands before their names."""
    marked = next((name for name in arrays if name.endswith(_MIGAN_MARK)), _MIGAN_MARK)
    return _without(arrays, marked.removesuffix(_MIGAN_MARK))


def subject(arrays: Arrays) -> dict[str, Array]:
    """The network's tensors, whatever stands before their names."""
    marked = next((name for name in arrays if name.endswith(_SUBJECT_MARK)), _SUBJECT_MARK)
    return _without(arrays, marked.removesuffix(_SUBJECT_MARK))


def _without(arrays: Arrays, prefix: str) -> dict[str, Array]:
    """Those behind a prefix; all of them where none has it."""
    found = {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}
    return found or dict(arrays)


def _edgetam(name: str) -> Iterator[str]:
    for pattern, wanted in _EDGETAM:
        name = re.sub(pattern, wanted, name)
    yield name
    if name.endswith(_POSITIONS):
        yield "shared_image_embedding." + _POSITIONS
