"""The reach of a removal around each marked area: as set, or by the area's own size."""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from engine.geometry import Mask

SHARE = 0.3  # of an area's longer side
_STEPS_PX = (2, 3, 4, 6, 8, 12, 16, 24, 32, 48)


@dataclass(frozen=True, slots=True)
class Reach:
    """Pixels around an area that are replaced, and those beyond them that are mixed."""

    grow_px: int
    feather_px: int

    @property
    def px(self) -> int:
        """How far from the area a pixel can still change."""
        return self.grow_px + self.feather_px + 2

    @property
    def seen_px(self) -> int:
        """How far an area has to be seen to know that it gets all of this reach."""
        return math.ceil((self.grow_px + self.feather_px + 1) / SHARE) + 1

    def within(self, side_px: int) -> "Reach":
        """This reach, less for an area of this longer side where that is small."""
        full_px = self.grow_px + self.feather_px
        allowed_px = max(side_px * SHARE - 1, _STEPS_PX[0])
        if allowed_px >= full_px:
            return self
        total = max(step for step in _STEPS_PX if step <= allowed_px)
        least = min(1, self.feather_px)
        grow = max(0, min(round(total * self.grow_px / full_px), total - least))
        return Reach(min(grow, self.grow_px), min(total - grow, self.feather_px))


def split(core: Mask, most: Reach, cell_px: int = 1) -> list[tuple[Mask, Reach]]:
    """The connected areas of an (H, W) mask of 0 and 255, sorted by their reach, at most `most`.

    A pixel of the mask stands for `cell_px` of the picture.
    """
    _, labels, stats, _ = cv2.connectedComponentsWithStats(core, connectivity=8)
    sides = stats[1:, cv2.CC_STAT_WIDTH : cv2.CC_STAT_HEIGHT + 1].max(axis=1) * cell_px
    reaches = [most.within(int(side)) for side in sides]
    kinds = list(dict.fromkeys(reaches))
    if len(kinds) <= 1:
        return [(core, kind) for kind in kinds]
    number_of = np.array([0, *(kinds.index(reach) + 1 for reach in reaches)], np.uint8)
    numbers = number_of[np.asarray(labels, np.int32)]
    return [
        (np.where(numbers == number, np.uint8(255), np.uint8(0)), kind)
        for number, kind in enumerate(kinds, 1)
    ]
