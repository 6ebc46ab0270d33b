"""Transparent pixels of a crop: their hidden colours say nothing to whatever fills it."""

import cv2
import numpy as np

from engine.geometry import Image, Mask, Native


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
