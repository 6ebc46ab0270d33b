"""Removing, and the variants of it: asked for, looked at, applied, discarded."""

import secrets
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from PySide6.QtCore import QLocale, QObject, Signal, Slot

from app import named_masks
from app.document import Document, Variant
from app.history import Edit
from app.jobs import Desk
from app.named_masks import NamedMask
from app.session import Level, Session, put_points_away
from app.tiles import PackedMask
from engine.backend import JobContext
from engine.crops import RemoveOptions
from engine.geometry import Image, Mask, Native, Rect
from engine.requests import Patch, RemoveRequest, RemoveResult
from engine.tasks import plan_remove, ring_size

THUMBNAIL_PX = 512


@dataclass(slots=True, eq=False)
class Removal:
    """One removal: what was asked, and the pixels that lay there before."""

    request: RemoveRequest
    serial: int  # of the document it belongs to
    before: dict[Rect, Native]  # by the rectangle of a patch
    numbers: tuple[int, ...] = ()  # of its variants


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlanWork:
    """Cut the crops: a second's work where the hole is large."""

    view: Image
    mask: Mask
    options: RemoveOptions
    revision: int
    seed: int

    def run(self, job: JobContext) -> RemoveRequest:
        job.report(0.0)
        return plan_remove(
            self.view, self.mask, self.options, revision=self.revision, seed=self.seed
        )


class Removing(QObject):
    """Only Remove applies itself, and only to the picture it was made from."""

    looked = Signal()  # the variant that is looked at became another one
    options_changed = Signal()
    proved = Signal(int)  # how many pixels a write changed outside the ring: 0, or it is a bug

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._removal: Removal | None = None
        self._index = -1
        self.options = RemoveOptions()
        session.opened.connect(self._on_opened)
        session.marks_changed.connect(self._on_marks_changed)
        session.variants_changed.connect(self.looked)

    @property
    def variants(self) -> tuple[Variant, ...]:
        """Those of the last removal; after a recovery all there are."""
        document = self._session.document
        if document is None:
            return ()
        if self._removal is None:
            return document.variants
        return tuple(v for v in document.variants if v.number in self._removal.numbers)

    @property
    def index(self) -> int:
        """Which variant is looked at, or -1."""
        return self._index if self._index < len(self.variants) else -1

    @property
    def applied_index(self) -> int:
        """Which variant the picture shows, or -1."""
        applied = self._session.document.marks.applied if self._session.document else ()
        found = [i for i, v in enumerate(self.variants) if v.number in applied]
        return found[-1] if found else -1

    @property
    def can_apply(self) -> bool:
        """Whether a variant is looked at that the picture does not show yet."""
        return self.index >= 0 and self.index != self.applied_index

    @property
    def preview(self) -> tuple[Patch, ...]:
        """What to show instead of the picture while a variant is looked at."""
        return self.variants[self.index].patches if self.can_apply else ()

    @property
    def can_ask_again(self) -> bool:
        return self._removal is not None

    def set_options(self, options: RemoveOptions) -> None:
        if options != self.options:
            self.options = options
            self.options_changed.emit()

    def remove(self) -> None:
        """Erase what is selected."""
        document = self._session.document
        if document is None or self._session.is_editing:
            return
        lease = document.lease()
        work = PlanWork(
            view=lease.view,
            mask=lease.mask,
            options=self.options,
            revision=lease.revision,
            seed=secrets.randbelow(2**31),
        )
        self._session.jobs.ask(
            "remove",
            work,
            partial(self._on_planned, self._session.serial),
            desk=Desk.MASKS,
            keep=lease,
            on_failed=lambda error: self._session.failed.emit(error, None),
        )

    def another(self) -> None:
        """The same holes again with a new seed."""
        if self._removal is not None:
            request = replace(self._removal.request, seed=secrets.randbelow(2**31))
            self._removal.request = request
            self._ask(self._removal)

    def look(self, step: int) -> None:
        count = len(self.variants)
        if count:
            start = self.index if self.index >= 0 else self.applied_index
            self.look_at((start + step) % count)

    def look_at(self, index: int) -> None:
        """Show a variant on the canvas; the document stays as it is."""
        if index != self._index:
            self._index = index
            self.looked.emit()
            self._session.changed.emit()

    def apply(self, index: int | None = None) -> None:
        """Put a variant into the picture, as one step."""
        index = self.index if index is None else index
        if index == self.applied_index:
            return  # the picture shows it already
        if 0 <= index < len(self.variants) and not self._session.is_editing:
            variant = self.variants[index]
            self._write("Apply variant", variant, is_first=False)
            self.look_at(index)

    def discard(self, index: int | None = None) -> None:
        index = self.index if index is None else index
        history = self._session.history
        if 0 <= index < len(self.variants) and history is not None:
            number = self.variants[index].number
            self._index = min(index, len(self.variants) - 2)
            history.discard(number)

    def seen(self, patch: Patch) -> Image:
        """What a patch would look like in the picture, for a thumbnail."""
        document = self._session.document
        if document is None:
            return patch.pixels
        step = -(-max(patch.rect.size) // THUMBNAIL_PX)  # a large patch is looked at sparsely
        below = document.view[patch.rect.slices][::step, ::step].astype(np.float32)
        share = patch.blend[::step, ::step, None].astype(np.float32) / 255
        pixels = patch.pixels[::step, ::step]
        return np.rint(below + (pixels - below) * share).astype(np.uint8)

    def _on_planned(self, serial: int, request: RemoveRequest) -> None:
        if serial == self._session.serial:
            self._ask(Removal(request, serial, {}))

    def _ask(self, removal: Removal) -> None:
        self._session.jobs.ask(
            "remove", removal.request, partial(self._on_removed, removal), desk=Desk.ENGINE
        )

    def _on_removed(self, removal: Removal, result: RemoveResult) -> None:
        document, history = self._session.document, self._session.history
        if document is None or history is None or removal.serial != self._session.serial:
            return  # the picture it was asked for is closed
        variant = Variant(
            number=document.next_number(),
            patches=result.patches,
            engine=result.engine,
            seed=result.seed,
            revision=result.revision,
            notes=result.notes,
        )
        is_first = removal is not self._removal
        removal.numbers = (*removal.numbers, variant.number)
        fits = document.revision == result.revision and not self._session.is_editing
        if is_first:
            self._removal = removal
            removal.before = _pixels_below(document, result.patches)
        history.keep(variant)
        if is_first and fits:
            self._write("Remove", variant, is_first=True)
        elif is_first:
            self._session.say(
                self.tr("The picture changed meanwhile: the result waits among the variants."),
                Level.WARNING,
            )
        self.look_at(len(self.variants) - 1)

    def _write(self, label: str, variant: Variant, *, is_first: bool) -> None:
        document = self._session.document
        if document is None:
            return
        outside = 0
        with self._session.edit(label) as edit:
            for patch in variant.patches:
                edit.touch("image", patch.rect)
                if not is_first:
                    self._bring_back(document, patch)
                outside += document.write(patch)
            if is_first:
                self._put_mask_away(edit, document)
            edit.set("applied", (*document.marks.applied, variant.number))
        self._report(variant, outside)

    def _bring_back(self, document: Document, patch: Patch) -> None:
        """A variant is mixed with what lay there before the removal, not with another variant."""
        before = self._removal.before.get(patch.rect) if self._removal else None
        if before is not None:
            window = document.writable("image")[patch.rect.slices]
            inside = patch.blend > 0
            np.copyto(window, before, where=inside if window.ndim == 2 else inside[..., None])

    def _put_mask_away(self, edit: Edit, document: Document) -> None:
        """The mask is the user's: it leaves the picture, but stays among the objects, hidden."""
        area = self._session.bounds()
        if not area.is_empty:
            name = named_masks.free_name(document.named, self.tr("Removed {number}"))
            kept = PackedMask.of(document.mask, area=area)
            edit.set("named", (*document.named, NamedMask(name, kept, visible=False)))
            edit.touch("mask", area)
            edit.mask[area.slices] = 0
        put_points_away(edit)

    def _report(self, variant: Variant, outside: int) -> None:
        """The pixel contract, in words, after each job."""
        self.proved.emit(outside)
        inside = ring_size(variant.patches)
        if outside:
            text = self.tr(
                "%n px changed outside the ring. Please undo and report this.", "", outside
            )
            self._session.say(text, Level.WARNING)
            return
        text = self.tr("Done: {inside} px inside the ring are new, 0 px changed outside the ring.")
        self._session.say(text.replace("{inside}", QLocale().toString(inside)), Level.SUCCESS)

    @Slot()
    def _on_opened(self) -> None:
        document = self._session.document
        self._removal, self._index = None, -1
        if document is not None:
            self.set_options(RemoveOptions.for_size(document.size))
        self.looked.emit()

    @Slot(object)
    def _on_marks_changed(self, names: tuple[str, ...]) -> None:
        if "applied" in names:
            self._index = self.applied_index
            self.looked.emit()


def _pixels_below(document: Document, patches: tuple[Patch, ...]) -> dict[Rect, Native]:
    return {patch.rect: document.native[patch.rect.slices].copy() for patch in patches}
