"""Dimensions of the networks in a file: the family's configuration, corrected by tensor shapes.

Published checkpoints say what the configuration says; distilled ones are shallower or narrower.
What shapes do not show (heads, activations, scaling) is the family's.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

Shapes: TypeAlias = Mapping[str, tuple[int, ...]]
Config: TypeAlias = dict[str, Any]

HEAD = 64  # width of a head everywhere but in SD 1.5, which has eight of any width, and in FLUX


def unet(config: Config, shapes: Shapes) -> Config:
    """For the names of single files. Raises KeyError, IndexError where they are not those."""
    ends = [
        n for n in _numbers(shapes, "input_blocks.") if f"input_blocks.{n}.0.op.weight" in shapes
    ]
    levels = len(ends) + 1
    layers = (len(_numbers(shapes, "input_blocks.")) - 1 - len(ends)) // levels
    firsts = [1 + level * (layers + 1) for level in range(levels)]
    channels = [shapes[f"input_blocks.{n}.0.out_layers.3.weight"][0] for n in firsts]
    depths = [len(_numbers(shapes, f"input_blocks.{n}.1.transformer_blocks.")) for n in firsts]
    heads = config["attention_head_dim"]
    known = config | {
        "in_channels": shapes["input_blocks.0.0.weight"][1],
        "block_out_channels": channels,
        "layers_per_block": layers,
        "down_block_types": [_block("Down", depth) for depth in depths],
        "up_block_types": [_block("Up", depth) for depth in reversed(depths)],
        "transformer_layers_per_block": [max(1, depth) for depth in depths],
        "attention_head_dim": heads if isinstance(heads, int) else [_heads(c) for c in channels],
        "cross_attention_dim": _first(shapes, "attn2.to_k.weight")[1],
    }
    if "label_emb.0.0.weight" in shapes:
        known["projection_class_embeddings_input_dim"] = shapes["label_emb.0.0.weight"][1]
    return known


def vae(config: Config, shapes: Shapes) -> Config:
    """For the names of single files, or for those of diffusers."""
    is_ours = any(name.startswith("encoder.down_blocks.") for name in shapes)
    down, block = ("encoder.down_blocks.", "resnets") if is_ours else ("encoder.down.", "block")
    levels = _numbers(shapes, down)
    channels = [shapes[f"{down}{n}.{block}.0.conv1.weight"][0] for n in levels]
    return config | {
        "block_out_channels": channels,
        "layers_per_block": len(_numbers(shapes, f"{down}0.{block}.")),
        "down_block_types": ["DownEncoderBlock2D"] * len(levels),
        "up_block_types": ["UpDecoderBlock2D"] * len(levels),
        "latent_channels": shapes["decoder.conv_in.weight"][1],
        "use_quant_conv": "quant_conv.weight" in shapes,
        "use_post_quant_conv": "post_quant_conv.weight" in shapes,
    }


def clip(config: Config, shapes: Shapes) -> Config:
    """For names without the level `text_model`. No more layers than the family uses."""
    width = shapes["embeddings.token_embedding.weight"][1]
    known = config | {
        "hidden_size": width,
        "num_attention_heads": _heads(width),
        "intermediate_size": shapes["encoder.layers.0.mlp.fc1.weight"][0],
        "num_hidden_layers": min(
            config["num_hidden_layers"], len(_numbers(shapes, "encoder.layers."))
        ),
    }
    if "text_projection.weight" in shapes:
        known["projection_dim"] = shapes["text_projection.weight"][0]
    return known


def t5(config: Config, shapes: Shapes) -> Config:
    """For transformers' names."""
    block = "encoder.block.0.layer"
    return config | {
        "vocab_size": shapes["shared.weight"][0],
        "d_model": shapes["shared.weight"][1],
        "d_ff": shapes[f"{block}.1.DenseReluDense.wi_0.weight"][0],
        "num_heads": _heads(shapes[f"{block}.0.SelfAttention.q.weight"][0]),
        "num_layers": len(_numbers(shapes, "encoder.block.")),
    }


def flux(config: Config, shapes: Shapes) -> Config:
    """For Black Forest Labs' names."""
    head = shapes["double_blocks.0.img_attn.norm.query_norm.scale"][0]
    return config | {
        "in_channels": shapes["img_in.weight"][1],
        "out_channels": shapes["final_layer.linear.weight"][0],
        "num_layers": len(_numbers(shapes, "double_blocks.")),
        "num_single_layers": len(_numbers(shapes, "single_blocks.")),
        "attention_head_dim": head,
        "num_attention_heads": shapes["img_in.weight"][0] // head,
        "joint_attention_dim": shapes["txt_in.weight"][1],
        "pooled_projection_dim": shapes["vector_in.in_layer.weight"][1],
        "guidance_embeds": "guidance_in.in_layer.weight" in shapes,
    }


def _numbers(names: Iterable[str], start: str) -> list[int]:
    """The numbers that follow `start` in names."""
    at = len(start)
    return sorted({
        int(head) for name in names
        if name.startswith(start) and (head := name[at:].partition(".")[0]).isdigit()
    })  # fmt: skip


def _first(shapes: Shapes, end: str) -> tuple[int, ...]:
    names = [name for name in shapes if name.endswith(end)]
    return shapes[names[0]]


def _block(direction: str, depth: int) -> str:
    return f"{'CrossAttn' if depth else ''}{direction}Block2D"


def _heads(width: int) -> int:
    return max(1, width // HEAD)
