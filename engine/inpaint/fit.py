"""Fits crops at the picture's own scale to the canvas of a model, and cuts large ones into tiles.

Sides become multiples of the model's grid by reflection, which is cut off afterwards: nothing is
cropped or stretched, and only what was painted is scaled back, never the surroundings.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from engine.geometry import Image, Mask, Rect, Size
from engine.jobs.paint_settings import Fit
from engine.jobs.requests import Hole
from engine.models.families import Profile
from engine.selection import masks

NATIVE = 1.0
OVER = 1.05  # a canvas may have so many times the pixels a model likes


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitting:
    """Where a crop of `source` lies on a canvas: scaled to `inner`, padded all around."""

    source: Size
    inner: Rect
    canvas: Size

    @property
    def fit(self) -> Fit:
        """The same as an affine, for the record."""
        return Fit(
            self.inner.width / self.source.width,
            self.inner.height / self.source.height,
            self.inner.x,
            self.inner.y,
            self.canvas,
        )

    @property
    def scale(self) -> float:
        return math.sqrt(self.inner.size.pixels / self.source.pixels)


def fit_canvas(size: Size, profile: Profile) -> Fitting:
    """How a crop is laid onto the canvas: as large as the model likes, no larger than it knows."""
    scale = _scale(size, profile)
    width = max(1, round(size.width * scale))
    height = max(1, round(size.height * scale))
    canvas = Size(_up(width, profile.grid_px), _up(height, profile.grid_px))
    inner = Rect((canvas.width - width) // 2, (canvas.height - height) // 2, width, height)
    return Fitting(source=size, inner=inner, canvas=canvas)


def widen_crop(crop: Rect, picture: Size, profile: Profile) -> Rect:
    """The crop with as much more of the picture as its canvas has room for, instead of mirrors."""
    fitting = fit_canvas(crop.size, profile)
    fit = fitting.fit
    missing_x = max(0, int(fitting.canvas.width / fit.scale_x) - crop.width)
    missing_y = max(0, int(fitting.canvas.height / fit.scale_y) - crop.height)
    x, width = _stretch(crop.x, crop.width, missing_x, picture.width)
    y, height = _stretch(crop.y, crop.height, missing_y, picture.height)
    return Rect(x, y, width, height)


def _stretch(start: int, length: int, missing: int, room: int) -> tuple[int, int]:
    """A line made longer on both sides, moved where it would leave the room."""
    length = min(room, length + missing)
    return max(0, min(start - missing // 2, room - length)), length


def _scale(size: Size, profile: Profile) -> float:
    """Of the canvases about as large as the model likes, the one that the crop fills best.

    What needs no scaling is not scaled.
    """
    most = min(profile.max_scale, math.sqrt(profile.max_pixels / size.pixels))
    if most == NATIVE:
        return NATIVE
    return max(_scales(size, profile, most), key=lambda scale: _worth(size, profile, scale))


def _scales(size: Size, profile: Profile, most: float) -> set[float]:
    """Scales at which a side is a multiple of the grid, a little below and above the most."""
    grid_px, sides = profile.grid_px, [side for side in size if side * most >= profile.grid_px]
    steps = [(math.floor(side * most / grid_px), side) for side in sides]
    exact = {(step + more) * grid_px / side for step, side in steps for more in (0, 1)}
    return {most} | {scale for scale in exact if scale <= profile.max_scale}


def _worth(size: Size, profile: Profile, scale: float) -> float:
    """A large scale is good, a mirrored margin is bad, and a canvas too large is worst."""
    width, height = (_up(max(1, round(side * scale)), profile.grid_px) for side in size)
    mirrored = 1 - min(1.0, size.pixels * scale * scale / (width * height))
    excess = max(0.0, width * height / (profile.max_pixels * OVER) - 1)
    return min(1.0, scale * math.sqrt(size.pixels / profile.max_pixels)) - mirrored - 4 * excess


def _up(side: int, grid_px: int) -> int:
    return -(-side // grid_px) * grid_px


def to_canvas(image: Image, fitting: Fitting) -> Image:
    """(h, w, 3): the crop on its canvas."""
    return _padded(resized(image, fitting.inner.size), fitting)


def mask_to_canvas(mask: Mask, fitting: Fitting) -> Mask:
    """(h, w) on the canvas: 255 wherever any pixel below is marked, so that no line is lost."""
    hard = np.where(mask > 0, np.float32(255), np.float32(0))
    return np.where(_scaled(hard, fitting) > 0, 255, 0).astype(np.uint8)


def soft_mask_to_canvas(mask: Mask, fitting: Fitting) -> Mask:
    """(h, w) values between, for models that know how much may change; 0 below no marked pixel."""
    soft = np.clip(np.rint(_scaled(mask.astype(np.float32), fitting)), 0, 255).astype(np.uint8)
    return np.maximum(soft, np.minimum(mask_to_canvas(mask, fitting), 1))


def _scaled(
    mask: np.ndarray[tuple[int, ...], np.dtype[np.float32]], fitting: Fitting
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    size = fitting.inner.size
    if size != fitting.source:
        way = cv2.INTER_AREA if fitting.scale < 1 else cv2.INTER_LINEAR
        mask = np.asarray(cv2.resize(mask, tuple(size), interpolation=way), np.float32)
    return np.asarray(_padded(mask, fitting), np.float32)


def shrink_hole(hole: Hole, size: Size) -> Hole:
    """The hole with everything smaller; its rectangle says its size alone."""
    if size == hole.rect.size:
        return hole
    return Hole(
        rect=Rect.whole(size),
        image=resized(hole.image, size),
        mask=shrink_mask(hole.mask, size),
        blend=np.asarray(
            cv2.resize(hole.blend, tuple(size), interpolation=cv2.INTER_AREA), np.uint8
        ),
    )


def shrink_mask(mask: Mask, size: Size) -> Mask:
    """(h, w) of a smaller size: 255 wherever any of the pixels below is marked."""
    hard = np.where(mask > 0, np.float32(255), np.float32(0))
    share = cv2.resize(hard, tuple(size), interpolation=cv2.INTER_AREA)
    return np.where(share > 0, 255, 0).astype(np.uint8)


def from_canvas(pixels: Image, fitting: Fitting) -> Image:
    """(h, w, 3): the crop's part of the canvas, at the size of the crop."""
    return resized(np.ascontiguousarray(pixels[fitting.inner.slices]), fitting.source)


def resized(image: Image, size: Size) -> Image:
    """(h, w, 3) of this size, by area when it becomes smaller, by Lanczos when larger."""
    if size == Size.of(image):
        return image
    smaller = size.pixels < Size.of(image).pixels
    way = cv2.INTER_AREA if smaller else cv2.INTER_LANCZOS4
    return np.asarray(cv2.resize(image, tuple(size), interpolation=way), np.uint8)


def _padded(array: np.ndarray, fitting: Fitting) -> np.ndarray:  # pyright: ignore
    inner, canvas = fitting.inner, fitting.canvas
    if inner.size == canvas:
        return array
    return np.asarray(
        cv2.copyMakeBorder(
            array, inner.y, canvas.height - inner.bottom, inner.x, canvas.width - inner.right,
            cv2.BORDER_REFLECT,
        )
    )  # fmt: skip


def tiles(mask: Mask, side_px: int, overlap_px: int) -> list[Rect]:
    """Squares that together cover all that an (H, W) mask marks, each with something in it.

    They lie inside the mask's picture, and are smaller only where that is.
    """
    box = masks.bounds(mask)
    if box.is_empty:
        return []
    size = Size.of(mask)
    found = [
        Rect(x, y, min(side_px, size.width), min(side_px, size.height))
        for y in _starts(box.y, box.bottom, side_px, overlap_px, size.height)
        for x in _starts(box.x, box.right, side_px, overlap_px, size.width)
    ]
    return [tile for tile in found if mask[tile.slices].any()]


def middle(tile: Rect, margin_px: int, size: Size) -> Rect:
    """The part that no other tile need touch: what lies `margin_px` inside, or at the border.

    With a margin of half the overlap the middles of all tiles cover what the tiles do.
    """
    return Rect.between(
        tile.x + margin_px if tile.x > 0 else 0,
        tile.y + margin_px if tile.y > 0 else 0,
        tile.right - margin_px if tile.right < size.width else size.width,
        tile.bottom - margin_px if tile.bottom < size.height else size.height,
    )


def _starts(first: int, end: int, side: int, overlap: int, room: int) -> list[int]:
    """Where tiles begin along one axis: overlapping, the last one shifted inside."""
    margin = overlap // 2
    first, end = max(0, first - margin), min(room, end + margin)
    step = max(1, side - overlap)
    starts = list(range(first, max(first + 1, end - overlap), step))
    return sorted({max(0, min(start, room - side)) for start in starts})
