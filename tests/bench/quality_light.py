"""The functions that the quality scorers call, with the light engine and the models of this user.

python score_click.py tests.bench.quality_light:segment --box tests.bench.quality_light:segment_box
python score_remove.py tests.bench.quality_light:remove

Models are those that the window would take (`lacuna models fetch light`); they are not checked
first, so that weights of random numbers show at least that all of it runs.
"""

import atexit
import functools
import hashlib
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from app.engines.runner import find_models
from engine.dispatch.lookup import require
from engine.errors import CapabilityMissing, NothingFound
from engine.geometry import Image, Rect
from engine.inpaint.fill_large import fill
from engine.jobs.backend import Capability, JobContext
from engine.jobs.paint_settings import Painted, PaintSettings
from engine.jobs.requests import (
    FindRequest,
    FindResult,
    Hole,
    PrepareRequest,
    SegmentRequest,
    SegmentResult,
)
from engine.local.process.client import light_client
from engine.local.segment.selector import LocalSelector
from engine.models.families import LIGHT, PROFILES
from tests.bench.quality_remove import OPTIONS, NoJob, removed_by
from tests.bench.quality_select import clicks_on, whole


class UncheckedLight:
    """The light backend without its self-checks."""

    name = "light"

    def __init__(self) -> None:
        self.found = find_models().on(LIGHT)
        self._client = light_client()
        self._selector = LocalSelector(self._client)
        atexit.register(self.close)

    def capabilities(self) -> frozenset[Capability]:
        return frozenset({Capability.CLICK, Capability.BOX, Capability.REMOVE})

    def prepare(self, request: PrepareRequest, job: JobContext) -> None:
        self._selector.prepare(require(self.found.light_selector, "segmenter"), request, job)

    def segment(self, request: SegmentRequest, job: JobContext) -> SegmentResult:
        model = require(self.found.light_selector, "segmenter")
        return self._selector.segment(model, request, job)

    def find(self, request: FindRequest, job: JobContext) -> FindResult:
        raise CapabilityMissing(self.name, Capability.FIND.value)

    def fill(self, hole: Hole, seed: int, job: JobContext) -> Image:
        return fill(self._client, require(self.found.light_remover, "remover"), hole, job)

    def inpaint(self, hole: Hole, settings: PaintSettings, seed: int, job: JobContext) -> Painted:
        raise CapabilityMissing(self.name, Capability.INPAINT.value)

    def close(self) -> None:
        self._client.close()


backend = functools.cache(UncheckedLight)


def segment(image: Image, points: Sequence[tuple[int, int]], labels: Sequence[int]):
    """Whole (H, W) bool masks, the best first."""
    return _masks(clicks_on(image, points, labels, _key(image)))


def segment_box(image: Image, box: tuple[int, int, int, int]):
    """The same for a box: left, top, right, bottom."""
    return _masks(SegmentRequest(image=image, key=_key(image), box=Rect.between(*box)))


def remove(image: Image, mask: NDArray[np.bool_], seed: int = 0) -> Image:
    """The (H, W, 3) picture with what the (H, W) mask marks removed."""
    family = require(backend().found.light_remover, "remover").family
    options = replace(OPTIONS, profile=PROFILES[family] if family else None)
    return removed_by(backend(), image, mask, seed=seed, options=options)


def _masks(request: SegmentRequest):
    try:
        found = backend().segment(request, NoJob()).candidates
    except NothingFound:  # scorers want a mask
        return [np.zeros(request.image.shape[:2], bool)]
    return [whole(each, request.image) for each in found]


def _key(image: Image) -> str:
    return hashlib.blake2b(image.tobytes(), digest_size=16).hexdigest()
