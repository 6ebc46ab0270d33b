"""The list of named masks: store, show, rename, combine, bring back."""

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QObject, Signal, Slot

from app.document import named_masks
from app.document.named_masks import NamedMask, NamedMasks
from app.document.tiles import PackedMask
from app.session.session import Session
from engine.geometry import Mask, Rect
from engine.jobs.requests import Candidate
from engine.selection import masks


class Objects(QObject):
    """Verbs on the list. Which row is current and which are checked belongs to the window."""

    current_changed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._current = -1
        self._checked: frozenset[int] = frozenset()
        session.opened.connect(self._on_opened)
        session.marks_changed.connect(self._on_marks_changed)

    @property
    def named(self) -> NamedMasks:
        document = self._session.document
        return document.named if document else ()

    @property
    def current(self) -> int:
        """The chosen row, or -1."""
        return self._current if self._current < len(self.named) else -1

    @property
    def checked(self) -> frozenset[int]:
        return frozenset(index for index in self._checked if index < len(self.named))

    def choose(self, index: int) -> None:
        if index != self._current:
            self._current = index
            self.current_changed.emit()
            self._session.changed.emit()

    def check(self, index: int, checked: bool) -> None:
        """Mark a row for the union."""
        self._checked = self._checked | {index} if checked else self._checked - {index}
        self.current_changed.emit()
        self._session.changed.emit()

    def store(self, name: str = "") -> None:
        """Keep the selection under a name."""
        document = self._session.document
        if document is None or not self._session.has_mask:
            return
        mask = PackedMask.of(document.mask, area=self._session.bounds())
        fallback = named_masks.free_name(self.named, self.tr("Object {number}"))
        entry = NamedMask(name or fallback, mask)
        self._set("Store selection", (*self.named, entry))
        self.choose(len(self.named) - 1)

    def store_found(self, name: str, found: Sequence[Candidate]) -> None:
        """Keep several masks at once, as "name 1", "name 2"..."""
        document = self._session.document
        if document is None or not found:
            return
        named, scratch = document.named, masks.blank(document.size)
        for each in found:
            window = scratch[each.rect.slices]
            np.copyto(window, each.mask)
            free = named_masks.free_name(named, f"{name} {{number}}")
            named = (*named, NamedMask(free, PackedMask.of(scratch, area=each.rect)))
            window[:] = 0
        self._set("Store found", named)
        self.choose(len(named) - 1)

    def rename(self, index: int, name: str) -> None:
        if name.strip() and name != self.named[index].name:
            self._set("Rename object", named_masks.renamed(self.named, index, name.strip()))

    def set_visible(self, index: int, visible: bool) -> None:
        self._set("Show or hide object", named_masks.with_visibility(self.named, index, visible))

    def move(self, index: int, to: int) -> None:
        self._set("Move object", named_masks.moved(self.named, index, to))

    def toggle(self) -> None:
        """Show or hide the chosen one."""
        if self.current >= 0:
            self.set_visible(self.current, not self.named[self.current].visible)

    def delete(self, index: int | None = None) -> None:
        index = self.current if index is None else index
        if index >= 0:
            self._checked = frozenset(i - (i > index) for i in self.checked if i != index)
            self._set("Delete object", named_masks.without(self.named, index))

    def load(self, index: int | None = None) -> None:
        """Make an object the selection."""
        index = self.current if index is None else index
        if index >= 0:
            self._select("Load object", (self.named[index],))

    def union(self) -> None:
        """Select all that are checked; all that are shown when none is checked."""
        wanted = [self.named[index] for index in sorted(self.checked)]
        wanted = wanted or [entry for entry in self.named if entry.visible]
        if wanted:
            self._select("Combine objects", tuple(wanted))

    def shown(self) -> list[NamedMask]:
        return [entry for entry in self.named if entry.visible]

    def _select(self, label: str, entries: NamedMasks) -> None:
        document = self._session.document
        if document is None or self._session.is_editing:
            return
        area = self._session.bounds()
        for entry in entries:
            area = area.union(entry.mask.area)
        mask: Mask = np.zeros((area.height, area.width), np.uint8)
        for entry in entries:
            for rect, part in entry.mask.parts():
                window = mask[rect.moved(-area.x, -area.y).slices]
                np.maximum(window, part, out=window)
        self._session.write_mask(label, area, mask, "objects")

    def _set(self, label: str, named: NamedMasks) -> None:
        if (edit := self._session.edit(label)) is not None:
            with edit:
                edit.set("named", named)

    @Slot()
    def _on_opened(self) -> None:
        self._current, self._checked = -1, frozenset()
        self.current_changed.emit()

    @Slot(object)
    def _on_marks_changed(self, names: tuple[str, ...]) -> None:
        if "named" in names:
            self.current_changed.emit()


def thumbnail(entry: NamedMask, side_px: int) -> Mask:
    """The whole picture's mask, small; by its tiles, so that it costs what is marked."""
    size = entry.mask.size
    step = max(1, -(-max(size) // side_px))
    small = np.zeros((-(-size.height // step), -(-size.width // step)), np.uint8)
    for rect, part in entry.mask.parts():
        _place(small, rect, part, step)
    return small


def _place(small: Mask, rect: Rect, part: Mask, step: int) -> None:
    """Every step-th pixel, on the grid of the whole picture."""
    x, y = -rect.x % step, -rect.y % step
    inner = part[y::step, x::step]
    top, left = (rect.y + y) // step, (rect.x + x) // step
    small[top : top + inner.shape[0], left : left + inner.shape[1]] = inner
