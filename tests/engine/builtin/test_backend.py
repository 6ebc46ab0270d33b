"""The backend around the built-in methods: what it keeps, and what it says."""

import pickle

import numpy as np
import pytest

from engine import tasks
from engine.builtin import backend as module
from engine.builtin.backend import KEPT, BuiltinBackend
from engine.errors import Cancelled, NothingFound
from engine.geometry import Image, Rect
from engine.inpaint.crops import RemoveOptions
from engine.jobs.requests import Click, PrepareRequest, RemoveResult, SegmentRequest, SegmentResult


class Steps:
    """A job that counts its reports, and stops when told how many to allow."""

    def __init__(self, allowed: int = 10_000) -> None:
        self.allowed = allowed
        self.fractions: list[float] = []

    def report(self, fraction: float, note: str = "", preview: object = None) -> None:
        if len(self.fractions) >= self.allowed:
            raise Cancelled
        self.fractions.append(fraction)


@pytest.fixture
def view() -> Image:
    """A blue square on warm noise; not square itself."""
    image = np.random.default_rng(3).normal((150, 120, 90), 4, (120, 200, 3))
    image[40:80, 70:120] = (40, 60, 190)
    return np.clip(image, 0, 255).astype(np.uint8)


def clicked(view: Image, key: str = "a", x: float = 95.0) -> SegmentRequest:
    return SegmentRequest(image=view, key=key, clicks=(Click(x, 60.0),), revision=4)


def test_a_click_finds_the_object_under_it(view: Image) -> None:
    result = tasks.run(BuiltinBackend(), clicked(view), Steps())
    assert isinstance(result, SegmentResult)
    assert (result.engine, result.revision) == ("builtin", 4)
    best = result.candidates[0]
    found = np.zeros(view.shape[:2], bool)
    found[best.rect.slices] = best.mask > 127
    wanted = np.zeros_like(found)
    wanted[40:80, 70:120] = True
    assert (found & wanted).sum() / (found | wanted).sum() > 0.85
    assert pickle.loads(pickle.dumps(result)).candidates[0].rect == best.rect


def test_a_picture_is_prepared_once_and_the_oldest_goes(
    view: Image, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepared: list[int] = []
    real = module.prepare

    def counting(image: Image, job: object) -> object:
        prepared.append(int(image[0, 0, 0]))
        return real(image, None)

    monkeypatch.setattr(module, "prepare", counting)
    backend = BuiltinBackend()
    backend.prepare(PrepareRequest(image=view, key="a"), Steps())
    backend.segment(clicked(view), Steps())
    backend.segment(clicked(view, x=100.0), Steps())
    assert len(prepared) == 1
    for number in range(KEPT):
        backend.prepare(PrepareRequest(image=view, key=f"other {number}"), Steps())
    assert len(prepared) == 1 + KEPT
    backend.segment(clicked(view, key=f"other {KEPT - 1}"), Steps())
    assert len(prepared) == 1 + KEPT
    backend.segment(clicked(view), Steps())
    assert len(prepared) == 2 + KEPT


def test_only_negative_clicks_and_empty_boxes_find_nothing(view: Image) -> None:
    negative = SegmentRequest(image=view, key="a", clicks=(Click(95.0, 60.0, False),))
    nowhere = SegmentRequest(image=view, key="a", box=Rect(10, 10, 0, 0))
    for request in (negative, nowhere):
        with pytest.raises(NothingFound):
            tasks.run(BuiltinBackend(), request, Steps())


def test_a_removal_shows_the_ground_and_stops_when_told(view: Image) -> None:
    mask = np.zeros(view.shape[:2], np.uint8)
    mask[38:82, 68:122] = 255
    options = RemoveOptions(grow_px=2, feather_px=2)
    request = tasks.plan_remove(view, mask, options, seed=5)
    job = Steps()
    result = tasks.run(BuiltinBackend(), request, job)
    assert isinstance(result, RemoveResult)
    inside = result.patches[0].pixels[10:-10, 10:-10].astype(int)
    assert np.abs(inside.mean((0, 1)) - (150, 120, 90)).max() < 12
    assert job.fractions == sorted(job.fractions)
    for allowed in (1, len(job.fractions) // 3):
        with pytest.raises(Cancelled):
            tasks.run(BuiltinBackend(), request, Steps(allowed))
