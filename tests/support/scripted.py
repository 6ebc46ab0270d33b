"""An engine's process that is none: answers at once, and remembers what it was asked."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from engine.jobs.backend import JobContext
from engine.jobs.operations import Fill, Paint, PaintedCanvas
from engine.models.families import Family, Kind
from engine.models.model_file import ModelFile


class Quiet:
    """Nobody listens."""

    def report(self, fraction: float, note: str = "", preview: object = None) -> None: ...


def model(family: Family, kind: Kind = Kind.CHECKPOINT, name: str = "m.safetensors") -> ModelFile:
    return ModelFile(path=Path(name), kind=kind, family=family, name=name, title=name)


class Scripted:
    """Fills and paints with noise, everywhere on the canvas, unless told otherwise."""

    def __init__(self, paint: Callable[[Any], np.ndarray] | None = None) -> None:
        self.asked: list[Any] = []
        self._paint = paint

    def __call__(self, operation: Any, job: JobContext) -> Any:
        self.asked.append(operation)
        job.report(0.5, "sample", np.zeros((8, 8, 3), np.uint8))
        random = np.random.default_rng(getattr(operation, "seed", 1))
        pixels = random.integers(0, 256, operation.image.shape).astype(np.uint8)
        if self._paint is not None:
            pixels = self._paint(operation)
        if isinstance(operation, Fill):
            return pixels
        assert isinstance(operation, Paint)
        return PaintedCanvas(
            image=pixels, sigmas=(1.0, 0.0), device="cpu", precision="fp32", versions=("none 1",)
        )
