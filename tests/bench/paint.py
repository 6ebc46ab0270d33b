"""The cost of our painting beside the library's pipeline: the same weights, steps and crop.

    python -m tests.bench.paint [full]

Runs take turns in one process, each with a seed of its own, as variants of one crop have; the
figure is the ratio of medians beyond the first of each. Ours keeps what the process keeps: prompts
and crops that were encoded before. `full` is SD 1.5 inpainting at its published size on a crop of
512 px with few steps: minutes, and 6 GB.
"""

import itertools
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL, UNet2DConditionModel
from PIL import Image as Pillow

from engine.jobs.operations import Paint
from engine.jobs.paint_settings import PaintSettings
from engine.local.nets.components import PipelineComponents
from engine.local.nets.diffusion import sample as painter
from engine.local.nets.diffusion.cache import HostCache
from engine.local.nets.loading.configs import config
from engine.models.families import Family
from tests.engine.local.nets import pipelines, tiny_parts

STEPS = 8
FAMILY = Family.SD15_INPAINT


class Quiet:
    def report(self, fraction: float, note: str = "", preview: object = None) -> None: ...


def medium() -> PipelineComponents:
    """A UNet that takes about a second for a step: large enough for an overhead to be seen."""
    small = config(FAMILY, "unet") | {
        "block_out_channels": [96, 192, 192, 192], "cross_attention_dim": 32,
    }  # fmt: skip
    torch.manual_seed(1)
    return tiny_parts.parts(FAMILY, backbone=UNet2DConditionModel.from_config(small).eval())


def full() -> PipelineComponents:
    """As published, but for the text encoder, which runs once for a prompt."""
    torch.manual_seed(1)
    large = config(FAMILY, "unet") | {"cross_attention_dim": 32}
    return tiny_parts.parts(
        FAMILY,
        backbone=UNet2DConditionModel.from_config(large).eval(),
        vae=AutoencoderKL.from_config(config(FAMILY, "vae")).eval(),
    )


def operation(parts: PipelineComponents, side: int, steps: int) -> Paint:
    random = np.random.default_rng(1)
    image = random.integers(0, 256, (side, side, 3)).astype(np.uint8)
    mask = np.zeros((side, side), np.uint8)
    mask[side // 4 : side // 2, side // 4 : side // 2] = 255
    settings = PaintSettings(prompt="a piece of meat", negative_prompt="text", steps=steps)
    return Paint(
        model=parts.model, parts=(), loras=(), image=image, start=image, mask=mask,
        settings=settings, seed=1,
    )  # fmt: skip


def bare(parts: PipelineComponents, op: Paint) -> Callable[[], Any]:
    """The library's own call, from picture to picture."""
    levels = painter.schedule_of(painter.levels_of(parts), "euler", op.settings)
    height, width = op.mask.shape
    given = {
        "prompt": op.settings.prompt, "negative_prompt": op.settings.negative_prompt,
        "image": Pillow.fromarray(op.image), "mask_image": Pillow.fromarray(op.mask),
        "width": width, "height": height, "strength": 1.0,
        "num_inference_steps": len(levels) - 1, "guidance_scale": op.settings.guidance,
    }  # fmt: skip

    def call() -> Any:
        generator = torch.Generator("cpu").manual_seed(op.seed)
        return pipelines.made(parts, levels)(**given, generator=generator).images[0]

    return call


def ours(parts: PipelineComponents, op: Paint) -> Callable[[], Any]:
    """As the process paints: each variant with the next seed."""
    kept, seeds = HostCache(), itertools.count(op.seed)

    def call() -> Any:
        fresh = replace(op, seed=next(seeds))
        return painter.paint(parts, fresh, tiny_parts.PLAN, Quiet(), kept=kept)

    return call


def main(arguments: list[str]) -> int:
    torch.set_num_threads(1)
    is_full = "full" in arguments
    parts = full() if is_full else medium()
    op = operation(parts, 512 if is_full else 256, 2 if is_full else STEPS)
    calls = {
        "bare": bare(parts, op),
        "ours": ours(parts, op),
    }
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(3 if is_full else 6):
        for name, call in calls.items():
            started = time.perf_counter()
            call()
            taken[name].append(time.perf_counter() - started)
    first = {name: times[0] for name, times in taken.items()}
    usual = {name: statistics.median(times[1:]) for name, times in taken.items()}
    print(f"{parts.family.value}, {op.mask.shape[1]} px, {op.settings.steps} steps")
    for name in calls:
        print(f"  {name}: first {first[name]:.2f} s, then {usual[name]:.2f} s")
    print(f"  ours over bare beyond the first: {usual['ours'] / usual['bare']:.3f} (bar 1.03)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
