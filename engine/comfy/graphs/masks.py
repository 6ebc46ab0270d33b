"""Reads masks and their scores from the results of a segmenting or finding graph."""

import json
import math
from collections.abc import Iterator
from typing import NamedTuple, cast

import cv2
import numpy as np

from engine.comfy.errors import ServerBroken
from engine.comfy.graphs import sam3
from engine.comfy.prompt_plan import PlanOutputs
from engine.comfy.protocol.images import decode_png
from engine.geometry import Mask, Size
from engine.jobs.requests import MAX_INSTANCES

HALF = 128


class FoundMask(NamedTuple):
    """One instance or candidate."""

    mask: Mask  # (h, w) of the whole picture, 0 or 255
    score: float  # 0..1; 1 where the server does not say


def read_found(outputs: PlanOutputs, size: Size) -> list[FoundMask]:
    """Of a picture of this size, the surest first. Nothing found is no error. Raises ServerBroken.

    Masks beyond the scores are none: the graph adds one where the server would send nothing, and
    the pack sends a black one where it found nothing.
    """
    answer = outputs.of.get(sam3.MASKS)
    if answer is None:
        raise ServerBroken(outputs.server, "empty")
    scores = [1.0] * len(answer.images)
    if sam3.SCORES in outputs.of:
        scores = _scores("".join(outputs.of[sam3.SCORES].texts))
    pairs = list(zip(answer.images, scores))[:MAX_INSTANCES]
    found = [FoundMask(_mask(image, outputs.server, size), score) for image, score in pairs]
    return sorted((each for each in found if each.mask.any()), key=lambda each: -each.score)


def _mask(content: bytes, server: str, size: Size) -> Mask:
    small = decode_png(content, server, sam3.sent_size(size))[..., 0]
    whole = small if Size.of(small) == size else cv2.resize(small, size)
    return (np.asarray(whole) >= HALF) * np.uint8(255)


def _scores(text: str) -> list[float]:
    """Of `[0.9, 0.8]`, or of boxes with a score each, in however many brackets."""
    try:
        return list(_numbers(json.loads(text)))
    except (ValueError, RecursionError):
        return []


def _numbers(value: object) -> Iterator[float]:
    if isinstance(value, dict):
        yield from _numbers(cast(dict[str, object], value).get("score"))
    elif isinstance(value, list):
        for each in cast(list[object], value):
            yield from _numbers(each)
    elif isinstance(value, int | float):
        share = min(max(value, 0), 1)
        if not math.isnan(share):
            yield float(share)
