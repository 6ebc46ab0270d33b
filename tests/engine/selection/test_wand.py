import numpy as np

from engine.geometry import Image, Mask, Rect
from engine.selection import edge_snap, masks
from engine.selection.magic_wand import wand


def squares() -> Image:
    """Two dark squares that touch at a corner, and a third apart."""
    image = np.full((60, 80, 3), 200, np.uint8)
    image[10:20, 10:20] = image[20:30, 20:30] = (50, 60, 70)
    image[40:50, 60:70] = (55, 60, 70)
    image.flags.writeable = False
    return image


def test_contiguous_stops_at_a_corner() -> None:
    rect, mask = wand(squares(), 15.5, 15.5, 10)
    assert rect == Rect(10, 10, 10, 10)
    assert (mask == 255).all()


def test_anywhere_finds_every_near_colour() -> None:
    rect, mask = wand(squares(), 15.5, 15.5, 5, contiguous=False)
    assert rect == Rect(10, 10, 60, 40)
    assert np.count_nonzero(mask) == 300
    assert set(np.unique(mask)) == {0, 255}


def test_tolerance_counts_in_each_channel() -> None:
    assert wand(squares(), 15, 15, 4, contiguous=False)[1].sum() == 200 * 255
    assert wand(squares(), 15, 15, 255)[0] == Rect(0, 0, 80, 60)


def test_a_point_beyond_the_border_means_the_border() -> None:
    assert wand(squares(), -5.0, 900.0, 0)[0] == wand(squares(), 0.5, 59.5, 0)[0]


def blob(offset_px: float) -> Mask:
    y, x = np.mgrid[:260, :340]
    angle = np.arctan2(y - 130, x - 170)
    inside = np.hypot(x - 170, y - 130) < 80 + 10 * np.sin(5 * angle) + offset_px
    return np.where(inside, 255, 0).astype(np.uint8)


def photo_of_blob() -> Image:
    noise = np.random.default_rng(1).normal(0, 6, (260, 340, 3))
    flat = np.where(blob(0)[..., None] > 0, (150, 90, 60), (90, 120, 140))
    return np.clip(flat + noise, 0, 255).astype(np.uint8)


def wrong_px(mask: Mask) -> float:
    return float(np.abs(mask.astype(int) - blob(0)).sum()) / 255


def test_snap_pulls_the_edge_to_the_picture() -> None:
    for offset_px in (-4, 4):
        off = blob(offset_px)
        assert wrong_px(edge_snap.snap(photo_of_blob(), off, 8)) < wrong_px(off) / 8
    assert wrong_px(edge_snap.snap(photo_of_blob(), blob(0), 8)) < 200


def test_snap_leaves_what_is_far_from_the_edge() -> None:
    off = masks.grow(blob(0), 3)
    away = edge_snap.snap(photo_of_blob(), off, 6) == off
    assert away[masks.grow(blob(0), 11) == 0].all()
    assert away[masks.grow(blob(0), -5) == 255].all()


def test_snap_of_nothing_is_nothing() -> None:
    assert not edge_snap.snap(photo_of_blob(), np.zeros((260, 340), np.uint8), 5).any()
    full = np.full((260, 340), 255, np.uint8)
    assert np.array_equal(edge_snap.snap(photo_of_blob(), full, 5), full)
