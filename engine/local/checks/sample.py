"""The questions of the self-check, cut from one sample picture of which an object is known."""

from dataclasses import dataclass

import cv2
import numpy as np

from engine.geometry import Image, Mask, Rect, Size
from engine.jobs.requests import Click, Hole

SIDE_PX = 1024  # what segmenters look at
SHIFT_PX = 16  # of the second look
TILE = Size(192, 128)
HOLE = Rect(72, 40, 48, 48)  # in the tile
RING_PX = 8  # around the hole, that its shades are compared with


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CheckSample:
    """What a model is asked in its self-check."""

    first: Image  # (1024, 1024, 3)
    second: Image  # the same, seen 16 px further to the right
    click: Click  # on the object, in pixels of `first`
    hole: Hole

    @property
    def ring(self) -> Mask:
        """(h, w) 255 around the hole of the tile."""
        kernel = np.ones((2 * RING_PX + 1, 2 * RING_PX + 1), np.uint8)
        wide = np.asarray(cv2.dilate(self.hole.mask, kernel), np.uint8)
        return wide & ~self.hole.mask


def sample_of(picture: Image, x_share: float, y_share: float) -> CheckSample:
    """A sample from an (H, W, 3) picture wider than high, with an object at these shares of it."""
    height, width = picture.shape[:2]
    wide = max(SIDE_PX + SHIFT_PX, round(width * SIDE_PX / height))
    resized = cv2.resize(picture, (wide, SIDE_PX), interpolation=cv2.INTER_AREA)
    scaled = np.asarray(resized, np.uint8)
    return CheckSample(
        first=np.ascontiguousarray(scaled[:, :SIDE_PX]),
        second=np.ascontiguousarray(scaled[:, SHIFT_PX : SIDE_PX + SHIFT_PX]),
        click=Click(x_share * wide, y_share * SIDE_PX),
        hole=_hole(scaled),
    )


def _hole(scaled: Image) -> Hole:
    """In the lower left, where there is texture of one kind."""
    rect = Rect(0, SIDE_PX - TILE.height, TILE.width, TILE.height)
    mask = np.zeros((TILE.height, TILE.width), np.uint8)
    mask[HOLE.slices] = 255
    image = np.ascontiguousarray(scaled[rect.slices])
    return Hole(rect=rect, image=image, mask=mask, blend=mask)
