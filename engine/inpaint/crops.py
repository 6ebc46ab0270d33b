"""Cuts crops around a mask for an engine to fill, and patches out of the filled crops."""

import math
from dataclasses import dataclass, replace
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.colour.convert import to_8_bit
from engine.geometry import Image, Mask, Native, Rect, Size
from engine.inpaint import reach
from engine.inpaint.colour_match import offset_to_ring
from engine.inpaint.fit import widen_crop
from engine.inpaint.reach import Reach
from engine.inpaint.transparency import filled_alpha, hidden_in, shown
from engine.jobs.requests import Hole, Patch
from engine.models.families import Profile
from engine.selection import masks

MIN_CONTEXT_PX = 64
MAX_CONTEXT_PX = 1024
MODEL_CONTEXT_PX = 128  # what a trained model looks at around a small hole
MIN_KNOWN = 0.3  # share of a crop that must be left to fill from, else the crop widens
MATCH_PX = 32  # beyond the ring colours are compared so far
MAX_PARTS = 256  # more separate areas than this are looked at more coarsely
SOFT_FROM = 26  # with a soft edge, pixels of a tenth of the object are replaced entirely
_COARSE_SIDE = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveOptions:
    """How far around the mask a removal reaches, in pixels of the picture."""

    grow_px: int = 4  # objects have soft edges: these pixels are replaced entirely
    feather_px: int = 4  # beyond them old and new are mixed
    by_size: tuple[int, int] | None = None  # both, as the picture's size gave them
    context_px: int | None = None  # around the ring, for the engine to look at; None = by size
    match: float = 1.0  # strength of the colour match to the ring, 0..1
    profile: Profile | None = None  # of the model that will fill: what it wants to see
    soft_edge: bool = False  # the mask is a soft edge: grow and feather begin where that ends

    @classmethod
    def for_size(cls, size: Size) -> Self:
        """Grow and feather as wide as edges are in a picture of this size.

        Rather too wide: what is left of an out-of-focus edge shows as a veil. Specks get less.
        """
        side = math.sqrt(size.pixels)
        grow_px = min(32, max(3, round(side / 100)))
        feather_px = min(24, max(2, round(side / 200)))
        return cls(grow_px=grow_px, feather_px=feather_px, by_size=(grow_px, feather_px))

    @property
    def by_area(self) -> bool:
        """Whether small marked areas get less than this reach, as nobody chose another one."""
        return self.by_size == (self.grow_px, self.feather_px)

    @property
    def reach(self) -> Reach:
        """Around each marked area, at most."""
        return Reach(self.grow_px, self.feather_px)

    @property
    def reach_px(self) -> int:
        """How far from the mask a pixel can still change."""
        return self.reach.px

    @property
    def seen_px(self) -> int:
        """How far around a place the mask decides on the ring there."""
        return self.reach_px + 1 + (self.reach.seen_px if self.by_area else 0)


def ring(mask: Mask, options: RemoveOptions) -> Mask:
    """(H, W) blend of a removal: 255 in the grown mask, falling to 0 over the feather.

    Soft values of the mask blend softly wherever they reach further than the ring.
    """
    return masks.within(mask, options.reach_px + 1, lambda part: _ring(part, options))


def _ring(mask: Mask, options: RemoveOptions) -> Mask:
    blend = mask.copy()
    for core, own in _areas(_core(mask, options), options):
        width_px = own.feather_px + 1.0
        around = masks.ramp(masks.distance(core), own.grow_px + width_px, width_px)
        blend = np.asarray(cv2.max(blend, around), np.uint8)
    return blend


def _core(mask: Mask, options: RemoveOptions) -> Mask:
    """(H, W): 255 where the object is replaced entirely, else 0."""
    if not options.soft_edge:
        return masks.hard(mask)
    return np.where(mask >= SOFT_FROM, np.uint8(255), np.uint8(0))


def _areas(core: Mask, options: RemoveOptions, cell_px: int = 1) -> list[tuple[Mask, Reach]]:
    if options.by_area:
        return reach.split(core, options.reach, cell_px)
    return [(core, options.reach)] if core.any() else []


def plan_holes(mask: Mask, options: RemoveOptions) -> list[Rect]:
    """Boxes of the ring of an (H, W) mask, disjoint: one for each hole with its own crop.

    Holes so near to each other that one crop costs no more than two share a box.
    """
    size = Size.of(mask)
    joined: list[Rect] = []
    for part in _parts(mask, options):
        box = part.clamp(size)
        while (other := _partner(box, joined, size, options)) is not None:
            joined.remove(other)
            box = box.union(other)
        joined.append(box)
    return sorted(joined, key=lambda box: (box.y, box.x))


def _partner(box: Rect, others: list[Rect], size: Size, options: RemoveOptions) -> Rect | None:
    """A box that meets this one, or whose crop in common is no larger than the two apart."""
    own_px = padded(box, size, options).size.pixels
    for other in others:
        apart_px = own_px + padded(other, size, options).size.pixels
        together_px = padded(box.union(other), size, options).size.pixels
        if together_px <= apart_px or not box.intersect(other).is_empty:
            return other
    return None


def _parts(mask: Mask, options: RemoveOptions) -> list[Rect]:
    """Boxes of the rings of marked areas, those that meet as one; never too small."""
    whole = masks.bounds(mask)
    if whole.is_empty:
        return []
    cell_px = max(1, math.ceil(max(whole.size) / _COARSE_SIDE))
    while len(boxes := _parts_by_cells(mask[whole.slices], options, cell_px)) > MAX_PARTS:
        cell_px *= 2
    return [box.moved(whole.x, whole.y) for box in boxes]


def _parts_by_cells(mask: Mask, options: RemoveOptions, cell_px: int) -> list[Rect]:
    """Boxes of rings on a grid of square cells; a cell counts when any pixel does."""
    cells = np.where(_coarse(mask, cell_px) > 0, np.uint8(255), np.uint8(0))
    whole = Rect(0, 0, mask.shape[1], mask.shape[0])
    boxes: list[Rect] = []
    for core, own in _areas(cells, options, cell_px):
        radius = math.ceil(own.px / cell_px)
        wide = cv2.dilate(core, np.ones((2 * radius + 1, 2 * radius + 1), np.uint8))
        labels = np.asarray(cv2.connectedComponents(wide, connectivity=8)[1], np.int32)
        for box in _boxes(core, labels):
            area = Rect(*(cell_px * value for value in box))
            boxes.append(area.intersect(whole).pad(own.px))
    return boxes


def _boxes(cells: Mask, labels: NDArray[np.int32]) -> list[Rect]:
    """For each label the box of the marked cells that have it: joined from those of islands."""
    _, islands, stats, _ = cv2.connectedComponentsWithStats(cells, connectivity=8)
    label_of = np.zeros(len(stats), np.int32)
    label_of[np.asarray(islands, np.int32)] = labels
    boxes: dict[int, Rect] = {}
    for label, (x, y, width, height, _) in zip(label_of[1:].tolist(), stats[1:].tolist()):
        island = Rect(x, y, width, height)
        boxes[label] = boxes.get(label, island).union(island)
    return [boxes[label] for label in sorted(boxes)]


def _coarse(mask: Mask, cell_px: int) -> Mask:
    """The largest value in each cell."""
    height, width = mask.shape
    padded_mask = cv2.copyMakeBorder(
        mask, 0, -height % cell_px, 0, -width % cell_px, cv2.BORDER_CONSTANT, value=0
    )
    tall = np.asarray(padded_mask, np.uint8).reshape(-1, cell_px, padded_mask.shape[1]).max(1)
    return tall.reshape(tall.shape[0], -1, cell_px).max(2)


def padded(box: Rect, size: Size, options: RemoveOptions) -> Rect:
    """The crop around a ring's box."""
    profile, context_px = options.profile, options.context_px
    if context_px is None:
        context_px = _context_px(box, options.profile)
    crop = box.pad(context_px).clamp(size)
    if profile is None:
        return crop
    crop = _at_least(crop, math.ceil(profile.min_pixels / profile.max_scale**2), size)
    return widen_crop(crop, size, profile)


def _context_px(box: Rect, profile: Profile | None) -> int:
    """What is copied from lies far away; a trained model needs less, and its canvas is small.

    Half the hole's mean side, down to a quarter where the crop has to be reduced.
    """
    if profile is None:
        return min(MAX_CONTEXT_PX, max(MIN_CONTEXT_PX, max(box.size)))
    mean_px = (box.width + box.height) / 2
    native_px = (math.sqrt(profile.max_pixels) - mean_px) / 2
    context_px = max(mean_px / 4, min(mean_px / 2, native_px))
    return math.ceil(min(MAX_CONTEXT_PX, max(MODEL_CONTEXT_PX, context_px)))


def _at_least(crop: Rect, pixels: int, size: Size) -> Rect:
    """The crop, widened until it has so many pixels or is the picture."""
    while crop.size.pixels < pixels and crop.size != size:
        missing_px = math.sqrt(pixels) - math.sqrt(crop.size.pixels)
        crop = crop.pad(math.ceil(missing_px / 2) + 1).clamp(size)
    return crop


def cut(
    view: Image, mask: Mask, box: Rect, options: RemoveOptions, alpha: Native | None = None
) -> Hole:
    """The crop of the (H, W, 3) view for the ring in `box`; other rings in it are marked, too.

    So are the pixels that an (H, W) alpha hides, with the colours of what is visible near them.
    """
    size = Size.of(mask)
    rect = padded(box, size, options)
    blend = ring_in(mask, rect, options)
    while cv2.countNonZero(blend) > (1 - MIN_KNOWN) * rect.size.pixels and rect.size != size:
        rect = rect.pad(max(rect.size) // 4 + 1).clamp(size)
        blend = ring_in(mask, rect, options)
    shows = None if alpha is None else np.asarray(to_8_bit(alpha[rect.slices]), np.uint8)
    hidden = np.zeros_like(blend) if alpha is None else hidden_in(alpha[rect.slices])
    own = np.zeros_like(blend)
    inside = box.moved(-rect.x, -rect.y).slices
    own[inside] = blend[inside]
    return Hole(
        rect=rect,
        image=shown(view[rect.slices].copy(), hidden, blend),
        mask=np.asarray(
            cv2.threshold(cv2.max(blend, hidden), 0, 255, cv2.THRESH_BINARY)[1], np.uint8
        ),
        blend=own,
        alpha=None if shows is None or shows.min() == 255 else shows,
    )


def ring_in(mask: Mask, rect: Rect, options: RemoveOptions) -> Mask:
    """The (h, w) part of `ring(mask)` in `rect`, from no more of the mask than that needs."""
    around = rect.pad(options.reach_px + 1).clamp(Size.of(mask))
    if options.by_area and _cuts(around, mask):
        around = rect.pad(options.seen_px).clamp(Size.of(mask))
    whole = ring(np.ascontiguousarray(mask[around.slices]), options)
    return whole[rect.moved(-around.x, -around.y).slices].copy()


def _cuts(rect: Rect, mask: Mask) -> bool:
    """Whether an area may go on beyond the border of a rectangle."""
    part = mask[rect.slices]
    return any(edge.any() for edge in (part[0], part[-1], part[:, 0], part[:, -1]))


def stitch(hole: Hole, filled: Image, strength: float = 1.0) -> Patch:
    """The patch of an (h, w, 3) filled crop, its colours matched to the ring."""
    inside = masks.bounds(hole.blend)
    part = inside.slices
    offset = _offset(hole, filled, inside) * strength
    pixels = np.clip(np.rint(filled[part] + offset), 0, 255).astype(np.uint8)
    return Patch(
        rect=inside.moved(hole.rect.x, hole.rect.y), pixels=pixels, blend=hole.blend[part].copy()
    )


def with_alpha(hole: Hole, patch: Patch) -> Patch:
    """The patch of a removal: what stands on transparency leaves transparency."""
    if hole.alpha is None:
        return patch
    part = patch.rect.moved(-hole.rect.x, -hole.rect.y).slices
    alpha = filled_alpha(hole.alpha, hole.mask, hole.blend)[part]
    same = (alpha == hole.alpha[part])[patch.blend > 0].all()
    return patch if same else replace(patch, alpha=alpha.copy())


def _offset(hole: Hole, filled: Image, inside: Rect) -> NDArray[np.float32]:
    """The colour match for `inside`, from no more of the crop than that needs."""
    around = inside.pad(MATCH_PX).clamp(hole.rect.size)
    part = around.slices
    near = Hole(
        rect=around.moved(hole.rect.x, hole.rect.y),
        image=np.ascontiguousarray(hole.image[part]),
        mask=np.ascontiguousarray(hole.mask[part]),
        blend=np.ascontiguousarray(hole.blend[part]),
    )
    offset = offset_to_ring(near, np.ascontiguousarray(filled[part]))
    return offset[inside.moved(-around.x, -around.y).slices]
