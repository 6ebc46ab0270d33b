"""LaMa (Suvorov et al., 2022) by spandrel: an eager module that reads a table of weights."""

from pathlib import Path

import cv2
import numpy as np
import safetensors.torch
import torch
from spandrel.architectures.LaMa import LaMa
from torch import nn

from engine.errors import ModelUnreadable
from engine.geometry import Image, Mask
from engine.jobs.backend import JobContext
from engine.local.nets.remove.lama_convert import converted
from engine.models.identify import header_of
from engine.models.model_file import ModelFile
from engine.models.weights_torch import check_pickle

GRID_PX = 8
PREFIXES = ("generator.model.", "model.generator.model.", "model.model.", "generator.")
MARK = "1.ffc.convl2l.weight"  # behind the prefix


class LamaRemover:
    """The network, loaded. fp32 everywhere: its Fourier transforms know nothing else."""

    def __init__(self, network: nn.Module, device: torch.device) -> None:
        self._network, self._device = network.eval().to(device), device

    @torch.inference_mode()
    def fill(self, image: Image, mask: Mask, job: JobContext) -> Image:
        """(h, w, 3): new where the (h, w) mask is above 0, else the image. Sides of any length."""
        job.report(0.0, "fill")
        height, width = mask.shape
        pixels = _tensor(_grown(image), self._device) / 255
        hole = (_tensor(_grown(mask)[..., None], self._device) > 0).float()
        filled = self._network(pixels, hole)
        job.report(1.0, "fill")
        levels = (filled[0].permute(1, 2, 0) * 255).round().clamp(0, 255)
        fresh = levels.to(torch.uint8).cpu().numpy()[:height, :width]
        return np.where(mask[..., None] > 0, fresh, image).astype(np.uint8)


def load(model: ModelFile, device: torch.device) -> LamaRemover:
    """Read LaMa from safetensors, a state dict of torch, or the published TorchScript.

    Raises ModelUnsafe, ModelUnreadable.
    """
    return LamaRemover(network_of(state_dict(model.path), model.path), device)


def state_dict(path: Path) -> dict[str, torch.Tensor]:
    """The weights with spandrel's names."""
    header = header_of(path)
    if header.layout == "torchscript":
        return converted(path)
    if header.layout == "safetensors":
        return named(safetensors.torch.load_file(path), path)
    check_pickle(path)
    content = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
    if not isinstance(content, dict):
        raise ModelUnreadable(path, "keys", "no table of weights")
    return named(content.get("state_dict", content), path)


def named(weights: dict[str, torch.Tensor], path: Path) -> dict[str, torch.Tensor]:
    """The generator's tensors, whatever its prefix; a discriminator beside it is left out."""
    for prefix in PREFIXES:
        if prefix + MARK in weights:
            size = len(prefix)
            return {
                f"model.model.{name[size:]}": tensor
                for name, tensor in weights.items()
                if name.startswith(prefix)
            }
    raise ModelUnreadable(path, "keys", "no generator of LaMa")


def network_of(weights: dict[str, torch.Tensor], path: Path) -> LaMa:
    """The eager module; a tensor that is missing or strange is an error, never random.

    Built without memory of its own: random weights that are replaced at once take a second.
    """
    with torch.device("meta"):
        network = LaMa(in_nc=4, out_nc=3)
    try:
        network.load_state_dict({name: _own(each) for name, each in weights.items()}, assign=True)
    except RuntimeError as error:
        raise ModelUnreadable(path, "keys", str(error)[:500]) from error
    return network


def _own(tensor: torch.Tensor) -> torch.Tensor:
    """A copy, as tensors of a file may be parts of it in memory; fp32 but for counters."""
    return tensor.to(torch.float32 if tensor.is_floating_point() else tensor.dtype, copy=True)


def _grown(array: Image | Mask) -> Image:
    """Sides that are multiples of the grid, the rest mirrored."""
    height, width = array.shape[:2]
    down, right = -height % GRID_PX, -width % GRID_PX
    least_down, least_right = max(down, 16 - height), max(right, 16 - width)
    return np.asarray(
        cv2.copyMakeBorder(array, 0, least_down, 0, least_right, cv2.BORDER_REFLECT), np.uint8
    )


def _tensor(array: Image, device: torch.device) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(array)).to(device).permute(2, 0, 1)[None].float()
