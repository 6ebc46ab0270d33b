"""The editor's selector in the shape that quality scorers ask for: whole bool masks, best first."""

from collections.abc import Sequence

import numpy as np

from engine import tasks
from engine.builtin.backend import BuiltinBackend
from engine.geometry import Image, Rect
from engine.jobs.requests import Candidate, Click, SegmentRequest

# the last photo: scorers hand over the same array for all clicks of one
_last: list[tuple[Image, BuiltinBackend]] = []


class _Job:
    """A job nobody watches."""

    def report(self, fraction: float, note: str = "", preview: object = None) -> None: ...


def segment(image: Image, points: Sequence[tuple[int, int]], labels: Sequence[int]):
    return _masks(clicks_on(image, points, labels))


def segment_box(image: Image, box: tuple[int, int, int, int]):
    return _masks(SegmentRequest(image=image, key="photo", box=Rect.between(*box)))


def clicks_on(
    image: Image, points: Sequence[tuple[int, int]], labels: Sequence[int], key: str = "photo"
) -> SegmentRequest:
    """The request for points of an (H, W, 3) image, in its pixels."""
    clicks = [Click(x + 0.5, y + 0.5, bool(label)) for (x, y), label in zip(points, labels)]
    return SegmentRequest(image=image, key=key, clicks=tuple(clicks))


def _masks(request: SegmentRequest):
    if not _last or _last[0][0] is not request.image:
        _last[:] = [(request.image, BuiltinBackend())]
    found = tasks.segment(_last[0][1], request, _Job()).candidates
    return [whole(each, request.image) for each in found]


def whole(found: Candidate, image: Image):
    """The (H, W) bool mask of a candidate in an (H, W, 3) image."""
    mask = np.zeros(image.shape[:2], bool)
    mask[found.rect.slices] = found.mask > 0
    return mask
