"""SAM2: clicks and boxes on a Hiera, tiny to large; a tenth of SAM3's work. It knows no words."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import torch
from transformers import Sam2Config, Sam2Model

from engine.errors import CapabilityMissing, ModelUnreadable
from engine.geometry import Image
from engine.jobs.backend import Capability, JobContext
from engine.jobs.operations import Decode, Located, MaskLogits, Search
from engine.local.nets.segment.segmenter import (
    click_features,
    decoded,
    image_tensor,
    prompts,
    reporting,
)
from engine.local.nets.segment.transformers_loading import filled
from engine.local.nets.tensors import Tensors, read_tensors
from engine.local.segmenter import HALF_MAX
from engine.models.safetensors_file import Array, Arrays

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
BACKBONE = "vision_encoder.backbone."


class Hiera(NamedTuple):
    """What the shapes of a published SAM2 do not say."""

    stages: tuple[int, ...]
    seen_whole: tuple[int, ...]  # blocks without windows
    windows: tuple[int, ...] = (8, 4, 14, 7)
    background: int = 7
    heads: int = 1


HIERAS = {
    (96, 12): Hiera((1, 2, 7, 2), (5, 7, 9)),
    (96, 16): Hiera((1, 2, 11, 2), (7, 10, 13)),
    (112, 24): Hiera((2, 3, 16, 3), (12, 16, 20), background=14, heads=2),
    (144, 48): Hiera((2, 6, 36, 4), (23, 33, 43), windows=(8, 4, 16, 8), heads=2),
}
"""Tiny, small, base plus, large, by the width of the first block and the number of blocks."""


@dataclass(slots=True, eq=False)
class Sam2Embedding:
    """What the Hiera and its neck made of a picture: three levels, the finest first."""

    levels: list[torch.Tensor]

    @property
    def nbytes(self) -> int:
        return sum(level.nbytes for level in self.levels)

    def stored(self) -> dict[str, Array]:
        return {
            str(number): level.clamp(-HALF_MAX, HALF_MAX).to("cpu", torch.float16).numpy()
            for number, level in enumerate(self.levels)
        }


class Sam2:
    """The Hiera runs in the dtype that it was loaded in, prompts and masks in float32."""

    def __init__(self, network: Sam2Model) -> None:
        self._network = network

    @property
    def size_px(self) -> int:
        prompts: Any = self._network.config.prompt_encoder_config
        return int(prompts.image_size)

    @torch.inference_mode()
    def encode(self, pixels: Image, job: JobContext) -> Sam2Embedding:
        encoder = self._network.vision_encoder
        weights = encoder.backbone.patch_embed.projection.weight
        tensor = image_tensor(pixels, self.size_px, weights.device)
        mean, deviation = (tensor.new_tensor(v).view(1, 3, 1, 1) for v in (MEAN, DEVIATION))
        with reporting(encoder.backbone.blocks, job):
            seen = encoder(((tensor - mean) / deviation).to(weights.dtype))
        return Sam2Embedding(click_features(self._network, seen.fpn_hidden_states))

    def restored(self, arrays: Arrays) -> Sam2Embedding:
        decoder = self._network.mask_decoder
        levels = [
            torch.tensor(arrays[str(number)]).to(decoder.conv_s0.weight.device).float()
            for number in range(3)
        ]
        widths = (decoder.conv_s0.out_channels, decoder.conv_s1.out_channels)
        sides = self._network.backbone_feature_sizes
        wanted = [
            (1, width, *side) for width, side in zip((*widths, self._network.hidden_dim), sides)
        ]
        if [tuple(level.shape) for level in levels] != wanted:
            raise ValueError("an embedding of another size")
        return Sam2Embedding(levels)

    @torch.inference_mode()
    def decode(self, embedding: Sam2Embedding, request: Decode) -> MaskLogits:
        answer = self._network(
            image_embeddings=embedding.levels,
            multimask_output=request.several,
            **prompts(request, self.size_px, embedding.levels[0].device),
        )
        return decoded(answer.pred_masks, answer.iou_scores)

    def search(self, _embedding: Sam2Embedding, _request: Search, _job: JobContext) -> Located:
        raise CapabilityMissing("SAM2", Capability.FIND.value)


def load(path: Path, device: torch.device, dtype: torch.dtype) -> Sam2:
    """Read a published `model.safetensors`, or its folder. Raises ModelUnreadable, ModelUnsafe."""
    path = path / "model.safetensors" if path.is_dir() else path
    tensors = read_tensors(path)
    try:
        config = _read(path.with_name("config.json")) or _measured(tensors)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise ModelUnreadable(path, "keys", str(error)) from error
    return Sam2(filled(path, Sam2Model, config, tensors, dtype, ("vision_encoder.",)).to(device))


def _read(path: Path) -> Sam2Config | None:
    """From the config of a published folder; None if there is none such."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(content, dict) or content.get("model_type") not in ("sam2", "sam2_video"):
        return None
    parts = ("vision_config", "prompt_encoder_config", "mask_decoder_config")
    return Sam2Config(**{part: content[part] for part in parts if part in content})


def _measured(tensors: Tensors) -> Sam2Config:
    """By width and number of blocks. Raises KeyError for one that was not published."""
    width = tensors[BACKBONE + "patch_embed.projection.weight"].shape[0]
    numbers = [int(name.split(".")[3]) for name in tensors if name.startswith(BACKBONE + "blocks.")]
    return published_config(width, 1 + max(numbers))


def published_config(width: int, blocks: int) -> Sam2Config:
    """Of a published size. Raises KeyError for another."""
    hiera = HIERAS[width, blocks]
    widths = [width << stage for stage in range(4)]
    backbone: dict[str, Any] = {
        "model_type": "sam2_hiera_det_model",
        "hidden_size": width,
        "num_attention_heads": hiera.heads,
        "blocks_per_stage": list(hiera.stages),
        "embed_dim_per_stage": widths,
        "num_attention_heads_per_stage": [hiera.heads << stage for stage in range(4)],
        "window_size_per_stage": list(hiera.windows),
        "window_positional_embedding_background_size": [hiera.background, hiera.background],
        "global_attention_blocks": list(hiera.seen_whole),
    }
    return Sam2Config(
        vision_config={
            "model_type": "sam2_vision_model",
            "backbone_config": backbone,
            "backbone_channel_list": widths[::-1],
        }
    )
