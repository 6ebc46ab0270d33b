"""Colour models of object and rest that sharpen each other, on a small crop around a box.

Rother, Kolmogorov and Blake, "GrabCut" (2004), as OpenCV has it.
"""

import cv2
import numpy as np

from engine.builtin.select.edges import Floats
from engine.builtin.select.prepared import PreparedPicture
from engine.geometry import Rect, Size

_SIDE_PX = 300
_ROUNDS = 3
_AROUND = 0.4


def grabbed(prepared: PreparedPicture, box: Rect) -> Floats:
    """(n,) the share of each patch that belongs to the object of a box, 0..1."""
    size = Size.of(prepared.image)
    crop = box.pad(round(_AROUND * max(box.width, box.height)) + 2).clamp(size)
    scale = min(1.0, _SIDE_PX / max(crop.width, crop.height))
    small = max(2, round(crop.width * scale)), max(2, round(crop.height * scale))
    picture = cv2.resize(prepared.image[crop.slices], small, interpolation=cv2.INTER_AREA)
    inner = box.moved(-crop.x, -crop.y)
    trimap = np.full(small[::-1], cv2.GC_BGD, np.uint8)
    left, top = round(inner.x * scale), round(inner.y * scale)
    right, bottom = round(inner.right * scale), round(inner.bottom * scale)
    trimap[top : max(bottom, top + 1), left : max(right, left + 1)] = cv2.GC_PR_FGD
    found = _cut(np.asarray(picture, np.uint8), trimap)
    soft = cv2.resize(found, (crop.width, crop.height), interpolation=cv2.INTER_LINEAR)
    labels = prepared.patches.labels[crop.slices].ravel()
    total = np.bincount(labels, soft.ravel(), prepared.patches.count)
    return total / prepared.patches.area


def _cut(picture: np.ndarray, trimap: np.ndarray) -> np.ndarray:
    """1 for object; the whole box where the crop is too plain or holds nothing else."""
    known = trimap == cv2.GC_BGD
    if known.any() and not known.all() and picture.std() > 0.5:
        cv2.setRNGSeed(0)
        models = np.zeros((1, 65)), np.zeros((1, 65))
        cv2.grabCut(picture, trimap, (0, 0, 1, 1), *models, _ROUNDS, cv2.GC_INIT_WITH_MASK)
    return ((trimap == cv2.GC_FGD) | (trimap == cv2.GC_PR_FGD)).astype(np.float32)
