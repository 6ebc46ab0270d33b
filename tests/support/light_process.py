"""A light engine's process that is none: it selects red and fills with the mean, rightly or not."""

from typing import Any

import cv2
import numpy as np

from engine.errors import BackendStopped, EngineMissing, ModelUnreadable, OutOfMemory
from engine.geometry import Image
from engine.jobs.backend import JobContext
from engine.jobs.operations import Decode, Device, Encode, Fill, MaskLogits, NotEncoded, Salient

CELLS = 256
ERRORS = {
    "keys": lambda path: ModelUnreadable(path, "keys"),
    "memory": lambda _: OutOfMemory(900, 100),
    "killed": lambda _: BackendStopped("light", "killed"),
    "absent": lambda _: EngineMissing("absent"),
}


class LightProcess:
    """`fault` says what goes wrong: miss, tiny, still, dark, random, or a name of ERRORS."""

    def __init__(self, fault: str = "") -> None:
        self.fault, self.asked, self.ended = fault, list[Any](), 0
        self.device: Device | None = None
        self.is_running = False
        self._seen: dict[str, Image] = {}
        self._random = np.random.default_rng(1)

    def __call__(self, operation: Any, job: JobContext) -> Any:
        self.is_running = True
        self.asked.append(operation)
        job.report(0.0, "load")
        if self.fault in ERRORS:
            raise ERRORS[self.fault](operation.model.path)
        if isinstance(operation, Encode):
            return self._encode(operation)
        if isinstance(operation, Salient):
            return self._salient(operation)
        return self._decode(operation) if isinstance(operation, Decode) else self._fill(operation)

    def free(self) -> None:
        self.ended += 1
        self.is_running = False

    close = free

    def of(self, kind: type) -> list[Any]:
        return [operation for operation in self.asked if isinstance(operation, kind)]

    def _encode(self, asked: Encode) -> None:
        if asked.pixels is not None:
            is_still = self.fault == "still" and self._seen
            self._seen[asked.key] = next(iter(self._seen.values())) if is_still else asked.pixels
        elif asked.key not in self._seen:
            raise NotEncoded(asked.key)

    def _decode(self, asked: Decode) -> MaskLogits:
        if asked.key not in self._seen:
            raise NotEncoded(asked.key)
        small = cv2.resize(self._seen[asked.key], (CELLS, CELLS), interpolation=cv2.INTER_AREA)
        red = small[..., 0].astype(np.float32) - small[..., 1] - 60
        if self.fault == "miss":
            red = -red
        if self.fault == "tiny":
            red = np.full_like(red, -1)
            x, y = (asked.points[0] * CELLS).astype(int)
            red[y, x] = 1
        logits = np.stack([red / 10, np.full_like(red, -1), np.ones_like(red)])
        return MaskLogits(
            logits=logits.astype(np.float32), scores=np.array([0.9, 0.5, 0.1], np.float32)
        )

    def _salient(self, asked: Salient) -> Any:
        self._seen.setdefault("subject", asked.pixels)
        pixels = self._seen["subject"] if self.fault == "still" else asked.pixels
        red = pixels[..., 0].astype(np.float32) - pixels[..., 1] - 60
        if self.fault == "miss":
            red = -red
        if self.fault == "tiny":
            red = np.full_like(red, -9)
        return 1 / (1 + np.exp(-red / 10))

    def _fill(self, asked: Fill) -> Image:
        filled = asked.image.copy()
        inside = asked.mask > 0
        filled[inside] = filled[~inside].mean(0).astype(np.uint8)
        if self.fault == "dark":
            filled[inside] = 0
        if self.fault == "random":
            noise = self._random.integers(-9, 10, filled.shape)
            filled = np.clip(filled.astype(int) + noise, 0, 255).astype(np.uint8)
        return filled
