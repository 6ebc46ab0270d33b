"""The built-in guess of a subject: what differs from all that reaches the frame."""

import cv2
import numpy as np
import pytest

from engine import tasks
from engine.builtin.backend import BuiltinBackend
from engine.errors import Cancelled, NoSubject
from engine.geometry import Image, Mask
from engine.jobs.requests import SegmentRequest, SegmentResult
from engine.selection import masks
from tests.support.hair import fur
from tests.support.scripted import Quiet


def ground(height: int = 300, width: int = 400, seed: int = 0) -> Image:
    """Noisy grass below, sky above."""
    image = np.random.default_rng(seed).normal(0, 6, (height, width, 3))
    image[: height // 2] += (150, 190, 230)
    image[height // 2 :] += (70, 130, 60)
    return np.clip(image, 0, 255).astype(np.uint8)


def asked(image: Image, soft_edge: bool = False) -> SegmentResult:
    request = SegmentRequest(image=image, key="k", subject=True, revision=3, soft_edge=soft_edge)
    return tasks.segment(BuiltinBackend(), request, Quiet())


def whole(result: SegmentResult, image: Image) -> Mask:
    mask, (found,) = np.zeros(image.shape[:2], np.uint8), result.candidates
    mask[found.shown.rect.slices] = found.shown.mask
    return mask


def overlap(one: Mask, other: Mask) -> float:
    return float(((one > 127) & (other > 127)).sum() / ((one > 127) | (other > 127)).sum())


@pytest.mark.parametrize(
    ("centre", "scale"), [((200, 150), 1), ((120, 180), 1), ((290, 110), 1), ((120, 180), 4)]
)
def test_what_stands_before_sky_and_grass_is_the_subject(
    centre: tuple[int, int], scale: int
) -> None:
    image, wanted = ground(), np.zeros((300, 400), np.uint8)
    cv2.ellipse(wanted, centre, (50, 70), 10, 0, 360, 255, cv2.FILLED)
    image[wanted > 0] = np.clip(image[wanted > 0] * 0.1 + (190, 40, 40), 0, 255)
    if scale > 1:
        size = (400 * scale, 300 * scale)
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_CUBIC), np.uint8)
        wanted = np.asarray(cv2.resize(wanted, size, interpolation=cv2.INTER_NEAREST), np.uint8)
    result = asked(image)
    assert (result.engine, result.revision) == ("builtin", 3)
    assert overlap(whole(result, image), wanted) > 0.93


@pytest.mark.parametrize("seed", range(3))
def test_where_nothing_stands_out_there_is_no_subject(seed: int) -> None:
    random = np.random.default_rng(seed)
    y = np.mgrid[:300, :400][0]
    slope = np.repeat((60 + y / 3)[..., None], 3, 2) + random.normal(0, 4, (300, 400, 3))
    for image in (ground(seed=seed), slope, random.integers(0, 256, (300, 400, 3))):
        with pytest.raises(NoSubject):
            asked(np.clip(image, 0, 255).astype(np.uint8))


@pytest.mark.parametrize("size", [(1, 1), (2, 2), (1, 90), (9, 9), (500, 3)])
def test_tiny_and_flat_pictures_have_no_subject(size: tuple[int, int]) -> None:
    with pytest.raises(NoSubject):
        asked(np.full((*size, 3), 90, np.uint8))


def test_the_switch_for_soft_edges_is_obeyed() -> None:
    image = fur().image
    assert not masks.is_soft(whole(asked(image), image))
    assert masks.is_soft(whole(asked(image, soft_edge=True), image))


def test_the_same_picture_has_the_same_subject() -> None:
    image = fur().image
    assert np.array_equal(whole(asked(image), image), whole(asked(image), image))


def test_it_can_be_stopped() -> None:
    class Stops(Quiet):
        def report(self, fraction: float, note: str = "", preview: object = None) -> None:
            if fraction >= 0.5:
                raise Cancelled

    with pytest.raises(Cancelled):
        BuiltinBackend().segment(SegmentRequest(image=ground(), key="k", subject=True), Stops())
