"""Filling a hole by a network that was trained on small pictures.

A crop as large as the network knows is filled as it is. A larger one is filled small first; then,
at its own scale, a band along the rim of the hole is filled again with the small answer inside, so
that texture runs in from both sides. The shades of the small answer stay: only detail is taken.
"""

import cv2
import numpy as np

from engine.backend import JobContext
from engine.families import PROFILES, Family, Profile
from engine.fitting import fitting, lay, lay_mask, lift
from engine.geometry import Image, Mask, Rect, Size
from engine.local.ask import Ask
from engine.local.messages import Fill
from engine.models import ModelFile
from engine.requests import Hole
from engine.tasks import Part
from engine.tiling import tiles

BAND_PX = 128  # along the rim; further in nothing of the surroundings can be continued
TILE_PX = 640
OVERLAP_PX = 96
MAX_TILES = 48
SHADE_PX = 24  # detail is what is finer than this


def fill(ask: Ask, model: ModelFile, hole: Hole, job: JobContext) -> Image:
    """New pixels for the crop, of its size; at most MAX_TILES + 1 questions are asked."""
    profile = PROFILES[model.family or Family.LAMA]
    how = fitting(hole.rect.size, profile)
    if how.scale > 0.95:
        return _asked(ask, model, hole.image, hole.mask, profile, job)
    coarse = _asked(ask, model, hole.image, hole.mask, profile, Part(job, 0.0, 0.3))
    whole = _inside(hole.image, coarse, hole.mask)
    return _refined(ask, model, hole, whole, profile, Part(job, 0.3, 0.7))


def _asked(
    ask: Ask, model: ModelFile, image: Image, mask: Mask, profile: Profile, job: JobContext
) -> Image:
    how = fitting(Size.of(mask), profile)
    operation = Fill(model=model, image=lay(image, how), mask=lay_mask(mask, how))
    answer = ask(operation, job)
    assert isinstance(answer, np.ndarray)
    return lift(answer, how)


def _refined(
    ask: Ask, model: ModelFile, hole: Hole, whole: Image, profile: Profile, job: JobContext
) -> Image:
    band = rim(hole.mask, BAND_PX)
    places = tiles(band, TILE_PX, OVERLAP_PX)
    if len(places) > MAX_TILES:
        return whole
    for number, place in enumerate(places):
        part = Part(job, number / len(places), 1 / len(places))
        inside = place.slices
        fresh = _asked(ask, model, whole[inside], band[inside], profile, part)
        _take(whole, hole.mask, fresh, place)
    return whole


def rim(mask: Mask, width_px: int) -> Mask:
    """The part of the mask that lies within `width_px` of what is not masked."""
    padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, 3)[1:-1, 1:-1]
    return np.where((mask > 0) & (depth <= width_px), 255, 0).astype(np.uint8)


def _take(whole: Image, mask: Mask, fresh: Image, place: Rect) -> None:
    """Detail of the fresh pixels, shades of those that are there, less and less towards the end."""
    inside = place.slices
    below = whole[inside].astype(np.float32)
    shade = _shade(below) - _shade(fresh.astype(np.float32))
    share = _share(mask[inside], place)[..., None]
    mixed = below + (fresh + shade - below) * share
    whole[inside] = np.clip(np.rint(mixed), 0, 255).astype(np.uint8)


def _shade(
    pixels: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    size = (2 * SHADE_PX + 1, 2 * SHADE_PX + 1)
    return np.asarray(cv2.blur(pixels, size, borderType=cv2.BORDER_REFLECT), np.float32)


def _share(mask: Mask, place: Rect) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """1 at the rim, 0 where the band ends, and 0 outside the mask."""
    padded = cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, 3)[1:-1, 1:-1]
    share = np.clip(2.0 - 2.0 * depth / BAND_PX, 0, 1)
    return np.where(mask > 0, share, 0).astype(np.float32)


def _inside(image: Image, filled: Image, mask: Mask) -> Image:
    return np.where(mask[..., None] > 0, filled, image).astype(np.uint8)
