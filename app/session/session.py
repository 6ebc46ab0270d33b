"""The open document and its history; every change of it is announced by a signal.

The modules beside it write through `Session.edit`: click_selector, mask_editor, mask_adjuster,
objects, remover, painter, files.
"""

import itertools
from enum import Enum
from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

from app.document.document import Document
from app.document.history import Edit, History, SavePoint
from app.document.history_step import Changes
from app.services.jobs import Jobs
from engine.geometry import Mask, Rect
from engine.selection import masks

NOWHERE = Rect(0, 0, 0, 0)


class MessageLevel(Enum):
    """How loud a message is."""

    INFO = "info"
    SUCCESS = "success"
    WARNING = "warning"


class KeepPoint(NamedTuple):
    """A state of the document that is in a file: the revision of its pixels, and its step."""

    revision: int
    save_point: SavePoint


class Session(QObject):
    """One document at a time, or none."""

    opened = Signal()  # another document, or none
    image_changed = Signal(object)  # tuple[Rect, ...]
    mask_changed = Signal(object)  # tuple[Rect, ...]
    mask_painted = Signal(object)  # Rect, while a stroke is still being drawn
    marks_changed = Signal(object)  # tuple[str, ...]: fields of Marks
    history_changed = Signal()
    variants_changed = Signal()
    changed = Signal()  # anything that a verb may depend on
    said = Signal(object, str)  # Level, text
    failed = Signal(object, object)  # EngineError, and what tries again or None

    def __init__(self, jobs: Jobs, undo_budget_bytes: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.jobs = jobs
        self.document: Document | None = None
        self.history: History | None = None
        self._undo_budget_bytes = undo_budget_bytes
        self.serials = itertools.count(1)
        self.serial = 0
        self.soft_edge = False  # what is selected gets one; what is removed or cut out has one
        self._bounds = NOWHERE
        self._kept: KeepPoint | None = None  # what was last opened, saved or exported

    def adopt(self, document: Document, *, is_in_file: bool = True) -> History:
        """Make this the open document; `is_in_file`: its pixels are those of a file."""
        self._release()
        self.document = document
        self.history = History(document, self._undo_budget_bytes)
        self.history.listeners.append(self._on_changes)
        self._kept = self.keep_point if is_in_file else None
        self.serial = next(self.serials)
        self._bounds = document.mask_bounds()
        self.opened.emit()
        self.changed.emit()
        return self.history

    def drop(self) -> None:
        """Close the document; nothing is asked here."""
        if self.document is not None:
            self._release()
            self.opened.emit()
            self.changed.emit()

    def _release(self) -> None:
        if self.history is not None:
            self.history.close()
        self.document = self.history = self._kept = None
        self._bounds = NOWHERE

    @property
    def key(self) -> str:
        """Names the pixels of this moment for the engine."""
        return f"{self.serial}-{self.document.revision}" if self.document else ""

    @property
    def has_mask(self) -> bool:
        return not self._bounds.is_empty

    @property
    def is_dirty(self) -> bool:
        return self.history is not None and not self.history.is_clean

    @property
    def is_safe(self) -> bool:
        """Whether nothing would be lost: all is saved, or the last state was exported."""
        is_kept = self._kept is not None and self._kept == self.keep_point
        return not self.is_editing and (not self.is_dirty or is_kept)

    @property
    def is_picture_safe(self) -> bool:
        """Whether the pixels are in a file; selections and variants may not be."""
        if self.document is None:
            return True
        return self._kept is not None and self._kept.revision == self.document.revision

    @property
    def keep_point(self) -> KeepPoint | None:
        """Identifies the present state, for `mark_kept`."""
        if self.document is None or self.history is None:
            return None
        return KeepPoint(self.document.revision, self.history.save_point)

    @property
    def is_replaceable(self) -> bool:
        """Whether another document may take the place of what is open: that was not edited.

        A stroke that was begun counts as an edit; so does a picture that is no file.
        """
        if self.document is None:
            return True
        has_file = self.document.path is not None
        return has_file and not (self.is_dirty or self.is_editing)

    @property
    def is_editing(self) -> bool:
        """A stroke or a drag is under way: no other verb may write."""
        return self.history is not None and self.history.is_editing

    def edit(self, label: str) -> Edit | None:
        """One undo step; the label is shown translated.

        None while a stroke or drag is under way, or without a document: the verb is refused.
        """
        if self.history is None or self.history.is_editing:
            return None
        return self.history.edit(label)

    def amend(self) -> Edit | None:
        """Let the last undo step have done something else; None where `edit` is, or without one."""
        if self.history is None or self.history.is_editing or not self.history.labels:
            return None
        return self.history.amend()

    def undo(self) -> None:
        if self.history is not None:
            self.history.undo()

    def redo(self) -> None:
        if self.history is not None:
            self.history.redo()

    def go_to(self, step: int) -> None:
        """Undo or redo until this many steps are done."""
        history = self.history
        if history is None:
            return
        while len(history.labels) > step and history.undo():
            pass
        while len(history.labels) < step and history.redo():
            pass

    def mark_clean(self, save_point: SavePoint | None = None) -> None:
        """What is open is on disk as it was at that moment, or as it is."""
        if self.history is not None:
            self.history.mark_clean(save_point)
            self.history_changed.emit()
            self.changed.emit()

    def mark_kept(self, point: KeepPoint | None) -> None:
        """The picture was exported or saved as it was at that moment."""
        self._kept = point
        self.history_changed.emit()
        self.changed.emit()

    def bounds(self) -> Rect:
        """The box of the mask; looked for once after each change, since that reads all of it."""
        return self._bounds

    def write_mask(self, label: str, rect: Rect, part: Mask, origin: str) -> None:
        """Put a part of a mask into the document, as one step; points are put away with it."""
        edit = self.edit(label)
        if edit is None:
            return
        with edit:
            edit.touch("mask", rect)
            edit.mask[rect.slices] = part
            put_points_away(edit)
            edit.set("origin", origin)

    def say(self, text: str, level: MessageLevel = MessageLevel.INFO) -> None:
        self.said.emit(level, text)

    def _on_changes(self, changes: Changes) -> None:
        if changes.image:
            self.image_changed.emit(changes.image)
        if changes.mask and self.document is not None:
            self._bounds = self.document.mask_bounds()
            self.mask_changed.emit(changes.mask)
        if changes.marks:
            self.marks_changed.emit(changes.marks)
        if changes.kind == "variants":
            self.variants_changed.emit()
        else:
            self.history_changed.emit()
        self.changed.emit()


def is_marked(mask: Mask) -> bool:
    """Whether anything is marked."""
    return not masks.bounds(mask).is_empty


def put_points_away(edit: Edit) -> None:
    """The selection is no longer what the points say."""
    edit.set("clicks", ())
    edit.set("box", None)
    edit.set("points_base", None)
