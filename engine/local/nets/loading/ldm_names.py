"""Tensor names of single files (A1111, ComfyUI, Black Forest Labs), mapped to diffusers' names."""

import re
from collections.abc import Iterable, Iterator

import torch

from engine.local.nets.tensors import Tensors

FLUX_PREFIX = "model.diffusion_model."
FLUX_TOP = {
    "time_in.in_layer": ("time_text_embed.timestep_embedder.linear_1",),
    "time_in.out_layer": ("time_text_embed.timestep_embedder.linear_2",),
    "vector_in.in_layer": ("time_text_embed.text_embedder.linear_1",),
    "vector_in.out_layer": ("time_text_embed.text_embedder.linear_2",),
    "guidance_in.in_layer": ("time_text_embed.guidance_embedder.linear_1",),
    "guidance_in.out_layer": ("time_text_embed.guidance_embedder.linear_2",),
    "txt_in": ("context_embedder",),
    "img_in": ("x_embedder",),
    "final_layer.linear": ("proj_out",),
    "final_layer.adaLN_modulation.1": ("norm_out.linear",),
}
FLUX_DOUBLE = {
    "img_mod.lin": ("norm1.linear",),
    "txt_mod.lin": ("norm1_context.linear",),
    "img_attn.qkv": ("attn.to_q", "attn.to_k", "attn.to_v"),
    "txt_attn.qkv": ("attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj"),
    "img_attn.norm.query_norm": ("attn.norm_q",),
    "img_attn.norm.key_norm": ("attn.norm_k",),
    "txt_attn.norm.query_norm": ("attn.norm_added_q",),
    "txt_attn.norm.key_norm": ("attn.norm_added_k",),
    "img_attn.proj": ("attn.to_out.0",),
    "txt_attn.proj": ("attn.to_add_out",),
    "img_mlp.0": ("ff.net.0.proj",),
    "img_mlp.2": ("ff.net.2",),
    "txt_mlp.0": ("ff_context.net.0.proj",),
    "txt_mlp.2": ("ff_context.net.2",),
}
FLUX_SINGLE = {
    "modulation.lin": ("norm.linear",),
    "linear1": ("attn.to_q", "attn.to_k", "attn.to_v", "proj_mlp"),
    "linear2": ("proj_out",),
    "norm.query_norm": ("attn.norm_q",),
    "norm.key_norm": ("attn.norm_k",),
}
SWAPPED = "final_layer.adaLN_modulation.1"
"""Gives shift and scale; diffusers wants scale and shift."""

_UNET_TOP = {
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "add_embedding.linear_1": "label_emb.0.0",
    "add_embedding.linear_2": "label_emb.0.2",
}
_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "time_emb_proj": "emb_layers.1",
    "conv_shortcut": "skip_connection",
}
_OPEN_CLIP = (
    (r"^positional_embedding$", "embeddings.position_embedding.weight"),
    (r"^token_embedding\.", "embeddings.token_embedding."),
    (r"^ln_final\.", "final_layer_norm."),
    (r"^text_projection$", "text_projection.weight"),
    (r"^transformer\.resblocks\.", "encoder.layers."),
    (r"\.attn\.", ".self_attn."),
    (r"\.ln_([12])\.", r".layer_norm\1."),
    (r"\.c_fc\.", ".fc1."),
    (r"\.c_proj\.", ".fc2."),
)


def below(tensors: Tensors, *prefixes: str) -> dict[str, torch.Tensor]:
    """The tensors whose names start with one of the prefixes, without it."""
    return {
        name[len(prefix) :]: tensor
        for prefix in prefixes
        for name, tensor in tensors.items()
        if name.startswith(prefix)
    }


def flux_modules(module: str) -> tuple[str, ...]:
    """diffusers' modules that one of Black Forest Labs' is, row after row; () for none."""
    kind, _, rest = module.partition(".")
    number, _, inner = rest.partition(".")
    if kind == "double_blocks":
        start, found = "transformer_blocks", FLUX_DOUBLE.get(inner, ())
    elif kind == "single_blocks":
        start, found = "single_transformer_blocks", FLUX_SINGLE.get(inner, ())
    else:
        return FLUX_TOP.get(module, ())
    return tuple(f"{start}.{number}.{name}" for name in found)


def flux_weights(tensors: Tensors, width: int) -> dict[str, torch.Tensor]:
    """Black Forest Labs' tensors under diffusers' names; `width` is that of the blocks."""
    made: dict[str, torch.Tensor] = {}
    for name, tensor in tensors.items():
        module, _, end = name.rpartition(".")
        modules = flux_modules(module)
        end = "weight" if end == "scale" else end
        if module == SWAPPED:
            tensor = torch.cat(tensor.chunk(2)[::-1])
        for number, target in enumerate(modules):
            rows = slice(number * width, None if number == 3 else (number + 1) * width)
            made[f"{target}.{end}"] = tensor[rows] if len(modules) > 1 else tensor
    return made


def unet_modules(modules: Iterable[str], layers: int) -> Iterator[tuple[str, str]]:
    """Of each module of a UNet of diffusers, what single files call it. `layers` is per block."""
    known = list(modules)
    attended = {name.split(".")[1] for name in known
                if name.startswith("up_blocks.") and ".attentions." in name}  # fmt: skip
    for name in known:
        yield name, _UNET_TOP.get(name) or _in_block(name, layers, attended)


def _in_block(name: str, layers: int, attended: set[str]) -> str:
    side, *path = name.split(".")
    if side == "mid_block":
        kind, number, *inner = path
        place = 1 if kind == "attentions" else 2 * int(number)
        return ".".join(["middle_block", str(place), *_inner(kind, inner)])
    if side not in ("down_blocks", "up_blocks") or len(path) < 3:
        return ""
    block, kind, number, *inner = path
    start = int(block) * (layers + 1)
    if kind == "downsamplers":
        return f"input_blocks.{start + layers + 1}.0.op"
    if kind == "upsamplers":
        return f"output_blocks.{start + layers}.{2 if block in attended else 1}.conv"
    group, first = ("input_blocks", 1) if side == "down_blocks" else ("output_blocks", 0)
    place = "1" if kind == "attentions" else "0"
    return ".".join([group, str(start + int(number) + first), place, *_inner(kind, inner)])


def _inner(kind: str, names: list[str]) -> list[str]:
    return [_RESNET.get(name, name) for name in names] if kind == "resnets" else names


def clip_weights(tensors: Tensors) -> dict[str, torch.Tensor]:
    """CLIP's tensors without the level `text_model`, which transformers 5 has in one class only."""
    return {name.removeprefix("text_model."): tensor for name, tensor in tensors.items()}


def open_clip_weights(tensors: Tensors) -> dict[str, torch.Tensor]:
    """OpenCLIP's tensors under the names of `clip_weights`."""
    made: dict[str, torch.Tensor] = {}
    for name, tensor in tensors.items():
        for pattern, new in _OPEN_CLIP:
            name = re.sub(pattern, new, name)
        if fused := re.search(r"in_proj_(weight|bias)$", name):
            for part, piece in zip("qkv", tensor.chunk(3)):
                made[f"{name[: fused.start()]}{part}_proj.{fused[1]}"] = piece
        else:
            made[name] = tensor.T if name == "text_projection.weight" else tensor
    return made
