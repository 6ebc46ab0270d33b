"""The colour match of what was drawn to what stays."""

import cv2
import numpy as np

from engine.geometry import Image, Mask, Size
from engine.inpaint import crops
from engine.inpaint.crops import RemoveOptions
from engine.jobs.requests import Hole
from engine.selection import masks

OPTIONS = RemoveOptions(grow_px=4, feather_px=8, context_px=80)


def photo(height: int = 320, width: int = 400, seed: int = 1) -> Image:
    """Shades and texture."""
    random = np.random.default_rng(seed)
    total = np.full((height, width, 3), 120.0, np.float32)
    for cells, strength in ((4, 40), (16, 14), (100, 6)):
        coarse = random.normal(0, strength, (cells, cells, 3)).astype(np.float32)
        total += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.clip(total, 0, 255).astype(np.uint8)


def hole_in(view: Image) -> Hole:
    size = Size.of(view)
    mask: Mask = np.zeros((size.height, size.width), np.uint8)
    cv2.circle(mask, (size.width // 2, size.height // 2), 60, 255, cv2.FILLED)
    return crops.cut(view, mask, crops.plan_holes(mask, OPTIONS)[0], OPTIONS)


def shifted(image: Image) -> Image:
    """As a network's encoder and decoder may shift colours."""
    drawn = image * np.array((1.08, 0.92, 1.0)) + np.array((-4.0, 4.0, 6.0))
    return np.clip(np.rint(drawn), 0, 255).astype(np.uint8)


def off_inside(hole: Hole, filled: Image, wanted: Image) -> float:
    inside = masks.bounds(hole.blend).slices
    solid = hole.blend[inside] == 255
    pixels = crops.stitch(hole, filled).pixels.astype(int)
    return float(np.abs(pixels - wanted[inside])[solid].mean())


def test_a_shift_of_all_colours_is_taken_back_also_from_something_new() -> None:
    hole = hole_in(photo())
    something = photo(seed=9)[hole.rect.slices]
    wanted = np.where(hole.mask[..., None] > 0, something, hole.image)
    drawn = shifted(wanted)
    before = float(np.abs(drawn.astype(int) - wanted)[hole.blend == 255].mean())
    assert before > 3
    assert off_inside(hole, drawn, wanted) < 1.2


def test_another_picture_beyond_the_ring_says_nothing() -> None:
    hole = hole_in(photo())
    other = shifted(photo(seed=5)[hole.rect.slices])
    assert off_inside(hole, other, other) < 2.5


def test_a_strange_spot_beyond_the_ring_does_not_count() -> None:
    view = photo()
    hole = hole_in(view)
    drawn = shifted(hole.image)
    drawn[:90, :120] = 255
    assert off_inside(hole, drawn, hole.image) < 1.2


def test_what_drew_nothing_beyond_the_ring_is_judged_by_the_feather_alone() -> None:
    hole = hole_in(photo())
    filled = np.where(hole.mask[..., None] > 0, hole.image - np.uint8(9), hole.image)
    assert off_inside(hole, filled.astype(np.uint8), hole.image) < 1.2
