"""The known subject of a picture, as one more answer to a click on it.

A lone click is ambiguous: a part is meant, the whole, or a group. What the picture shows before all
else is one of the likely answers, and the network that answers clicks has no notion of it.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from engine.geometry import Rect
from engine.jobs.requests import Candidate, SegmentRequest, SegmentResult

ALIKE = 0.95  # intersection over union: a candidate that is so near to the subject stands for it
_HALF = 128  # from here on a pixel counts as marked


def with_subject(request: SegmentRequest, result: SegmentResult) -> SegmentResult:
    """The result with the known subject among its candidates, where a lone click is on it.

    The best stays first; the others, and the subject, follow from the smallest on.
    """
    subject = request.known_subject
    if subject is None or not _is_meant(request, subject):
        return result
    if any(_overlap(subject, each) >= ALIKE for each in result.candidates):
        return result
    best, *others = result.candidates
    others.append(replace(subject, soft=None))  # that is for who asks for soft edges now
    return replace(result, candidates=(best, *sorted(others, key=_area_px)))


def _is_meant(request: SegmentRequest, subject: Candidate) -> bool:
    if request.draft or request.box is not None or request.prior is not None:
        return False
    if len(request.clicks) != 1 or not request.clicks[0].positive:
        return False
    x, y = int(request.clicks[0].x) - subject.rect.x, int(request.clicks[0].y) - subject.rect.y
    is_inside = 0 <= x < subject.rect.width and 0 <= y < subject.rect.height
    return is_inside and bool(subject.mask[y, x] >= _HALF)


def _overlap(one: Candidate, other: Candidate) -> float:
    """Intersection over union."""
    common = one.rect.intersect(other.rect)
    first, second = (_marked(each, common) for each in (one, other))
    both = 0 if common.is_empty else int(np.count_nonzero(first & second))
    return both / max(_area_px(one) + _area_px(other) - both, 1)


def _marked(candidate: Candidate, place: Rect) -> NDArray[np.bool_]:
    """(place) bool"""
    inner = place.moved(-candidate.rect.x, -candidate.rect.y)
    return np.asarray(candidate.mask[inner.slices] >= _HALF)


def _area_px(candidate: Candidate) -> int:
    return int(np.count_nonzero(candidate.mask >= _HALF))
