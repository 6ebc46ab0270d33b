"""Encodes pictures to latents and decodes them, whole or in tiles; reduces masks to latents."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from engine.geometry import Image
from engine.jobs.backend import JobContext
from engine.local.nets.components import PipelineComponents

TILE = 64  # sides of tiles and how far they lie over each other, in latents
OVERLAP = 16


def factor(parts: PipelineComponents) -> int:
    """Pixels to a latent, each way."""
    return 2 ** (len(parts.vae.config.block_out_channels) - 1)


def pixels_of(image: Image, device: torch.device) -> Tensor:
    """(1, 3, h, w), -1..1."""
    channels = np.moveaxis(np.asarray(image, np.float32) / 127.5 - 1.0, 2, 0)
    return torch.from_numpy(np.ascontiguousarray(channels))[None].to(device)


def image_of(pixels: Tensor) -> Image:
    """(h, w, 3) uint8, rounded."""
    levels = (pixels[0].float() * 127.5 + 127.5).clamp(0, 255).round().to(torch.uint8)
    return np.ascontiguousarray(np.moveaxis(levels.cpu().numpy(), 0, 2))


def encode(parts: PipelineComponents, pixels: Tensor, tiling: bool, job: JobContext) -> Tensor:
    """(1, c, h / f, w / f) float32, scaled as the network wants it: the mean, nothing is drawn."""
    vae = _exact(parts.vae)

    def one(tile: Tensor) -> Tensor:
        return vae.encode(tile.to(vae.dtype)).latent_dist.mode().float()

    scale = factor(parts)
    means = _tiled(one, pixels, (scale, 1), job, "encode") if tiling else one(pixels)
    return (means - _shift(vae, means)) * _scale(vae, means)


def decode(parts: PipelineComponents, latents: Tensor, tiling: bool, job: JobContext) -> Tensor:
    """(1, 3, h, w) float32, about -1..1."""
    vae = _exact(parts.vae)

    def one(tile: Tensor) -> Tensor:
        return vae.decode(tile.to(vae.dtype)).sample.float()

    means = latents / _scale(vae, latents) + _shift(vae, latents)
    return _tiled(one, means, (1, factor(parts)), job, "decode") if tiling else one(means)


def cells(mask: NDArray[Any], scale: int, device: torch.device) -> Tensor:
    """(1, 1, h / f, w / f) 0..1: the most that any pixel of a latent may change.

    The most rather than the mean: a latent is a whole, what half of it shows cannot be kept.
    """
    shares = torch.from_numpy(np.asarray(mask, np.float32) / 255.0)[None, None].to(device)
    return functional.max_pool2d(shares, scale)


def pack(latents: Tensor) -> Tensor:
    """(1, c, h, w) as FLUX reads it: (1, h / 2 * w / 2, 4 c), squares of 2 x 2 as tokens."""
    return functional.pixel_unshuffle(latents, 2).flatten(2).transpose(1, 2)


def unpack(tokens: Tensor, height: int, width: int) -> Tensor:
    """The tokens of a grid of height x width latents, as latents."""
    grid = tokens.transpose(1, 2).unflatten(2, (height // 2, width // 2))
    return functional.pixel_shuffle(grid, 2)


def _shift(vae: Any, latents: Tensor) -> float | Tensor:
    """The mean of latents; of some VAEs (1, c, 1, 1), one a channel."""
    means = vae.config.get("latents_mean")
    return (vae.config.shift_factor or 0.0) if means is None else _by_channel(means, latents)


def _scale(vae: Any, latents: Tensor) -> float | Tensor:
    scale, spreads = vae.config.scaling_factor, vae.config.get("latents_std")
    return scale if spreads is None else scale / _by_channel(spreads, latents)


def _by_channel(values: Sequence[float], latents: Tensor) -> Tensor:
    return torch.tensor(values, device=latents.device).view(1, -1, 1, 1)


def _exact(vae: Any) -> Any:
    """SDXL's VAE overflows in fp16, others now and then: none of them runs in it."""
    if vae.dtype is torch.float16:
        vae.to(torch.float32)
    return vae


def _tiled(
    run: Callable[[Tensor], Tensor], whole: Tensor, scales: tuple[int, int], job: JobContext,
    note: str,
) -> Tensor:  # fmt: skip
    """Run tile by tile and mix where they overlap; between tiles the job can be stopped.

    `scales`: how large a latent is in what goes in, and in what comes out.
    """
    inward, outward = scales
    height, width = (length // inward for length in whole.shape[2:])
    places = [(y, x) for y in _starts(height) for x in _starts(width)]
    total: Tensor | None = None
    shares = torch.zeros(1, 1, height * outward, width * outward, device=whole.device)
    for number, place in enumerate(places):
        job.report(number / len(places), note)
        tile = run(whole[(..., *_window(place, inward))])
        if total is None:
            total = tile.new_zeros(1, tile.shape[1], *shares.shape[2:])
        share = _dome(tile, OVERLAP * outward)
        total[(..., *_window(place, outward))] += share * tile
        shares[(..., *_window(place, outward))] += share
    assert total is not None
    return total / shares


def _window(place: tuple[int, int], scale: int) -> tuple[slice, slice]:
    """A tile in values of a picture in which a latent has this size; it ends with the picture."""
    y, x = place
    return slice(y * scale, (y + TILE) * scale), slice(x * scale, (x + TILE) * scale)


def _starts(length: int) -> Iterator[int]:
    """Evenly over so many latents; the last tile ends with them."""
    count = 1 + max(0, -(-(length - TILE) // (TILE - OVERLAP)))
    last = max(0, length - TILE)
    for number in range(count):
        yield round(last * number / max(1, count - 1))


def _dome(tile: Tensor, ramp: int) -> Tensor:
    """Weights that fall towards the sides, over the overlap."""
    sides = []
    for length in tile.shape[2:]:
        place = torch.arange(length, device=tile.device) + 1.0
        sides.append(torch.minimum(place, place.flip(0)).clamp(max=ramp) / ramp)
    return sides[0][:, None] * sides[1]
