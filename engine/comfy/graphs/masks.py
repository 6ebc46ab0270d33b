"""Reads masks and their scores from the results of a segmenting or finding graph."""

import json
import math
from collections.abc import Iterator
from typing import cast

import cv2
import numpy as np

from engine.comfy.errors import ServerBroken
from engine.comfy.graphs import sam3
from engine.comfy.prompt_plan import PlanOutputs
from engine.comfy.protocol.images import decode_png
from engine.geometry import Mask, Size
from engine.jobs.requests import MAX_INSTANCES, Candidate
from engine.selection import masks

HALF = 128
MAX_MASKS_BYTES = 1 << 31  # of all instances together, each cut to what is marked


def read_found(outputs: PlanOutputs, size: Size) -> list[Candidate]:
    """Of a picture of this size, the surest first. Nothing found is no error. Raises ServerBroken.

    A score is 1 where the server does not say. Masks beyond the scores are none: the graph adds
    one where the server would send nothing, and the pack sends a black one where it found nothing.
    Of masks that are larger together than MAX_MASKS_BYTES the surest are read.
    """
    answer = outputs.of.get(sam3.MASKS)
    if answer is None:
        raise ServerBroken(outputs.server, "empty")
    scores = [1.0] * len(answer.images)
    if sam3.SCORES in outputs.of:
        scores = _scores("".join(outputs.of[sam3.SCORES].texts))
    pairs = sorted(list(zip(answer.images, scores))[:MAX_INSTANCES], key=lambda pair: -pair[1])
    found: list[Candidate] = []
    room = MAX_MASKS_BYTES
    for image, score in pairs:
        candidate = _candidate(_mask(image, outputs.server, size), score)
        room -= candidate.mask.size
        if room < 0:
            break
        if not candidate.rect.is_empty:
            found.append(candidate)
    return found


def _candidate(mask: Mask, score: float) -> Candidate:
    """Cut to what is marked, so that many small instances of a large picture are small."""
    rect = masks.bounds(mask)
    return Candidate(rect=rect, mask=mask[rect.slices].copy(), score=score)


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
