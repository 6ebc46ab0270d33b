"""From records of how things are made to pixels: each made when it is first asked for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import cycle

import cv2
import numpy as np

from engine.dispatch.runner import Runner
from engine.geometry import Image, Mask, Rect, Size
from engine.jobs.backend import JobContext
from engine.jobs.progress import ProgressSlice
from engine.jobs.requests import Patch
from engine.selection import masks
from engine.workflow.local import engine_nodes
from engine.workflow.local.checked_workflow import CheckedWorkflow
from engine.workflow.local.engine_nodes import NodeReport
from engine.workflow.local.mask_nodes import grow_mask, resized_mask, summed, tint_masks
from engine.workflow.local.photo import (
    Photo,
    Source,
    load_photo,
    photo_of_mask,
    photo_of_view,
    source_channel,
    source_mask,
)
from engine.workflow.local.values import (
    Channel,
    Composite,
    DecodedPainting,
    FoundInstances,
    Grown,
    Inverted,
    LoadedAlpha,
    LoadedImage,
    LoadedMask,
    MaskPicture,
    Masks,
    Outlines,
    Pictures,
    RemovedPicture,
    Sampled,
    Union,
)


@dataclass(slots=True, kw_only=True, eq=False)
class Evaluator:
    """Pixels of one run: what was made is kept, and made once. All on one thread."""

    checked: CheckedWorkflow
    sources: Mapping[str, Source]
    runner: Runner
    job: JobContext
    reports: list[NodeReport] = field(default_factory=list[NodeReport])
    _pictures: dict[int, tuple[Photo, ...]] = field(default_factory=dict[int, tuple[Photo, ...]])
    _masks: dict[int, tuple[Mask, ...]] = field(default_factory=dict[int, tuple[Mask, ...]])
    _done: int = 0

    def pictures(self, made: Pictures) -> tuple[Photo, ...]:
        """Painting is known by its sampler: two decoders of one are the same pictures."""
        known = id(made.sampled if isinstance(made, DecodedPainting) else made)
        if known not in self._pictures:
            self._pictures[known] = self._make_pictures(made)
        return self._pictures[known]

    def masks(self, made: Masks) -> tuple[Mask, ...]:
        """The (h, w) masks of a batch."""
        if id(made) not in self._masks:
            self._masks[id(made)] = self._make_masks(made)
        return self._masks[id(made)]

    def _make_pictures(self, made: Pictures) -> tuple[Photo, ...]:
        match made:
            case LoadedImage():
                node = made.origin.node
                source = self.sources[node]
                opaque = source.mask is None and node in self.checked.alphas
                return (load_photo(node, source, opaque=opaque),)
            case MaskPicture():
                return tuple(photo_of_mask(mask) for mask in self.masks(made.masks))
            case Outlines():
                view = self.pictures(made.found.pictures)[0].view
                return (photo_of_view(tint_masks(view, self.masks(made.found))),)
            case RemovedPicture():
                return tuple(self._removed(made))
            case DecodedPainting():
                return tuple(self._painted(made.sampled))
            case Composite():
                return tuple(self._composited(made))

    def _make_masks(self, made: Masks) -> tuple[Mask, ...]:
        match made:
            case FoundInstances():
                return self._found(made)
            case LoadedAlpha():
                return (source_mask(self.sources[made.picture.origin.node]),)
            case LoadedMask():
                return (source_channel(self.sources[made.origin.node], made.channel),)
            case Channel():
                photos = self.pictures(made.pictures)
                return tuple(np.ascontiguousarray(p.view[..., made.index]) for p in photos)
            case Union():
                return (summed(self.masks(made.masks)),)
            case Inverted():
                return tuple(masks.invert(mask) for mask in self.masks(made.masks))
            case Grown():
                size_px, tapered = made.growth_px, made.tapered
                return tuple(grow_mask(m, size_px, tapered=tapered) for m in self.masks(made.masks))

    def _found(self, made: FoundInstances) -> tuple[Mask, ...]:
        photo = self.pictures(made.pictures)[0]
        found, report = engine_nodes.find(made, photo, self.runner, self._next_slice())
        self.reports.append(report)
        return (summed(found),) if made.as_one else found

    def _removed(self, made: RemovedPicture) -> Iterator[Photo]:
        """In pairs: of one picture and several masks, the first mask alone counts."""
        pairs = list(zip(self.pictures(made.pictures), self.masks(made.masks)))
        whole = self._next_slice()
        for number, (photo, mask) in enumerate(pairs):
            part = ProgressSlice(whole, number / len(pairs), 1 / len(pairs))
            changed, report = engine_nodes.remove(made, photo, mask, self.runner, part)
            self.reports.append(report)
            yield changed

    def _painted(self, made: Sampled) -> Iterator[Photo]:
        """Masks go round where there are fewer of them than pictures."""
        latent = made.latent
        photos = self.pictures(latent.pictures) * latent.repeats
        found = self.masks(latent.masks) if latent.masks is not None else (None,)
        whole = self._next_slice()
        for number, (photo, mask) in enumerate(zip(photos, cycle(found))):
            part = ProgressSlice(whole, number / len(photos), 1 / len(photos))
            changed, report = engine_nodes.paint(made, photo, mask, number, self.runner, part)
            self.reports.append(report)
            yield changed

    def _composited(self, made: Composite) -> Iterator[Photo]:
        below, above = self.pictures(made.below), self.pictures(made.above)
        found = self.masks(made.masks) if made.masks is not None else (None,)
        for each, photo, mask in zip(below, cycle(above), cycle(found)):
            patch = _patch(made, each.size, photo.view, mask)
            if patch is None:
                yield each
                continue
            changed, report = engine_nodes.composite(made, each, patch)
            self.reports.append(report)
            yield changed

    def _next_slice(self) -> ProgressSlice:
        """The share of the whole that the next piece of engines' work has."""
        count = len(self.checked.work)
        self._done += 1
        return ProgressSlice(self.job, (self._done - 1) / count, 1 / count)


def _patch(made: Composite, size: Size, above: Image, mask: Mask | None) -> Patch | None:
    """What of one picture shows on another of this size; None: nothing."""
    if made.resized:
        above = np.asarray(cv2.resize(above, size, interpolation=cv2.INTER_AREA), np.uint8)
    own = Size.of(above)
    place = Rect(made.x, made.y, *own).clamp(size)
    blend = (
        np.full((own.height, own.width), 255, np.uint8) if mask is None else resized_mask(mask, own)
    )
    blend = blend[: place.height, : place.width]
    seen = masks.bounds(np.ascontiguousarray(blend))
    if seen.is_empty:
        return None
    pixels, blend = above[seen.slices], np.ascontiguousarray(blend[seen.slices])
    return Patch(rect=seen.moved(place.x, place.y), pixels=pixels, blend=blend)
