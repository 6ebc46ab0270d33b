"""The editor's selector in the shape that quality scorers ask for: whole bool masks, best first."""

from collections.abc import Sequence

import numpy as np

from engine.builtin.select import select
from engine.builtin.select.prepared import PreparedPicture
from engine.geometry import Image, Rect
from engine.jobs.requests import Candidate, Click

# the last photo: scorers hand over the same array for all clicks of one
_last: list[tuple[Image, PreparedPicture]] = []


def segment(image: Image, points: Sequence[tuple[int, int]], labels: Sequence[int]):
    clicks = [Click(x + 0.5, y + 0.5, bool(label)) for (x, y), label in zip(points, labels)]
    return [_whole(found, image) for found in select.candidates(_prepared(image), image, clicks)]


def segment_box(image: Image, box: tuple[int, int, int, int]):
    rect = Rect.between(*box)
    return [_whole(found, image) for found in select.box_candidates(_prepared(image), image, rect)]


def _prepared(image: Image) -> PreparedPicture:
    if not _last or _last[0][0] is not image:
        _last[:] = [(image, select.prepare(image))]
    return _last[0][1]


def _whole(found: Candidate, image: Image):
    mask = np.zeros(image.shape[:2], bool)
    mask[found.rect.slices] = found.mask > 0
    return mask
