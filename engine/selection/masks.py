"""Mask mathematics: pure functions on (H, W) uint8 arrays, 255 = marked, soft values kept.

Everything works inside the marked area's bounding box: the cost follows what is marked, not the
size of the picture.
"""

import math
import mmap
from collections.abc import Callable, Sequence
from enum import Enum
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.geometry import Mask, Rect, Size

HALF = 128  # from here on a pixel counts as marked where a yes or no is needed
BLUR_SIGMA_PX = 4.0  # above it a blur runs on a reduced copy
_SUBPIXEL_BITS = 8

Change: TypeAlias = Callable[[Mask], Mask]


class CombineMode(Enum):
    """How a new area is combined with a mask; the values are those of recipes."""

    REPLACE = "replace"
    ADD = "add"
    SUBTRACT = "subtract"
    INTERSECT = "intersect"


def blank(size: Size) -> Mask:
    """An (H, W) mask of zeros that takes memory where it is written to, in small pages.

    numpy asks for pages of 2 MB: then a brush waits milliseconds for each one that it enters.
    """
    memory = mmap.mmap(-1, max(1, size.pixels))
    return np.frombuffer(memory, np.uint8, size.pixels).reshape(size.height, size.width)


def bounds(mask: Mask) -> Rect:
    """The smallest rectangle of an (H, W) mask with every value above 0; empty if there is none."""
    return Rect(*cv2.boundingRect(mask))


def hard(mask: Mask) -> Mask:
    """(H, W): 255 from the middle value on, else 0."""
    return np.asarray(cv2.threshold(mask, HALF - 1, 255, cv2.THRESH_BINARY)[1], np.uint8)


def is_soft(mask: Mask) -> bool:
    """Whether an (H, W) mask has values between 0 and 255 beyond the anti-aliasing of its edge."""
    core = hard(mask)
    kernel = np.ones((5, 5), np.uint8)
    outside = cv2.subtract(mask, cv2.dilate(core, kernel))
    inside = cv2.subtract(cv2.erode(core, kernel), mask)
    return bool(cv2.countNonZero(outside) or cv2.countNonZero(inside))


def distance(core: Mask) -> NDArray[np.float32]:
    """(H, W) distance in pixels of each pixel of value 0 to the nearest other one; 0 on those."""
    return np.asarray(
        cv2.distanceTransform(cv2.bitwise_not(core), cv2.DIST_L2, cv2.DIST_MASK_5), np.float32
    )


def ramp(distances: NDArray[np.float32], end_px: float, width_px: float) -> Mask:
    """(H, W): 255 up to `end_px` - `width_px`, falling in a line to 0 at `end_px`."""
    slope = 255.0 / max(width_px, 1e-3)
    return np.asarray(
        cv2.convertScaleAbs(np.minimum(distances, end_px), alpha=-slope, beta=end_px * slope),
        np.uint8,
    )


def grow(mask: Mask, radius_px: float) -> Mask:
    """Widen the marked area of an (H, W) mask by a disc; a negative radius shrinks it.

    Hard masks get an anti-aliased edge from a distance transform, so the cost does not depend on
    the radius; soft ones keep their profile (grey dilation). Beyond the picture nothing is known:
    a mask that touches the border does not shrink from there.
    """
    if radius_px == 0:
        return mask.copy()
    return within(mask, max(radius_px, 0.0) + 2, lambda part: _grow(part, radius_px))


def _grow(mask: Mask, radius_px: float) -> Mask:
    if is_soft(mask):
        return _grow_soft(mask, radius_px)
    if radius_px > 0:
        return np.asarray(cv2.max(mask, _reach(mask, radius_px)), np.uint8)
    unmarked = _reach(invert(mask), -radius_px)
    return np.asarray(cv2.subtract(mask, unmarked), np.uint8)


def _reach(mask: Mask, radius_px: float) -> Mask:
    return ramp(distance(hard(mask)), radius_px + 1.0, 1.0)


def _grow_soft(mask: Mask, radius_px: float) -> Mask:
    """Grey dilation by a 12-cornered disc: the union of three rectangles, quick for any radius."""
    combine, join = (cv2.dilate, cv2.max) if radius_px > 0 else (cv2.erode, cv2.min)
    parts = [
        combine(mask, np.ones((2 * tall + 1, 2 * wide + 1), np.uint8))
        for wide, tall in _disc_rectangles(abs(radius_px))
    ]
    return np.asarray(join(join(parts[0], parts[1]), parts[2]), np.uint8)


def _disc_rectangles(radius_px: float) -> list[tuple[int, int]]:
    """Half sides of three rectangles with their corners on the circle."""
    angles = (math.radians(15), math.radians(45), math.radians(75))
    return [(round(radius_px * math.cos(a)), round(radius_px * math.sin(a))) for a in angles]


def feather(mask: Mask, sigma_px: float) -> Mask:
    """Soften the edge of an (H, W) mask by a Gaussian; at the picture's border it stays marked."""
    if sigma_px <= 0:
        return mask.copy()
    return within(mask, 3 * sigma_px + 2, lambda part: blur(part, sigma_px))


def blur(mask: Mask, sigma_px: float) -> Mask:
    """Gaussian blur of (H, W); above 4 px on a copy reduced by half the sigma: invisible."""
    factor = max(1, int(sigma_px / 2)) if sigma_px > BLUR_SIGMA_PX else 1
    size = Size.of(mask)
    small = Size(math.ceil(size.width / factor), math.ceil(size.height / factor))
    part = mask if factor == 1 else cv2.resize(mask, small, interpolation=cv2.INTER_AREA)
    part = cv2.GaussianBlur(part, (0, 0), sigma_px / factor, borderType=cv2.BORDER_REPLICATE)
    if factor > 1:
        part = cv2.resize(part, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(part, np.uint8)


def smooth(mask: Mask, sigma_px: float) -> Mask:
    """Round off an (H, W) mask: wiggles shorter than two sigma go; soft edges stay soft."""
    if sigma_px <= 0:
        return mask.copy()
    return within(mask, 3 * sigma_px + 2, lambda part: _smooth(part, sigma_px))


def _smooth(mask: Mask, sigma_px: float) -> Mask:
    blurred = blur(mask, sigma_px)
    if is_soft(mask):
        return blurred
    gain = max(1.0, 2.5 * sigma_px)  # a blurred step is about 2.5 sigma wide: back to one pixel
    return np.asarray(
        cv2.LUT(blurred, np.clip((np.arange(256) - 127.5) * gain + 127.5, 0, 255).astype(np.uint8)),
        np.uint8,
    )


def fill_holes(mask: Mask) -> Mask:
    """Mark the holes that the marked area of an (H, W) mask encloses."""
    return within(mask, 1, _fill_holes)


def _fill_holes(mask: Mask) -> Mask:
    contours, tree = cv2.findContours(hard(mask), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    filled = mask.copy()
    if contours:
        inner = [contour for contour, link in zip(contours, tree[0]) if link[3] >= 0]
        cv2.drawContours(filled, inner, -1, 255, cv2.FILLED)
    return filled


def drop_islands(mask: Mask, min_px: float) -> Mask:
    """Clear connected areas of fewer than `min_px` pixels of an (H, W) mask."""
    return within(mask, 0, lambda part: _drop_islands(part, min_px))


def _drop_islands(mask: Mask, min_px: float) -> Mask:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8, ltype=cv2.CV_32S)
    small = stats[:, cv2.CC_STAT_AREA] < min_px
    small[0] = False
    if not small.any():
        return mask.copy()
    return np.where(small[np.asarray(labels, np.int32)], np.uint8(0), mask)


def invert(mask: Mask) -> Mask:
    """(H, W): 255 minus the mask."""
    return np.asarray(cv2.bitwise_not(mask), np.uint8)


def combine(mask: Mask, rect: Rect, part: Mask, mode: CombineMode) -> tuple[Rect, Mask]:
    """Combine `part`, which covers `rect`, with the (H, W) uint8 `mask`.

    Returns the rectangle that may change and its new values; `mask` itself stays as it is.
    """
    match mode:
        case CombineMode.REPLACE:
            area = bounds(mask).union(rect)
            return area, _placed(part, rect, area)
        case CombineMode.ADD:
            return rect, np.maximum(mask[rect.slices], part)
        case CombineMode.SUBTRACT:
            return rect, np.minimum(mask[rect.slices], 255 - part)
        case CombineMode.INTERSECT:
            area = bounds(mask)
            return area, np.minimum(mask[area.slices], _placed(part, rect, area))


def _placed(part: Mask, rect: Rect, area: Rect) -> Mask:
    """The values of `part` in another rectangle, 0 where it does not reach."""
    values = np.zeros((area.height, area.width), np.uint8)
    common = area.intersect(rect)
    if not common.is_empty:
        inside = part[common.moved(-rect.x, -rect.y).slices]
        values[common.moved(-area.x, -area.y).slices] = inside
    return values


def polygon(points: Sequence[tuple[float, float]], size: Size) -> tuple[Rect, Mask]:
    """A closed line filled, anti-aliased: its rectangle in a picture, and the (h, w) mask there."""
    corners = np.asarray(points, np.float64).reshape(-1, 2)
    if len(corners) == 0:
        return Rect(0, 0, 0, 0), np.zeros((0, 0), np.uint8)
    low, high = np.floor(corners.min(0)).astype(int), np.ceil(corners.max(0)).astype(int)
    rect = Rect.between(*low.tolist(), *high.tolist()).pad(1).clamp(size)
    mask = np.zeros((rect.height, rect.width), np.uint8)
    if not rect.is_empty:
        _draw_polygon(mask, corners - (rect.x + 0.5, rect.y + 0.5))
    return rect, mask


def rectangle(rect: Rect, size: Size) -> tuple[Rect, Mask]:
    """The part of `rect` inside a picture of this size, and its (h, w) mask, all 255."""
    inside = rect.clamp(size)
    return inside, np.full((inside.height, inside.width), 255, np.uint8)


def _draw_polygon(mask: Mask, corners: NDArray[np.float64]) -> None:
    fixed = np.round(corners * (1 << _SUBPIXEL_BITS)).astype(np.int32)
    cv2.fillPoly(mask, [fixed], 255, lineType=cv2.LINE_AA, shift=_SUBPIXEL_BITS)


def within(mask: Mask, margin_px: float, change: Change) -> Mask:
    """Run `change` on the marked box of an (H, W) mask plus a margin; outside the answer is 0."""
    box = bounds(mask)
    if box.is_empty:
        return np.zeros_like(mask)
    area = box.pad(math.ceil(margin_px)).clamp(Size.of(mask))
    if area.size == Size.of(mask):
        return change(mask)
    result = np.zeros_like(mask)
    result[area.slices] = change(mask[area.slices])
    return result
