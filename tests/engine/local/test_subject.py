"""The subject by a network's plane: never stretched, and drawn to the edges of a large picture."""

from typing import Any

import cv2
import numpy as np
import pytest

from engine.errors import NoSubject
from engine.geometry import Image
from engine.jobs.operations import Floats, Salient
from engine.jobs.requests import Candidate, SegmentRequest
from engine.local.segment.subject import select_subject
from engine.models.families import Family
from engine.selection import masks
from engine.selection.soft_edge import band_px, soften
from tests.support.models_at_hand import model
from tests.support.scripted import Quiet

WIDTH, HEIGHT = 2400, 1600


def photo() -> Image:
    """A light ellipse on dark noise."""
    image = np.random.default_rng(0).integers(40, 70, (HEIGHT, WIDTH, 3)).astype(np.uint8)
    image[ellipse() > 0] = (220, 200, 180)
    return image


def ellipse() -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    cv2.ellipse(mask, (1000, 800), (420, 300), 20, 0, 360, 255, cv2.FILLED)
    return mask


def plane(side: int = 320) -> Floats:
    """What a network would say of it: a blurred ellipse, with a speck and a small hole."""
    small = cv2.resize(ellipse(), (side, side), interpolation=cv2.INTER_AREA) / np.float32(255)
    soft = np.asarray(cv2.GaussianBlur(small, (0, 0), 1.5), np.float32)
    soft[20:22, 20:22] = 0.9
    soft[side // 2, side * 10 // 24] = 0.1
    return soft


def asked(answer: Floats, image: Image | None = None, family: Family = Family.U2NETP) -> Candidate:
    def ask(operation: Any, job: object) -> Floats:
        assert isinstance(operation, Salient)
        return answer

    request = SegmentRequest(
        image=photo() if image is None else image, key="k", subject=True, revision=7
    )
    result = select_subject(ask, model(family), request, Quiet())
    assert (result.engine, result.revision) == (family.value, 7)
    (found,) = result.candidates
    return found


def whole(found: Candidate) -> np.ndarray:
    mask = np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[found.rect.slices] = found.mask
    return mask


def test_the_outline_follows_the_picture_at_full_size() -> None:
    found = whole(asked(plane()))
    wanted = ellipse()
    assert set(np.unique(found)) == {0, 255}
    differing = np.count_nonzero(found != wanted)
    assert differing < 0.003 * np.count_nonzero(wanted)  # 7 px a cell would be ten times that
    assert found[150, 150] == 0  # the speck
    assert found[800, 1000] == 255  # the hole


@pytest.mark.parametrize("most", [0.0, 0.2, 0.49])
def test_a_plane_without_a_subject_is_not_stretched_to_one(most: float) -> None:
    with pytest.raises(NoSubject):
        asked(np.asarray(most * plane() / plane().max(), np.float32))


@pytest.mark.parametrize("value", [0.0, 0.3, 1.0])
def test_all_and_nothing_are_no_subject(value: float) -> None:
    with pytest.raises(NoSubject):
        asked(np.full((320, 320), value, np.float32))


def test_noise_is_no_subject() -> None:
    values = np.random.default_rng(1).uniform(0, 0.5, (320, 320)).astype(np.float32)
    with pytest.raises(NoSubject):
        asked(values)


def test_the_score_is_the_mean_of_what_is_marked() -> None:
    assert 0.9 < asked(plane()).score <= 1
    assert 0.5 < asked(0.7 * plane()).score < 0.7


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (40, 3), (5, 700)])
def test_pictures_of_any_size(size: tuple[int, int]) -> None:
    image = np.zeros((*size, 3), np.uint8)
    half = np.zeros((320, 320), np.float32)
    half[:, :160] = 1
    try:
        found = asked(half, image)
    except NoSubject:
        return
    assert found.mask.shape == (found.rect.height, found.rect.width)
    assert found.rect.right <= size[1]


def test_a_soft_edge_is_added_as_to_answers_of_clicks() -> None:
    image, found = photo(), asked(plane())
    _, soft = soften(image, found.rect, found.mask, band_px(masks.bounds(ellipse()).size))
    assert soft.max() == 255
