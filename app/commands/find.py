"""Finds all instances of a text or of examples, and makes one mask of those that are picked."""

from collections.abc import Sequence

import numpy as np

from app.document.document import Document
from engine.errors import NothingFound
from engine.geometry import Mask, Rect
from engine.jobs.requests import Candidate, FindRequest
from engine.recipes.steps import BEST, FindStep

NOWHERE = Rect(0, 0, 0, 0)


def plan(step: FindStep, document: Document, key: str) -> FindRequest:
    """The request of a step; `key` names the pixels."""
    return FindRequest(
        image=document.view,
        key=key,
        prompt=step.text,
        exemplars=tuple(example.exemplar(document.size) for example in step.examples),
    )


def likely(instances: Sequence[Candidate], threshold: float) -> tuple[int, ...]:
    """Indices of the instances whose score is at least the threshold."""
    return tuple(n for n, instance in enumerate(instances) if instance.score >= threshold)


def picked(step: FindStep, instances: Sequence[Candidate]) -> list[Candidate]:
    """The likely instances that the step names; numbers count from the most likely, which is 1.

    Raises NothingFound where that is none.
    """
    chosen = [instances[index] for index in likely(instances, step.threshold)]
    if step.pick == BEST:
        chosen = chosen[:1]
    elif not isinstance(step.pick, str):
        chosen = [each for number, each in enumerate(chosen, 1) if number in step.pick]
    if not chosen:
        raise NothingFound
    return chosen


def union(found: Sequence[Candidate]) -> tuple[Rect, Mask]:
    """The rectangle that holds all instances, and their masks as one, (h, w) uint8."""
    rect = NOWHERE
    for each in found:
        rect = rect.union(each.rect)
    mask = np.zeros((rect.height, rect.width), np.uint8)
    for each in found:
        window = mask[each.rect.moved(-rect.x, -rect.y).slices]
        np.maximum(window, each.mask, out=window)
    return rect, mask
