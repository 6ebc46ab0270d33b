"""Denoisers: the networks as functions from a state at a noise level to the clean picture in it."""

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from engine.local.nets.components import PipelineComponents
from engine.local.nets.diffusion.conditioning import PaintConditioning
from engine.local.nets.diffusion.latents import factor, pack, unpack
from engine.local.nets.diffusion.prompts import PromptEmbedding
from engine.local.nets.diffusion.samplers import Denoise
from engine.local.nets.diffusion.sigmas import NoiseLevels


@dataclass(frozen=True, slots=True, eq=False)
class Unet:
    """SD and SDXL, with guidance: away from the negative prompt, towards the prompt."""

    parts: PipelineComponents
    levels: NoiseLevels
    prompt: PromptEmbedding
    negative: PromptEmbedding | None  # None: without guidance, one call for a step
    guidance: float
    batched: bool  # both prompts in one call
    shown: Tensor | None

    def __call__(self, x: Tensor, sigma: float) -> Tensor:
        spread = self.parts.sigma_data
        size = (spread**2 + sigma**2) ** 0.5
        seen = x / size
        if self.shown is not None:
            seen = torch.cat([seen, self.shown], dim=1)
        answer = self._guided(seen.to(self.parts.dtype), self.levels.timestep(sigma))
        if self.parts.prediction == "epsilon":
            return x - answer * sigma
        sign = 1.0 if self.parts.prediction == "edm" else -1.0  # Karras et al. 2022, equation 7
        return x * (spread / size) ** 2 + answer * (sign * sigma * spread / size)

    def _guided(self, seen: Tensor, timestep: float) -> Tensor:
        if self.negative is None:
            return self._call(seen, timestep, self.prompt)
        if self.batched and self.negative.tokens.shape == self.prompt.tokens.shape:
            pair = self._call(
                seen.expand(2, -1, -1, -1), timestep, _pair(self.negative, self.prompt)
            )
            away, towards = pair.chunk(2)
        else:
            away = self._call(seen, timestep, self.negative)
            towards = self._call(seen, timestep, self.prompt)
        return away + self.guidance * (towards - away)

    def _call(self, seen: Tensor, timestep: float, words: PromptEmbedding) -> Tensor:
        further: dict[str, Any] = {}
        if words.pooled is not None:
            sizes = time_ids(seen, factor(self.parts))
            further["added_cond_kwargs"] = {
                "text_embeds": words.pooled,
                "time_ids": sizes.repeat(len(seen), 1),
            }
        time = torch.tensor(timestep, device=seen.device)
        out = self.parts.backbone(
            seen, time, encoder_hidden_states=words.tokens, return_dict=False, **further
        )
        return out[0].float()


def time_ids(seen: Tensor, scale: int) -> Tensor:
    """(1, 6) what SDXL is told of the size: height and width before cropping, the crop's corner,
    height and width after it. Ours are whole pictures as large as the canvas.
    """
    height, width = (length * scale for length in seen.shape[2:])
    sizes = [height, width, 0, 0, height, width]
    return torch.tensor([sizes], dtype=torch.float32, device=seen.device)


def _pair(first: PromptEmbedding, second: PromptEmbedding) -> PromptEmbedding:
    pooled = None
    if first.pooled is not None and second.pooled is not None:
        pooled = torch.cat([first.pooled, second.pooled])
    return PromptEmbedding(torch.cat([first.tokens, second.tokens]), pooled)


@dataclass(frozen=True, slots=True, eq=False)
class Flux:
    """FLUX: guidance is a number it is told, and pictures to look at follow the tokens."""

    parts: PipelineComponents
    prompt: PromptEmbedding
    guidance: float
    shown: Tensor | None
    reference: Tensor | None

    def __call__(self, x: Tensor, sigma: float) -> Tensor:
        height, width = x.shape[2:]
        tokens = pack(x)
        count = tokens.shape[1]
        if self.shown is not None:
            latents = x.shape[1]
            tokens = torch.cat(
                [tokens, pack(self.shown[:, :latents]), pack(self.shown[:, latents:])], dim=2
            )
        places = _places(height, width, 0, x.device)
        if self.reference is not None:
            tokens = torch.cat([tokens, pack(self.reference)], dim=1)
            rows, columns = self.reference.shape[2:]
            places = torch.cat([places, _places(rows, columns, 1, x.device)])
        flow = self._call(tokens, sigma, places)[:, :count]
        return x - sigma * unpack(flow.float(), height, width)

    def _call(self, tokens: Tensor, sigma: float, places: Tensor) -> Tensor:
        dtype, device = self.parts.dtype, tokens.device
        told = self.parts.backbone.config.guidance_embeds
        words = self.prompt.tokens
        out = self.parts.backbone(
            hidden_states=tokens.to(dtype),
            timestep=torch.tensor([sigma], dtype=dtype, device=device),
            guidance=torch.tensor([self.guidance], device=device) if told else None,
            pooled_projections=self.prompt.pooled,
            encoder_hidden_states=words,
            txt_ids=torch.zeros(words.shape[1], 3, dtype=dtype, device=device),
            img_ids=places.to(dtype),
            return_dict=False,
        )
        return out[0]


def _places(height: int, width: int, picture: int, device: torch.device) -> Tensor:
    """(tokens, 3): which picture, row and column of each token."""
    rows = torch.arange(height // 2, device=device)
    columns = torch.arange(width // 2, device=device)
    which = torch.tensor([picture], device=device)
    return torch.cartesian_prod(which, rows, columns).float()


def masked_denoiser(
    denoise: Denoise,
    levels: NoiseLevels,
    conditioning: PaintConditioning,
    noise: Tensor,
    sigmas: tuple[float, ...],
) -> Denoise:
    """The network with the start held in place where it may not change (yet).

    Differential diffusion: what may change by half is held for the first half of the time. What
    may not change at all is held to the end; ComfyUI lets go of it in the last step.
    """
    free = conditioning.free
    if free is None:
        return denoise
    last = levels.timestep(max(float(levels.sigmas[0]), sigmas[-1]))
    span = levels.timestep(sigmas[0]) - last or 1.0

    def held(x: Tensor, sigma: float) -> Tensor:
        share = (levels.timestep(sigma) - last) / span
        open_now = (free >= share) & (free > 0.0)
        seen = torch.where(open_now, x, add_noise(levels, conditioning.start, noise, sigma))
        return torch.where(open_now, denoise(seen, sigma), conditioning.start)

    return held


def add_noise(levels: NoiseLevels, clean: Tensor, noise: Tensor, sigma: float) -> Tensor:
    """A state at a level."""
    return (1.0 - sigma) * clean + sigma * noise if levels.flow else clean + sigma * noise


def initial_state(levels: NoiseLevels, clean: Tensor, noise: Tensor, sigma: float) -> Tensor:
    """The state to begin with; from the highest level on, as much noise as in training."""
    if not levels.flow and sigma > levels.sigmas[-1] * (1.0 - 1e-5):
        sigma = (1.0 + sigma**2) ** 0.5
    return add_noise(levels, clean, noise, sigma)
