"""Edited gain maps: where the picture was changed, the gain goes on from its surroundings.

The map keeps its untouched blocks, as the picture does.
"""

import io
import logging
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil

from engine.geometry import Native, Size
from engine.image_io.cleaning import pictures
from engine.image_io.decoding.arrays import by_turbo
from engine.image_io.encoding import jpeg_blocks
from engine.image_io.headers import gain_map, jpeg
from engine.image_io.headers.gain_map import GainMap
from engine.image_io.limits import Limits
from engine.picture import Metadata

_QUALITY = 95  # where the blocks of a map cannot be kept
_AROUND_PX = 1  # of the map: its samples are interpolated

logger = logging.getLogger(__name__)


def edited(found: GainMap, changed: NDArray[np.bool_], *, apart: bool = False) -> bytes:
    """The map's JPEG for a picture in which the (H, W) pixels `changed` are others.

    `changed` is as the file stores the picture, orientation not applied. Raises ValueError for a
    map that cannot be decoded.
    """
    head = jpeg.examine(io.BytesIO(found.content), Limits())
    was = by_turbo(found.content, head.size, gray=head.channels == 1)
    now = filled(was, footprint(changed, head.size))
    try:
        content = jpeg_blocks.edited(found.content, now, was, mcu=jpeg.mcu_size(head), apart=apart)
    except jpeg_blocks.BlocksUnsupported as error:
        logger.info("the blocks of the gain map are not kept: %s", error)
        out = io.BytesIO()
        Pil.fromarray(now).save(out, "JPEG", quality=_QUALITY, subsampling=0)
        content = out.getvalue()
    packet = gain_map.described(found.parameters) if found.parameters else None
    icc = pictures.blanked(head.icc) if head.icc else None
    before = jpeg.segments(Metadata(xmp=packet), icc, jfif=head.has_jfif)
    return b"\xff\xd8" + before + jpeg.application(found.iso) + jpeg.coded(content)


def footprint(changed: NDArray[np.bool_], size: Size) -> NDArray[np.bool_]:
    """(h, w) of the map's size: all its samples that stand for a pixel of (H, W) `changed`."""
    height, width = changed.shape
    rows, columns = np.nonzero(changed)
    found = np.zeros((size.height, size.width), np.uint8)
    for first, last in ((0, 0), (1, 1)):
        y = np.minimum((rows + first) * size.height // height, size.height - 1)
        x = np.minimum((columns + last) * size.width // width, size.width - 1)
        found[y, x] = 1
    side = 2 * _AROUND_PX + 1
    return cv2.dilate(found, np.ones((side, side), np.uint8)) > 0


def filled(values: Native, hole: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """(h, w) or (h, w, 3) uint8 with the (h, w) `hole` filled smoothly: push and pull."""
    out = np.array(values, np.uint8)
    if hole.all():
        out[...] = out.mean(axis=(0, 1)).round()
    elif hole.any():
        smooth = _pulled(values.astype(np.float32), (~hole).astype(np.float32))
        out[hole] = np.clip(np.rint(smooth[hole]), 0, 255).astype(np.uint8)
    return out


def _pulled(values: NDArray[np.float32], known: NDArray[np.float32]) -> NDArray[np.float32]:
    """Where nothing is known, the mean of a picture half the size, brought back by the same way."""
    if known.all() or not known.any() or max(known.shape) == 1:
        return values
    size = (known.shape[1] + 1) // 2, (known.shape[0] + 1) // 2
    weight = known if values.ndim == 2 else known[..., None]
    share = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
    total = cv2.resize(values * weight, size, interpolation=cv2.INTER_AREA)
    below = np.maximum(share, 1e-6)
    small = _pulled(
        (total / (below if values.ndim == 2 else below[..., None])).astype(np.float32),
        (share > 0).astype(np.float32),
    )
    back = cv2.resize(small, known.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return cast(NDArray[np.float32], np.where(weight > 0, values, back))
