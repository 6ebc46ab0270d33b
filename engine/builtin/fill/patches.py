"""PatchMatch fills of a reduced crop."""

import numpy as np
import patchmatch

from engine.builtin.fill.pyramid import Plane, PyramidLevel, to_image

_LEAST_SIDE_PX = 12
_LEAST_KNOWN_PX = 200


def can_match(level: PyramidLevel) -> bool:
    """Whether there is enough around the hole to take patches from."""
    enough = int((~level.hole).sum()) >= _LEAST_KNOWN_PX
    return patchmatch.patchmatch_available and enough and min(level.shape) >= _LEAST_SIDE_PX


def patch_fill(level: PyramidLevel, seed: int, radius_px: int = 3) -> Plane:
    """The crop with its hole filled by patches from around it.

    Barnes et al. 2009; the same seed gives the same bytes.
    """
    image = to_image(np.asarray(level.pixels, np.float32))
    image[level.hole] = 127
    patchmatch.set_random_seed(seed)
    mask = level.hole.astype(np.uint8) * 255
    return patchmatch.inpaint(image, mask, patch_size=radius_px).astype(np.float32)
