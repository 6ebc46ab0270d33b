"""An engine's process that sees drawn discs: it answers as a selector would, and can forget."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import cv2
import numpy as np

from engine.jobs.backend import JobContext
from engine.jobs.operations import Decode, Encode, Located, MaskLogits, NotEncoded, Search

CELLS = 72


class Disc(NamedTuple):
    """In pixels of the picture."""

    x: float
    y: float
    radius: float


class Eyes:
    """Finds the discs of one picture by the colour that was drawn: red is an object.

    A lone point is answered by the disc, by all of red, and by half of the disc.
    """

    def __init__(self, *, scores: Sequence[float] = (0.9, 0.6, 0.5)) -> None:
        self.asked: list[Any] = []
        self.seen: dict[str, np.ndarray] = {}
        self._scores = scores

    def __call__(self, operation: Any, job: JobContext) -> Any:
        self.asked.append(operation)
        if isinstance(operation, Encode):
            if operation.pixels is not None:
                self.seen[operation.key] = operation.pixels
            elif operation.key not in self.seen:
                raise NotEncoded(operation.key)
            return None
        if operation.key not in self.seen:
            raise NotEncoded(operation.key)
        red = _cells(self.seen[operation.key])
        if isinstance(operation, Search):
            return self._search(red, operation)
        return self._decode(red, operation)

    def of(self, kind: type) -> list[Any]:
        return [operation for operation in self.asked if isinstance(operation, kind)]

    def _decode(self, red: np.ndarray, asked: Decode) -> MaskLogits:
        _, labels = cv2.connectedComponents((red > 0.5).astype(np.uint8))
        wanted = np.zeros(red.shape, bool)
        if asked.previous is not None:
            wanted = cv2.resize(asked.previous, (CELLS, CELLS)) > 0
        if asked.box is not None:
            left, top, right, bottom = (asked.box * CELLS).astype(int)
            inside = np.zeros(red.shape, bool)
            inside[top:bottom, left:right] = True
            wanted |= inside & (labels > 0)
        for (x, y), label in zip((asked.points * CELLS).astype(int), asked.labels):
            part = (labels == labels[y, x]) & (labels > 0)
            wanted = wanted | part if label else wanted & ~part
        if not asked.several:
            return MaskLogits(logits=_logits(red, wanted)[None], scores=np.array([0.8], np.float32))
        half = wanted & (np.arange(CELLS) < (asked.points[0, 0] * CELLS))
        masks = [wanted, labels > 0, half]
        logits = np.stack([_logits(red, mask) for mask in masks])
        return MaskLogits(logits=logits, scores=np.array(self._scores, np.float32))

    def _search(self, red: np.ndarray, asked: Search) -> Located:
        count, labels = cv2.connectedComponents((red > 0.5).astype(np.uint8))
        masks = [labels == number for number in range(1, count)]
        scores = np.linspace(0.9, asked.floor, len(masks)).astype(np.float32)
        logits = [_logits(red, mask).astype(np.float16) for mask in masks]
        return Located(
            scores=scores,
            boxes=np.zeros((len(masks), 4), np.float32),
            logits=np.stack(logits) if masks else np.zeros((0, CELLS, CELLS), np.float16),
        )


def _cells(pixels: np.ndarray) -> np.ndarray:
    """How red each cell is, 0..1."""
    small = cv2.resize(pixels, (CELLS, CELLS), interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.clip((small[..., 0] - small[..., 1]) / 120, 0, 1)


def _logits(red: np.ndarray, mask: np.ndarray) -> np.ndarray:
    near = cv2.dilate(mask.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    return np.where(near, (red - 0.5) * 12, -6).astype(np.float32)


def drawn(width: int, height: int, discs: Sequence[Disc]) -> tuple[np.ndarray, list[np.ndarray]]:
    """Red discs on a grey ground, and where each is."""
    image = np.full((height, width, 3), 80, np.uint8)
    y, x = np.mgrid[:height, :width] + 0.5
    truths = [(x - d.x) ** 2 + (y - d.y) ** 2 < d.radius**2 for d in discs]
    for truth in truths:
        image[truth] = (220, 80, 70)
    return image, truths
