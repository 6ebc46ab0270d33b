"""Priors in a network's terms: the logits of the mask that a click corrects.

An answer of the network is known again by its pixels, and its logits go back with the next click.
A mask that was painted has none: they are made up, and what was painted stays but where the new
clicks change it.
"""

from collections import OrderedDict
from collections.abc import Sequence
from hashlib import blake2b

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.geometry import Mask, Rect, Size
from engine.jobs.operations import Floats
from engine.jobs.requests import Candidate, Click, Prior
from engine.local.segment.outlines import SURE, cell_of

REMEMBERED = 64  # answers, 330 kB each
_REACH = 2  # cells: a click changes what begins so near to it

Bools = NDArray[np.bool_]


class Memory:
    """Logits of the answers that were given, by what was shown."""

    def __init__(self) -> None:
        self._logits: OrderedDict[tuple[object, ...], Floats] = OrderedDict()

    def remember(self, model: str, candidate: Candidate, logits: Floats) -> None:
        """Keep the (s, s) logits of this answer of a model; the oldest are forgotten."""
        self._logits[_name(model, candidate.rect, candidate.mask)] = logits
        while len(self._logits) > REMEMBERED:
            self._logits.popitem(last=False)

    def recall(self, model: str, prior: Prior) -> Floats | None:
        """The (s, s) logits of an answer; None for a mask that is not one."""
        return self._logits.get(_name(model, prior.rect, prior.mask))


def _name(model: str, rect: Rect, mask: Mask) -> tuple[object, ...]:
    return model, *rect, blake2b(np.ascontiguousarray(mask).data, digest_size=16).digest()


def logits_of_mask(prior: Prior, size: Size, side: int) -> Floats:
    """(side, side) logits that a network might have given for the mask."""
    whole = np.zeros((size.height, size.width), np.uint8)
    whole[prior.rect.slices] = prior.mask
    share = np.asarray(cv2.resize(whole, (side, side), interpolation=cv2.INTER_AREA), np.float32)
    return (share / np.float32(127.5) - 1) * np.float32(SURE)


def valid_clicks(prior: Prior, clicks: Sequence[Click]) -> tuple[Click, ...]:
    """The clicks after the prior, and those before that it still agrees with.

    A brush may have painted over a click since: what is shown is the newer wish.
    """
    kept = [click for click in clicks[: prior.clicks] if _marks(prior, click) == click.positive]
    return (*kept, *clicks[prior.clicks :])


def _marks(prior: Prior, click: Click) -> bool:
    x, y = int(click.x) - prior.rect.x, int(click.y) - prior.rect.y
    inside = 0 <= x < prior.rect.width and 0 <= y < prior.rect.height
    return inside and bool(prior.mask[y, x] > 127)


def changed(
    prior: Prior, before: Floats, after: Floats, clicks: Sequence[Click], size: Size
) -> Bools:
    """(s, s) bool: the cells in which the new clicks change the mask, with those around them."""
    new = clicks[prior.clicks :]
    added = _near((after > 0) & (before <= 0), [c for c in new if c.positive], size)
    taken = _near((after <= 0) & (before > 0), [c for c in new if not c.positive], size)
    zone = (added | taken).astype(np.uint8)
    return np.asarray(cv2.dilate(zone, np.ones((3, 3), np.uint8))) > 0


def _near(changed: Bools, clicks: Sequence[Click], size: Size) -> Bools:
    """The connected parts of a change that lie at a click."""
    side = len(changed)
    _, labels = cv2.connectedComponents(changed.astype(np.uint8), connectivity=8)
    wanted: set[int] = set()
    for click in clicks:
        y, x = cell_of(click, size, side)
        around = np.s_[max(0, y - _REACH) : y + _REACH + 1, max(0, x - _REACH) : x + _REACH + 1]
        wanted.update(np.unique(labels[around]).tolist())
    return np.isin(labels, [number for number in wanted if number])


def painted_over(prior: Prior, answer: Candidate, zone: Bools, size: Size) -> Candidate | None:
    """The prior, with the answer in the cells of the zone; None where nothing is left."""
    rect = prior.rect.union(answer.rect)
    old, new = _placed(prior.rect, prior.mask, rect), _placed(answer.rect, answer.mask, rect)
    side = len(zone)
    x = np.arange(rect.x, rect.right) * side // size.width
    y = np.arange(rect.y, rect.bottom) * side // size.height
    mask = np.where(zone[np.ix_(y, x)], new, old)
    inner = Rect(*cv2.boundingRect(mask))
    if inner.is_empty:
        return None
    found = np.ascontiguousarray(mask[inner.slices])
    return Candidate(rect=inner.moved(rect.x, rect.y), mask=found, score=answer.score)


def _placed(rect: Rect, mask: Mask, into: Rect) -> Mask:
    full = np.zeros((into.height, into.width), np.uint8)
    full[rect.moved(-into.x, -into.y).slices] = mask
    return full
