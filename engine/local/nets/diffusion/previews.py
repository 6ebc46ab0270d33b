"""Previews of a step: latents as a small picture, by the best linear map.

The map is fitted on the spot, by least squares between latents of pictures and the pictures' own
colours: those of the crop, which is encoded anyway, and of a chart of colours, so that colours
which the crop lacks are known too. So it fits any VAE, and no table has to be trusted.
"""

from typing import NamedTuple, TypeAlias

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from engine.geometry import Image

CHART_PX = 128
_RIDGE = 1e-4


Colours: TypeAlias = NDArray[np.float64]
"""(c + 1, 3): factors of the channels, and last what is added."""


class Moments(NamedTuple):
    """What a fit needs to know of pairs of latents and colours; moments of pairs add up."""

    squares: NDArray[np.float64]  # (c + 1, c + 1)
    products: NDArray[np.float64]  # (c + 1, 3)


def chart() -> Image:
    """(CHART_PX, CHART_PX, 3): colours of all kinds, in flat patches and in gradients."""
    random = np.random.default_rng(0)
    layers = [random.uniform(0, 255, (cells, cells, 3)) for cells in (4, 8, 16)]
    whole = (CHART_PX, CHART_PX)
    smooth = [cv2.resize(layer, whole, interpolation=cv2.INTER_LINEAR) for layer in layers]
    flat = cv2.resize(layers[1], whole, interpolation=cv2.INTER_NEAREST)
    mixed = np.where(np.arange(CHART_PX)[:, None, None] < CHART_PX // 2, sum(smooth) / 3, flat)
    return np.rint(mixed).astype(np.uint8)


def measured(latents: Tensor, pixels: Tensor) -> Moments:
    """Latents (1, c, h, w) and what was encoded (1, 3, H, W), -1..1."""
    colours = functional.adaptive_avg_pool2d(pixels, (latents.shape[2], latents.shape[3]))
    x = _rows(latents)
    x = np.column_stack([x, np.ones(len(x))])
    return Moments(x.T @ x / len(x), x.T @ _rows(colours) / len(x))


def fitted(crop: Moments, colours: Moments) -> Colours:
    """The map that is least wrong for both."""
    squares = crop.squares + colours.squares
    ridge = _RIDGE * np.trace(squares) / len(squares) * np.eye(len(squares))
    return np.linalg.solve(squares + ridge, crop.products + colours.products)


def drawn(latents: Tensor, colours: Colours) -> Image:
    """(h, w, 3) uint8: a pixel for each latent."""
    weights = torch.from_numpy(colours).to(torch.float32).to(latents.device)
    seen = torch.einsum("chw,cr->hwr", latents[0], weights[:-1]) + weights[-1]
    levels = (seen * 127.5 + 127.5).clamp(0, 255).round().to(torch.uint8)
    return levels.cpu().numpy()


def _rows(values: Tensor) -> NDArray[np.float64]:
    return values[0].flatten(1).T.cpu().numpy().astype(np.float64)
