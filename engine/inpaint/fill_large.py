"""Fills holes of any size with a network that was trained on small pictures.

A crop as large as the network knows is filled as it is. A larger one is filled small first, then
at twice the size, and so on up to its own: each time a band along the rim of the hole is filled
again with the answer so far inside, so that texture runs in from both sides. Towards the middle the
answer stays softer: nothing of the surroundings can be continued there. The shades of the smaller
answer stay, only detail is taken.
"""

import math
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.geometry import Image, Mask, Rect, Size
from engine.inpaint.fit import (
    fit_canvas,
    from_canvas,
    mask_to_canvas,
    middle,
    resized,
    shrink_mask,
    tiles,
    to_canvas,
)
from engine.jobs.backend import JobContext
from engine.jobs.operations import Fill, Perform
from engine.jobs.progress import ProgressSlice
from engine.jobs.requests import Hole
from engine.models.families import PROFILES, Family, Profile
from engine.models.model_file import ModelFile
from engine.selection import masks

NEAR_ENOUGH = 0.95  # of its own scale: nothing is gained by a second look
NEAR_PX = 128  # around a hole, at least: others take as much
BAND_PX = 128  # along the rim, at each size
TILE_PX = 640
OVERLAP_PX = 192
MAX_TILES = 48  # of all sizes together; what would take more stays at the size before
SHADE_PX = 24  # detail is what is finer than this

Plane = NDArray[np.float32]


def fill(ask: Perform, model: ModelFile, hole: Hole, job: JobContext) -> Image:
    """(h, w, 3) uint8 new pixels for the crop; the network runs at most MAX_TILES + 1 times.

    Only what is near the hole is looked at: the same hole costs the same in any picture.
    """
    near = _near(hole)
    if near.size == hole.rect.size:
        return _filled(ask, model, hole, job)
    inside = near.slices
    small = replace(
        hole,
        rect=near.moved(hole.rect.x, hole.rect.y),
        image=np.ascontiguousarray(hole.image[inside]),
        mask=np.ascontiguousarray(hole.mask[inside]),
        blend=np.ascontiguousarray(hole.blend[inside]),
    )
    filled = hole.image.copy()
    filled[inside] = _filled(ask, model, small, job)
    return filled


def _near(hole: Hole) -> Rect:
    """The part of the crop that decides what the hole is filled with."""
    box = masks.bounds(hole.blend)
    return box.pad(max(NEAR_PX, max(box.size) // 8)).clamp(hole.rect.size)


def _filled(ask: Perform, model: ModelFile, hole: Hole, job: JobContext) -> Image:
    filler = _Filler(ask, model)
    scale = fit_canvas(hole.rect.size, filler.profile).scale
    first = job if scale > NEAR_ENOUGH else ProgressSlice(job, 0.0, 0.2)
    filled = filler.ask(hole.image, hole.mask, first)
    if scale <= NEAR_ENOUGH:
        filled = filler.refined(hole, filled, scale, ProgressSlice(job, 0.2, 0.8))
    return filled


class _Filler:
    """A network, ready for one crop after the other."""

    def __init__(self, ask: Perform, model: ModelFile) -> None:
        self._ask, self._model = ask, model
        self.profile: Profile = PROFILES[model.family or Family.LAMA]

    def ask(self, image: Image, mask: Mask, job: JobContext) -> Image:
        """The crop filled at the scale that the network knows."""
        fitting = fit_canvas(Size.of(mask), self.profile)
        answer = self._ask(
            Fill(
                model=self._model,
                image=to_canvas(image, fitting),
                mask=mask_to_canvas(mask, fitting),
            ),
            job,
        )
        assert isinstance(answer, np.ndarray)
        return from_canvas(answer.astype(np.uint8, copy=False), fitting)

    def refined(self, hole: Hole, coarse: Image, scale: float, job: JobContext) -> Image:
        """Coarse to fine. Other holes in sight keep the coarse answer: nobody looks at it."""
        whole, asked = coarse, 0
        for number, size in enumerate(sizes := _sizes(hole.rect.size, scale)):
            share = rim(shrink_mask(hole.blend, size), BAND_PX)
            left = np.where(share > 0, np.uint8(255), np.uint8(0))
            places = tiles(left, TILE_PX, OVERLAP_PX)
            asked += len(places)
            if asked > MAX_TILES:
                break
            image, unknown = resized(hole.image, size), shrink_mask(hole.mask, size)
            whole = _inside(image, resized(whole, size), unknown)
            part = ProgressSlice(job, *_share_of(number, len(sizes)))
            self._sharpen(whole, share, left, places, part)
        return resized(whole, hole.rect.size)

    def _sharpen(
        self, whole: Image, share: Plane, left: Mask, places: list[Rect], job: JobContext
    ) -> None:
        """Fill what is left tile by tile; each continues what the ones before have filled."""
        for number, place in enumerate(places):
            part = ProgressSlice(job, number / len(places), 1 / len(places))
            near = _needed(left, place)
            if near.is_empty:
                continue
            inside = near.slices
            fresh = self.ask(
                np.ascontiguousarray(whole[inside]), np.ascontiguousarray(left[inside]), part
            )
            done = middle(place, OVERLAP_PX // 2, Size.of(left)).intersect(near)
            mixed = _mixed(whole[inside], fresh, np.where(left[inside] > 0, share[inside], 0))
            whole[done.slices] = mixed[done.moved(-near.x, -near.y).slices]
            left[done.slices] = 0


def _sizes(size: Size, scale: float) -> list[Size]:
    """From the one after the first answer's up to the crop's own, each at most twice the last."""
    count = math.ceil(math.log2(1 / scale) - 0.1)
    step = scale ** (1 / max(1, count))
    shares = [step**left for left in range(max(1, count) - 1, -1, -1)]
    return [Size(max(1, round(size.width * s)), max(1, round(size.height * s))) for s in shares]


def _share_of(number: int, count: int) -> tuple[float, float]:
    """Where one size starts in the whole, and its share: each takes twice the one before."""
    total = 2**count - 1
    return (2**number - 1) / total, 2**number / total


def _needed(left: Mask, place: Rect) -> Rect:
    """The part of a tile around what is left to fill in it."""
    box = masks.bounds(np.ascontiguousarray(left[place.slices])).moved(place.x, place.y)
    return box if box.is_empty else box.pad(OVERLAP_PX // 2).intersect(place)


def rim(mask: Mask, width_px: int) -> Plane:
    """(h, w) 1 inside the mask at its edge, falling to 0 at `width_px` from it; 0 outside.

    Beyond the picture the mask goes on: its border is no edge.
    """
    padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, cv2.DIST_MASK_5)[1:-1, 1:-1]
    share = np.minimum(2.0 - 2.0 * np.minimum(depth, width_px) / width_px, 1)
    return np.where(mask > 0, share, 0).astype(np.float32)


def _mixed(below: Image, fresh: Image, share: Plane) -> Image:
    """Detail of the fresh pixels, shades of those that are there."""
    old, new = below.astype(np.float32), fresh.astype(np.float32)
    mixed = old + (new + _shade(old) - _shade(new) - old) * share[..., None]
    return np.clip(np.rint(mixed), 0, 255).astype(np.uint8)


def _shade(pixels: Plane) -> Plane:
    size = (2 * SHADE_PX + 1, 2 * SHADE_PX + 1)
    return np.asarray(cv2.blur(pixels, size, borderType=cv2.BORDER_REFLECT), np.float32)


def _inside(image: Image, filled: Image, mask: Mask) -> Image:
    return np.where(mask[..., None] > 0, filled, image).astype(np.uint8)
