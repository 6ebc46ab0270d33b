"""Overlapping squares over what is marked, for models that see only so much at once."""

from engine.geometry import Mask, Rect, Size
from engine.selection import masks


def tiles(mask: Mask, side_px: int, overlap_px: int) -> list[Rect]:
    """Squares that together cover all that is marked, each with something in it.

    They lie inside the mask's picture, and are smaller only where that is.
    """
    box = masks.bounds(mask)
    if box.is_empty:
        return []
    size = Size.of(mask)
    found = [
        Rect(x, y, min(side_px, size.width), min(side_px, size.height))
        for y in _starts(box.y, box.bottom, side_px, overlap_px, size.height)
        for x in _starts(box.x, box.right, side_px, overlap_px, size.width)
    ]
    return [tile for tile in found if mask[tile.slices].any()]


def middle(tile: Rect, margin_px: int, size: Size) -> Rect:
    """The part that no other tile need touch: what lies `margin_px` inside, or at the border.

    With a margin of half the overlap the middles of all tiles cover what the tiles do.
    """
    return Rect.between(
        tile.x + margin_px if tile.x > 0 else 0,
        tile.y + margin_px if tile.y > 0 else 0,
        tile.right - margin_px if tile.right < size.width else size.width,
        tile.bottom - margin_px if tile.bottom < size.height else size.height,
    )


def _starts(first: int, end: int, side: int, overlap: int, room: int) -> list[int]:
    """Where tiles begin along one axis: overlapping, the last one shifted inside."""
    margin = overlap // 2
    first, end = max(0, first - margin), min(room, end + margin)
    step = max(1, side - overlap)
    starts = list(range(first, max(first + 1, end - overlap), step))
    return sorted({max(0, min(start, room - side)) for start in starts})
