"""Second pass over a small object in a large picture: a crop around it, at the network's full size.

A cell of the answer covers up to 21 pixels of a photo of 24 megapixels; around an object of a
quarter of its width it covers 8.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from engine.builtin.select.outline import mask_bounds, scaled
from engine.geometry import Rect, Size
from engine.jobs.operations import Floats
from engine.jobs.requests import Click
from engine.local.segment.prompts import ObjectPrompt

CELL_PX = 8  # it pays where a cell covers more,
GAIN = 1.5  # and it brings the object so much closer;
AGREEMENT = 0.6  # it has to see the same object
_MARGIN = 0.3  # of the object's longer side, on each side
_LEAST_PX = 64
_STEPS = 16  # the place is rounded: the next click looks at the same one, and it is kept


def zoom_rect(logits: Floats, size: Size, clicks: Sequence[Click], box: Rect | None) -> Rect | None:
    """The rectangle to crop for (s, s) logits; None where a crop would show little more."""
    cells = Size.of(logits)
    if max(size.width / cells.width, size.height / cells.height) <= CELL_PX:
        return None
    rect = scaled(mask_bounds(logits > 0), cells, size).union(box or Rect(0, 0, 0, 0))
    for click in clicks:
        if click.positive:
            rect = rect.union(Rect(int(click.x), int(click.y), 1, 1))
    wanted = rect.pad(max(round(_MARGIN * max(rect.width, rect.height)), _LEAST_PX))
    step = max(wanted.width, wanted.height) // _STEPS
    step = 1 << step.bit_length()
    place = Rect.between(
        wanted.x // step * step,
        wanted.y // step * step,
        -(-wanted.right // step) * step,
        -(-wanted.bottom // step) * step,
    ).clamp(size)
    gain = min(size.width / place.width, size.height / place.height)
    return place if gain >= GAIN else None


def crop_logits(logits: Floats, size: Size, place: Rect) -> Floats:
    """(s, s) logits of a place in the picture, resampled from the (s, s) ones of the whole."""
    side = len(logits)
    x, y = place.width / size.width, place.height / size.height
    matrix = np.array(
        [
            [x, 0, place.x * side / size.width + 0.5 * x - 0.5],
            [0, y, place.y * side / size.height + 0.5 * y - 0.5],
        ]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpAffine(logits, matrix, (side, side), flags=flags, borderMode=cv2.BORDER_REPLICATE),
        np.float32,
    )


def crop_prompt(question: ObjectPrompt, place: Rect, previous: Floats) -> ObjectPrompt:
    """The prompt in coordinates of the place, with (s, s) logits; clicks outside are left out."""
    clicks = [
        Click(click.x - place.x, click.y - place.y, click.positive)
        for click in question.clicks
        if place.x <= click.x < place.right and place.y <= click.y < place.bottom
    ]
    box = None if question.box is None else question.box.moved(-place.x, -place.y)
    return ObjectPrompt(clicks, box, previous)
