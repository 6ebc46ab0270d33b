"""The selection below the points that are placed, which later points and their end go back to."""

from dataclasses import dataclass
from typing import TypeAlias

from app.document.tiles import PackedMask
from engine.geometry import Rect
from engine.selection.masks import CombineMode

Content: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PointsBase:
    """The selection before the first point, and the answer that is combined with it."""

    mode: CombineMode
    rect: Rect  # where the points have changed the selection
    before: PackedMask  # the selection there; of the picture's size
    shown: PackedMask  # the answer; of the picture's size
    shown_rect: Rect
    soft: PackedMask | None = None  # the same with its soft edge; of the picture's size
    soft_rect: Rect | None = None

    @property
    def content(self) -> Content:
        """All values, for comparisons."""
        soft = None if self.soft is None else self.soft.tiles
        places = self.rect, self.shown_rect, self.soft_rect
        return self.mode, places, self.before.tiles, self.shown.tiles, soft

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PointsBase) and self.content == other.content

    def __hash__(self) -> int:
        return hash((self.mode, self.rect, self.shown_rect))
