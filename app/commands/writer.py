"""Write access to a document while one change is made.

`history.Edit` is the writer of a window: what it writes becomes one undo step. `DirectWriter` is
the one of the command line and of the Python API, where nothing is undone. `PreviewWriter` shows
what a write would give.
"""

from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from app.document.document import Document, Target, mixed_in
from app.document.tiles import TileCell, cells
from app.document.underlay import UnderlayPart
from engine.geometry import Mask, Native, Rect
from engine.jobs.requests import Patch


class PixelWriter(Protocol):
    """Changes the pixels of one document; `touch` comes before each write to an array."""

    @property
    def document(self) -> Document: ...

    def touch(self, target: Target, rect: Rect) -> None:
        """Say which part will be written to."""
        ...

    def write(self, patch: Patch) -> int:
        """Mix a patch in; returns how many pixels changed where its blend is 0: none."""
        ...

    def restore(self, part: UnderlayPart) -> None:
        """Bring pixels back."""
        ...

    def set(self, name: str, value: object) -> None:
        """Change one field of `document.marks`."""
        ...


class DocumentWriter(PixelWriter, Protocol):
    """Changes all of one document."""

    @property
    def mask(self) -> Mask:
        """(H, W) uint8, to be written to where it was touched; ask again after each touch."""
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
        else:  # a written file is compared with what was opened
            self.document.keep_original(rect.clamp(self.document.size))

    def write(self, patch: Patch) -> int:
        return self.document.write(patch)

    def restore(self, part: UnderlayPart) -> None:
        self.document.restore(part)

    def set(self, name: str, value: object) -> None:
        changed: Any = {name: value}
        self.document.marks = replace(self.document.marks, **changed)


class PreviewWriter:
    """A PixelWriter that writes to copies of tiles; the document stays as it is."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self._tiles: dict[TileCell, Native] = {}
        self._rects: dict[Rect, None] = {}

    def touch(self, target: Target, rect: Rect) -> None:
        if target == "image":
            self._rects[rect.clamp(self.document.size)] = None

    def write(self, patch: Patch) -> int:
        pixels, outside_px = mixed_in(self._window(patch.rect), self.document.icc, patch)
        self._put(patch.rect, pixels)
        return outside_px

    def restore(self, part: UnderlayPart) -> None:
        window = self._window(part.rect)
        part.restore(window)
        self._put(part.rect, window)

    def set(self, name: str, value: object) -> None:
        """Marks are no pixels."""

    def patches(self) -> tuple[Patch, ...]:
        """What was touched, as opaque patches of the view."""
        return tuple(self._patch(rect) for rect in self._rects)

    def _patch(self, rect: Rect) -> Patch:
        blend = np.full((rect.height, rect.width), 255, np.uint8)
        return Patch(rect=rect, pixels=self.document.to_view(self._window(rect)), blend=blend)

    def _window(self, rect: Rect) -> Native:
        """A copy of a rectangle as it is now."""
        pixels = self.document.native[rect.slices].copy()
        for cell in cells(rect):
            if (tile := self._tiles.get(cell)) is not None:
                place = cell.rect(self.document.size)
                common = place.intersect(rect)
                inside = tile[common.moved(-place.x, -place.y).slices]
                pixels[common.moved(-rect.x, -rect.y).slices] = inside
        return pixels

    def _put(self, rect: Rect, pixels: Native) -> None:
        for cell in cells(rect):
            place = cell.rect(self.document.size)
            if cell not in self._tiles:
                self._tiles[cell] = self.document.native[place.slices].copy()
            common = place.intersect(rect)
            inside = pixels[common.moved(-rect.x, -rect.y).slices]
            self._tiles[cell][common.moved(-place.x, -place.y).slices] = inside
