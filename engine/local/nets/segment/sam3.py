"""SAM3: clicks and boxes by the tracker, text and exemplars by the detector, on one shared ViT.

transformers has both networks, and two faults that nothing announces. Its tracker adds the
embedding that says "no video" to a level that is then dropped; its detector leaves out a token
of the prompt unless a box is given. Both are put right here, from outside; the reference in
tests/models shows when the library repairs them.
"""

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from transformers import Sam3Model, Sam3TrackerModel
from transformers.modeling_outputs import BaseModelOutputWithPooling
from transformers.models.sam3.modeling_sam3 import Sam3VisionEncoderOutput

from engine.errors import CapabilityMissing
from engine.geometry import Image
from engine.jobs.backend import Capability, JobContext
from engine.jobs.operations import Decode, Located, MaskLogits, Search
from engine.jobs.requests import MAX_INSTANCES
from engine.local.nets.clip_tokenizer import tokenizer
from engine.local.nets.segment.sam3_config import configs
from engine.local.nets.segment.sam3_keys import DETECTOR, NECK, TRACKER, VIT, published
from engine.local.nets.segment.segmenter import (
    click_features,
    decoded,
    image_tensor,
    prompts,
    reporting,
)
from engine.local.nets.segment.transformers_loading import compare, filled
from engine.local.nets.tensors import Tensors, read_tensors
from engine.local.segmenter import HALF_MAX
from engine.models.safetensors_file import Array, Arrays

NO_WORDS = "visual"  # what SAM3 was trained to read where only boxes are given
USED_LEVELS = 3  # of a neck: SAM 3 has a fourth, which nothing reads
NO_BOX = -10  # transformers' label of a box that is only there to fill the place
BACKBONE = "vision_encoder.backbone."
OTHER_LAYERS = re.compile(r"vision_encoder\.backbone\.layers\.[1-9]")
HEAVY = (BACKBONE, "text_encoder.")  # what takes memory and time


@dataclass(slots=True, eq=False)
class Sam3Embedding:
    """What the ViT made of a picture, and what clicks are decoded on, made of that."""

    hidden: torch.Tensor  # (1, side * side, width)
    clicks: list[torch.Tensor]  # three levels, the finest first

    @property
    def nbytes(self) -> int:
        return sum(tensor.nbytes for tensor in (self.hidden, *self.clicks))

    def stored(self) -> dict[str, Array]:
        half = self.hidden.clamp(-HALF_MAX, HALF_MAX).to("cpu", torch.float16)
        return {"hidden": half.numpy()}


class Sam3:
    """The ViT and the text encoder run in `dtype`; necks and heads, which are small, in float32.

    bfloat16 has 8 bits for a coordinate: that is 4 pixels of 1008. Without a tracker it finds, and
    answers no click.
    """

    def __init__(self, detector: Sam3Model, tracker: Sam3TrackerModel | None) -> None:
        self._detector, self._tracker = detector, tracker
        self._vit = detector.vision_encoder.backbone
        words: Any = detector.config.text_config
        self._tokens = tokenizer(words.max_position_embeddings)
        self._found: tuple[Sam3Embedding, Sam3VisionEncoderOutput] | None = None

    @property
    def size_px(self) -> int:
        return int(self._vit.config.image_size)

    @torch.inference_mode()
    def encode(self, pixels: Image, job: JobContext) -> Sam3Embedding:
        weights = self._vit.embeddings.patch_embeddings.projection.weight
        tensor = image_tensor(pixels, self.size_px, weights.device) * 2 - 1
        with reporting(self._vit.layers, job):
            hidden = self._vit(tensor.to(weights.dtype)).last_hidden_state
        return self._embedding(hidden)

    @torch.inference_mode()
    def restored(self, arrays: Arrays) -> Sam3Embedding:
        hidden = torch.tensor(arrays["hidden"])
        config = self._vit.config
        places = (config.image_size // config.patch_size) ** 2
        if hidden.shape != (1, places, config.hidden_size):
            raise ValueError(f"an embedding of {tuple(hidden.shape)}")
        weights = self._vit.layer_norm.weight
        return self._embedding(hidden.to(weights.device, weights.dtype))

    @torch.inference_mode()
    def decode(self, embedding: Sam3Embedding, request: Decode) -> MaskLogits:
        if self._tracker is None:
            raise CapabilityMissing("SAM3-LiteText", Capability.CLICK.value)
        answer = self._tracker(
            image_embeddings=embedding.clicks,
            multimask_output=request.several,
            **prompts(request, self.size_px, embedding.hidden.device),
        )
        return decoded(answer.pred_masks, answer.iou_scores)

    def _embedding(self, hidden: torch.Tensor) -> Sam3Embedding:
        """With what clicks need: a thirtieth of the whole, so that the first click is quick too."""
        if self._tracker is None:
            return Sam3Embedding(hidden, [])
        # four levels: the library adds "no video" to the fourth, and drops that
        levels, _ = self._tracker.vision_encoder.neck(_plane(hidden))
        return Sam3Embedding(hidden, click_features(self._tracker, levels))

    def search(self, embedding: Sam3Embedding, request: Search, job: JobContext) -> Located:
        return located(self.instances(embedding, request, job), request.floor)

    @torch.inference_mode()
    def instances(self, embedding: Sam3Embedding, request: Search, job: JobContext) -> Any:
        """All that the detector answers, of all of its queries."""
        device = embedding.hidden.device
        words = self._tokens(
            request.prompt or NO_WORDS, padding="max_length", truncation=True, return_tensors="pt"
        ).to(device)
        boxes, labels = request.boxes, request.labels
        if not len(boxes):
            # without a box the library leaves out the token that always stands after the words
            boxes, labels = np.zeros((1, 4), np.float32), np.array([NO_BOX])
        stages = (*self._detector.detr_encoder.layers, *self._detector.detr_decoder.layers)
        with reporting(stages, job):
            return self._detector(
                vision_embeds=self._search_features(embedding),
                text_embeds=self._meaning(words.input_ids, words.attention_mask),
                attention_mask=words.attention_mask,
                input_boxes=torch.from_numpy(boxes).to(device)[None].float(),
                input_boxes_labels=torch.from_numpy(labels).to(device)[None],
            )

    def _meaning(self, ids: torch.Tensor, mask: torch.Tensor) -> BaseModelOutputWithPooling:
        read = self._detector.text_encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        return BaseModelOutputWithPooling(
            last_hidden_state=read, pooler_output=self._detector.text_projection(read.float())
        )

    def _search_features(self, embedding: Sam3Embedding) -> Sam3VisionEncoderOutput:
        """Large, so those of one picture are kept: the last that was searched."""
        if self._found is None or self._found[0] is not embedding:
            levels, places = self._detector.vision_encoder.neck(_plane(embedding.hidden))
            if len(levels) == USED_LEVELS:  # SAM 3.1: the library drops a fourth
                levels, places = (*levels, levels[-1]), (*places, places[-1])
            features = Sam3VisionEncoderOutput(
                last_hidden_state=embedding.hidden,
                fpn_hidden_states=levels,
                fpn_position_encoding=places,
            )
            self._found = embedding, features
        return self._found[1]


def load(path: Path, device: torch.device, dtype: torch.dtype) -> Sam3:
    """Read `model.safetensors` (or its folder), or the official layout, .pt or .safetensors.

    Raises ModelUnreadable (keys, damaged...), ModelUnsafe.
    """
    path = path / "model.safetensors" if path.is_dir() else path
    tensors = published(path, read_tensors(path))
    detector_config, tracker_config = configs(path, tensors)
    vision: Any = tracker_config.vision_config
    backbone = vision.backbone_config
    backbone.num_hidden_layers, backbone.global_attn_indexes = 1, [0]  # thrown away below
    detector = filled(path, Sam3Model, detector_config, _of_detector(tensors), dtype, HEAVY)
    clicks = {name: t for name, t in _of_tracker(tensors).items() if not OTHER_LAYERS.match(name)}
    tracker = filled(path, Sam3TrackerModel, tracker_config, clicks, torch.float32)
    tracker.vision_encoder.backbone = detector.vision_encoder.backbone
    return Sam3(detector.to(device), tracker.to(device))


def save_converted(source: Path, target: Path) -> None:
    """Write a SAM3 anew in half precision under its published names, to be mapped from the disk.

    Raises ModelUnreadable, ModelUnsafe; OSError where `target` cannot be written.
    """
    tensors = published(source, read_tensors(source))
    check(source, tensors)
    half = {name: tensor.to(torch.float16).contiguous() for name, tensor in tensors.items()}
    beside = target.with_name(target.name + ".part")
    try:
        safetensors.torch.save_file(half, beside, metadata={"format": "pt"})
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)


def check(path: Path, tensors: Tensors) -> None:
    """Whether all tensors of both networks are there, in their shapes. Raises ModelUnreadable."""
    detector, tracker = configs(path, tensors)
    with torch.device("meta"):
        wanted = [
            (Sam3Model(detector), _of_detector(tensors)),
            (Sam3TrackerModel(tracker), _of_tracker(tensors)),
        ]
    for network, found in wanted:
        compare(path, network, found)


def _of_detector(tensors: Tensors) -> dict[str, torch.Tensor]:
    return {
        name.removeprefix(DETECTOR): tensor
        for name, tensor in tensors.items()
        if name.startswith(DETECTOR)
    }


def _of_tracker(tensors: Tensors) -> dict[str, torch.Tensor]:
    """Its own, and the ViT, which is the detector's."""
    found: dict[str, torch.Tensor] = {}
    for name, tensor in tensors.items():
        for old, new in ((TRACKER, ""), (NECK, "vision_encoder.neck."), (VIT, BACKBONE)):
            if name.startswith(old):
                found[new + name.removeprefix(old)] = tensor
    return found


def located(answer: Any, floor: float) -> Located:
    """The instances of a detector's answer, the most likely first; none is dropped as double."""
    scores = (answer.pred_logits.sigmoid() * answer.presence_logits.sigmoid())[0]
    order = scores.argsort(descending=True, stable=True)[:MAX_INSTANCES]
    order = order[scores[order] >= floor]
    logits = answer.pred_masks[0, order].clamp(-HALF_MAX, HALF_MAX)
    return Located(
        scores=scores[order].float().cpu().numpy(),
        boxes=answer.pred_boxes[0, order].float().cpu().numpy(),
        logits=logits.to(torch.float16).cpu().numpy(),
    )


def _plane(hidden: torch.Tensor) -> torch.Tensor:
    """(1, N, C) of the ViT as (1, C, side, side)."""
    side = math.isqrt(hidden.shape[1])
    return hidden.view(1, side, side, -1).permute(0, 3, 1, 2)
