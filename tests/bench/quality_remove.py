"""Removal for the quality scorer, by exactly the path the editor takes."""

import numpy as np
from numpy.typing import NDArray

from engine import tasks
from engine.builtin.backend import BuiltinBackend
from engine.colour.convert import patch_pixels
from engine.geometry import Image
from engine.inpaint.crops import RemoveOptions
from engine.jobs.requests import RemoveResult

OPTIONS = RemoveOptions(grow_px=0, feather_px=0)  # the scorer's mask is the exact hole


class NoJob:
    """A job nobody watches or stops."""

    def report(self, fraction: float, note: str = "", preview: object = None) -> None:
        assert 0 <= fraction <= 1, note


def remove(image: Image, mask: NDArray[np.bool_], seed: int = 0) -> Image:
    """The picture with what the mask marks removed."""
    marked = mask.astype(np.uint8) * 255
    request = tasks.plan_remove(image, marked, OPTIONS, seed=seed)
    result = tasks.run(BuiltinBackend(), request, NoJob())
    assert isinstance(result, RemoveResult)
    picture = image.copy()
    for patch in result.patches:
        picture[patch.rect.slices] = patch_pixels(picture, None, patch)
    assert tasks.changed_outside(image, picture, marked) == 0
    return picture
