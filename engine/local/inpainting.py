"""Painting a crop by a model of another size: laid onto its canvas, painted, lifted off again."""

import math
from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np

from engine.backend import JobContext
from engine.builtin.fill_scale import Level
from engine.builtin.fill_smooth import membrane
from engine.families import PROFILES, Family, Profile
from engine.fitting import Fitting, fitting, lay, lay_soft, lift
from engine.geometry import Image, Mask, Rect, Size
from engine.local.ask import Ask
from engine.local.messages import Paint, PaintedCanvas
from engine.models import ModelFile
from engine.painting import MAX_SEED, Making, Painted, PaintSettings, StartFrom
from engine.requests import Hole
from engine.tasks import Part
from engine.tiling import tiles

REFINED_BELOW = 0.8  # scale of the first pass: above, the eye sees no difference
REFINE_STRENGTH = 0.35
OVERLAP = 0.25  # of a tile's side
MAX_TILES = 16
GREY = 127
NATIVE_SCALE = 1.0

Prefill = Callable[[JobContext], Image]


def inpaint(
    ask: Ask,
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
    job.report(0.0, "prefill" if settings.start_from is StartFrom.REMOVED else "")
    start = start_image(hole, settings.start_from, prefill, job)
    how = fitting(hole.rect.size, painter.profile)
    refines = how.scale < REFINED_BELOW and settings.refine
    first = Part(job, 0.0, 0.5 if refines else 1.0)
    canvas = painter.ask(hole.image, start, hole.blend, how, seed, first)
    pixels, notes = lift(canvas.image, how), canvas.notes
    if refines:
        pixels, more = painter.refined(hole, pixels, seed, Part(job, 0.5, 0.5))
        notes = (*notes, *more)
    making = Making(
        fit=how.fit,
        sigmas=canvas.sigmas,
        model=model.name,
        device=canvas.device,
        precision=canvas.precision,
        versions=canvas.versions,
    )
    return Painted(pixels=pixels, making=making, notes=tuple(dict.fromkeys(notes)))


def start_image(hole: Hole, kind: StartFrom, prefill: Prefill, job: JobContext) -> Image:
    """The crop with what painting begins from under the mask."""
    match kind:
        case StartFrom.ORIGINAL:
            return hole.image
        case StartFrom.REMOVED:
            filled = prefill(job)
        case StartFrom.BLUR:
            filled = membrane(Level(hole.image.astype(np.float32), hole.mask > 0))
        case StartFrom.NOISE:
            filled = np.full_like(hole.image, GREY)
    marked = hole.mask[..., None] > 0
    return np.where(marked, np.clip(np.rint(filled), 0, 255), hole.image).astype(np.uint8)


class _Painter:
    """A model with what it is told, ready for one canvas after the other."""

    def __init__(
        self,
        ask: Ask,
        model: ModelFile,
        parts: tuple[ModelFile, ...],
        loras: tuple[tuple[ModelFile, float], ...],
        settings: PaintSettings,
    ) -> None:
        self._ask, self._model, self._parts = ask, model, parts
        self._loras, self._settings = loras, settings
        self.profile: Profile = PROFILES[model.family or Family.SD15]

    def ask(
        self, image: Image, start: Image, soft: Mask, how: Fitting, seed: int, job: JobContext,
        settings: PaintSettings | None = None,
    ) -> PaintedCanvas:  # fmt: skip
        """Lay everything onto the canvas and paint it."""
        operation = Paint(
            model=self._model,
            parts=self._parts,
            loras=self._loras,
            image=lay(image, how),
            start=lay(start, how),
            mask=lay_soft(soft, how),
            settings=settings or self._settings,
            seed=seed,
        )
        answer = self._ask(operation, _Lifted(job, how))
        assert isinstance(answer, PaintedCanvas)
        return answer

    def refined(
        self, hole: Hole, pixels: Image, seed: int, job: JobContext
    ) -> tuple[Image, tuple[str, ...]]:
        """The second pass at the picture's own scale; left out where it would take too many."""
        side_px = self._tile_px()
        places = tiles(hole.mask, side_px, round(side_px * OVERLAP))
        if len(places) > MAX_TILES:
            return pixels, ("not_refined",)
        settings = replace(self._settings, strength=REFINE_STRENGTH, start_from=StartFrom.ORIGINAL)
        whole = np.where(hole.mask[..., None] > 0, pixels, hole.image).astype(np.uint8)
        total = np.zeros((*hole.mask.shape, 3), np.float32)
        weight = np.zeros(hole.mask.shape, np.float32)
        for number, place in enumerate(places):
            part = Part(job, number / len(places), 1 / len(places))
            fresh = self._tile(hole, whole, place, (seed + number + 1) & MAX_SEED, settings, part)
            share = _dome(place.size)
            total[place.slices] += fresh * share[..., None]
            weight[place.slices] += share
        mixed = total / np.maximum(weight, 1e-6)[..., None]
        kept = (weight > 0)[..., None]
        return np.where(kept, np.rint(mixed), whole).astype(np.uint8), ("refined",)

    def _tile_px(self) -> int:
        side = math.isqrt(self.profile.max_pixels)
        return side // self.profile.grid_px * self.profile.grid_px

    def _tile(
        self, hole: Hole, whole: Image, place: Rect, seed: int, settings: PaintSettings,
        job: JobContext,
    ) -> Image:  # fmt: skip
        native = replace(self.profile, max_scale=NATIVE_SCALE)
        how = fitting(place.size, native)
        part = np.ascontiguousarray(whole[place.slices])
        canvas = self.ask(part, part, hole.blend[place.slices], how, seed, job, settings)
        return lift(canvas.image, how)


class _Lifted:
    """Passes on what the engine reports; previews lose the canvas's padding."""

    def __init__(self, job: JobContext, how: Fitting) -> None:
        self._job, self._how = job, how

    def report(self, fraction: float, note: str = "", preview: Image | None = None) -> None:
        self._job.report(fraction, note, None if preview is None else self._cut(preview))

    def _cut(self, preview: Image) -> Image:
        share_y = preview.shape[0] / self._how.canvas.height
        share_x = preview.shape[1] / self._how.canvas.width
        inner = self._how.inner
        top, bottom = round(inner.y * share_y), max(1, round(inner.bottom * share_y))
        left, right = round(inner.x * share_x), max(1, round(inner.right * share_x))
        return preview[min(top, bottom - 1) : bottom, min(left, right - 1) : right]


def _dome(size: Size) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """High in the middle, low at the rim, nowhere 0: overlapping tiles meet softly."""
    across = np.minimum(np.arange(size.width) + 1, np.arange(size.width, 0, -1))
    down = np.minimum(np.arange(size.height) + 1, np.arange(size.height, 0, -1))
    return np.asarray(cv2.multiply(
        np.repeat(down[:, None], size.width, 1).astype(np.float32),
        np.repeat(across[None], size.height, 0).astype(np.float32),
    ), np.float32)  # fmt: skip
