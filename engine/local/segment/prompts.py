"""Converts clicks, boxes and phrases to a network's terms, and sorts its answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.geometry import Rect
from engine.jobs.operations import Decode, Floats, MaskLogits, Search
from engine.jobs.requests import FIND_FLOOR, Click, FindRequest
from engine.local.segment.scaling import ScaledInput
from engine.models.model_file import ModelFile

ALIKE = 0.95  # answers that overlap more are one


@dataclass(frozen=True, slots=True, eq=False)
class ObjectPrompt:
    """One object, in pixels of the picture."""

    clicks: Sequence[Click]
    box: Rect | None = None
    previous: Floats | None = None  # the answer that is corrected
    several: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class PromptAnswer:
    """One answer: (s, s) logits, and how sure the network is, 0..1."""

    logits: Floats
    score: float


def decode(model: ModelFile, seen: ScaledInput, question: ObjectPrompt) -> Decode:
    """The question as shares of what was looked at."""
    size = np.array(seen.size, np.float32)
    points = np.array([click[:2] for click in question.clicks], np.float32).reshape(-1, 2)
    box = question.box
    corners = None if box is None else (box.x, box.y, box.right, box.bottom)
    return Decode(
        model=model,
        key=seen.key,
        points=points / size,
        labels=np.array([click.positive for click in question.clicks], np.int64),
        box=None if corners is None else np.array(corners, np.float32) / np.tile(size, 2),
        previous=question.previous,
        several=question.several,
    )


def search(model: ModelFile, seen: ScaledInput, request: FindRequest) -> Search:
    """The request as shares of the picture."""
    size = np.tile(np.array(seen.size, np.float32), 2)
    boxes = [
        (box.x + box.width / 2, box.y + box.height / 2, box.width, box.height)
        for box, _ in request.exemplars
    ]
    return Search(
        model=model,
        key=seen.key,
        prompt=request.prompt,
        boxes=np.array(boxes, np.float32).reshape(-1, 4) / size,
        labels=np.array([exemplar.positive for exemplar in request.exemplars], np.int64),
        floor=FIND_FLOOR,
    )


def in_order(answer: MaskLogits) -> list[PromptAnswer]:
    """The most likely first, then the others from the smallest on; what is alike only once.

    What marks nothing is left out.
    """
    found = [
        PromptAnswer(logits, share(score)) for logits, score in zip(answer.logits, answer.scores)
    ]
    apart: list[PromptAnswer] = []
    for each in found:
        if (each.logits > 0).any() and all(overlap(each, other) < ALIKE for other in apart):
            apart.append(each)
    return apart[:1] + sorted(apart[1:], key=lambda each: int((each.logits > 0).sum()))


def overlap(one: PromptAnswer, other: PromptAnswer) -> float:
    """Intersection over union."""
    first, second = one.logits > 0, other.logits > 0
    return float((first & second).sum() / max(int((first | second).sum()), 1))


def share(score: float | np.floating[Any]) -> float:
    """A score as one of a candidate: 0..1."""
    return min(max(float(score), 0.0), 1.0)
