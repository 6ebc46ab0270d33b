"""Host cache between paintings: encoded prompts, encoded latents, colour maps of VAEs."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from hashlib import blake2b
from typing import TypeVar

import torch
from torch import Tensor

from engine.jobs.backend import JobContext
from engine.jobs.operations import Paint
from engine.local.nets.components import PipelineComponents
from engine.local.nets.diffusion import latents
from engine.local.nets.diffusion.prompts import PromptEmbedding, embed

MOST = 64  # prompts and crops; a prompt of FLUX is 2 to 4 MB, a crop 0.3

Value = TypeVar("Value")


class HostCache:
    """Lies in the computer's memory, and outlives the networks: an encoder runs for new prompts."""

    def __init__(self) -> None:
        self._values: OrderedDict[Hashable, object] = OrderedDict()

    def prompt(self, parts: PipelineComponents, op: Paint, prompt: str) -> PromptEmbedding:
        """The prompt encoded, on the device; LoRAs change the encoders, so they are told apart."""
        adapters = tuple(sorted(parts.adapters.items()))
        key = ("prompt", *_files(op), adapters, str(parts.dtype), prompt)
        found = self.get(key, lambda: embed(parts, prompt).to(torch.device("cpu"), parts.dtype))
        return found.to(parts.device)

    def latents(
        self, parts: PipelineComponents, op: Paint, pixels: Tensor, tiling: bool, job: JobContext
    ) -> Tensor:
        """Pixels encoded, on the device: variants of one crop differ in their noise alone."""
        content = blake2b(pixels.cpu().numpy().tobytes(), digest_size=20).digest()
        key = ("latents", *_files(op), str(parts.dtype), tiling, tuple(pixels.shape), content)
        found = self.get(key, lambda: latents.encode(parts, pixels, tiling, job).cpu())
        return found.to(parts.device)

    def colours(self, op: Paint, measure: Callable[[], Value]) -> Value:
        """What was measured of the VAE that the operation uses."""
        return self.get(("colours", *_files(op)), measure)

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """What lies there, or else what `make` gives; the oldest goes when there are too many."""
        if key not in self._values:
            self._values[key] = make()
            if len(self._values) > MOST:
                self._values.popitem(last=False)
        self._values.move_to_end(key)
        return self._values[key]  # type: ignore[return-value]

    def clear(self) -> None:
        self._values.clear()


def _files(op: Paint) -> tuple[str, ...]:
    return tuple(str(file.path) for file in (op.model, *op.parts))
