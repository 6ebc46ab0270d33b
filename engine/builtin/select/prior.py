"""Priors: the mask that a click corrects, as patches and as pixels painted since."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from hashlib import blake2b

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.builtin.select.click_features import ClickSpot
from engine.builtin.select.click_steps import ClickStep, PlacedMask
from engine.builtin.select.decide import Decision
from engine.builtin.select.prepared import PreparedPicture
from engine.builtin.select.proposals import Bools
from engine.geometry import Mask, Rect, Size
from engine.jobs.requests import Candidate, Click, Prior

_SEAM_PX = 2  # of the working copy: so far a change reaches over its patches to meet the prior


class PriorOrigin(Enum):
    """Where a prior comes from."""

    BEST = "best"  # of one's own answers
    OTHER = "other"  # one of one's own that the user preferred
    PAINTED = "painted"


@dataclass(frozen=True, slots=True, eq=False)
class _Answer:
    step: ClickStep
    number: int  # of the mask among its candidates; 0 is the best


def remember(prepared: PreparedPicture, placed: PlacedMask, step: ClickStep, number: int) -> None:
    """Keeps from which step a mask was made, as its candidate of this number."""
    kept = replace(step, bound=None, shown=None)  # no masks of the full picture
    prepared.memo[_name(placed.rect, placed.mask)] = _Answer(kept, number)


def step_of(prepared: PreparedPicture, prior: Prior) -> tuple[ClickStep, PriorOrigin]:
    """The step that ends in the prior, and where that comes from."""
    known = prepared.memo.get(_name(prior.rect, prior.mask))
    shown = PlacedMask(prior.rect, prior.mask)
    if not isinstance(known, _Answer):
        decision = Decision(masks=_region(prepared, prior)[None], expected=np.ones(1, np.float32))
        step = ClickStep(decision=decision, clicks=(), asked=(), shown=shown, is_chosen=True)
        return step, PriorOrigin.PAINTED
    decision, count = known.step.decision, len(known.step.decision.masks)
    order = [known.number, *(other for other in range(count) if other != known.number)]
    decision = Decision(masks=decision.masks[order], expected=decision.expected[order])
    is_best = known.number == 0
    step = replace(known.step, decision=decision, shown=shown, is_chosen=not is_best)
    return step, PriorOrigin.BEST if is_best else PriorOrigin.OTHER


def _region(prepared: PreparedPicture, prior: Prior) -> Bools:
    """(n,) the patches that are mostly marked."""
    patches, size = prepared.patches, Size.of(prepared.image)
    x, y = (_centres(*lengths) for lengths in zip(size, prepared.size))
    marked = _sampled(prior.rect, prior.mask, x, y) > 127
    inside = np.bincount(patches.labels.ravel(), marked.ravel(), patches.count)
    return inside > 0.5 * patches.area


def valid_clicks(prior: Prior, clicks: Sequence[Click]) -> list[Click]:
    """The clicks that the prior has seen and still obeys; one in its middle for want of a positive.

    A brush may have painted over a click since: what is shown is the newer wish.
    """
    kept = [
        c
        for c in clicks[: prior.clicks]
        if PlacedMask(prior.rect, prior.mask).marks(c) == c.positive
    ]
    if not any(click.positive for click in kept):
        kept.insert(0, _middle(prior))
    return kept


def joined(
    prepared: PreparedPicture,
    prior: Prior,
    answer: Candidate,
    before: Bools,
    region: Bools,
    asked: Sequence[ClickSpot],
) -> Candidate:
    """The prior, changed where the answer's patches differ from it and around the new clicks.

    What lies apart from the new clicks is not taken away, so that a click here never wipes out
    a stroke there.
    """
    added, taken = region & ~before, before & ~region
    for spot in asked:
        patch = prepared.patches.labels[spot.y, spot.x]
        (added if spot.positive else taken)[patch] = True
    taken = _clicked_parts(prepared, taken, asked)
    rect = prior.rect.union(answer.rect)
    x, y = np.arange(rect.x, rect.right), np.arange(rect.y, rect.bottom)
    old = _sampled(prior.rect, prior.mask, x, y)
    new = _sampled(answer.rect, answer.mask, x, y)
    mask = np.where(_zone(prepared, added, rect), np.maximum(old, new), old)
    mask = np.where(_zone(prepared, taken, rect), np.minimum(mask, new), mask)
    inner = Rect(*cv2.boundingRect(mask))
    return Candidate(
        rect=inner.moved(rect.x, rect.y), mask=mask[inner.slices].copy(), score=answer.score
    )


def _clicked_parts(prepared: PreparedPicture, region: Bools, spots: Sequence[ClickSpot]) -> Bools:
    """(n,) those connected parts of an (n,) region that hold one of the spots."""
    labels = prepared.patches.labels
    _, parts = cv2.connectedComponents(region[labels].astype(np.uint8))
    clicked = [parts[spot.y, spot.x] for spot in spots]
    kept = np.zeros_like(region)
    kept[labels[np.isin(parts, clicked)]] = True
    return kept & region


def _zone(prepared: PreparedPicture, region: Bools, rect: Rect) -> Bools:
    """(rect) where the patches lie in the full picture, with their seam."""
    small = region[prepared.patches.labels].astype(np.uint8)
    if small.any():
        side = 2 * _SEAM_PX + 1
        small = np.asarray(cv2.dilate(small, np.ones((side, side), np.uint8)), np.uint8)
    height, width = small.shape
    x = np.arange(rect.x, rect.right) * width // prepared.size.width
    y = np.arange(rect.y, rect.bottom) * height // prepared.size.height
    return small[np.ix_(y, x)] > 0


def _sampled(rect: Rect, mask: Mask, x: NDArray[np.int64], y: NDArray[np.int64]) -> Mask:
    """(y, x) the mask at these columns and rows of the picture, both rising; 0 outside `rect`."""
    left, right = np.searchsorted(x, [rect.x, rect.right])
    top, bottom = np.searchsorted(y, [rect.y, rect.bottom])
    found = np.zeros((len(y), len(x)), np.uint8)
    found[top:bottom, left:right] = mask[np.ix_(y[top:bottom] - rect.y, x[left:right] - rect.x)]
    return found


def _centres(count: int, length: int) -> NDArray[np.int64]:
    """For each of `count` pixels of the working copy the pixel of the picture in its middle."""
    return (2 * np.arange(count) + 1) * length // (2 * count)


def _middle(prior: Prior) -> Click:
    """The point deepest inside the mask."""
    depth = cv2.distanceTransform(np.pad(prior.mask, 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
    y, x = np.unravel_index(int(depth.argmax()), depth.shape)
    return Click(prior.rect.x + int(x) + 0.5, prior.rect.y + int(y) + 0.5)


def _name(rect: Rect, mask: Mask) -> tuple[object, ...]:
    return ("answer", *rect, blake2b(np.ascontiguousarray(mask).data, digest_size=16).digest())
