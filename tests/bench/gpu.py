"""Full-size networks with random weights on a CUDA card, each beside the bare library.

    python -m tests.bench.gpu [NAME...]       names: sam3 lama sd15 sdxl flux-fill
    python -m tests.bench.gpu --tiny          the same code on tiny networks and any processor

Wall time between synchronised points, peak memory of the card. Prints and judges nothing.
"""

import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from diffusers import AutoencoderKL, FluxTransformer2DModel, UNet2DConditionModel
from PIL import Image as Pillow
from spandrel.architectures.LaMa import LaMa
from transformers import (
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTextModelWithProjection,
    T5Config,
    T5EncoderModel,
)

from engine.dispatch.memory_plan import MemoryPlan, Placement
from engine.jobs.operations import Decode, Paint, Search
from engine.jobs.paint_settings import PaintSettings
from engine.local.nets import devices
from engine.local.nets.components import PipelineComponents
from engine.local.nets.diffusion import sample as painter
from engine.local.nets.loading.configs import config
from engine.local.nets.loading.tokenizers import clip_tokenizers
from engine.local.nets.loading.training_noise import alphas_cumprod
from engine.local.nets.remove.lama import LamaRemover
from engine.models.families import PROFILES, Family, Kind
from engine.models.model_file import ModelFile
from tests.bench import segment
from tests.engine.local.nets import pipelines, tiny_parts

PLAN = MemoryPlan(
    placement=Placement.ALL, tiling=False, batched=True, needed_mb=0, free_mb=0, notes=()
)
RUNS = 5


class Quiet:
    def report(self, fraction: float, note: str = "", preview: object = None) -> None: ...


@dataclass(frozen=True)
class Bench:
    """Where and how large."""

    device: torch.device
    tiny: bool

    def timed(self, what: str, call: Callable[[], Any]) -> None:
        """The first call, and the median of those after it, with the peak of memory."""
        taken = []
        self._reset()
        for _ in range(2 if self.tiny else RUNS):
            started = time.perf_counter()
            call()
            self._wait()
            taken.append(1000 * (time.perf_counter() - started))
        peak = torch.cuda.max_memory_allocated() >> 20 if self.device.type == "cuda" else 0
        usual = statistics.median(taken[1:])
        print(f"{what:44} first {taken[0]:9.1f} ms  then {usual:9.1f} ms  peak {peak:6d} MB")

    def _reset(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()
            torch.cuda.synchronize()

    def _wait(self) -> None:
        if self.device.type == "cuda":
            torch.cuda.synchronize()

    def net(self, make: Callable[[], Any], dtype: torch.dtype) -> Any:
        """Random weights, made where they will be used."""
        before = torch.get_default_dtype()
        torch.set_default_dtype(dtype)
        try:
            with torch.device(self.device):
                made = make()
        finally:
            torch.set_default_dtype(before)
        return made.to(self.device).eval().requires_grad_(requires_grad=False)


@torch.inference_mode()
def sam3(bench: Bench) -> None:
    small = {"num_hidden_layers": 2, "global_attn_indexes": [1]} if bench.tiny else {}
    network = segment.sam3(**small)
    for part in (network._detector, network._tracker):
        part.to(bench.device)
    side = network.size_px
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3)).astype(np.uint8)
    kept = network.encode(pixels, Quiet())
    click = Decode(
        model=segment.MODEL, key="k", points=np.array([[0.4, 0.6]], np.float32),
        labels=np.ones(1, np.int64),
    )  # fmt: skip
    words = Search(
        model=segment.MODEL, key="k", prompt="plate with food", boxes=np.zeros((0, 4), np.float32),
        labels=np.zeros(0, np.int64), floor=0.05,
    )  # fmt: skip
    tensor = torch.rand(1, 3, side, side, device=bench.device)
    vit = network._detector.vision_encoder
    bench.timed("SAM3 encode, bare ViT and neck", lambda: vit(tensor))
    bench.timed("SAM3 encode", lambda: network.encode(pixels, Quiet()))
    bench.timed("SAM3 click", lambda: network.decode(kept, click))
    bench.timed("SAM3 text", lambda: network.search(kept, words, Quiet()))


@torch.inference_mode()
def lama(bench: Bench) -> None:
    network = bench.net(lambda: LaMa(in_nc=4, out_nc=3), torch.float32)
    remover = LamaRemover(network, bench.device)
    for side in (64,) if bench.tiny else (512, 1024, 2048):
        _lama(bench, network, remover, side)


def _lama(bench: Bench, network: LaMa, remover: LamaRemover, side: int) -> None:
    image = np.random.default_rng(1).integers(0, 256, (side, side, 3)).astype(np.uint8)
    mask = np.zeros((side, side), np.uint8)
    mask[side // 3 : side // 2, side // 3 : side // 2] = 255
    pixels = torch.rand(1, 3, side, side, device=bench.device)
    hole = (torch.rand(1, 1, side, side, device=bench.device) > 0.8).float()
    bench.timed(f"LaMa {side}, bare", lambda: network(pixels, hole))
    bench.timed(f"LaMa {side}", lambda: remover.fill(image, mask, Quiet()))


def sd15(bench: Bench) -> None:
    _painting(bench, Family.SD15_INPAINT, 512)


def sdxl(bench: Bench) -> None:
    _painting(bench, Family.SDXL_INPAINT, 1024)


def flux_fill(bench: Bench) -> None:
    _painting(bench, Family.FLUX_FILL, 1024)


def _painting(bench: Bench, family: Family, side: int) -> None:
    parts = tiny_parts.parts(family) if bench.tiny else _full(bench, family)
    side = 64 if bench.tiny else side
    profile = PROFILES[family]
    image = np.random.default_rng(1).integers(0, 256, (side, side, 3)).astype(np.uint8)
    mask = np.zeros((side, side), np.uint8)
    mask[side // 4 : side // 2, side // 4 : side // 2] = 255
    settings = PaintSettings(
        prompt="a piece of meat", steps=2 if bench.tiny else profile.steps,
        guidance=profile.guidance, scheduler="simple" if family.is_flux else "normal",
    )  # fmt: skip
    op = Paint(
        model=parts.model, parts=(), loras=(), image=image, start=image, mask=mask,
        settings=settings, seed=1,
    )  # fmt: skip
    name = f"{family.value} {side} px, {settings.steps} steps"
    bench.timed(f"{name}, bare pipeline", lambda: _bare(parts, op))
    bench.timed(name, lambda: painter.paint(parts, op, PLAN, Quiet()))


def _bare(parts: PipelineComponents, op: Paint) -> Any:
    levels = painter.schedule_of(painter.levels_of(parts), "euler", op.settings)
    side = op.mask.shape[0]
    given: dict[str, Any] = {
        "prompt": op.settings.prompt, "image": Pillow.fromarray(op.image), "width": side,
        "mask_image": Pillow.fromarray(op.mask), "height": side,
        "num_inference_steps": len(levels) - 1, "guidance_scale": op.settings.guidance,
    }  # fmt: skip
    if parts.family.is_flux:
        given |= {"sigmas": list(levels[:-1]), "max_sequence_length": 256}
    else:
        given |= {"strength": 1.0, "negative_prompt": ""}
    return pipelines.made(parts, levels)(**given).images[0]


def _full(bench: Bench, family: Family) -> PipelineComponents:
    """At the published sizes, as shipped configurations say; FLUX's T5 tokenizer is a tiny one."""
    dtype = devices.dtype_for(family, bench.device)
    clip = CLIPTextConfig(**config(family, "text_encoder"))
    encoders = [bench.net(lambda: CLIPTextModel(clip), dtype)]
    tokenizers = clip_tokenizers(family)
    if family.base == "sdxl":
        second = CLIPTextConfig(**config(family, "text_encoder_2"))
        encoders.append(bench.net(lambda: CLIPTextModelWithProjection(second), dtype))
    if family.is_flux:
        t5 = T5Config(**config(family, "text_encoder_2"))
        encoders.append(bench.net(lambda: T5EncoderModel(t5), dtype))
        tokenizers += (tiny_parts.parts(family).tokenizers[1],)
    kind, name = (
        (FluxTransformer2DModel, "transformer") if family.is_flux
        else (UNet2DConditionModel, "unet")
    )  # fmt: skip
    backbone = bench.net(lambda: kind.from_config(config(family, name)), dtype)
    vae = bench.net(lambda: AutoencoderKL.from_config(config(family, "vae")), dtype)
    file = ModelFile(
        path=tiny_parts.model_file(family).path, kind=Kind.CHECKPOINT, family=family,
        name="random", title="random",
    )  # fmt: skip
    trained = None if family.is_flux else alphas_cumprod(config(family, "scheduler"))
    return PipelineComponents(
        model=file, family=family, backbone=backbone, vae=vae, tokenizers=tokenizers,
        text_encoders=tuple(encoders), prediction="flow" if family.is_flux else "epsilon",
        device=bench.device, dtype=dtype, alphas_cumprod=trained,
    )  # fmt: skip


BENCHES = {"sam3": sam3, "lama": lama, "sd15": sd15, "sdxl": sdxl, "flux-fill": flux_fill}


def main(arguments: list[str]) -> int:
    tiny = "--tiny" in arguments
    names = [name for name in arguments if name in BENCHES] or list(BENCHES)
    if not torch.cuda.is_available() and not tiny:
        print("There is no CUDA card here, or torch cannot use it: nothing was measured.")
        return 2
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    print(devices.describe(device))
    for name in names:
        BENCHES[name](Bench(device, tiny))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
