"""The colours under transparent pixels go into no fill."""

import cv2
import numpy as np
import pytest

from engine import tasks
from engine.builtin.backend import BuiltinBackend
from engine.colour.convert import patch_alpha, patch_pixels
from engine.geometry import Image, Mask, Native
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


def alpha_after(given: Native, alpha: Native, place: tuple[int, int]) -> tuple[Native, Mask]:
    """The alpha when a spot is removed, and where it may change."""
    view, mask = np.full((240, 240, 3), YELLOW, np.uint8), np.zeros((240, 240), np.uint8)
    cv2.circle(view, place, 14, (20, 30, 200), -1)
    cv2.circle(mask, place, 14, 255, -1)
    request = tasks.plan_remove(view, mask, OPTIONS, alpha=given)
    result, blend = given.copy(), np.zeros_like(mask)
    for patch in tasks.remove(BuiltinBackend(), request, NoJob()).patches:
        result[patch.rect.slices] = patch_alpha(result, patch)
        blend[patch.rect.slices] = patch.blend
    assert np.array_equal(result[blend == 0], given[blend == 0])
    assert result.dtype == alpha.dtype
    return result, blend


@pytest.mark.parametrize("depth", [np.uint8, np.uint16])
def test_object_on_transparency_leaves_transparency(depth: type[np.unsignedinteger]) -> None:
    alpha = alpha_of_disc(depth)
    given = alpha.copy()
    cv2.circle(given, (200, 30), 14, int(np.iinfo(depth).max), -1)  # type: ignore[call-overload]
    result, blend = alpha_after(given, alpha, (200, 30))
    assert (result[blend == 255] == 0).all()


def test_edge_of_what_is_visible_goes_on_through_the_hole() -> None:
    alpha = alpha_of_disc(np.uint8)
    given = alpha.copy()
    cv2.circle(given, (120, 40), 14, 255, -1)
    result, _ = alpha_after(given, alpha, (120, 40))
    wrong = np.abs(result.astype(int) - alpha) > 127
    assert np.count_nonzero(wrong) < 60  # of 615: the edge is some pixels off at most
    assert np.count_nonzero((result > 0) & (result < 255)) < 80


def test_alpha_stays_where_all_around_is_visible_or_veiled_alike() -> None:
    alpha = np.full((240, 240), 255, np.uint8)
    alpha[:20] = 0
    result, _ = alpha_after(alpha, alpha, (120, 120))
    assert np.array_equal(result, alpha)
    veil = np.full((240, 240), 90, np.uint8)
    assert np.array_equal(alpha_after(veil, veil, (120, 120))[0], veil)


def test_nothing_visible_is_no_error() -> None:
    removed((9, 9, 9), np.zeros((240, 240), np.uint8), (120, 60))
