"""Painting: prompt, latents, steps, picture. The loop is ours, the networks are diffusers'."""

from typing import TypeAlias

import diffusers
import torch
import transformers
from torch import Tensor

from engine.dispatch.memory_plan import MemoryPlan
from engine.jobs.backend import JobContext
from engine.jobs.operations import Paint, PaintedCanvas
from engine.jobs.paint_settings import MAX_SEED, PaintSettings, StartFrom
from engine.jobs.progress import ProgressSlice
from engine.local.nets import devices
from engine.local.nets.components import PipelineComponents
from engine.local.nets.diffusion import latents, previews, sigmas
from engine.local.nets.diffusion.cache import HostCache
from engine.local.nets.diffusion.conditioning import PaintConditioning, encode_conditioning
from engine.local.nets.diffusion.denoisers import Flux, Unet, initial_state, masked_denoiser
from engine.local.nets.diffusion.prompts import PromptEmbedding
from engine.local.nets.diffusion.samplers import FOR_FLOW, SAMPLERS, Denoise

Schedule: TypeAlias = tuple[float, ...]

# shares of the job's progress: encoders, VAE, steps, VAE
READ, CONDITIONED, SAMPLED = 0.03, 0.08, 0.92


@torch.no_grad()
def paint(
    parts: PipelineComponents,
    op: Paint,
    plan: MemoryPlan,
    job: JobContext,
    *,
    cache: HostCache | None = None,
) -> PaintedCanvas:
    """Paint the whole canvas; the caller mixes it in.

    The same operation gives the same picture: all noise is drawn on the CPU. `cache` is what
    earlier paintings left, so that encoders run for new prompts only. Stopped within one step.
    """
    cache = cache or HostCache()
    levels, sampler = levels_of(parts), sampler_of(parts, op.settings)
    schedule = schedule_of(levels, sampler, op.settings)
    job.report(0.0, "prompt")
    words = _words(parts, op, cache)
    job.report(READ, "encode")
    conditioning = encode_conditioning(
        parts, op, plan.tiling, ProgressSlice(job, READ, CONDITIONED - READ), cache
    )
    colours = _colours(parts, op, conditioning, cache, job)
    network = _network(parts, op, levels, words, conditioning, plan.batched)
    x = conditioning.start
    if schedule:
        job.report(CONDITIONED, "sample")
        steps = ProgressSlice(job, CONDITIONED, SAMPLED - CONDITIONED)
        x = sampled(network, levels, sampler, schedule, conditioning, op.seed, colours, steps)
    job.report(SAMPLED, "decode")
    pixels = latents.decode(parts, x, plan.tiling, ProgressSlice(job, SAMPLED, 1.0 - SAMPLED))
    return PaintedCanvas(
        image=latents.image_of(pixels),
        sigmas=schedule,
        device=parts.device.type,
        precision=_precision(parts),
        versions=tuple(f"{m.__name__} {m.__version__}" for m in (torch, diffusers, transformers)),
        notes=() if sampler == op.settings.sampler else ("sampler_flow",),
    )


def sampled(
    network: Denoise, levels: sigmas.NoiseLevels, sampler: str, schedule: Schedule,
    conditioning: PaintConditioning, seed: int, colours: previews.Colours, job: JobContext,
) -> Tensor:  # fmt: skip
    """Walk the scene's start down the levels; every step is shown."""
    draw = Noise(seed, conditioning.start)
    noise = draw()
    # as ComfyUI does: under DDIM what may not change has noise of its own
    held = Noise((seed + 1) & MAX_SEED, conditioning.start)() if sampler == "ddim" else noise
    denoise = masked_denoiser(network, levels, conditioning, held, schedule)
    x = initial_state(levels, conditioning.start, noise, schedule[0])
    for done, step in enumerate(SAMPLERS[sampler](denoise, x, schedule, draw), 1):
        x = step.state
        job.report(done / (len(schedule) - 1), "sample", previews.drawn(step.clean, colours))
    return (
        x
        if conditioning.free is None
        else torch.where(conditioning.free > 0.0, x, conditioning.start)
    )


class Noise:
    """Unit noise of a seed, the same on every device: the first draw starts, the others go on."""

    def __init__(self, seed: int, like: Tensor) -> None:
        self._generator = torch.Generator("cpu").manual_seed(seed)
        self._like = like

    def __call__(self) -> Tensor:
        return torch.randn(self._like.shape, generator=self._generator).to(self._like)


def levels_of(parts: PipelineComponents) -> sigmas.NoiseLevels:
    """The noise the networks were trained with."""
    if parts.sigma_range is not None:
        return sigmas.continuous(*parts.sigma_range)
    if parts.alphas_cumprod is None:
        return sigmas.flow()
    return sigmas.discrete(parts.alphas_cumprod.numpy())


def sampler_of(parts: PipelineComponents, settings: PaintSettings) -> str:
    """The one that was chosen; FLUX has no use for most, and takes Euler in their place."""
    fits = parts.prediction != "flow" or settings.sampler in FOR_FLOW
    return settings.sampler if fits else "euler"


def schedule_of(levels: sigmas.NoiseLevels, sampler: str, settings: PaintSettings) -> Schedule:
    """The levels of a painting. Grey needs full noise: less of it would leave grey."""
    full = settings.start_from is StartFrom.NOISE
    strength = 1.0 if full else settings.strength
    return sigmas.schedule(
        levels, settings.scheduler, sampler, steps=settings.steps, strength=strength
    )


def _words(
    parts: PipelineComponents, op: Paint, cache: HostCache
) -> tuple[PromptEmbedding, PromptEmbedding | None]:
    """Prompt and negative prompt; without guidance the latter is not asked for."""
    prompt = cache.prompt(parts, op, op.settings.prompt)
    if parts.family.is_flux or op.settings.guidance == 1.0:
        return prompt, None
    return prompt, cache.prompt(parts, op, op.settings.negative_prompt)


def _network(
    parts: PipelineComponents, op: Paint, levels: sigmas.NoiseLevels,
    words: tuple[PromptEmbedding, PromptEmbedding | None], conditioning: PaintConditioning,
    batched: bool,
) -> Denoise:  # fmt: skip
    guidance = op.settings.guidance
    if parts.family.is_flux:
        return Flux(parts, words[0], guidance, conditioning.shown, conditioning.reference)
    return Unet(parts, levels, *words, guidance, batched, conditioning.shown)


def _colours(
    parts: PipelineComponents,
    op: Paint,
    conditioning: PaintConditioning,
    cache: HostCache,
    job: JobContext,
) -> previews.Colours:
    def measure() -> previews.Moments:
        pixels = latents.pixels_of(previews.chart(), parts.device)
        return previews.measured(latents.encode(parts, pixels, False, job), pixels)

    crop = previews.measured(conditioning.start, conditioning.start_pixels)
    return previews.fitted(crop, cache.colours(op, measure))


def _precision(parts: PipelineComponents) -> str:
    own = parts.model.precision
    quantised = own.startswith(("gguf", "nf4", "fp8", "int8", "mxfp8", "nvfp4"))
    return own if quantised else devices.PRECISIONS[parts.dtype]
