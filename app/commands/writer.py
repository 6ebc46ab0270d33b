"""Write access to a document while one change is made.

`history.Edit` is the writer of a window: what it writes becomes one undo step. `DirectWriter` is
the one of the command line and of the Python API, where nothing is undone.
"""

from dataclasses import replace
from typing import Any, Protocol

from app.document.document import Document, Target
from engine.geometry import Mask, Rect
from engine.jobs.requests import Patch


class DocumentWriter(Protocol):
    """Changes one document; `touch` comes before each write to an array."""

    @property
    def document(self) -> Document: ...

    @property
    def mask(self) -> Mask:
        """(H, W) uint8, to be written to where it was touched; ask again after each touch."""
        ...

    def touch(self, target: Target, rect: Rect) -> None:
        """Say which part will be written to."""
        ...

    def write(self, patch: Patch) -> int:
        """Mix a patch in; returns how many pixels changed where its blend is 0: none."""
        ...

    def set(self, name: str, value: object) -> None:
        """Change one field of `document.marks`."""
        ...


class DirectWriter:
    """A DocumentWriter without history."""

    def __init__(self, document: Document) -> None:
        self.document = document

    @property
    def mask(self) -> Mask:
        return self.document.writable_touched_mask()

    def touch(self, target: Target, rect: Rect) -> None:
        if target == "mask":
            self.document.mask_tiles.mark_unknown(rect.clamp(self.document.size))

    def write(self, patch: Patch) -> int:
        return self.document.write(patch)

    def set(self, name: str, value: object) -> None:
        changed: Any = {name: value}
        self.document.marks = replace(self.document.marks, **changed)
