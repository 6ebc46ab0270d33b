"""Sizes of a SAM3: from the config beside it where there is one, else from the tensors."""

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from transformers import Sam3Config, Sam3LiteTextConfig, Sam3TrackerConfig

from engine.errors import ModelUnreadable
from engine.local.nets.segment.sam3_keys import DETECTOR, TRACKER, VIT
from engine.local.nets.tensors import Tensors

_HEAD = 64  # width of one head of the ViT and of the text encoder
_SCALES = [4.0, 2.0, 1.0, 0.5]  # of the levels of a neck; SAM 3.1 lacks the last
LITE_PLACES = "embeddings.position_embedding.position_embedding"  # (1, 1, tokens, width)
_EPSILON = 1e-5  # of the ViT's norms in the official network; transformers' default is a tenth


def configs(path: Path, tensors: Tensors) -> tuple[Sam3Config, Sam3TrackerConfig]:
    """Of the detector and of the tracker, for tensors with their published names.

    Shapes say nothing of the number of heads, the windows and the size of the picture: without a
    `config.json` they stand to the rest as in the published model. Raises ModelUnreadable (keys).
    """
    with _named(path):
        found = _read(path) or _measured(tensors)
        for config in found:
            _set_vision(config, tensors)
    return found


def lite_config(path: Path, tensors: Tensors) -> Sam3LiteTextConfig:
    """Of a detector with the light text encoder, for tensors named as in SAM 3's file.

    Raises ModelUnreadable (keys).
    """
    with _named(path):
        content = _content(path, "sam3_lite_text")
        found = Sam3LiteTextConfig(**(_lite_measured(tensors) if content is None else content))
        _set_vision(found, tensors)
    return found


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """What is missing among names and sizes is said of this file."""
    try:
        yield
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise ModelUnreadable(path, "keys", str(error)) from error


def _set_vision(config: Any, tensors: Tensors) -> None:
    """What no published config says right: the ViT's norms, and the levels of the neck."""
    config.vision_config.backbone_config.layer_norm_eps = _EPSILON
    config.vision_config.scale_factors = _SCALES[: _levels(tensors)]


def _content(path: Path, model_type: str) -> dict[str, Any] | None:
    """The `config.json` beside the weights; None if there is none of this type."""
    try:
        content = json.loads(path.with_name("config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    is_one = isinstance(content, dict) and content.get("model_type") == model_type
    return content if is_one else None


def _read(path: Path) -> tuple[Sam3Config, Sam3TrackerConfig] | None:
    """From the config of the published model; None if there is none such."""
    content = _content(path, "sam3_video")
    if content is None:
        return None
    tracker = content["tracker_config"]
    parts = ("vision_config", "prompt_encoder_config", "mask_decoder_config")
    return (
        Sam3Config(**content["detector_config"]),
        Sam3TrackerConfig(**{part: tracker[part] for part in parts if part in tracker}),
    )


def _measured(tensors: Tensors) -> tuple[Sam3Config, Sam3TrackerConfig]:
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    vision = _vision(shapes)
    return (
        Sam3Config(vision_config=vision, text_config=_text(shapes), **_detr(shapes)),
        Sam3TrackerConfig(vision_config=_vision(shapes), **_clicks(shapes, vision)),
    )


_Shapes = dict[str, tuple[int, ...]]


def _vision(shapes: _Shapes) -> dict[str, Any]:
    _, places, hidden = shapes[VIT + "embeddings.position_embeddings"]
    patch = shapes[VIT + "embeddings.patch_embeddings.projection.weight"][-1]
    layers = _count(shapes, VIT + "layers.")
    grid = math.isqrt(places)
    backbone = {
        "model_type": "sam3_vit_model",
        "hidden_size": hidden,
        "intermediate_size": shapes[VIT + "layers.0.mlp.fc1.weight"][0],
        "num_hidden_layers": layers,
        "num_attention_heads": max(1, hidden // _HEAD),
        "patch_size": patch,
        "window_size": grid,
        "pretrain_image_size": grid * patch,
        "image_size": 3 * grid * patch,
        "global_attn_indexes": [layers * n // 4 - 1 for n in range(1, 5)],
    }
    sides = [3 * grid * factor for factor in (4, 2, 1)]
    return {
        "model_type": "sam3_vision_model",
        "backbone_config": backbone,
        "fpn_hidden_size": shapes[DETECTOR + "vision_encoder.neck.fpn_layers.0.proj2.weight"][0],
        "backbone_feature_sizes": [[side, side] for side in sides],
    }


def _text(shapes: _Shapes) -> dict[str, Any]:
    start = DETECTOR + "text_encoder.text_model."
    words, hidden = shapes[start + "embeddings.token_embedding.weight"]
    return {
        "model_type": "clip_text_model",
        "vocab_size": words,
        "hidden_size": hidden,
        "intermediate_size": shapes[start + "encoder.layers.0.mlp.fc1.weight"][0],
        "projection_dim": shapes[DETECTOR + "text_encoder.text_projection.weight"][0],
        "num_hidden_layers": _count(shapes, start + "encoder.layers."),
        "num_attention_heads": max(1, hidden // _HEAD),
        "max_position_embeddings": shapes[start + "embeddings.position_embedding.weight"][0],
        "hidden_act": "gelu",
    }


def _lite_measured(tensors: Tensors) -> dict[str, Any]:
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    return {
        "vision_config": _vision(shapes),
        "text_config": _lite_text(shapes),
        **_detr(shapes),
    }


def _lite_text(shapes: _Shapes) -> dict[str, Any]:
    """Of MobileCLIP's encoder, whose small forms begin and end with a layer of convolutions."""
    start = DETECTOR + "text_encoder."
    words, hidden = shapes[start + "embeddings.token_embedding.weight"]
    kernel = shapes.get(start + "layers.0.token_mixer.mixer.conv.weight", ())
    inner = "conv_feed_forward.mlp.fc1.weight" if kernel else "mlp.fc1.weight"
    return {
        "vocab_size": words,
        "hidden_size": hidden,
        "intermediate_size": shapes[f"{start}layers.0.{inner}"][0],
        "projection_dim": shapes[start + "projection.weight"][0],
        "num_hidden_layers": _count(shapes, start + "layers."),
        "num_attention_heads": max(1, hidden // _HEAD),
        "max_position_embeddings": shapes[start + LITE_PLACES][2],
        "use_repmixer_blocks": bool(kernel),
        **({"repmixer_kernel_size": kernel[-1]} if kernel else {}),
    }


def _detr(shapes: _Shapes) -> dict[str, Any]:
    decoder = DETECTOR + "detr_decoder."
    queries, hidden = shapes[decoder + "query_embed.weight"]
    common = {
        "hidden_size": hidden,
        "num_attention_heads": shapes[decoder + "box_rpb_embed_x.layer2.weight"][0],
    }

    def part(name: str) -> dict[str, Any]:
        layers = f"{DETECTOR}{name}.layers."
        inner = shapes[layers + "0.mlp.fc1.weight"][0]
        return {**common, "intermediate_size": inner, "num_layers": _count(shapes, layers)}

    roi = shapes[DETECTOR + "geometry_encoder.boxes_pool_project.weight"][-1]
    stages = _count(shapes, DETECTOR + "mask_decoder.pixel_decoder.conv_layers.")
    return {
        "geometry_encoder_config": {**part("geometry_encoder"), "roi_size": roi},
        "detr_encoder_config": part("detr_encoder"),
        "detr_decoder_config": {**part("detr_decoder"), "num_queries": queries},
        "mask_decoder_config": {**common, "num_upsampling_stages": stages},
    }


def _clicks(shapes: _Shapes, vision: dict[str, Any]) -> dict[str, Any]:
    prompt, decoder = TRACKER + "prompt_encoder.", TRACKER + "mask_decoder."
    hidden = shapes[prompt + "point_embed.weight"][1]
    layers = decoder + "transformer.layers."
    mlp, narrow = shapes[layers + "0.mlp.proj_in.weight"][0], layers + "0.cross_attn_image_to_token"
    return {
        "prompt_encoder_config": {
            "hidden_size": hidden,
            "image_size": vision["backbone_config"]["image_size"],
            "patch_size": vision["backbone_config"]["patch_size"],
            "mask_input_channels": shapes[prompt + "mask_embed.conv2.weight"][0],
        },
        "mask_decoder_config": {
            "hidden_size": hidden,
            "mlp_dim": mlp,
            "num_hidden_layers": _count(shapes, layers),
            "attention_downsample_rate": hidden // shapes[narrow + ".q_proj.weight"][0],
            "num_multimask_outputs": shapes[decoder + "mask_tokens.weight"][0] - 1,
            "iou_head_hidden_dim": shapes[decoder + "iou_prediction_head.proj_in.weight"][0],
        },
    }


def _levels(tensors: Tensors) -> int:
    """How many levels the neck has."""
    return _count(dict.fromkeys(tensors, ()), DETECTOR + "vision_encoder.neck.fpn_layers.")


def _count(shapes: _Shapes, start: str) -> int:
    """How many numbered parts there are under a name."""
    return 1 + max(
        int(name[len(start) :].split(".")[0]) for name in shapes if name.startswith(start)
    )
