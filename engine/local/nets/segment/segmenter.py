"""Tensors that SAM 2 and SAM 3 share: pictures, prompts, the features and answers of clicks."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch

from engine.geometry import Image
from engine.jobs.backend import JobContext
from engine.jobs.operations import Decode, MaskLogits
from engine.local.segmenter import CLAMP


def image_tensor(pixels: Image, size_px: int, device: torch.device) -> torch.Tensor:
    """(1, 3, S, S) floats 0..1; pixels of another size than the published are resampled."""
    tensor = torch.from_numpy(np.ascontiguousarray(pixels)).to(device)
    tensor = tensor.permute(2, 0, 1)[None].float() / 255
    if tensor.shape[-2:] == (size_px, size_px):
        return tensor
    size = (size_px, size_px)
    return torch.nn.functional.interpolate(tensor, size, mode="bilinear", antialias=True)


def prompts(request: Decode, size_px: int, device: torch.device) -> dict[str, torch.Tensor | None]:
    """The arguments that both networks take, from shares to their pixels."""
    points, labels, box, previous = request.points, request.labels, request.box, request.previous
    asked: dict[str, torch.Tensor | None] = {
        "input_points": None,
        "input_labels": None,
        "input_boxes": None,
        "input_masks": None,
    }
    if len(points):
        asked["input_points"] = torch.from_numpy(points * size_px).to(device)[None, None].float()
        asked["input_labels"] = torch.from_numpy(labels).to(device)[None, None]
    if box is not None:
        asked["input_boxes"] = torch.from_numpy(box * size_px).to(device)[None, None].float()
    if previous is not None:
        logits = torch.from_numpy(np.clip(previous, -CLAMP, CLAMP)).to(device)
        asked["input_masks"] = logits[None, None].float()
    return asked


def click_features(network: Any, levels: Sequence[torch.Tensor]) -> list[torch.Tensor]:
    """What clicks are decoded on, from the levels of a neck, the finest first."""
    decoder = network.mask_decoder
    nothing_before = network.no_memory_embedding.view(1, -1, 1, 1)  # no video
    return [
        decoder.conv_s0(levels[0].float()),
        decoder.conv_s1(levels[1].float()),
        levels[2].float() + nothing_before,
    ]


def decoded(logits: torch.Tensor, scores: torch.Tensor) -> MaskLogits:
    """(1, 1, C, s, s) and (1, 1, C), the most likely first."""
    order = scores[0, 0].argsort(descending=True, stable=True)
    return MaskLogits(
        logits=logits[0, 0, order].float().cpu().numpy(),
        scores=scores[0, 0, order].float().cpu().numpy(),
    )


@contextmanager
def reporting(layers: Iterable[torch.nn.Module], job: JobContext) -> Iterator[None]:
    """Report after each of the layers: that is also where the job can be cancelled."""
    stages = list(layers)
    done = 0

    def _after(*_: Any) -> None:
        nonlocal done
        done += 1
        job.report(done / len(stages))

    hooks = [layer.register_forward_hook(_after) for layer in stages]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
