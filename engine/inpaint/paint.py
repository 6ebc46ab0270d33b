"""Paints a crop by a model of another size: laid onto its canvas, painted, lifted off again."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from engine.builtin.fill.membrane import membrane
from engine.builtin.fill.pyramid import PyramidLevel
from engine.errors import CapabilityMissing
from engine.geometry import Image, Mask, Rect, Size
from engine.inpaint.colour_match import Plane, offset_to_ring
from engine.inpaint.fit import (
    NATIVE,
    Fitting,
    fit_canvas,
    from_canvas,
    resized,
    shrink_hole,
    shrink_mask,
    soft_mask_to_canvas,
    tiles,
    to_canvas,
)
from engine.inpaint.progress_preview import MaskedProgress, Overview
from engine.jobs.backend import Capability, JobContext
from engine.jobs.operations import Paint, PaintedCanvas, Perform
from engine.jobs.paint_settings import MAX_SEED, Painted, PaintRecord, PaintSettings, StartFrom
from engine.jobs.progress import ProgressSlice
from engine.jobs.requests import Hole
from engine.models.families import PROFILES, Family, Profile
from engine.models.model_file import ModelFile

REFINED_BELOW = 0.8  # scale of the first pass: above, the eye sees no difference
REFINE_STRENGTH = 0.35
OVERLAP = 0.25  # of a tile's side
MAX_TILES = 16
GREY = 127

Prefill = Callable[[Hole, JobContext], Image]
"""Fills a hole from its surroundings: (h, w, 3) of a crop no larger than the one to be painted."""

FillHole = Callable[[Hole, int, JobContext], Image]
"""`Backend.fill` without the backend: (h, w, 3) uint8 for the hole's crop, by this seed."""


def prefill_by(
    remover: FillHole | None, fallback: FillHole | None, seed: int, name: str
) -> Prefill:
    """Fills by the remover, else by the fallback; without either it raises CapabilityMissing.

    `name` is the engine's, for the error.
    """

    def prefill(hole: Hole, job: JobContext) -> Image:
        fill = remover or fallback
        if fill is None:
            raise CapabilityMissing(name, Capability.REMOVE.value)
        return fill(hole, seed, job)

    return prefill


def inpaint(
    ask: Perform,
    model: ModelFile,
    parts: tuple[ModelFile, ...],
    loras: tuple[tuple[ModelFile, float], ...],
    hole: Hole,
    settings: PaintSettings,
    seed: int,
    job: JobContext,
    *,
    prefill: Prefill,
) -> Painted:
    """Paint the hole. A hole larger than the model is painted small, then refined in tiles."""
    painter = _Painter(ask, model, parts, loras, settings)
    fitting = fit_canvas(hole.rect.size, painter.profile)
    refines = fitting.scale < REFINED_BELOW and settings.refine
    filled = 0.2 if settings.start_from is StartFrom.REMOVED else 0.0
    painted = 0.5 if refines else 1.0
    start = _start(hole, settings.start_from, fitting, prefill, ProgressSlice(job, 0.0, filled))
    canvas = painter.ask(
        hole.image, start, hole.blend, fitting, seed, ProgressSlice(job, filled, painted - filled)
    )
    pixels, notes = from_canvas(canvas.image, fitting), canvas.notes
    if refines:
        pixels, more = painter.refined(
            hole, pixels, fitting.scale, seed, ProgressSlice(job, 0.5, 0.5)
        )
        notes = (*notes, *more)
    record = PaintRecord(
        fit=fitting.fit,
        sigmas=canvas.sigmas,
        model=model.name,
        device=canvas.device,
        precision=canvas.precision,
        versions=canvas.versions,
    )
    return Painted(pixels=pixels, paint_record=record, notes=tuple(dict.fromkeys(notes)))


def _start(
    hole: Hole, kind: StartFrom, fitting: Fitting, prefill: Prefill, job: JobContext
) -> Image:
    """The crop with what painting begins from under the mask, no larger than the canvas."""
    small = shrink_hole(hole, fitting.inner.size) if fitting.scale < NATIVE else hole
    match kind:
        case StartFrom.ORIGINAL:
            return small.image
        case StartFrom.REMOVED:
            job.report(0.0, "prefill")
            filled = prefill(small, job)
        case StartFrom.BLUR:
            filled = membrane(PyramidLevel(small.image.astype(np.float32), small.mask > 0))
        case StartFrom.NOISE:
            filled = np.full_like(small.image, GREY)
    marked = small.mask[..., None] > 0
    return np.where(marked, np.clip(np.rint(filled), 0, 255), small.image).astype(np.uint8)


class _Painter:
    """A model with what it is told, ready for one canvas after the other."""

    def __init__(
        self,
        ask: Perform,
        model: ModelFile,
        parts: tuple[ModelFile, ...],
        loras: tuple[tuple[ModelFile, float], ...],
        settings: PaintSettings,
    ) -> None:
        self._ask, self._model, self._parts = ask, model, parts
        self._loras, self._settings = loras, settings
        self.profile: Profile = PROFILES[model.family or Family.SD15]

    def ask(
        self, image: Image, start: Image, soft: Mask, fitting: Fitting, seed: int, job: JobContext,
        settings: PaintSettings | None = None,
    ) -> PaintedCanvas:  # fmt: skip
        """Lay everything onto the canvas and paint it."""
        operation = Paint(
            model=self._model,
            parts=self._parts,
            loras=self._loras,
            image=to_canvas(image, fitting),
            start=to_canvas(start, fitting),
            mask=soft_mask_to_canvas(soft, fitting),
            settings=settings or self._settings,
            seed=seed,
        )
        answer = self._ask(operation, MaskedProgress(job, fitting))
        assert isinstance(answer, PaintedCanvas)
        return answer

    def refined(
        self, hole: Hole, pixels: Image, scale: float, seed: int, job: JobContext
    ) -> tuple[Image, tuple[str, ...]]:
        """The second pass, at the picture's own scale or the largest that takes few tiles."""
        size, places = self._places(hole, scale)
        if not places:
            return pixels, ("not_refined",)
        settings = replace(self._settings, strength=REFINE_STRENGTH, start_from=StartFrom.ORIGINAL)
        small = shrink_hole(hole, size)
        whole = _matched(small, resized(pixels, size))
        total = np.zeros(whole.shape, np.float32)
        weight = np.zeros(small.mask.shape, np.float32)
        overview = Overview(whole)
        for number, place in enumerate(places):
            part = overview.over(ProgressSlice(job, number / len(places), 1 / len(places)), place)
            fresh = self._tile(small, whole, place, (seed + number + 1) & MAX_SEED, settings, part)
            overview.put(fresh, place)
            share = _dome(place.size)
            total[place.slices] += fresh * share[..., None]
            weight[place.slices] += share
        mixed = total / np.maximum(weight, 1e-9)[..., None]
        fine = np.where((weight > 0)[..., None], np.rint(mixed), whole).astype(np.uint8)
        return resized(fine, hole.rect.size), ("refined",)

    def _places(self, hole: Hole, scale: float) -> tuple[Size, list[Rect]]:
        """How large the crop is for the second pass, and its tiles; none where nothing is won."""
        side_px = self._tile_px()
        share = NATIVE
        while scale < REFINED_BELOW * share:
            size = Size(round(hole.rect.width * share), round(hole.rect.height * share))
            places = tiles(shrink_mask(hole.blend, size), side_px, round(side_px * OVERLAP))
            if len(places) <= MAX_TILES:
                return size, places
            share /= math.sqrt(2)
        return hole.rect.size, []

    def _tile_px(self) -> int:
        side = math.isqrt(self.profile.max_pixels)
        return side // self.profile.grid_px * self.profile.grid_px

    def _tile(
        self, hole: Hole, whole: Image, place: Rect, seed: int, settings: PaintSettings,
        job: JobContext,
    ) -> Image:  # fmt: skip
        native = replace(self.profile, max_scale=NATIVE)
        fitting = fit_canvas(place.size, native)
        part = np.ascontiguousarray(whole[place.slices])
        canvas = self.ask(part, part, hole.blend[place.slices], fitting, seed, job, settings)
        return from_canvas(canvas.image, fitting)


def _matched(hole: Hole, pixels: Image) -> Image:
    """The crop with what was painted in it, in the colours of what is around."""
    inside = np.clip(np.rint(pixels + offset_to_ring(hole, pixels)), 0, 255)
    return np.where(hole.mask[..., None] > 0, inside, hole.image).astype(np.uint8)


def _dome(size: Size) -> Plane:
    """High in the middle, low at the rim, nowhere 0: overlapping tiles meet softly.

    Steep, as they differ in detail alone: where two are mixed it is lost.
    """
    across = np.minimum(np.arange(size.width) + 1, np.arange(size.width, 0, -1))
    down = np.minimum(np.arange(size.height) + 1, np.arange(size.height, 0, -1))
    dome = np.outer(down, across).astype(np.float32) / (size.width * size.height)
    return np.maximum(np.power(dome, 3), np.float32(1e-9))
