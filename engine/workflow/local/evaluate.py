"""Computes the pixels of a checked workflow: each value once, when it is first needed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import cv2
import numpy as np

from engine.comfy.errors import Unsupported, WorkflowUnsupported
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
from engine.workflow.local.origin import Origin
from engine.workflow.local.photo import (
    Photo,
    Source,
    load_photo,
    photo_of_mask,
    photo_of_view,
    source_channel,
    source_mask,
)
from engine.workflow.local.picture_nodes import scaled
from engine.workflow.local.resampling import SizeRefused
from engine.workflow.local.values import (
    Channel,
    Composite,
    ComputedMask,
    ComputedPicture,
    DecodedPainting,
    FoundInstances,
    Grown,
    Inverted,
    Length,
    LoadedAlpha,
    LoadedImage,
    LoadedMask,
    MaskPicture,
    Masks,
    Outlines,
    PictureBatch,
    Pictures,
    RemovedPicture,
    Sampled,
    Side,
    Union,
)


@dataclass(slots=True, kw_only=True, eq=False)
class Evaluator:
    """The pixels of one run, each value computed once and kept. Used from one thread."""

    checked: CheckedWorkflow
    sources: Mapping[str, Source]
    runner: Runner
    job: JobContext
    reports: list[NodeReport] = field(default_factory=list[NodeReport])
    _pictures: dict[int, tuple[Photo, ...]] = field(default_factory=dict[int, tuple[Photo, ...]])
    _masks: dict[int, tuple[Mask, ...]] = field(default_factory=dict[int, tuple[Mask, ...]])
    _done: int = 0

    def pictures(self, value: Pictures) -> tuple[Photo, ...]:
        """The pictures of a value; two decoders of one sampler give the same pictures."""
        known = id(value.sampled if isinstance(value, DecodedPainting) else value)
        if known not in self._pictures:
            self._pictures[known] = self._make_pictures(value)
        return self._pictures[known]

    def masks(self, value: Masks) -> tuple[Mask, ...]:
        """The (h, w) masks of a batch."""
        if id(value) not in self._masks:
            self._masks[id(value)] = self._make_masks(value)
        return self._masks[id(value)]

    def _make_pictures(self, value: Pictures) -> tuple[Photo, ...]:
        match value:
            case LoadedImage():
                node = value.origin.node
                source = self.sources[node]
                opaque = source.mask is None and node in self.checked.alphas
                return (load_photo(node, source, opaque=opaque),)
            case MaskPicture():
                return tuple(photo_of_mask(mask) for mask in self.masks(value.masks))
            case Outlines():
                view = self.pictures(value.found.pictures)[0].view
                return (photo_of_view(tint_masks(view, self.masks(value.found))),)
            case RemovedPicture():
                return tuple(self._removed(value))
            case DecodedPainting():
                return tuple(self._painted(value.sampled))
            case Composite():
                return tuple(self._composited(value))
            case ComputedPicture():
                return tuple(self._computed(value)) * value.repeats
            case PictureBatch():
                return tuple(self._batched(value))

    def _make_masks(self, value: Masks) -> tuple[Mask, ...]:
        match value:
            case FoundInstances():
                return self._found(value)
            case LoadedAlpha():
                return (source_mask(self.sources[value.picture.origin.node]),)
            case LoadedMask():
                return (source_channel(self.sources[value.origin.node], value.channel),)
            case Channel():
                photos = self.pictures(value.pictures)
                return tuple(np.ascontiguousarray(p.view[..., value.index]) for p in photos)
            case Union():
                return (summed(self.masks(value.masks)),)
            case Inverted():
                return tuple(masks.invert(mask) for mask in self.masks(value.masks))
            case Grown():
                size_px, tapered = value.growth_px, value.tapered
                return tuple(
                    grow_mask(m, size_px, tapered=tapered) for m in self.masks(value.masks)
                )
            case ComputedMask():
                return tuple(self._computed(value))

    def _computed(self, value: ComputedPicture | ComputedMask) -> Iterator[Any]:
        """A picture or a mask for each element of the longest batch."""
        batches: list[tuple[object, ...]] = [self.pictures(each) for each in value.pictures]
        batches += [self.masks(each) for each in value.masks]
        lengths = tuple(self._length(each) for each in value.lengths)
        for number in range(max(map(len, batches), default=1)):
            elements = (batch[number % len(batch)] for batch in batches)
            try:
                yield value.make(*elements, *lengths)
            except SizeRefused as error:
                raise _refusal(value.origin, error.size) from error

    def _length(self, value: Length) -> int:
        if isinstance(value, int):
            return value
        found = self.pictures(value.pictures)
        sides = {Side.WIDTH: found[0].size.width, Side.HEIGHT: found[0].size.height}
        return sides.get(value.side, len(found))

    def _batched(self, value: PictureBatch) -> Iterator[Photo]:
        first, *others = [photo for part in value.parts for photo in self.pictures(part)]
        yield first
        for photo in others:
            yield scaled(photo, *first.size, method="bilinear", cropped=True)

    def _found(self, value: FoundInstances) -> tuple[Mask, ...]:
        photo = self.pictures(value.pictures)[0]
        found, report = engine_nodes.find(value, photo, self.runner, self._next_slice())
        self.reports.append(report)
        return (summed(found),) if value.as_one else found

    def _removed(self, value: RemovedPicture) -> Iterator[Photo]:
        """Pictures and masks in pairs: for one picture, only the first mask counts."""
        pairs = list(zip(self.pictures(value.pictures), self.masks(value.masks)))
        whole = self._next_slice()
        for number, (photo, mask) in enumerate(pairs):
            part = ProgressSlice(whole, number / len(pairs), 1 / len(pairs))
            changed, report = engine_nodes.remove(value, photo, mask, self.runner, part)
            self.reports.append(report)
            yield changed

    def _painted(self, value: Sampled) -> Iterator[Photo]:
        """One painting a picture; masks repeat where there are fewer of them."""
        latent = value.latent
        photos = self.pictures(latent.pictures) * latent.repeats
        found = self.masks(latent.masks) if latent.masks is not None else (None,)
        whole = self._next_slice()
        for number, (photo, mask) in enumerate(zip(photos, cycle(found))):
            part = ProgressSlice(whole, number / len(photos), 1 / len(photos))
            changed, report = engine_nodes.paint(value, photo, mask, number, self.runner, part)
            self.reports.append(report)
            yield changed

    def _composited(self, value: Composite) -> Iterator[Photo]:
        below, above = self.pictures(value.below), self.pictures(value.above)
        found = self.masks(value.masks) if value.masks is not None else (None,)
        for each, photo, mask in zip(below, cycle(above), cycle(found)):
            patch = _patch(value, each.size, photo.view, mask)
            if patch is None:
                yield each
                continue
            changed, report = engine_nodes.composite(value, each, patch)
            self.reports.append(report)
            yield changed

    def _next_slice(self) -> ProgressSlice:
        """The share of the progress that the next call of an engine has."""
        count = len(self.checked.work)
        self._done += 1
        return ProgressSlice(self.job, (self._done - 1) / count, 1 / count)


def _refusal(origin: Origin, size: Size) -> WorkflowUnsupported:
    named = f"{size.width} x {size.height}"
    return WorkflowUnsupported(
        None, (Unsupported(origin.node, origin.type, origin.title, "value", named),)
    )


def _patch(value: Composite, size: Size, above: Image, mask: Mask | None) -> Patch | None:
    """The visible part of `above` on a picture of this size; None where there is none.

    `above` is `(h, w, 3) uint8`, `mask` `(h, w) uint8`.
    """
    if value.resized:
        above = np.asarray(cv2.resize(above, size, interpolation=cv2.INTER_AREA), np.uint8)
    own = Size.of(above)
    place = Rect(value.x, value.y, *own).clamp(size)
    blend = (
        np.full((own.height, own.width), 255, np.uint8) if mask is None else resized_mask(mask, own)
    )
    blend = blend[: place.height, : place.width]
    seen = masks.bounds(np.ascontiguousarray(blend))
    if seen.is_empty:
        return None
    pixels, blend = above[seen.slices], np.ascontiguousarray(blend[seen.slices])
    return Patch(rect=seen.moved(place.x, place.y), pixels=pixels, blend=blend)
