"""Conditioning of a painting: start, mask and masked picture as latents.

What a mask means is ComfyUI's: VAEEncodeForInpaint for nothing to start from, else
SetLatentNoiseMask with DifferentialDiffusion; for networks that see the mask
InpaintModelConditioning, for FLUX Fill without its noise mask.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from engine.jobs.backend import JobContext
from engine.jobs.operations import Paint
from engine.jobs.paint_settings import StartFrom
from engine.jobs.progress import ProgressSlice
from engine.local.nets.components import PipelineComponents
from engine.local.nets.diffusion import latents
from engine.local.nets.diffusion.cache import HostCache
from engine.models.families import Family

HALF = 128  # from here on a pixel is hidden from networks that see the mask


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PaintConditioning:
    """The crop, as latents of shape (1, c, h, w)."""

    start: Tensor  # painting begins from this under noise, and keeps it where nothing may change
    start_pixels: Tensor  # (1, 3, H, W), what was encoded
    free: Tensor | None  # (1, 1, h, w) 0..1 how much may change; None: all of it
    shown: Tensor | None  # further channels for the network: the mask, and what is around it
    reference: Tensor | None  # a picture to look at (Kontext)


def encode_conditioning(
    parts: PipelineComponents,
    op: Paint,
    tiling: bool,
    job: JobContext,
    cache: HostCache | None = None,
) -> PaintConditioning:
    """Encode what the family wants to see, as far as it was not encoded before."""
    cache = cache or HostCache()
    hidden = hidden_pixels(op)
    start_pixels = latents.pixels_of(op.start, parts.device)
    if op.settings.start_from is StartFrom.NOISE:
        start_pixels = start_pixels * ~_plane(hidden, parts)
    start = cache.latents(parts, op, start_pixels, tiling, ProgressSlice(job, 0.0, 0.5))
    return PaintConditioning(
        start=start,
        start_pixels=start_pixels,
        free=_free(parts, op, hidden),
        shown=_shown(parts, op, hidden, tiling, ProgressSlice(job, 0.5, 0.5), cache),
        reference=_reference(parts, op, tiling, ProgressSlice(job, 0.5, 0.5), cache),
    )


def hidden_pixels(op: Paint) -> np.ndarray:
    """(h, w) bool: what is grey to networks that see the mask. Without a start all that may change
    is, else nothing would be known of the rim.
    """
    if op.settings.start_from is StartFrom.NOISE:
        return op.mask > 0
    return op.mask >= HALF


def _free(parts: PipelineComponents, op: Paint, hidden: np.ndarray) -> Tensor | None:
    if parts.family is Family.FLUX_FILL:
        return None
    mask = hidden * 255 if op.settings.start_from is StartFrom.NOISE else op.mask
    return latents.cells(mask, latents.factor(parts), parts.device)


def _shown(
    parts: PipelineComponents,
    op: Paint,
    hidden: np.ndarray,
    tiling: bool,
    job: JobContext,
    cache: HostCache,
) -> Tensor | None:
    """The mask and the latents of the picture with grey under it, in the network's order."""
    if not parts.family.is_inpainting:
        return None
    around = latents.pixels_of(op.image, parts.device) * ~_plane(hidden, parts)
    seen = cache.latents(parts, op, around, tiling, job)
    scale = latents.factor(parts)
    if parts.family is Family.FLUX_FILL:  # every pixel of the mask, as channels
        return torch.cat(
            [seen, functional.pixel_unshuffle(_plane(hidden, parts).float(), scale)], dim=1
        )
    return torch.cat([latents.cells(hidden * 255, scale, parts.device), seen], dim=1)


def _reference(
    parts: PipelineComponents, op: Paint, tiling: bool, job: JobContext, cache: HostCache
) -> Tensor | None:
    if parts.family is not Family.FLUX_KONTEXT:
        return None
    return cache.latents(parts, op, latents.pixels_of(op.image, parts.device), tiling, job)


def _plane(hidden: np.ndarray, parts: PipelineComponents) -> Tensor:
    return torch.from_numpy(hidden)[None, None].to(parts.device)
