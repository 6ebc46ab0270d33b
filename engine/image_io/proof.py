"""Proof of a written file: it is decoded again and compared with the source outside the ring."""

import io
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.geometry import Mask, Native
from engine.image_io.encoding.jpeg_file import keeps_blocks
from engine.image_io.export_options import ExportOptions
from engine.image_io.headers import jpeg
from engine.image_io.limits import Limits
from engine.image_io.reader import read
from engine.picture import Picture

_STRIP_ROWS = 64
_CHROMA_PX = 2  # decoders interpolate one chroma sample across the border of a block


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """How far a written file differs from its source where nothing was to change."""

    outside_px: int  # pixels that differ outside the ring
    outside_levels: int  # largest difference among them, in levels of the file's depth
    beyond_px: int  # those of them that lie beyond the blocks which the ring touches
    block_px: int = 0  # side of such a block: JPEG with kept blocks; else 0

    @property
    def is_exact(self) -> bool:
        return self.outside_px == 0


def prove(
    path: Path,
    expected: tuple[Native, Native | None],
    ring: Mask,
    block: tuple[int, int] | None = None,
) -> Proof:
    """Decode the file at `path` and compare it with `expected` where `ring` is 0.

    `expected` are pixels (H, W) or (H, W, 3) and alpha (H, W) or none, in the file's depth;
    `ring` is (H, W) uint8, above 0 where pixels were to change. `block` is the height and width
    of a JPEG's MCU, upright, where untouched ones were kept. Raises as `read` does.
    """
    height, width = ring.shape
    limits = Limits(pixels=max(height * width, Limits().pixels))
    found = read(path, limits)
    px = levels = beyond = 0
    for top in range(0, height, _STRIP_ROWS):
        rows = slice(top, top + _STRIP_ROWS)
        differs = _difference(found, expected, rows)
        if differs is None:
            continue
        differs[ring[rows] > 0] = 0
        px += int(np.count_nonzero(differs))
        levels = max(levels, int(differs.max(initial=0)))
        if differs.any() and block:
            differs[_near(ring, block, rows)] = 0
        beyond += int(np.count_nonzero(differs))
    side = max(block) if block else 0
    return Proof(outside_px=px, outside_levels=levels, beyond_px=beyond, block_px=side)


def kept_block(picture: Picture, options: ExportOptions) -> tuple[int, int] | None:
    """Height and width of a block, upright, where a JPEG's untouched blocks are kept."""
    coding = picture.coding
    if options.format != "jpeg" or picture.format != "jpeg" or coding.file is None:
        return None
    if not keeps_blocks(coding, options, picture.pixels):
        return None
    high, wide = jpeg.mcu_size(jpeg.examine(io.BytesIO(coding.file), Limits()))
    return (wide, high) if coding.orientation >= 5 else (high, wide)


def _difference(
    found: Picture, expected: tuple[Native, Native | None], rows: slice
) -> Native | None:
    """(rows, W): the largest difference of the channels, alpha included; None: there is none."""
    pixels, alpha = expected
    pairs = [(_like(found.pixels[rows], pixels[rows]), pixels[rows])]
    if alpha is not None and found.alpha is not None:
        pairs.append((found.alpha[rows], alpha[rows]))
    if all(np.array_equal(one, other) for one, other in pairs):
        return None
    return cast(Native, np.maximum.reduce([_gap(one, other) for one, other in pairs]))


def _like(found: Native, pixels: Native) -> Native:
    """Gray as three channels, or the other way, where a format has but one of the two."""
    if found.ndim == pixels.ndim:
        return found
    return cast(Native, found[..., 0] if found.ndim == 3 else np.repeat(found[..., None], 3, 2))


def _gap(one: Native, other: Native) -> Native:
    """(rows, W): the largest difference of the channels."""
    gap = np.maximum(one, other) - np.minimum(one, other)
    if gap.ndim == 3:  # three passes are much faster than `max` along a short axis
        gap = np.maximum(np.maximum(gap[..., 0], gap[..., 1]), gap[..., 2])
    return cast(Native, gap)


def _near(ring: Mask, block: tuple[int, int], rows: slice) -> NDArray[np.bool_]:
    """(rows, W): the ring, the blocks it touches, and one chroma sample around them."""
    down, across = (side - 1 + _CHROMA_PX for side in block)
    first = max(rows.start - down, 0)
    part = cv2.dilate(
        ring[first : rows.stop + down], np.ones((2 * down + 1, 2 * across + 1), np.uint8)
    )
    return part[rows.start - first :][: rows.stop - rows.start] > 0
