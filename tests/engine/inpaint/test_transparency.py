"""The colours under transparent pixels go into no fill."""

import cv2
import numpy as np
import pytest

from engine import tasks
from engine.builtin.backend import BuiltinBackend
from engine.colour.convert import patch_pixels
from engine.geometry import Image, Native
from engine.inpaint.crops import RemoveOptions
from tests.bench.quality_remove import NoJob

YELLOW = (210, 180, 60)
OPTIONS = RemoveOptions(grow_px=3, feather_px=3)


def removed(hidden: tuple[int, int, int], alpha: Native | None, place: tuple[int, int]) -> Image:
    """A yellow disc on a transparent ground, a blue spot on it removed."""
    view = np.full((240, 240, 3), hidden, np.uint8)
    cv2.circle(view, (120, 120), 80, YELLOW, -1)
    cv2.circle(view, place, 14, (20, 30, 200), -1)
    mask = np.zeros((240, 240), np.uint8)
    cv2.circle(mask, place, 14, 255, -1)
    request = tasks.plan_remove(view, mask, OPTIONS, alpha=alpha)
    for patch in tasks.remove(BuiltinBackend(), request, NoJob()).patches:
        view[patch.rect.slices] = patch_pixels(view, None, patch)
    assert all((hole.mask[hole.blend > 0] == 255).all() for hole in request.holes)
    return view


def alpha_of_disc(depth: type[np.unsignedinteger]) -> Native:
    alpha = np.zeros((240, 240), np.uint8)
    cv2.circle(alpha, (120, 120), 80, 255, -1)
    return alpha if depth is np.uint8 else alpha.astype(np.uint16) * 257


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
@pytest.mark.parametrize("hidden", [(0, 0, 0), (255, 0, 255), YELLOW])
def test_spot_near_the_edge_gets_the_visible_colour(
    hidden: tuple[int, int, int], depth: type[np.unsignedinteger]
) -> None:
    result = removed(hidden, alpha_of_disc(depth), (120, 60)).astype(int)
    inside = np.zeros((240, 240), np.uint8)
    cv2.circle(inside, (120, 60), 20, 255, -1)
    inside &= alpha_of_disc(np.uint8)
    assert np.abs(result[inside > 0] - YELLOW).max() <= 4


def test_spot_over_the_edge_gets_no_hidden_colour() -> None:
    result = removed((0, 0, 0), alpha_of_disc(np.uint8), (120, 38)).astype(int)
    spot = np.zeros((240, 240), np.uint8)
    cv2.circle(spot, (120, 38), 13, 255, -1)
    assert np.abs(result[spot > 0] - YELLOW).max() <= 4


def test_nothing_visible_is_no_error() -> None:
    removed((9, 9, 9), np.zeros((240, 240), np.uint8), (120, 60))
