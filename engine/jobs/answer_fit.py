"""The fit of answers to their questions: a box bounds its answer, and clicks are obeyed.

`fitting` checks whatever an engine answers to a SegmentRequest: what lies beyond the box is cut
off, candidates that miss the question are dropped or come last with a lower score, and a negative
click outside the mask that it corrects changes nothing. Where no candidate fits a box, as on plain
ground, the box itself is the answer, with BOX_SCORE: it is the area that the user has named, so
that it can be retouched, and the score says that no object was seen in it.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

import cv2
import numpy as np

from engine.errors import NothingFound
from engine.geometry import Mask, Rect, Size
from engine.jobs.requests import Candidate, Click, SegmentRequest, SegmentResult

MARGIN_SHARE = 0.05  # of each side of a box: so far its answer may reach beyond
BOX_SCORE = 0.1
MISFIT_SCORE = 0.5  # the most for an answer that disobeys a click
_MOST_BEYOND = 0.5  # of a mask: with more of it beyond the box it answers something else
_HALF = 128  # from here on a pixel counts as marked


def fitting(request: SegmentRequest, result: SegmentResult) -> SegmentResult:
    """The result with its masks inside the box and its scores true; those that fit come first.

    Drafts are passed on as they are. Raises NothingFound where nothing fits clicks.
    """
    if request.draft:
        return result
    found = [_within_box(request, candidate) for candidate in result.candidates]
    judged = [(_obedience(request, each), each) for each in found if each is not None]
    kept = [(share, each) for share, each in judged if share > 0]
    kept.sort(key=lambda pair: pair[0] < 1)
    candidates = [each if share == 1 else _doubted(each, share) for share, each in kept]
    first = _unchanged(request, candidates) if candidates else _box_itself(request)
    return replace(result, candidates=(first, *(each for each in candidates if each is not first)))


def box_reach(box: Rect, size: Size) -> Rect:
    """The pixels that an answer to a box may mark in a picture of this size."""
    x, y = (math.ceil(MARGIN_SHARE * side) for side in box.size)
    return Rect.between(box.x - x, box.y - y, box.right + x, box.bottom + y).clamp(size)


def _within_box(request: SegmentRequest, candidate: Candidate) -> Candidate | None:
    """None where most of it lies beyond the box; what a prior marks there may stay.

    A positive click beyond the box says that the object is larger.
    """
    size = Size.of(request.image)
    reach = Rect.whole(size) if request.box is None else box_reach(request.box, size)
    is_larger = any(click.positive and not _is_inside(reach, click) for click in request.clicks)
    if is_larger or candidate.rect.intersect(reach) == candidate.rect:
        return candidate
    mask = np.minimum(candidate.mask, _allowed(request, candidate.rect, reach))
    before, after = (int(np.count_nonzero(each >= _HALF)) for each in (candidate.mask, mask))
    if after <= (1 - _MOST_BEYOND) * before:
        return None
    inner = Rect(*cv2.boundingRect(mask))
    return Candidate(
        rect=inner.moved(candidate.rect.x, candidate.rect.y),
        mask=np.ascontiguousarray(mask[inner.slices]),
        score=candidate.score * after / before,
    )


def _allowed(request: SegmentRequest, rect: Rect, reach: Rect) -> Mask:
    """(rect) 255 within the reach, elsewhere the prior."""
    allowed, prior = np.zeros((rect.height, rect.width), np.uint8), request.prior
    common = Rect(0, 0, 0, 0) if prior is None else prior.rect.intersect(rect)
    if prior is not None and not common.is_empty:
        part = prior.mask[common.moved(-prior.rect.x, -prior.rect.y).slices]
        allowed[common.moved(-rect.x, -rect.y).slices] = part
    within = reach.intersect(rect)
    if not within.is_empty:
        allowed[within.moved(-rect.x, -rect.y).slices] = 255
    return allowed


def _obedience(request: SegmentRequest, candidate: Candidate) -> float:
    """The share of clicks that are obeyed; 0 where a mask holds none of the positive ones.

    Of clicks on one pixel the last counts; those that a prior has seen may be painted over since.
    """
    asked = request.clicks[request.prior.clicks if request.prior else 0 :]
    size = Size.of(request.image)
    wanted = {_pixel(click, size): click.positive for click in asked}
    obeyed = {pixel: _marks(candidate, *pixel) == wish for pixel, wish in wanted.items()}
    if request.prior is None and not _is_any_held(wanted.items(), obeyed):
        return 0.0
    return (1 + sum(obeyed.values())) / (1 + len(obeyed))


def _is_any_held(
    wanted: Iterable[tuple[tuple[int, int], bool]], obeyed: dict[tuple[int, int], bool]
) -> bool:
    """Whether one of the positive clicks is obeyed, or there are none."""
    positive = [pixel for pixel, wish in wanted if wish]
    return not positive or any(obeyed[pixel] for pixel in positive)


def _doubted(candidate: Candidate, share: float) -> Candidate:
    return replace(candidate, score=min(candidate.score, MISFIT_SCORE) * share)


def _unchanged(request: SegmentRequest, candidates: Sequence[Candidate]) -> Candidate:
    """The best candidate, or the prior where all clicks after it are negative and outside it."""
    prior, best = request.prior, candidates[0]
    if prior is None or not prior.mask.any() or prior.clicks >= len(request.clicks):
        return best
    standing, size = (
        Candidate(rect=prior.rect, mask=prior.mask, score=best.score),
        Size.of(request.image),
    )
    asked = request.clicks[prior.clicks :]
    if any(click.positive or _marks(standing, *_pixel(click, size)) for click in asked):
        return best
    is_same = best.rect == prior.rect and np.array_equal(best.mask, prior.mask)
    return best if is_same else standing


def _box_itself(request: SegmentRequest) -> Candidate:
    """Raises NothingFound where more than a box was asked."""
    rect = (request.box or Rect(0, 0, 0, 0)).clamp(Size.of(request.image))
    if rect.is_empty or request.clicks or request.prior is not None:
        raise NothingFound
    mask = np.full((rect.height, rect.width), 255, np.uint8)
    return Candidate(rect=rect, mask=mask, score=BOX_SCORE)


def _pixel(click: Click, size: Size) -> tuple[int, int]:
    """The pixel of a click; one outside the picture counts as on its border."""
    x = min(max(int(click.x), 0), size.width - 1)
    return x, min(max(int(click.y), 0), size.height - 1)


def _marks(candidate: Candidate, x: int, y: int) -> bool:
    x, y = x - candidate.rect.x, y - candidate.rect.y
    inside = 0 <= x < candidate.rect.width and 0 <= y < candidate.rect.height
    return inside and bool(candidate.mask[y, x] >= _HALF)


def _is_inside(rect: Rect, click: Click) -> bool:
    return rect.x <= click.x < rect.right and rect.y <= click.y < rect.bottom
