"""Removal for the quality scorer, by exactly the path the editor takes."""

import numpy as np
from numpy.typing import NDArray

from engine import tasks
from engine.builtin.backend import BuiltinBackend
from engine.colour.convert import patch_pixels
from engine.geometry import Image
from engine.inpaint.crops import RemoveOptions
from engine.jobs.backend import Backend
from engine.jobs.requests import RemoveResult

OPTIONS = RemoveOptions(grow_px=0, feather_px=0)  # the scorer's mask is the exact hole


class NoJob:
    """A job nobody watches or stops."""

    def report(self, fraction: float, note: str = "", preview: object = None) -> None:
        assert 0 <= fraction <= 1, note


def remove(image: Image, mask: NDArray[np.bool_], seed: int = 0) -> Image:
    """The (H, W, 3) picture with what the (H, W) mask marks removed."""
    return removed_by(BuiltinBackend(), image, mask, seed=seed, options=OPTIONS)


def removed_by(
    backend: Backend, image: Image, mask: NDArray[np.bool_], *, seed: int, options: RemoveOptions
) -> Image:
    """The same by any backend; options have the profile of its model."""
    marked = mask.astype(np.uint8) * 255
    request = tasks.plan_remove(image, marked, options, seed=seed)
    result = tasks.run(backend, request, NoJob())
    assert isinstance(result, RemoveResult)
    picture = image.copy()
    for patch in result.patches:
        picture[patch.rect.slices] = patch_pixels(picture, None, patch)
    assert tasks.changed_outside(image, picture, marked) == 0
    return picture
