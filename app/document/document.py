"""One open picture: its pixels, its mask, clicks and named masks, and the variants of results.

One thread writes, inside `history.edit`. Other threads read arrays under a lease: a write copies
leased arrays first.
"""

import weakref
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, Self, TypeAlias, TypeVar, cast

import numpy as np

from app.document.file_stamp import FileStamp
from app.document.named_masks import NamedMasks
from app.document.points_base import PointsBase
from app.document.tiles import PackedMask, TileCell, cells, runs
from app.document.underlay import Underlay, UnderlayPart, Underlays, VariantOrigin
from app.document.uniform_tiles import MaskSnapshot, UniformTiles
from engine.colour.convert import patch_alpha, patch_pixels, view_of, view_rect
from engine.geometry import Image, Mask, Native, Rect, Size
from engine.jobs.paint_settings import PaintRecord
from engine.jobs.requests import Click, InpaintRequest, Patch, RemoveRequest
from engine.picture import Picture
from engine.selection.masks import blank
from engine.tasks import changed_outside

Target: TypeAlias = Literal["image", "mask", "alpha"]
Option: TypeAlias = int | float | str | bool | None
Pixels = TypeVar("Pixels", bound=Native)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class UndoState:
    """The state beside pixels that undo restores. Replaced as a whole, never written to."""

    clicks: tuple[Click, ...] = ()
    box: Rect | None = None
    origin: str = ""  # of the mask: click, box, brush, wand, import...
    named: NamedMasks = ()
    options: Mapping[str, Option] = field(default_factory=dict[str, Option])
    applied: tuple[int, ...] = ()  # numbers of the variants that the picture shows
    underlays: Underlays = field(
        default_factory=dict[VariantOrigin, Underlay]
    )  # of applied variants
    points_base: PointsBase | None = None  # below clicks and box
    deselected: PackedMask | None = None  # for Reselect


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Variant:
    """One result of a job, applied or not; not undone."""

    number: int
    patches: tuple[Patch, ...]
    engine: str
    seed: int
    revision: int  # of the document it was made from
    notes: tuple[str, ...] = ()
    request: InpaintRequest | None = None  # of a painting: with it, it can be made again
    paint_records: tuple[PaintRecord, ...] = ()

    @property
    def origin(self) -> VariantOrigin:
        rects = tuple(patch.rect for patch in self.patches)
        return VariantOrigin(self.request is not None, self.revision, rects)


class Lease:
    """The document at one moment, for any thread. The arrays stay the same until `release`."""

    def __init__(self, document: "Document", buffers: tuple[Native, ...]) -> None:
        self.picture = document.picture()
        self.view = document.view
        self.mask = document.mask
        self.revision = document.revision
        self.marks = document.marks
        self.variants = document.variants
        self.discarded = document.discarded
        self.last_removal = document.last_removal
        self.original_tiles = dict(document.original_tiles)
        self._buffers = buffers

    def original(self) -> Native:
        """The pixels as they were opened, in the shape and depth of the file; read only."""
        if not self.original_tiles:
            return self.picture.pixels
        pixels = self.picture.pixels.copy()
        for cell, tile in self.original_tiles.items():
            pixels[cell.rect(self.picture.size).slices] = tile
        return pixels

    def holds(self, buffer: Native) -> bool:
        return any(held is buffer for held in self._buffers)

    def release(self) -> None:
        self._buffers = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


class Document:
    """Arrays come out read-only. `image` means the file's own pixels together with their view."""

    def __init__(self, picture: Picture, view: Image, path: Path | None = None) -> None:
        """Uses the arrays of `picture` without a copy; `view` is `view_of(picture)`."""
        self._native = _writable(picture.pixels)
        same = np.may_share_memory(view, picture.pixels)
        self._view = cast(Image, self._native) if same else _writable(view)
        self._alpha = None if picture.alpha is None else _writable(picture.alpha)
        self._mask: Mask = blank(Size.of(self._native))
        self.mask_tiles = UniformTiles(Size.of(self._native))
        self._source = picture
        self._original: dict[TileCell, Native] = {}
        self._leases: weakref.WeakSet[Lease] = weakref.WeakSet()
        self.path = path
        self.stamp: FileStamp | None = None  # of the file, from before it was read
        self.marks = UndoState()
        self.variants: tuple[Variant, ...] = ()
        self.discarded: Mapping[int, VariantOrigin] = {}  # by the numbers of variants
        self.last_removal: RemoveRequest | None = None  # to be asked again; not undone
        self.revision = 0  # of the image alone; it only grows
        self._last_number = 0

    @classmethod
    def from_picture(cls, picture: Picture, path: Path | None = None) -> Self:
        return cls(picture, view_of(picture), path)

    @property
    def size(self) -> Size:
        return Size.of(self._native)

    @property
    def native(self) -> Native:
        """(H, W) or (H, W, 3) uint8 or uint16: the file's own pixels."""
        return _read_only(self._native)

    @property
    def alpha(self) -> Native | None:
        """(H, W), of the depth of `native`."""
        return None if self._alpha is None else _read_only(self._alpha)

    @property
    def icc(self) -> bytes | None:
        """The profile of the pixels."""
        return self._source.icc

    @property
    def view(self) -> Image:
        """(H, W, 3) uint8 sRGB: what engines and the screen see."""
        return _read_only(self._view)

    @property
    def mask(self) -> Mask:
        """(H, W) uint8, 255 = marked."""
        return _read_only(self._mask)

    @property
    def clicks(self) -> tuple[Click, ...]:
        return self.marks.clicks

    @property
    def box(self) -> Rect | None:
        return self.marks.box

    @property
    def named(self) -> NamedMasks:
        return self.marks.named

    def picture(self) -> Picture:
        """The pixels with alpha, profile and metadata, as an export writes them."""
        return replace(self._source, pixels=self.native, alpha=self.alpha)

    def lease(self, *, mask: bool = True) -> Lease:
        """Hold the arrays as they are, for a thread; release it when done.

        Without `mask` only the picture is held: the mask may be painted meanwhile without a copy.
        """
        held: tuple[Native, ...] = (self._mask,) if mask else ()
        if self._alpha is not None:
            held = (self._alpha, *held)
        lease = Lease(self, (self._native, self._view, *held))
        self._leases.add(lease)
        return lease

    def array(self, target: Target) -> Native:
        """The array of a target, read-only."""
        if target == "alpha":
            return _read_only(self._known_alpha())
        return self.mask if target == "mask" else self.native

    def writable(self, target: Target) -> Native:
        """The array to write to; ask again after each touch."""
        if target == "alpha":
            return self._writable_alpha()
        return self.writable_mask() if target == "mask" else self._writable_image()

    def writable_mask(self) -> Mask:
        """The mask, writable anywhere; without a history."""
        self.mask_tiles.mark_unknown(Rect.whole(self.size))
        return self.writable_touched_mask()

    def writable_touched_mask(self) -> Mask:
        """The mask, writable where `mask_tiles` was told so."""
        if self._is_leased(self._mask):
            self._mask = self.mask_tiles.copied(self._mask)
        return self._mask

    def mask_snapshot(self) -> MaskSnapshot:
        """The mask as it is now; later writes do not change it."""
        return self.mask_tiles.snapshot(self._mask)

    def mask_bounds(self) -> Rect:
        """The bounding box of the marked pixels; not while an edit is open."""
        self.mask_tiles.update(self._mask)
        return self.mask_tiles.bounds(self._mask)

    def _writable_image(self) -> Native:
        together = self._view is self._native
        self._native = self._unshared(self._native)
        view = self._native if together else self._unshared(self._view)
        self._view = cast(Image, view)
        return self._native

    def _writable_alpha(self) -> Native:
        self._alpha = self._unshared(self._known_alpha())
        return self._alpha

    def _known_alpha(self) -> Native:
        if self._alpha is None:
            raise ValueError("the picture has no alpha")
        return self._alpha

    def writes_alpha(self, alpha: Native | None) -> bool:
        """Whether a patch or an underlay with this alpha changes that of the picture."""
        return alpha is not None and self._alpha is not None

    def write(self, patch: Patch) -> int:
        """Blend a patch into the picture; `edit.touch` of its rectangle comes first.

        That is of "image", and of "alpha" where the patch writes to it.

        Returns how many pixels changed where its blend is 0: none, or something is broken.
        """
        window = self._writable_image()[patch.rect.slices]
        window[...], outside_px = mixed_in(window, self._source.icc, patch)
        if self.writes_alpha(patch.alpha):
            alpha = self._writable_alpha()
            alpha[patch.rect.slices] = patch_alpha(alpha, patch)
        self.refresh((patch.rect,))
        return outside_px

    def restore(self, part: UnderlayPart) -> None:
        """Bring pixels back; the view follows with the next write to the same place."""
        part.restore(self._writable_image()[part.rect.slices])
        if self.writes_alpha(part.alpha):
            part.restore_alpha(self._writable_alpha()[part.rect.slices])

    def refresh(self, rects: Iterable[Rect]) -> None:
        """Update the view where the native pixels were written, and count the revision up."""
        self.revision += 1
        if self._view is not self._native:
            for rect in rects:
                self._view[rect.slices] = view_rect(self._native, self._source.icc, rect)

    def keep_original(self, rect: Rect) -> None:
        """Remember the picture as it was opened, tile by tile, before the first write."""
        for cell in cells(rect):
            if cell not in self._original:
                window = cell.rect(self.size).slices
                self._original[cell] = self._native[window].copy()

    def set_original(self, original: Native) -> None:
        """Set the picture as it was opened, (H, W) or (H, W, 3) like `native`."""
        for cell in cells(Rect.whole(self.size)):
            window = cell.rect(self.size).slices
            if not np.array_equal(original[window], self._native[window]):
                self._original[cell] = original[window].copy()

    @property
    def original_tiles(self) -> Mapping[TileCell, Native]:
        """Pixels as they were opened, of every tile that was written to since."""
        return self._original

    @property
    def edited_rects(self) -> tuple[Rect, ...]:
        """The rectangles where the picture may differ from the opened one."""
        ordered = sorted(self._original, key=lambda cell: (cell.row, cell.column))
        return runs([cell.rect(self.size) for cell in ordered])

    def original_view(self, rect: Rect) -> Image:
        """A rectangle of the picture as it was opened, (h, w, 3) uint8 sRGB."""
        native = self._native[rect.slices].copy()
        for cell in cells(rect):
            if (tile := self._original.get(cell)) is not None:
                place = cell.rect(self.size)
                part = place.intersect(rect)
                inside = part.moved(-place.x, -place.y).slices
                native[part.moved(-rect.x, -rect.y).slices] = tile[inside]
        return self.to_view(native)

    def to_view(self, native: Native) -> Image:
        """Pixels in depth and profile of this document as (h, w, 3) uint8 sRGB."""
        return view_rect(native, self._source.icc, Rect.whole(Size.of(native)))

    def discard_variant(self, number: int) -> None:
        """Take a variant out; that there was one, and where, stays known."""
        gone = {v.number: v.origin for v in self.variants if v.number == number}
        self.variants = tuple(v for v in self.variants if v.number != number)
        self.discarded = {**self.discarded, **gone}

    def origin(self, number: int) -> VariantOrigin | None:
        """The origin of a variant, also of a discarded one."""
        found = (v.origin for v in self.variants if v.number == number)
        return next(found, self.discarded.get(number))

    def next_variant_number(self) -> int:
        """A new number; never that of a discarded variant, which the picture may show."""
        numbers = (*(variant.number for variant in self.variants), *self.discarded)
        self._last_number = max(self._last_number, *self.marks.applied, *numbers, 0) + 1
        return self._last_number

    def _unshared(self, buffer: Pixels) -> Pixels:
        return cast(Pixels, buffer.copy()) if self._is_leased(buffer) else buffer

    def _is_leased(self, buffer: Native) -> bool:
        return bool(self._leases) and any(lease.holds(buffer) for lease in self._leases)


def mixed_in(window: Native, icc: bytes | None, patch: Patch) -> tuple[Native, int]:
    """New pixels of a patch's rectangle, (h, w) or (h, w, 3), and how many changed outside.

    Outside is where its blend is 0: none, or something is broken.
    """
    at_zero = replace(patch, rect=Rect.whole(patch.rect.size))
    pixels = patch_pixels(window, icc, at_zero)
    return pixels, changed_outside(window, pixels, patch.blend)


def _read_only(array: Pixels) -> Pixels:
    view = array.view()
    view.flags.writeable = False
    return cast(Pixels, view)


def _writable(array: Pixels) -> Pixels:
    """The same memory, to be written to; a copy where it belongs to something else."""
    was = array.flags.writeable
    try:
        array.flags.writeable = True
    except ValueError:
        return cast(Pixels, array.copy())
    own = array.view()
    array.flags.writeable = was
    return cast(Pixels, own)
