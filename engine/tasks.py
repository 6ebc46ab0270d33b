"""Plans and runs each kind of job; the window, the command line and the benches all call these."""

from dataclasses import replace

import cv2
import numpy as np

from engine.errors import CapabilityMissing, HoleTooLarge, NothingSelected
from engine.geometry import Image, Mask, Native, Size
from engine.inpaint import crops
from engine.inpaint.crops import RemoveOptions
from engine.jobs.answer_fit import fitting
from engine.jobs.backend import Backend, Capability, JobContext
from engine.jobs.known_subject import with_subject
from engine.jobs.paint_settings import PaintRecord, PaintSettings
from engine.jobs.progress import ProgressSlice
from engine.jobs.requests import (
    Candidate,
    FindRequest,
    FindResult,
    Hole,
    InpaintRequest,
    InpaintResult,
    Patch,
    PrepareRequest,
    RemoveRequest,
    RemoveResult,
    Request,
    Result,
    SegmentRequest,
    SegmentResult,
    SoftMask,
)
from engine.models.families import Profile
from engine.selection.soft_edge import band_px, soften

MAX_SHARE = 0.9  # of the picture a removal may replace
DRAFT_PX = 1024  # the longer side of a draft's mask, whatever the engine answers


def plan_remove(
    view: Image,
    mask: Mask,
    options: RemoveOptions,
    *,
    profile: Profile | None = None,
    alpha: Native | None = None,
    revision: int = 0,
    seed: int = 0,
) -> RemoveRequest:
    """Cut the crops a removal needs from the (H, W, 3) view and its (H, W) mask.

    With the profile of the model that will fill, here or in the options, crops are such as it
    wants. What an (H, W) alpha hides has no weight. Raises
    NothingSelected, HoleTooLarge.
    """
    holes = _holes(view, mask, replace(options, profile=profile or options.profile), alpha)
    share = sum(cv2.countNonZero(hole.blend) for hole in holes) / Size.of(mask).pixels
    if share > MAX_SHARE:
        raise HoleTooLarge(share)
    return RemoveRequest(holes=holes, seed=seed, match=options.match, revision=revision)


def plan_inpaint(
    view: Image,
    mask: Mask,
    options: RemoveOptions,
    settings: PaintSettings,
    *,
    profile: Profile | None = None,
    alpha: Native | None = None,
    revision: int = 0,
    seed: int = 0,
) -> InpaintRequest:
    """Cut the crops that painting needs; the (H, W) mask may cover the whole (H, W, 3) view.

    With the profile of the model that will paint, here or in the options, crops are such as it
    wants. What an (H, W) alpha hides has no weight. Raises
    NothingSelected.
    """
    holes = _holes(view, mask, replace(options, profile=profile or options.profile), alpha)
    return InpaintRequest(
        holes=holes, settings=settings, seed=seed, match=options.match, revision=revision
    )


def _holes(
    view: Image, mask: Mask, options: RemoveOptions, alpha: Native | None
) -> tuple[Hole, ...]:
    boxes = crops.plan_holes(mask, options)
    if not boxes:
        raise NothingSelected
    return tuple(crops.cut(view, mask, box, options, alpha) for box in boxes)


def run(backend: Backend, request: Request, job: JobContext) -> Result:
    """Do what the request asks. Raises EngineErrors and Cancelled."""
    match request:
        case PrepareRequest():
            return backend.prepare(request, job)
        case SegmentRequest():
            return segment(backend, request, job)
        case FindRequest():
            return find(backend, request, job)
        case RemoveRequest():
            return remove(backend, request, job)
        case InpaintRequest():
            return inpaint(backend, request, job)


def segment(backend: Backend, request: SegmentRequest, job: JobContext) -> SegmentResult:
    """The candidates under the clicks or in the box, checked against them, or the subject.

    Raises NothingFound, NoSubject.
    """
    _require(backend, needed(request))
    result = with_subject(request, fitting(request, backend.segment(request, job)))
    if request.draft:
        return _draft(result)
    return _softened(request, result, job) if request.soft_edge else result


def needed(request: SegmentRequest) -> Capability:
    """What a backend must be able to do for the request."""
    if request.subject:
        return Capability.SUBJECT
    asks_for_box = request.box is not None and request.prior is None
    return Capability.BOX if asks_for_box else Capability.CLICK


def _softened(request: SegmentRequest, result: SegmentResult, job: JobContext) -> SegmentResult:
    """The candidates with a soft edge beside the one that they have."""
    radius_px = band_px(Size.of(request.image))
    found: list[Candidate] = []
    for each in result.candidates:
        job.report(0.95, "segment")
        soft = SoftMask(*soften(request.image, each.rect, each.mask, radius_px))
        found.append(replace(each, soft=soft))
    return replace(result, candidates=tuple(found))


def find(backend: Backend, request: FindRequest, job: JobContext) -> FindResult:
    """All instances of a text or of examples. Raises NothingFound."""
    _require(backend, Capability.FIND)
    return backend.find(request, job)


def _draft(result: SegmentResult) -> SegmentResult:
    """The best candidate alone, no larger than a screen needs."""
    best = result.candidates[0]
    height, width = best.mask.shape
    share = DRAFT_PX / max(height, width)
    if share < 1:
        size = (max(1, round(width * share)), max(1, round(height * share)))
        small = cv2.resize(best.mask, size, interpolation=cv2.INTER_NEAREST)
        best = Candidate(rect=best.rect, mask=np.asarray(small, np.uint8), score=best.score)
    return replace(result, candidates=(best,))


def remove(backend: Backend, request: RemoveRequest, job: JobContext) -> RemoveResult:
    """Fill each hole in its own crop, and match its colours to the ring."""
    _require(backend, Capability.REMOVE)
    sizes = [hole.rect.size.pixels for hole in request.holes]
    patches: list[Patch] = []
    for index, hole in enumerate(request.holes):
        part = ProgressSlice(job, sum(sizes[:index]) / sum(sizes), sizes[index] / sum(sizes))
        part.report(0.0, "fill")
        filled = _filled(backend, hole, request.seed, part)
        patches.append(crops.with_alpha(hole, crops.stitch(hole, filled, request.match)))
    return RemoveResult(
        patches=tuple(patches), engine=backend.name, seed=request.seed, revision=request.revision
    )


def inpaint(backend: Backend, request: InpaintRequest, job: JobContext) -> InpaintResult:
    """Paint each hole in its own crop, and match its colours to the ring."""
    _require(backend, Capability.INPAINT)
    sizes = [hole.rect.size.pixels for hole in request.holes]
    patches: list[Patch] = []
    paint_records: list[PaintRecord] = []
    notes: dict[str, None] = {}
    for index, hole in enumerate(request.holes):
        part = ProgressSlice(job, sum(sizes[:index]) / sum(sizes), sizes[index] / sum(sizes))
        part.report(0.0, "paint")
        painted = backend.inpaint(hole, request.settings, request.seed, part)
        _check(backend, hole, painted.pixels)
        patches.append(crops.stitch(hole, painted.pixels, request.match))
        paint_records.append(painted.paint_record)
        notes.update(dict.fromkeys(painted.notes))
    return InpaintResult(
        patches=tuple(patches),
        paint_records=tuple(paint_records),
        engine=backend.name,
        seed=request.seed,
        revision=request.revision,
        notes=tuple(notes),
    )


def _filled(backend: Backend, hole: Hole, seed: int, job: JobContext) -> Image:
    filled = backend.fill(hole, seed, job)
    _check(backend, hole, filled)
    return filled


def _check(backend: Backend, hole: Hole, pixels: Image) -> None:
    if pixels.shape != hole.image.shape or pixels.dtype != np.uint8:
        raise TypeError(f"{backend.name} answered {pixels.shape} {pixels.dtype}")


def _require(backend: Backend, capability: Capability) -> None:
    if capability not in backend.capabilities():
        raise CapabilityMissing(backend.name, capability.value)


def changed_outside(before: Native, after: Native, blend: Mask) -> int:
    """The number of pixels that differ where `blend` is 0; all three cover one (h, w)."""
    differs = before != after
    if differs.ndim == 3:
        differs = (
            differs[..., 0] | differs[..., 1] | differs[..., 2]
        )  # any(2) takes ten times as long
    return int(np.count_nonzero(differs & (blend == 0)))


def ring_size(patches: tuple[Patch, ...]) -> int:
    """How many pixels the patches may change."""
    return sum(cv2.countNonZero(patch.blend) for patch in patches)
