"""Transparent pixels of a crop: their hidden colours say nothing to whatever fills it.

A hole in transparent surroundings is filled with transparency, one across an edge goes on with it.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.builtin.fill.membrane import membrane
from engine.builtin.fill.pyramid import Hole, Plane, PyramidLevel
from engine.geometry import Image, Mask, Native, Size
from engine.selection import masks

_AROUND_PX = 32  # of a hole are looked at


def hidden_in(alpha: Native) -> Mask:
    """(H, W): 255 where an (H, W) alpha of 8 or 16 bits shows less than half of the colour."""
    half = np.iinfo(alpha.dtype).max // 2
    return np.where(alpha <= half, np.uint8(255), np.uint8(0))


def shown(image: Image, hidden: Mask, blend: Mask) -> Image:
    """(H, W, 3) with each hidden pixel as the nearest visible one outside the ring; 255 is hidden.

    The image itself where nothing is hidden or nothing else is visible.
    """
    covered = np.asarray(cv2.max(hidden, blend), np.uint8)
    visible = covered == 0
    if not hidden.any() or not visible.any():
        return image
    _, labels = cv2.distanceTransformWithLabels(
        covered, cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    nearest = np.asarray(labels, np.int32)
    colour_of = np.zeros((int(nearest.max()) + 1, 3), np.uint8)
    colour_of[nearest[visible]] = image[visible]
    return np.where((hidden > 0)[..., None], colour_of[nearest], image)


def filled_alpha(alpha: Mask, mask: Mask, blend: Mask) -> Mask:
    """(H, W) alpha of a filled crop: as it was, and where blend is above 0 as it is around.

    What an engine was to fill (`mask`) says nothing where it is visible: it is another hole.
    """
    unknown = (blend > 0) | ((mask > 0) & (alpha > 127))
    filled = alpha.copy()
    if unknown.all() or not (blend > 0).any():
        return filled
    part = masks.bounds(blend).pad(_AROUND_PX).clamp(Size.of(alpha)).slices
    inside = blend[part] > 0
    filled[part][inside] = _continued(alpha[part], unknown[part])[inside]
    return filled


def _continued(alpha: Mask, unknown: Hole) -> Mask:
    """The alpha with the unknown part stretched over; an edge between two levels stays one."""
    wide = cv2.dilate(unknown.view(np.uint8), np.ones((3, 3), np.uint8)) > 0
    rim = alpha[wide & ~unknown]
    if len(rim) == 0:
        return alpha
    seen = rim > 127
    if seen.all() or not seen.any():
        return _rounded(_stretched(alpha, unknown))
    low, high = np.median(rim[~seen]), np.median(rim[seen])
    share = _edge(
        _stretched(np.where(alpha > 127, np.uint8(255), np.uint8(0)), unknown) / np.float32(255)
    )
    return _rounded(low + (high - low) * share)


def _edge(share: Plane) -> NDArray[np.floating]:
    """(H, W) 0 to 1: a step of one pixel's width where the share crosses a half."""
    down, across = np.gradient(share, axis=0), np.gradient(share, axis=1)
    slope = np.hypot(down, across)
    return np.clip((share - 0.5) / np.maximum(slope, 1e-3) + 0.5, 0, 1)


def _stretched(alpha: Mask, unknown: Hole) -> Plane:
    return membrane(PyramidLevel(np.repeat(alpha[..., None], 3, axis=2), unknown))[..., 0]


def _rounded(alpha: NDArray[np.floating]) -> Mask:
    return np.clip(np.rint(alpha), 0, 255).astype(np.uint8)
