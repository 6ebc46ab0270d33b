"""Results of removing and painting: one can be looked at, applied or discarded."""

from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from app.commands import variants as commands
from app.commands.variants import WriteFacts
from app.document import named_masks
from app.document.document import Document, UndoState, Variant
from app.document.history import Edit
from app.document.named_masks import NamedMask
from app.document.tiles import PackedMask
from app.document.underlay import VariantOrigin, newest_removal
from app.session.session import MessageLevel, Session, put_points_away
from engine.geometry import Image, Rect
from engine.jobs.requests import InpaintRequest, InpaintResult, Patch, RemoveResult

THUMBNAIL_PX = 512
Moment: TypeAlias = tuple[Document, int, UndoState]


class Variants(QObject):
    """The variants of the last removal and of all paintings; one of them may be previewed."""

    looked = Signal()  # the variant that is looked at became another one
    proved = Signal(
        int, int
    )  # pixels that a write changed inside the ring and outside: 0, or a bug

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._index = -1
        # what `all` is made from, and what it is
        self._listed: tuple[tuple[Variant, ...], tuple[Variant, ...]] = (), ()
        self._previews: _Previews | None = None
        session.opened.connect(self._on_opened)
        session.marks_changed.connect(self._on_marks_changed)
        session.variants_changed.connect(self.looked)

    @property
    def all(self) -> tuple[Variant, ...]:
        """In the order they were made."""
        document = self._session.document
        if document is None:
            return ()
        of, listed = self._listed
        if of is not document.variants:
            last = newest_removal(_known(document))
            listed = tuple(v for v in document.variants if v.request or v.origin == last)
            self._listed = document.variants, listed
        return listed

    @property
    def index(self) -> int:
        """The index of the previewed variant, or -1."""
        return self._index if self._index < len(self.all) else -1

    @property
    def current(self) -> Variant | None:
        """The previewed variant."""
        listed = self.all
        return listed[self._index] if 0 <= self._index < len(listed) else None

    @property
    def applied_index(self) -> int:
        """The index of the variant that was applied last, or -1."""
        numbers = [variant.number for variant in self.all]
        known = [number for number in self._applied if number in numbers]
        return numbers.index(known[-1]) if known else -1

    @property
    def can_apply(self) -> bool:
        """Whether the previewed variant is not in the picture yet."""
        return self.current is not None and not self.is_shown(self.current)

    @property
    def preview(self) -> tuple[Patch, ...]:
        """Patches to show over the picture while a variant is previewed."""
        return self.layers(self.current) if self.current and self.can_apply else ()

    def is_shown(self, variant: Variant) -> bool:
        """Whether the picture shows this variant, and not another of its origin."""
        document = self._session.document
        return document is not None and commands.is_shown(document, variant)

    def ordinal(self, variant: Variant) -> int:
        """Its place among all variants of its removal, or among all paintings, from 1.

        Discarded ones count: a variant keeps its place.
        """
        document = self._session.document
        known = {} if document is None else _known(document)
        wanted = variant.origin
        return 1 + sum(
            number < variant.number
            and (origin.is_painting if wanted.is_painting else origin == wanted)
            for number, origin in known.items()
        )

    def layers(self, variant: Variant) -> tuple[Patch, ...]:
        """Patches that turn the picture of now into one with this variant."""
        document = self._session.document
        if document is None:
            return ()
        if self._previews is None or not self._previews.is_of(document):
            self._previews = _Previews((document, document.revision, document.marks))
        return self._previews.of(variant)

    def look(self, step: int) -> None:
        count = len(self.all)
        if count:
            start = self.index if self.index >= 0 else self.applied_index
            self.look_at((start + step) % count)

    def look_at(self, index: int) -> None:
        """Show a variant on the canvas; the document stays as it is."""
        if index != self._index:
            self._index = index
            self.looked.emit()
            self._session.changed.emit()

    def look_for(self, number: int) -> None:
        """Preview the variant with this number, if there is one."""
        numbers = [variant.number for variant in self.all]
        self.look_at(numbers.index(number) if number in numbers else -1)

    def apply(self, index: int | None = None) -> None:
        """Write a variant into the picture, as one undo step."""
        index = self.index if index is None else index
        if not 0 <= index < len(self.all) or self._session.is_editing:
            return
        variant = self.all[index]
        if self.is_shown(variant):
            return
        if variant.request is None:
            self.put("Apply variant", variant)
        else:
            self.put("Paint", variant)
        self.look_for(variant.number)

    def discard(self, index: int | None = None) -> None:
        index = self.index if index is None else index
        history = self._session.history
        if 0 <= index < len(self.all) and history is not None:
            number = self.all[index].number
            self._index = min(index, len(self.all) - 2)
            history.discard_variant(number)

    def add(
        self, result: RemoveResult | InpaintResult, request: InpaintRequest | None = None
    ) -> Variant | None:
        """Keep a result as a variant of the document."""
        document, history = self._session.document, self._session.history
        if document is None or history is None:
            return None
        variant = commands.record(document, result, request)
        history.add_variant(variant)
        return variant

    def put(self, label: str, variant: Variant) -> None:
        """Write a variant as one undo step; the selection it was made for is cleared."""
        document, edit = self._session.document, self._session.edit(label)
        if document is None or edit is None:
            return
        with edit:
            facts = commands.put(edit, variant)
            self._put_mask_away(edit, document, variant)
        self._report(facts)

    def seen(self, patch: Patch) -> Image:
        """A patch mixed into the picture, (h, w, 3) uint8, reduced for a thumbnail."""
        document = self._session.document
        if document is None:
            return patch.pixels
        step = -(-max(patch.rect.size) // THUMBNAIL_PX)  # a large patch is looked at sparsely
        below = document.view[patch.rect.slices][::step, ::step].astype(np.float32)
        share = patch.blend[::step, ::step, None].astype(np.float32) / 255
        pixels = patch.pixels[::step, ::step]
        return np.rint(below + (pixels - below) * share).astype(np.uint8)

    @property
    def _applied(self) -> tuple[int, ...]:
        return self._session.document.marks.applied if self._session.document else ()

    def _put_mask_away(self, edit: Edit, document: Document, variant: Variant) -> None:
        """The mask is the user's: it leaves the picture, but stays among the objects, hidden.

        One that marks anything beyond the variant was made since: it stays where it is.
        """
        area = self._session.bounds()
        if area.is_empty or not _covers(variant, document, area):
            return
        name = self.tr("Removed {number}") if not variant.request else self.tr("Painted {number}")
        kept = PackedMask.of(document.mask, area=area)
        free = named_masks.free_name(document.named, name)
        edit.set("named", (*document.named, NamedMask(free, kept, visible=False)))
        edit.touch("mask", area)
        edit.mask[area.slices] = 0
        put_points_away(edit)

    def _report(self, facts: WriteFacts) -> None:
        """Announce what a write changed; warn when that is anything outside the ring."""
        outside = facts.changed_outside_px
        self.proved.emit(facts.ring_px, outside)
        if outside:
            text = self.tr(
                "%n px changed outside the ring. Please undo and report this.", "", outside
            )
            self._session.say(text, MessageLevel.WARNING)

    @Slot()
    def _on_opened(self) -> None:
        self._index = -1
        self._listed, self._previews = ((), ()), None  # the pixels of a closed picture are let go
        self.looked.emit()

    @Slot(object)
    def _on_marks_changed(self, names: tuple[str, ...]) -> None:
        if "applied" in names:
            self._index = self.applied_index
            self.looked.emit()


@dataclass(frozen=True, slots=True, eq=False)
class _Previews:
    """What variants would give in the picture of one moment, each computed once."""

    moment: Moment
    known: dict[int, tuple[Variant, tuple[Patch, ...]]] = field(
        default_factory=dict[int, tuple[Variant, tuple[Patch, ...]]]
    )

    def is_of(self, document: Document) -> bool:
        of, revision, marks = self.moment
        return of is document and revision == document.revision and marks is document.marks

    def of(self, variant: Variant) -> tuple[Patch, ...]:
        of, patches = self.known.get(variant.number, (None, ()))
        if of is not variant:
            patches = commands.preview(self.moment[0], variant)
            if len(self.known) > 1:  # one on the canvas, one beside it
                self.known.clear()
            self.known[variant.number] = variant, patches
        return patches


def _known(document: Document) -> dict[int, VariantOrigin]:
    """The origins of all variants by their numbers, also of those that were discarded."""
    return {**document.discarded, **{v.number: v.origin for v in document.variants}}


def _covers(variant: Variant, document: Document, area: Rect) -> bool:
    """Whether a variant changes every marked pixel of `area`."""
    marked = document.mask[area.slices] > 0
    for patch in variant.patches:
        common = patch.rect.intersect(area)
        if not common.is_empty:
            inside = patch.blend[common.moved(-patch.rect.x, -patch.rect.y).slices] > 0
            marked[common.moved(-area.x, -area.y).slices] &= ~inside
    return not marked.any()
