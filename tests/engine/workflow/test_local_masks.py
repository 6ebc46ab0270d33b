"""What nodes do to masks, against the numbers that were measured on ComfyUI."""

import numpy as np
import pytest
from PIL import Image as Pil
from PIL import ImageFilter, ImageOps

from engine.geometry import Mask, Size
from engine.workflow.local import mask_nodes as here_masks


def square(side: int = 160, hole: slice = slice(60, 100)) -> Mask:
    mask = np.zeros((side, side + 40), np.uint8)
    mask[hole, hole] = 255
    return mask


def reach(mask: Mask) -> tuple[int, ...]:
    """How far it reaches: left, right, top, bottom."""
    rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
    return 60 - columns[0], columns[-1] - 99, 60 - rows[0], rows[-1] - 99


@pytest.mark.parametrize(
    ("radius_px", "threshold", "grown_px"),
    [(8, 250, 16), (4, 250, 8), (20, 250, 41), (0, 250, 0), (1, 250, 2), (8, 127, 0)],
)
def test_the_remover_grows_a_mask_by_its_blur(
    radius_px: int, threshold: int, grown_px: int
) -> None:
    edge = np.zeros((24, 400), np.uint8)
    edge[:, 200:] = 255
    area = here_masks.removed_area(edge, radius_px=radius_px, threshold=threshold, inverted=False)
    assert set(np.unique(area)) == {0, 255}
    assert 200 - int(np.flatnonzero(area[9])[0]) == grown_px


def test_the_remover_grows_corners_less() -> None:
    area = here_masks.removed_area(square(), radius_px=8, threshold=250, inverted=False)
    assert reach(area) == (16, 16, 16, 16)
    assert area[60 - 16, 60 - 16] == 0


def filled_by_the_pack(mask: Mask, *, radius_px: int, threshold: int, inverted: bool) -> Mask:
    """Padded with black, inverted, blurred, cut off: step by step as its node does it."""
    height, width = mask.shape
    canvas = Pil.new("L", (-(-width // 8) * 8, -(-height // 8) * 8), 0)
    canvas.paste(Pil.fromarray(mask), (0, 0))
    stays = canvas if inverted else ImageOps.invert(canvas)
    blurred = stays.filter(ImageFilter.GaussianBlur(radius_px))
    kept = blurred.point([0 if value > threshold else 255 for value in range(256)])
    return np.asarray(kept.crop((0, 0, width, height)))


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize(("radius_px", "threshold"), [(8, 250), (8, 128), (20, 200), (0, 250)])
@pytest.mark.parametrize("size", [(133, 101), (136, 104), (131, 104), (9, 7)])
def test_the_remover_pads_before_it_inverts(
    size: tuple[int, int], radius_px: int, threshold: int, inverted: bool
) -> None:
    width, height = size
    mask = np.zeros((height, width), np.uint8)
    mask[height // 2 :, width // 3 :] = 255  # to the right and the lower edge
    how = {"radius_px": radius_px, "threshold": threshold, "inverted": inverted}
    area = here_masks.removed_area(mask, **how)
    assert area.shape == mask.shape
    assert (area == filled_by_the_pack(mask, **how)).all()


def test_an_inverted_mask_says_what_stays() -> None:
    area = here_masks.removed_area(255 - square(), radius_px=8, threshold=250, inverted=True)
    assert reach(area) == (16, 16, 16, 16)


def test_at_255_all_is_removed() -> None:
    assert here_masks.removed_area(square(), radius_px=8, threshold=255, inverted=False).all()


@pytest.mark.parametrize(
    ("growth_px", "expected"),
    [(0, (0, 0, 0, 0)), (1, (0, 0, 0, 0)), (6, (2, 3, 2, 3)), (7, (3, 3, 3, 3))],
)
def test_painting_grows_by_a_square_brush(growth_px: int, expected: tuple[int, ...]) -> None:
    assert reach(here_masks.painted_area(square(), growth_px)) == expected


def convolved(mask: Mask, growth_px: int) -> Mask:
    """VAEEncodeForInpaint as it is written: a sum over a window, padded by half of it, cut."""
    before = -(-(growth_px - 1) // 2)
    padded = np.pad(mask > 127, before + growth_px)
    rows, columns = mask.shape
    shifts = [
        padded[growth_px + y :, growth_px + x :][:rows, :columns]
        for y in range(growth_px)
        for x in range(growth_px)
    ]
    return np.where(np.any(shifts, axis=0), np.uint8(255), np.uint8(0))


@pytest.mark.parametrize("growth_px", [1, 2, 5, 6, 12])
def test_painting_grows_as_the_convolution_does(growth_px: int) -> None:
    mask = np.random.default_rng(1).integers(0, 256, (40, 57)).astype(np.uint8)
    mask[mask < 250] = 40
    assert np.array_equal(here_masks.painted_area(mask, growth_px), convolved(mask, growth_px))


def test_grow_mask_is_a_diamond_or_a_square() -> None:
    wide = here_masks.grow_mask(square(), 5, tapered=False)
    assert reach(wide) == (5, 5, 5, 5)
    assert wide[55, 55] == 255
    tapered = here_masks.grow_mask(square(), 5, tapered=True)
    assert reach(tapered) == (5, 5, 5, 5)
    assert tapered[55, 55] == 0
    assert reach(here_masks.grow_mask(square(), -5, tapered=False)) == (-5, -5, -5, -5)


def test_shrinking_does_not_begin_at_the_border() -> None:
    full = np.full((20, 30), 255, np.uint8)
    assert here_masks.grow_mask(full, -5, tapered=True).all()


def test_a_batch_adds_up_to_white() -> None:
    parts = (np.full((4, 6), 200, np.uint8), np.full((2, 3), 100, np.uint8))
    assert (here_masks.summed(parts) == 255).all()
    assert here_masks.resized_mask(square(), Size(50, 40)).shape == (40, 50)


def test_what_was_found_is_tinted() -> None:
    view = np.full((160, 200, 3), 100, np.uint8)
    shown = here_masks.tint_masks(view, (square(),))
    assert (shown[80, 80] != 100).all()
    assert (shown[:50] == 100).all()
