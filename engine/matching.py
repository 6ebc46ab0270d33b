"""Low-frequency colour match of a filled crop to the ring around it.

In the feather both pictures are known: the picture itself and what the engine drew there. Their
difference, smoothed, is carried into the hole by pull and push over a pyramid (after Gortler et
al., The Lumigraph, 1996), so that a fill that came out a shade too dark meets its surroundings.
Guards: where the two differ by texture rather than by shade the difference counts for less, so
that flat areas get all of it and busy ones little; where it changes across the feather it is what
is left of the object's soft edge, which must not be carried in; and a shade further off than
LIMIT is an object, not a shade.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.geometry import Image, Mask
from engine.requests import Hole

LIMIT = 32.0  # levels of 255
CELL_PX = 8  # the size of what is averaged before it is carried on

Plane = NDArray[np.float32]


def offset_to_ring(hole: Hole, filled: Image) -> Plane:
    """What to add to `filled` (h, w, 3), in levels; 0 everywhere when the fill is the source."""
    if not ((hole.blend > 0) & (hole.blend < 255)).any():
        return np.zeros(filled.shape, np.float32)
    off = hole.image.astype(np.float32) - filled.astype(np.float32)
    mean, weight = _cells(off, hole.blend)
    carried = _carry(np.clip(mean, -LIMIT, LIMIT), weight)
    height, width = hole.blend.shape
    return np.asarray(
        cv2.resize(carried, (width, height), interpolation=cv2.INTER_LINEAR), np.float32
    )


def _cells(off: Plane, blend: Mask) -> tuple[Plane, Plane]:
    """Mean difference and weight of each cell; both fall with the doubt in the mean."""
    inner, inner_share, _ = _averaged(off, (blend >= 128) & (blend < 255))
    outer, outer_share, variance = _averaged(off, (blend > 0) & (blend < 128))
    doubt = variance / np.maximum(outer_share * (3 * CELL_PX) ** 2, 1.0)
    both = np.minimum(1.0, 50 * inner_share)[..., None]
    doubt += (np.square(inner - outer) * both).mean(2)
    trust = 1.0 / (1.0 + doubt / 4.0)  # half at two levels of doubt
    weight = np.minimum(1.0, outer_share * 12)
    return (outer * trust[..., None]).astype(np.float32), weight.astype(np.float32)


def _averaged(off: Plane, where: NDArray[np.bool_]) -> tuple[Plane, Plane, Plane]:
    """Mean, covered share and variance around each cell, over the marked pixels alone."""
    band = where.astype(np.float32)
    inside: Plane = off * band[..., None]
    share = _around(_shrunk(band))
    safe = np.maximum(share, 1e-6)[..., None]
    mean = _around(_shrunk(inside)) / safe
    square = _around(_shrunk(np.square(inside, dtype=np.float32))) / safe
    variance = np.maximum(square - mean * mean, 0).mean(2)
    return mean.astype(np.float32), share, variance.astype(np.float32)


def _around(plane: Plane) -> Plane:
    """Mean of 3 x 3 cells: the feather crosses more than one."""
    return np.asarray(cv2.blur(plane, (3, 3), borderType=cv2.BORDER_REFLECT), np.float32)


def _shrunk(plane: Plane) -> Plane:
    height, width = plane.shape[:2]
    size = (math.ceil(width / CELL_PX), math.ceil(height / CELL_PX))
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)


def _carry(values: Plane, weight: Plane) -> Plane:
    """Values where the weight is 1; elsewhere what coarser and coarser averages say."""
    height, width = weight.shape
    total = np.maximum(weight, 1e-6)[..., None]
    if max(height, width) <= 2:
        return np.broadcast_to((values * total).mean((0, 1)) / total.mean(), values.shape).astype(
            np.float32
        )
    size = ((width + 1) // 2, (height + 1) // 2)
    less = np.asarray(cv2.resize(weight, size, interpolation=cv2.INTER_AREA), np.float32)
    sums = np.asarray(cv2.resize(values * weight[..., None], size, interpolation=cv2.INTER_AREA))
    below = _carry(
        (sums / np.maximum(less, 1e-6)[..., None]).astype(np.float32), np.minimum(1.0, less * 2)
    )
    above = np.asarray(cv2.resize(below, (width, height), interpolation=cv2.INTER_LINEAR))
    share = weight[..., None]
    return (values * share + above * (1 - share)).astype(np.float32)
