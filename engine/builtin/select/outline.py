"""Outlines: from patches to pixels on the working copy, then at full size along image edges."""

from collections.abc import Sequence

import cv2
import numpy as np

from engine.builtin.select.click_features import ClickSpot
from engine.builtin.select.edges import Floats
from engine.builtin.select.proposals import Bools
from engine.builtin.select.superpixels import Ints
from engine.geometry import Image, Mask, Rect, Size
from engine.jobs.requests import Click
from engine.selection.guided_filter import guided

_TILE_PX = 192


def enlarge(mask: Bools, image: Image) -> tuple[Rect, Mask]:
    """The (h, w) bool mask of the working copy for an (H, W, 3) picture.

    Returns its bounding box in the picture and the (height, width) uint8 part inside, 255 = marked.
    Only tiles that the outline crosses are looked at closely.
    """
    size = Size.of(image)
    small = mask_bounds(mask)
    if small.is_empty:
        return Rect(0, 0, 0, 0), np.zeros((0, 0), np.uint8)
    if mask.shape == image.shape[:2]:
        return small, mask[small.slices].astype(np.uint8) * 255
    scale_x, scale_y = size.width / mask.shape[1], size.height / mask.shape[0]
    margin = int(np.ceil(max(scale_x, scale_y))) + 1
    rect = scaled(small, Size.of(mask), size).pad(margin).clamp(size)
    full = _stretch(mask, rect, scale_x, scale_y)
    _follow_edges(full, image, rect, margin)
    return _trimmed(rect, full)


def scaled(rect: Rect, size: Size, wanted: Size) -> Rect:
    """The pixels of a picture of the wanted size that a rectangle of this one touches."""
    return Rect.between(
        rect.x * wanted.width // size.width,
        rect.y * wanted.height // size.height,
        -(-rect.right * wanted.width // size.width),
        -(-rect.bottom * wanted.height // size.height),
    )


def mask_bounds(mask: Bools) -> Rect:
    """The smallest rectangle around all that is marked; empty for an empty mask."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    if len(rows) == 0:
        return Rect(0, 0, 0, 0)
    return Rect.between(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def _stretch(mask: Bools, rect: Rect, scale_x: float, scale_y: float) -> Mask:
    """(rect) the mask enlarged bilinearly, 0..255 soft."""
    matrix = np.array(
        [
            [1 / scale_x, 0, (rect.x + 0.5) / scale_x - 0.5],
            [0, 1 / scale_y, (rect.y + 0.5) / scale_y - 0.5],
        ]
    )
    soft = cv2.warpAffine(
        mask.astype(np.uint8) * 255,
        matrix,
        (rect.width, rect.height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(soft, np.uint8)


def _follow_edges(full: Mask, image: Image, rect: Rect, radius: int) -> None:
    """Moves the outline to the edges of the picture, tile by tile, and makes it hard; in place."""
    soft = full.copy()
    cv2.threshold(full, 127, 255, cv2.THRESH_BINARY, dst=full)
    size = Size.of(full)
    for top in range(0, rect.height, _TILE_PX):
        for left in range(0, rect.width, _TILE_PX):
            tile = Rect(left, top, _TILE_PX, _TILE_PX).clamp(size)
            part = soft[tile.slices]
            if part.min() == part.max():
                continue
            wide = tile.pad(2 * radius).clamp(size)
            there = wide.moved(rect.x, rect.y)
            moved = guided(image[there.slices], soft[wide.slices].astype(np.float32) / 255, radius)
            inner = tile.moved(-wide.x, -wide.y)
            full[tile.slices] = (moved[inner.slices] >= 0.5) * np.uint8(255)


def enforce_clicks(mask: Bools, labels: Ints, lab: Floats, spots: Sequence[ClickSpot]) -> Bools:
    """(h, w) bool: every click obeyed; a patch that is not is split between its clicks.

    Each pixel of such a patch goes to the click nearest in place and colour; with clicks of one
    kind only, just the surroundings of the click change.
    """
    mask = mask.copy()
    wrong = {int(labels[spot.y, spot.x]) for spot in spots if mask[spot.y, spot.x] != spot.positive}
    for patch in sorted(wrong):
        inside = [spot for spot in spots if labels[spot.y, spot.x] == patch]
        y, x = np.nonzero(labels == patch)
        gaps = np.stack([_gap(lab, x, y, spot) for spot in inside])
        says = np.array([spot.positive for spot in inside])
        near = gaps.min(0) < 400 if says.all() or not says.any() else np.ones(len(y), np.bool_)
        mask[y[near], x[near]] = says[gaps.argmin(0)][near]
    for spot in spots:
        mask[spot.y, spot.x] = spot.positive
    return mask


def _gap(lab: Floats, x: Ints, y: Ints, spot: ClickSpot) -> Floats:
    colour = ((lab[y, x] - lab[spot.y, spot.x]) ** 2).sum(1) * 3600
    return (x - spot.x) ** 2 + (y - spot.y) ** 2 + colour


def set_click_pixels(
    rect: Rect, mask: Mask, size: Size, clicks: Sequence[Click]
) -> tuple[Rect, Mask]:
    """The (h, w) mask of `rect`, widened where needed, with the pixel of each click obeyed."""
    pixels = [(_inside(c.x, size.width), _inside(c.y, size.height), c.positive) for c in clicks]
    wide = rect
    for x, y, positive in pixels:
        if positive:
            wide = wide.union(Rect(x, y, 1, 1))
    full = np.zeros((wide.height, wide.width), np.uint8)
    full[rect.moved(-wide.x, -wide.y).slices] = mask
    for x, y, positive in pixels:
        if wide.x <= x < wide.right and wide.y <= y < wide.bottom:
            full[y - wide.y, x - wide.x] = 255 * positive
    return wide, full


def _inside(position: float, length: int) -> int:
    return min(max(int(position), 0), length - 1)


def _trimmed(rect: Rect, mask: Mask) -> tuple[Rect, Mask]:
    inner = mask_bounds(mask > 0)
    return inner.moved(rect.x, rect.y), np.ascontiguousarray(mask[inner.slices])
