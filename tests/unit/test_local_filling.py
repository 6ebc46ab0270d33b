"""Holes that are larger than the network: bounded questions, detail at the rim, shades kept."""

import numpy as np
import pytest

from engine.families import Family, Kind
from engine.geometry import Rect
from engine.local.filling import MAX_TILES, fill, rim
from engine.requests import Hole
from tests.unit.scripted import Quiet, Scripted, model

LAMA = model(Family.LAMA, Kind.REMOVER)


def hole(height: int, width: int, box: Rect) -> Hole:
    image = np.random.default_rng(1).integers(90, 110, (height, width, 3)).astype(np.uint8)
    mask = np.zeros((height, width), np.uint8)
    mask[box.slices] = 255
    return Hole(rect=Rect(0, 0, width, height), image=image, mask=mask, blend=mask)


def test_a_crop_that_fits_is_asked_once_at_its_own_scale() -> None:
    ask = Scripted(lambda operation: operation.image)
    ours = hole(333, 501, Rect(100, 100, 90, 80))
    assert np.array_equal(fill(ask, LAMA, ours, Quiet()), ours.image)
    (only,) = ask.asked
    assert only.image.shape == (336, 504, 3)
    assert np.array_equal(only.mask[1:334, 1:502] > 0, ours.mask > 0)


@pytest.mark.parametrize("size", [(1500, 1100), (2600, 3000)])
def test_a_large_hole_is_asked_for_in_bounded_pieces(size: tuple[int, int]) -> None:
    height, width = size
    ask = Scripted()
    ours = hole(height, width, Rect(200, 200, width - 400, height - 400))
    filled = fill(ask, LAMA, ours, Quiet())
    assert filled.shape == ours.image.shape
    assert 1 < len(ask.asked) <= MAX_TILES + 1
    assert max(operation.image.size for operation in ask.asked) <= 3 * 900 * 900


def test_shades_of_the_first_answer_stay() -> None:
    """The second pass answers in another shade: it is not taken over."""
    answers = iter([100] + [180] * 100)

    def paint(operation: object) -> np.ndarray:
        return np.full(operation.image.shape, next(answers), np.uint8)  # type: ignore[attr-defined]

    ours = hole(1200, 1200, Rect(300, 300, 600, 600))
    filled = fill(Scripted(paint), LAMA, ours, Quiet())
    assert np.abs(filled[ours.mask > 0].astype(int) - 100).max() <= 25


def test_the_rim_is_a_band_along_what_is_known() -> None:
    mask = np.zeros((300, 300), np.uint8)
    mask[50:250, 50:250] = 255
    band = rim(mask, 30)
    assert band[60, 150] == 255
    assert band[150, 150] == 0
    assert not band[mask == 0].any()
    whole = np.full((40, 40), 255, np.uint8)
    assert rim(whole, 5).shape == whole.shape
