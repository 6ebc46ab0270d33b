"""Undo and redo. A step swaps itself with the document, so both are one method.

The tiles that an edit is about to write are copied first; steps older than the last few are
deflated in a thread, and the oldest are dropped when the budget of bytes is spent.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, Literal, Self, TypeAlias

import cv2
import numpy as np

from app.document import background
from app.document.document import Document, Target, Variant
from app.document.history_step import Changes, HistoryStep, TileBlock, different, stored
from app.document.tiles import TILE, StoredBytes, TileCell, cells, span
from app.document.underlay import UnderlayPart
from engine.geometry import Mask, Native, Rect
from engine.jobs.requests import Patch

BUDGET_BYTES = 512 << 20
SavePoint: TypeAlias = tuple[int, tuple[Variant, ...]]
RAW_STEPS = 3  # the last ones stay as they are: undone at once


class Edit:
    """An open edit. Commit makes one step of it; cancel, or an exception, takes it back.

    A stroke that lasts over many events keeps its Edit and commits at the end.
    """

    def __init__(self, history: "History", document: Document, step: HistoryStep) -> None:
        self._history, self._document, self._step = history, document, step
        self._whole: set[tuple[Target, tuple[int, int, int, int]]] = set()
        self.changes: Changes | None = None

    @property
    def document(self) -> Document:
        return self._document

    @property
    def mask(self) -> Mask:
        """The mask, (H, W) uint8, writable where it was touched; ask again after each touch."""
        return self._document.writable_touched_mask()

    def touch(self, target: Target, rect: Rect) -> None:
        """Keep the old pixels of `rect`, cut off at the border; to be called before each write."""
        if (target, span(rect)) in self._whole:  # most dabs of a stroke end here
            return
        inside = rect.clamp(self._document.size)
        if target == "image":
            self._document.keep_original(inside)
        large = inside.width >= TILE.width and inside.height >= TILE.height
        for cell in cells(inside):
            self._keep(target, cell, inside if large else None)
        if target == "mask" and not inside.is_empty:
            self._document.mask_tiles.mark_unknown(inside)
        if not large and not inside.is_empty:
            self._whole.add((target, span(rect)))

    def fill(self, rect: Rect, value: int) -> None:
        """Set the mask to one value in `rect`; cheaper than to touch and to write."""
        if rect.is_empty:
            return
        self.touch("mask", rect)
        self.mask[rect.slices] = value
        self._document.mask_tiles.set_uniform(rect, value)
        self._whole.clear()  # the next touch has to say that the value is gone

    def invert(self) -> None:
        """Invert the mask; to be the first write of an edit."""
        for cell in cells(Rect.whole(self._document.size)):
            rect = cell.rect(self._document.size)
            value = self._document.mask_tiles[cell]
            if value is not None:
                self.fill(rect, 255 - value)
                continue
            self.touch("mask", rect)
            window = self.mask[rect.slices]
            cv2.bitwise_not(window, dst=window)

    def write(self, patch: Patch) -> int:
        """Mix a patch in; returns how many pixels changed where its blend is 0: none."""
        self._touch_picture(patch.rect, patch.alpha)
        return self._document.write(patch)

    def restore(self, part: UnderlayPart) -> None:
        """Bring pixels back."""
        self._touch_picture(part.rect, part.alpha)
        self._document.restore(part)

    def _touch_picture(self, rect: Rect, alpha: Native | None) -> None:
        self.touch("image", rect)
        if self._document.writes_alpha(alpha):
            self.touch("alpha", rect)

    def set(self, name: str, value: object) -> None:
        """Change one field of the document's UndoState."""
        changed: Any = {name: value}
        self._document.marks = replace(self._document.marks, **changed)

    def commit(self) -> Changes | None:
        """End the edit; None when nothing changed."""
        self.changes = self._history.finish(self._step)
        return self.changes

    def cancel(self) -> None:
        """End the edit and restore everything."""
        self._history.abandon(self._step)

    def _keep(self, target: Target, cell: TileCell, only: Rect | None) -> None:
        """A patch keeps its own part of a tile; a small touch is a stroke's: it keeps the tile."""
        whole = cell.rect(self._document.size)
        part = whole if only is None else whole.intersect(only)
        known = self._step.blocks.get((target, cell))
        if known is not None and known.rect.intersect(part) == part:
            return
        if known is None:
            kept = stored(self._document, target, cell, part)
            self._step.blocks[target, cell] = TileBlock(part, kept)
            return
        before = self._document.array(target)[whole.slices].copy()
        inside = known.rect.moved(-whole.x, -whole.y).slices
        before[inside] = known.before.pixels()
        self._step.blocks[target, cell] = TileBlock(whole, StoredBytes(before))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.commit()
        else:
            self.cancel()


class History:
    """The steps of one document. Not for several threads; `close` ends its own."""

    def __init__(self, document: Document, budget_bytes: int = BUDGET_BYTES) -> None:
        self.budget_bytes = budget_bytes
        self.listeners: list[Callable[[Changes], None]] = []
        self._document = document
        self._done: list[HistoryStep] = []
        self._undone: list[HistoryStep] = []
        self._open: HistoryStep | None = None
        self._amends = False  # the open edit becomes part of the last step
        self._serial = 0  # of the newest step ever made
        self._floor = 0  # of the newest step that was given up
        self._clean: int | None = 0
        self._saved = document.variants
        self._deflater = ThreadPoolExecutor(max_workers=1, thread_name_prefix="history")

    @property
    def can_undo(self) -> bool:
        return bool(self._done) and self._open is None

    @property
    def can_redo(self) -> bool:
        return bool(self._undone) and self._open is None

    @property
    def undo_label(self) -> str:
        return self._done[-1].label if self._done else ""

    @property
    def redo_label(self) -> str:
        return self._undone[-1].label if self._undone else ""

    @property
    def labels(self) -> tuple[str, ...]:
        """Of the steps that can be undone, the oldest first."""
        return tuple(step.label for step in self._done)

    @property
    def undone_labels(self) -> tuple[str, ...]:
        """Of the steps that can be done again, the next one first."""
        return tuple(step.label for step in reversed(self._undone))

    @property
    def nbytes(self) -> int:
        return sum(step.nbytes for step in (*self._done, *self._undone))

    @property
    def is_editing(self) -> bool:
        return self._open is not None

    @property
    def is_clean(self) -> bool:
        """Whether the document is as it was at `mark_clean`, or as opened; with its variants."""
        return self._clean == self._position() and self._saved == self._document.variants

    @property
    def save_point(self) -> SavePoint:
        """Identifies the present state, for `mark_clean` when it is on disk."""
        return self._position(), self._document.variants

    def mark_clean(self, save_point: SavePoint | None = None) -> None:
        """The document is on disk as it was at the save point, or as it is."""
        self._clean, self._saved = save_point or self.save_point

    def mark_dirty(self) -> None:
        """No step leads back to the state on disk: for a recovered document."""
        self._clean = None

    def edit(self, label: str) -> Edit:
        """Begin a step: a context manager, or to be committed or cancelled by hand."""
        if self._open is not None:
            raise RuntimeError(f"{label!r} begins before {self._open.label!r} ended")
        self._open = HistoryStep(label, self._serial + 1, self._document.marks)
        return Edit(self, self._document, self._open)

    def amend(self) -> Edit:
        """Begin an edit that becomes part of the last step; undo takes both back."""
        if not self._done:
            raise RuntimeError("there is no step to amend")
        edit = self.edit(self._done[-1].label)
        self._amends = True
        return edit

    def finish(self, step: HistoryStep) -> Changes | None:
        """End of an edit; used by Edit."""
        amends = self._close_edit(step)
        self._document.mask_tiles.update(self._document.mask)
        names = different(step.marks, self._document.marks)
        if not names and not any(self._changed(step)):
            return None
        self._serial = step.serial
        if amends:
            self._done[-1].absorb(step, self._document)
        else:
            self._done.append(step)
        self._undone.clear()
        self._limit_memory()
        changes = Changes(
            kind="edit",
            label=step.label,
            image=step.rects("image"),
            mask=step.rects("mask"),
            alpha=step.rects("alpha"),
            marks=names,
        )
        self._notify(changes)
        return changes

    def abandon(self, step: HistoryStep) -> None:
        """Take an edit back; used by Edit."""
        self._close_edit(step)
        step.swap(self._document)

    def undo(self) -> Changes | None:
        """One step back; None when there is none. The document shows what is announced."""
        return self._move(self._done, self._undone, "undo")

    def redo(self) -> Changes | None:
        return self._move(self._undone, self._done, "redo")

    def add_variant(self, variant: Variant) -> None:
        """Add a variant to the document, or replace the one with its number."""
        others = [v for v in self._document.variants if v.number != variant.number]
        self._document.variants = (*others, variant)
        self._notify(Changes(kind="variants"))

    def discard_variant(self, number: int) -> None:
        """Remove a variant; this is not undone."""
        self._document.discard_variant(number)
        self._notify(Changes(kind="variants"))

    def settle(self) -> None:
        """Wait until old steps are deflated."""
        background.flush(self._deflater)

    def close(self) -> None:
        self._deflater.shutdown(cancel_futures=True)

    def _move(
        self, source: list[HistoryStep], to: list[HistoryStep], kind: Literal["undo", "redo"]
    ) -> Changes | None:
        if not source or self._open is not None:
            return None
        step = source.pop()
        changes = replace(step.swap(self._document), kind=kind)
        to.append(step)
        self._limit_memory()
        self._notify(changes)
        return changes

    def _changed(self, step: HistoryStep) -> Iterator[bool]:
        for (target, cell), block in step.blocks.items():
            value = self._document.mask_tiles[cell] if target == "mask" else None
            if value is not None and block.before.value is not None:
                yield value != block.before.value
                continue
            now = self._document.array(target)[block.rect.slices]
            yield not np.array_equal(now, block.before.pixels())

    def _close_edit(self, step: HistoryStep) -> bool:
        """Close the edit; whether it amends the last step."""
        if self._open is not step:
            raise RuntimeError(f"{step.label!r} has ended already")
        amends, self._amends = self._amends, False
        self._open = None
        return amends

    def _position(self) -> int:
        return self._done[-1].serial if self._done else self._floor

    def _limit_memory(self) -> None:
        """Deflate old steps, drop those beyond the budget, but never the last one."""
        for step in (*self._done[:-RAW_STEPS], *self._undone[:-RAW_STEPS]):
            if not step.is_old:
                step.is_old = True
                background.submit(self._deflater, step.deflate)
        while self.nbytes > self.budget_bytes and len(self._done) > 1:
            self._floor = self._done.pop(0).serial

    def _notify(self, changes: Changes) -> None:
        for listener in self.listeners:
            listener(changes)
