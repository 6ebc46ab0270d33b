"""One step of the history: tiles and state from before it, to be swapped with the document."""

from dataclasses import dataclass, field, fields
from typing import Literal, TypeAlias

from app.document.document import Document, Target, UndoState
from app.document.tiles import StoredBytes, TileCell, UniformBytes, runs
from engine.geometry import Rect

Place: TypeAlias = tuple[Target, TileCell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Changes of the document, for listeners that show or record them."""

    kind: Literal["edit", "undo", "redo", "variants"]
    label: str = ""
    image: tuple[Rect, ...] = ()
    mask: tuple[Rect, ...] = ()
    alpha: tuple[Rect, ...] = ()
    marks: tuple[str, ...] = ()  # names of the changed fields of UndoState


@dataclass(slots=True, eq=False)
class TileBlock:
    """The other state of a rectangle inside one tile."""

    rect: Rect
    before: StoredBytes


@dataclass(slots=True, eq=False)
class HistoryStep:
    label: str
    serial: int
    marks: UndoState
    blocks: dict[Place, TileBlock] = field(default_factory=dict[Place, TileBlock])
    is_old: bool = False  # deflated, or about to be
    _nbytes: int | None = None  # None: to be counted

    @property
    def nbytes(self) -> int:
        if self._nbytes is None:
            self._nbytes = sum(block.before.nbytes for block in self.blocks.values())
        return self._nbytes

    def deflate(self) -> None:
        """Deflate the tiles, in a thread; a swap may run meanwhile."""
        for block in tuple(self.blocks.values()):
            block.before.deflate()
        self._nbytes = None

    def rects(self, target: Target) -> tuple[Rect, ...]:
        rects = (block.rect for (kind, _), block in self.blocks.items() if kind == target)
        return runs(sorted(rects, key=lambda rect: (rect.y, rect.x)))

    def absorb(self, later: "HistoryStep", document: Document) -> None:
        """Become one step with the next one."""
        for (target, cell), block in later.blocks.items():
            known = self.blocks.get((target, cell))
            whole = block if known is None else _joined(document, target, known, block)
            self.blocks[target, cell] = whole
        self.serial, self._nbytes = later.serial, None

    def swap(self, document: Document) -> Changes:
        """Exchange this step's state with the document's."""
        marks, self.marks, document.marks = self.marks, document.marks, self.marks
        for (target, cell), block in self.blocks.items():
            now = stored(document, target, cell, block.rect)
            put(document, target, block)
            block.before = now
        document.mask_tiles.update(document.mask)
        image = self.rects("image")
        if image:
            document.refresh(image)
        self.is_old, self._nbytes = False, None
        names = different(marks, self.marks)
        return Changes(
            kind="edit",
            label=self.label,
            image=image,
            mask=self.rects("mask"),
            alpha=self.rects("alpha"),
            marks=names,
        )


def _joined(document: Document, target: Target, earlier: TileBlock, later: TileBlock) -> TileBlock:
    """The block from before two steps; where neither wrote, the present pixels."""
    rect = earlier.rect.union(later.rect)
    if rect == earlier.rect:
        return earlier
    before = document.array(target)[rect.slices].copy()
    for block in (later, earlier):
        before[block.rect.moved(-rect.x, -rect.y).slices] = block.before.pixels()
    return TileBlock(rect, StoredBytes(before))


def stored(document: Document, target: Target, cell: TileCell, rect: Rect) -> StoredBytes:
    """A rectangle inside a tile as it is now; not copied where it is uniform."""
    value = document.mask_tiles[cell] if target == "mask" else None
    if value is not None:
        return StoredBytes(UniformBytes(value, (rect.height, rect.width)))
    return StoredBytes(document.array(target)[rect.slices].copy())


def put(document: Document, target: Target, block: TileBlock) -> None:
    """Write a block into the document."""
    value = block.before.value
    array = document.writable_touched_mask() if target == "mask" else document.writable(target)
    array[block.rect.slices] = block.before.pixels() if value is None else value
    if target == "mask" and value is not None:
        document.mask_tiles.set_uniform(block.rect, value)
    elif target == "mask":
        document.mask_tiles.mark_unknown(block.rect)


def different(one: UndoState, other: UndoState) -> tuple[str, ...]:
    names = (each.name for each in fields(UndoState))
    return tuple(name for name in names if getattr(one, name) != getattr(other, name))
