"""Other ways to fill a hole, for the same scorer: each on the hole's crop, reduced where slow."""

from collections.abc import Callable

import cv2
import numpy as np
import patchmatch
from numpy.typing import NDArray
from skimage.restoration import inpaint_biharmonic

from engine.geometry import Image, Rect, Size

Hole = NDArray[np.bool_]
Filler = Callable[[Image, Hole], Image]

CONTEXT = 0.75  # of the hole's longer side
MIN_CONTEXT_PX = 48


def telea(image: Image, mask: Hole) -> Image:
    return _on_crop(image, mask, _telea, 1_000_000)


def biharmonic(image: Image, mask: Hole) -> Image:
    return _on_crop(image, mask, _biharmonic, 320)


def patchmatch_800(image: Image, mask: Hole) -> Image:
    return _on_crop(image, mask, _patchmatch, 800)


def _telea(image: Image, hole: Hole) -> Image:
    filled = cv2.inpaint(image, hole.astype(np.uint8), 5, cv2.INPAINT_TELEA)
    return np.asarray(filled, np.uint8)


def _biharmonic(image: Image, hole: Hole) -> Image:
    filled = inpaint_biharmonic(image, hole, channel_axis=-1)
    return (np.clip(filled, 0, 1) * 255 + 0.5).astype(np.uint8)


def _patchmatch(image: Image, hole: Hole) -> Image:
    patchmatch.set_random_seed(0)
    return patchmatch.inpaint(image, hole, patch_size=3)


def _on_crop(image: Image, mask: Hole, filler: Filler, side_px: int) -> Image:
    """Fill the hole's surroundings at no more than this side, and paste the hole alone."""
    part = _crop(mask).slices
    hole = mask[part]
    size = (hole.shape[1], hole.shape[0])
    scale = min(1.0, side_px / max(size))
    reduced, reduced_hole = _reduced(image[part], hole, scale)
    filled = cv2.resize(filler(reduced, reduced_hole), size, interpolation=cv2.INTER_CUBIC)
    result = image.copy()
    result[part][hole] = filled[hole]
    return result


def _crop(mask: Hole) -> Rect:
    rows, columns = (np.flatnonzero(mask.any(axis)) for axis in (1, 0))
    rect = Rect.between(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
    context_px = max(MIN_CONTEXT_PX, int(CONTEXT * max(rect.size)))
    return rect.pad(context_px).clamp(Size.of(mask))


def _reduced(image: Image, hole: Hole, scale: float) -> tuple[Image, Hole]:
    """Area means that leave the hole out."""
    if scale == 1:
        return np.ascontiguousarray(image), hole
    size = (max(1, round(hole.shape[1] * scale)), max(1, round(hole.shape[0] * scale)))
    known = (~hole).astype(np.float32)
    total = cv2.resize(image * known[..., None], size, interpolation=cv2.INTER_AREA)
    share = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
    means = np.clip(total / np.maximum(share, 1e-3)[..., None] + 0.5, 0, 255).astype(np.uint8)
    means[share < 0.5] = 127
    return means, share < 0.5
