"""A fake backend: quick, deterministic, and true to the Protocol.

The self-test and the program's own tests use it where the answer does not matter.
"""

from dataclasses import replace

import cv2
import numpy as np

from engine.errors import NothingFound
from engine.geometry import Image, Size
from engine.jobs.backend import Capability, JobContext
from engine.jobs.paint_settings import Fit, Painted, PaintRecord, PaintSettings
from engine.jobs.requests import (
    Candidate,
    Click,
    FindRequest,
    FindResult,
    Hole,
    PrepareRequest,
    SegmentRequest,
    SegmentResult,
)
from engine.selection import masks

STEPS = 10


class FakeBackend:
    """Segments discs around clicks, fills holes with the mean colour around them."""

    name = "fake"

    def capabilities(self) -> frozenset[Capability]:
        return frozenset(Capability)

    def prepare(self, request: PrepareRequest, job: JobContext) -> None:
        for step in range(STEPS):
            job.report(step / STEPS, "prepare")

    def segment(self, request: SegmentRequest, job: JobContext) -> SegmentResult:
        """A box answers itself, a subject is a disc, clicks are three sizes of discs, added or not.

        A draft is the first of them. The clicks after a prior change that prior, each by its disc.
        """
        job.report(0.0, "segment")
        size = Size.of(request.image)
        if request.subject:
            middle = Click(size.width / 2, size.height / 2)
            found = [_discs(replace(request, clicks=(middle,)), size, min(size) // 4, 0.9)]
        elif request.box is not None and request.prior is None:
            rect, mask = masks.rectangle(request.box, size)
            found = [Candidate(rect=rect, mask=mask, score=1.0)]
        else:
            radius_px = max(2, min(size) // 8)
            sizes = (4,) if request.draft else (4, 2, 8)
            found = [_discs(request, size, radius_px * n // 4, 1.0 / n) for n in sizes]
        kept = tuple(candidate for candidate in found if candidate.mask.any())
        if not kept:
            raise NothingFound
        return SegmentResult(candidates=kept, engine=self.name, revision=request.revision)

    def find(self, request: FindRequest, job: JobContext) -> FindResult:
        """Three discs in a row, with scores 0.9, 0.5 and 0.2."""
        job.report(0.0, "find")
        size = Size.of(request.image)
        radius_px = max(2, min(size) // 10)
        found: list[Candidate] = []
        for share, score in ((1, 0.9), (2, 0.5), (3, 0.2)):
            mask = np.zeros((size.height, size.width), np.uint8)
            centre = (size.width * share // 4, size.height // 2)
            cv2.circle(mask, centre, radius_px, 255, cv2.FILLED)
            rect = masks.bounds(mask)
            found.append(Candidate(rect=rect, mask=mask[rect.slices].copy(), score=score))
        return FindResult(instances=tuple(found), engine=self.name, revision=request.revision)

    def inpaint(self, hole: Hole, settings: PaintSettings, seed: int, job: JobContext) -> Painted:
        """A colour that the prompt and the seed decide, with noise on it."""
        for step in range(STEPS):
            job.report(step / STEPS, "paint", hole.image[::4, ::4])
        rng = np.random.default_rng([seed, *settings.prompt.encode()])
        colour = rng.integers(40, 216, 3)
        noise = rng.integers(-20, 21, hole.image.shape)
        pixels = np.where(hole.mask[..., None] > 0, colour + noise, hole.image)
        record = PaintRecord(fit=Fit(1.0, 1.0, 0, 0, hole.rect.size), model=settings.checkpoint)
        return Painted(pixels=pixels.astype(np.uint8), paint_record=record)

    def fill(self, hole: Hole, seed: int, job: JobContext) -> Image:
        """(h, w, 3): the mean of the known pixels, moved by a level or two with the seed."""
        for step in range(STEPS):
            job.report(step / STEPS, "fill")
        known = hole.image[hole.mask == 0]
        mean = known.mean(0) if len(known) else np.full(3, 128.0)
        filled = hole.image.copy()
        filled[hole.mask > 0] = np.clip(np.rint(mean + seed % 3), 0, 255)
        return filled

    def close(self) -> None:
        """Nothing is held."""


def _discs(request: SegmentRequest, size: Size, radius_px: int, score: float) -> Candidate:
    mask = np.zeros((size.height, size.width), np.uint8)
    clicks = request.clicks
    if request.prior is not None:
        mask[request.prior.rect.slices] = request.prior.mask
        clicks = clicks[request.prior.clicks :]
    for click in sorted(clicks, key=lambda click: not click.positive):
        value = 255 if click.positive else 0
        cv2.circle(mask, (int(click.x), int(click.y)), max(1, radius_px), value, cv2.FILLED)
    for click in clicks:
        if 0 <= click.x < size.width and 0 <= click.y < size.height:
            mask[int(click.y), int(click.x)] = 255 if click.positive else 0
    rect = masks.bounds(mask)
    return Candidate(rect=rect, mask=mask[rect.slices].copy(), score=score)
