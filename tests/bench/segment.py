"""The cost of a click beside looking at the picture, and of the second click beside the first.

    python -m tests.bench.segment [tiny] [sam2] [full]

Random weights, one thread, CPU seconds of this process. `full` is SAM3 at its published size: 8 GB
and some minutes. What the window's side adds is shown for a picture of 24 megapixels.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from transformers import (
    Sam2Config,
    Sam2Model,
    Sam3Config,
    Sam3Model,
    Sam3TrackerConfig,
    Sam3TrackerModel,
)

from engine.geometry import Size
from engine.jobs.operations import Decode, Search
from engine.local.nets.segment.sam2 import Sam2
from engine.local.nets.segment.sam3 import Sam3
from engine.local.segment.outlines import cleaned, fine
from engine.local.segment.scaling import scale_picture
from engine.models.families import Family, Kind
from engine.models.model_file import ModelFile

MODEL = ModelFile(
    path=Path("random"), kind=Kind.SEGMENTER, family=Family.SAM3, name="random", title="random"
)
PHOTO = (6000, 4000)


class Quiet:
    def report(self, fraction: float, note: str = "", preview: object = None) -> None: ...


def seconds(call: Callable[[], Any]) -> tuple[float, Any]:
    start = time.process_time()
    result = call()
    return time.process_time() - start, result


def sam3(**vision: Any) -> Sam3:
    """Both networks on one ViT; `vision` are sizes of the ViT other than the published."""
    detector, tracker = Sam3Config(), Sam3TrackerConfig()
    for config in (detector, tracker):
        for name, value in vision.items():
            setattr(config.vision_config.backbone_config, name, value)
    backbone = tracker.vision_config.backbone_config
    backbone.num_hidden_layers, backbone.global_attn_indexes = 1, [0]
    one, other = Sam3Model(detector).eval(), Sam3TrackerModel(tracker).eval()
    other.vision_encoder.backbone = one.vision_encoder.backbone
    return Sam3(one, other)


def clicks(count: int, *, several: bool) -> Decode:
    random = np.random.default_rng(1)
    return Decode(
        model=MODEL,
        key="k",
        points=random.random((count, 2)).astype(np.float32),
        labels=np.ones(count, np.int64),
        several=several,
    )


def network(name: str, selector: Any) -> None:
    side = selector.size_px
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3)).astype(np.uint8)
    encode_s, kept = seconds(lambda: selector.encode(pixels, Quiet()))
    first_s, _ = seconds(lambda: selector.decode(kept, clicks(1, several=True)))
    second_s, answer = seconds(lambda: selector.decode(kept, clicks(2, several=False)))
    print(f"{name}: looking {encode_s:.2f} s, first click {first_s:.2f}, second {second_s:.2f}")
    print(f"  second click over looking        {second_s / encode_s:.4f}")
    print(f"  second click over all it needs   {second_s / (encode_s + first_s):.4f}")
    print(f"  second click over the first      {second_s / first_s:.3f}")
    if isinstance(selector, Sam3):
        search_s, _ = seconds(lambda: selector.search(kept, _phrase("a red truck"), Quiet()))
        again_s, _ = seconds(lambda: selector.search(kept, _phrase("a blue bus"), Quiet()))
        print(
            f"  a phrase {search_s:.2f} s, the next {again_s:.2f}; over looking "
            f"{search_s / encode_s:.3f}, {again_s / encode_s:.3f}"
        )
    window(second_s, len(answer.logits[0]))


def _phrase(prompt: str) -> Search:
    return Search(
        model=MODEL,
        key="k",
        prompt=prompt,
        boxes=np.zeros((0, 4), np.float32),
        labels=np.zeros(0, np.int64),
        floor=0.05,
    )


def window(decode_s: float, side: int) -> None:
    """The window's side of a click on a large picture, beside the decoding."""
    width, height = PHOTO
    image = np.random.default_rng(0).integers(0, 256, (height, width, 3)).astype(np.uint8)
    look_s, _ = seconds(lambda: scale_picture(image, 1008))
    y, x = np.mgrid[:side, :side] / side - 0.5
    logits = ((0.25 - np.hypot(x, y)) * 40).astype(np.float32)  # a quarter of the picture's sides
    shown_s, _ = seconds(lambda: fine(cleaned(logits, (), Size(*PHOTO)), 1.0, image))
    print(f"  24 megapixels: reduced in {look_s:.2f} s, once; a mask of a fifth of it brought to")
    print(f"  full size in {shown_s:.2f} s: {shown_s / decode_s:.2f} of the decoding")


def main(names: list[str]) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    if "tiny" in names:
        small = {
            "num_hidden_layers": 4,
            "global_attn_indexes": [3],
            "hidden_size": 256,
            "num_attention_heads": 4,
            "intermediate_size": 512,
        }
        network("SAM3, tiny ViT", sam3(**small))
    if "sam2" in names:
        network("SAM2 tiny, as published", Sam2(Sam2Model(Sam2Config()).eval()))
    if "full" in names:
        network("SAM3, as published", sam3())


if __name__ == "__main__":
    main(sys.argv[1:] or ["tiny", "sam2"])
