"""The recipe of each job, on the backend without skill."""

import pickle
from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest

from engine import tasks
from engine.errors import Cancelled, CapabilityMissing, HoleTooLarge, NothingFound, NothingSelected
from engine.geometry import Image, Mask, Rect
from engine.inpaint.crops import RemoveOptions
from engine.jobs.backend import Capability, JobContext
from engine.jobs.events import Event, Failed, Finished
from engine.jobs.fake import FakeBackend
from engine.jobs.requests import (
    Click,
    Hole,
    PrepareRequest,
    RemoveRequest,
    RemoveResult,
    SegmentRequest,
    SegmentResult,
)
from engine.models.families import PROFILES, Family

OPTIONS = RemoveOptions(grow_px=2, feather_px=2, context_px=12)


class Steps:
    """A job that remembers its reports, and stops when told how many to allow."""

    def __init__(self, allowed: int = 10_000) -> None:
        self.fractions: list[float] = []
        self.allowed = allowed

    def report(self, fraction: float, note: str = "", preview: object = None) -> None:
        if len(self.fractions) >= self.allowed:
            raise Cancelled
        self.fractions.append(fraction)


@pytest.fixture
def view() -> Image:
    return np.random.default_rng(5).integers(0, 256, (90, 160, 3)).astype(np.uint8)


@pytest.fixture
def mask() -> Mask:
    mask = np.zeros((90, 160), np.uint8)
    mask[20:30, 15:30] = mask[60:70, 120:130] = 255
    return mask


def removed(view: Image, request: RemoveRequest, job: JobContext | None = None) -> RemoveResult:
    result = tasks.run(FakeBackend(), request, job or Steps())
    assert isinstance(result, RemoveResult)
    return result


def written(view: Image, result: RemoveResult) -> tuple[Image, Mask]:
    """The picture with the patches mixed in, and where it may have changed."""
    after, blend = view.copy(), np.zeros(view.shape[:2], np.uint8)
    for patch in result.patches:
        share = patch.blend[..., None] / 255
        old = view[patch.rect.slices]
        after[patch.rect.slices] = np.rint(old + (patch.pixels - old.astype(float)) * share)
        blend[patch.rect.slices] |= patch.blend
    return after, blend


def test_each_hole_is_filled_and_nothing_else_changes(view: Image, mask: Mask) -> None:
    request = tasks.plan_remove(view, mask, OPTIONS, revision=7, seed=3)
    assert len(request.holes) == 2
    result = removed(view, request)
    assert (result.engine, result.seed, result.revision) == ("fake", 3, 7)
    after, blend = written(view, result)
    assert tasks.changed_outside(view, after, blend) == 0
    assert (after[mask == 255] != view[mask == 255]).any(1).mean() > 0.95
    assert (blend[mask == 255] == 255).all()


def test_changes_outside_the_ring_are_counted_by_pixel(view: Image, mask: Mask) -> None:
    after = view.copy()
    after[0, 0] ^= 1
    after[5, 5, 2] ^= 1
    after[25, 20] ^= 1
    assert tasks.changed_outside(view, after, mask) == 2
    gray = view[..., 0].astype(np.uint16)
    assert tasks.changed_outside(gray, after[..., 0], mask) == 1


def test_the_progress_of_all_holes_is_one_line(view: Image, mask: Mask) -> None:
    job = Steps()
    removed(view, tasks.plan_remove(view, mask, OPTIONS), job)
    assert job.fractions == sorted(job.fractions)
    assert job.fractions[0] == 0.0
    assert 0.9 < job.fractions[-1] <= 1.0


@pytest.mark.parametrize("allowed", [0, 1, 9, 15])
def test_a_removal_stops_at_any_report(view: Image, mask: Mask, allowed: int) -> None:
    with pytest.raises(Cancelled):
        removed(view, tasks.plan_remove(view, mask, OPTIONS), Steps(allowed))


def test_nothing_and_everything_are_refused(view: Image, mask: Mask) -> None:
    with pytest.raises(NothingSelected):
        tasks.plan_remove(view, np.zeros_like(mask), OPTIONS)
    with pytest.raises(HoleTooLarge) as refusal:
        tasks.plan_remove(view, np.full_like(mask, 255), OPTIONS)
    assert refusal.value.share == 1.0
    with pytest.raises(HoleTooLarge):
        tasks.plan_remove(view[:1, :1], mask[:1, :1] + np.uint8(255), OPTIONS)


def test_clicks_and_boxes_lead_to_candidates(view: Image) -> None:
    clicked = tasks.run(
        FakeBackend(), SegmentRequest(image=view, key="k", clicks=(Click(80, 45),)), Steps()
    )
    assert isinstance(clicked, SegmentResult)
    assert len(clicked.candidates) == 3
    assert all(c.mask.shape == (c.rect.height, c.rect.width) for c in clicked.candidates)
    box = Rect(10, 20, 30, 40)
    boxed = tasks.run(FakeBackend(), SegmentRequest(image=view, key="k", box=box), Steps())
    assert isinstance(boxed, SegmentResult)
    assert boxed.candidates[0].rect == box
    only_negative = SegmentRequest(image=view, key="k", clicks=(Click(80, 45, False),))
    with pytest.raises(NothingFound):
        tasks.run(FakeBackend(), only_negative, Steps())


class ClickOnly(FakeBackend):
    name = "click only"

    def capabilities(self) -> frozenset[Capability]:
        return frozenset({Capability.CLICK})


def test_what_a_backend_cannot_do_is_said_before_it_is_asked(view: Image, mask: Mask) -> None:
    for request in (
        tasks.plan_remove(view, mask, OPTIONS),
        SegmentRequest(image=view, key="k", box=Rect(0, 0, 5, 5)),
    ):
        with pytest.raises(CapabilityMissing):
            tasks.run(ClickOnly(), request, Steps())


class Careless(FakeBackend):
    def fill(self, hole: Hole, seed: int, job: JobContext) -> Image:
        return hole.image[1:]


def test_an_answer_of_the_wrong_size_is_a_bug(view: Image, mask: Mask) -> None:
    with pytest.raises(TypeError, match="fake answered"):
        tasks.run(Careless(), tasks.plan_remove(view, mask, OPTIONS), Steps())


def test_requests_results_and_events_pickle(view: Image, mask: Mask) -> None:
    remove = tasks.plan_remove(view, mask, OPTIONS)
    segment = SegmentRequest(image=view, key="k", clicks=(Click(3, 4), Click(5, 6, False)))
    fake = FakeBackend()
    events: list[Event] = [
        Finished(1, tasks.run(fake, remove, Steps())),
        Finished(2, tasks.run(fake, segment, Steps())),
        Failed(3, HoleTooLarge(0.95)),
    ]
    for record in (remove, segment, PrepareRequest(image=view, key="k"), *events):
        assert same(record, pickle.loads(pickle.dumps(record)))


def same(one: object, other: object) -> bool:
    """Equal in everything, arrays and the data of errors included."""
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and np.array_equal(one, other)
    if isinstance(one, Exception):
        return type(one) is type(other) and vars(one) == vars(other)
    if isinstance(one, tuple):
        return isinstance(other, tuple) and len(one) == len(other) and all(map(same, one, other))
    if is_dataclass(one):
        return type(one) is type(other) and all(
            same(getattr(one, field.name), getattr(other, field.name)) for field in fields(one)
        )
    return one == other


def test_a_draft_is_one_small_mask_whatever_the_engine_answers() -> None:
    view = np.zeros((5000, 12_000, 3), np.uint8)
    request = SegmentRequest(image=view, key="a", clicks=(Click(6000.5, 2500.5),))
    full = tasks.run(FakeBackend(), request, Steps())
    draft = tasks.run(FakeBackend(), replace(request, draft=True), Steps())
    assert isinstance(full, SegmentResult)
    assert isinstance(draft, SegmentResult)
    assert len(draft.candidates) == 1
    best, wanted = draft.candidates[0], full.candidates[0]
    assert best.rect == wanted.rect
    assert max(best.mask.shape) == tasks.DRAFT_PX < wanted.rect.width
    assert abs((best.mask > 0).mean() - (wanted.mask > 0).mean()) < 0.01


def test_crops_are_such_as_the_profile_in_the_options_wants() -> None:
    view = np.zeros((900, 900, 3), np.uint8)
    mask = np.zeros((900, 900), np.uint8)
    mask[440:460, 440:460] = 255
    profile = PROFILES[Family.SDXL_INPAINT]
    plain = tasks.plan_remove(view, mask, OPTIONS).holes[0].rect
    in_options = tasks.plan_remove(view, mask, replace(OPTIONS, profile=profile)).holes[0].rect
    named = tasks.plan_remove(view, mask, OPTIONS, profile=profile).holes[0].rect
    assert in_options == named
    assert in_options.size.pixels > plain.size.pixels
