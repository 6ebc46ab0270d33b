"""Strokes of a round brush on an (H, W) mask: points in, changed rectangles out."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.geometry import Mask, Rect, Size
from engine.selection.dab import dab, fitted_radius, place
from engine.selection.masks import blank
from engine.selection.stroke_smoothing import PulledString, Sampler, StrokePoint

TILE = 256
LARGE_PIXELS = 1 << 16
"""From here on, drawing what did not change costs more than finding it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Brush:
    """A round brush. `hardness`, `opacity` are 0 to 1; `spacing` is a part of the diameter.

    `smoothing_px` is the length of the string on which the brush is pulled behind the pointer.
    """

    radius_px: float = 40.0
    hardness: float = 1.0
    opacity: float = 1.0
    spacing: float = 0.1
    smoothing_px: float = 0.0
    pressure_size: bool = True
    pressure_opacity: bool = False

    @property
    def step_px(self) -> float:
        """From dab to dab; hard edges get more of them, so that no scallops show."""
        step = self.spacing * 2 * self.radius_px
        if self.hardness > 0.5:
            step = min(step, math.sqrt(2 * self.radius_px))
        return max(0.5, step)

    @property
    def builds_plane(self) -> bool:
        """Whether the stroke is blended as a whole, so that it never darkens itself."""
        return self.opacity < 1 or self.pressure_opacity


class Dab(NamedTuple):
    """One print: what it covers, where its corner lies, and how strongly."""

    cover: Mask
    x: int
    y: int
    strength: float

    def rect(self, size: Size) -> Rect:
        """The part of it inside a mask of that size."""
        height, width = self.cover.shape
        whole = Rect(self.x, self.y, width, height)
        inside = self.x >= 0 <= self.y and whole.right <= size.width and whole.bottom <= size.height
        return whole if inside else whole.clamp(size)


class Stroke:
    """From press to release.

    `touch` is called with each rectangle before it is written, and answers with the array to
    write to: the history copies tiles there. With `start`, the stroke begins with a straight line
    from that point.
    """

    def __init__(
        self,
        size: Size,
        brush: Brush,
        touch: Callable[[Rect], Mask],
        *,
        erase: bool = False,
        start: tuple[float, float] | None = None,
    ) -> None:
        self._size, self._brush, self._touch, self._erase = size, brush, touch, erase
        self._sampler = Sampler(brush.step_px)
        self._string = PulledString(brush.smoothing_px)
        self._plane = _Plane(size) if brush.builds_plane else None
        self._start = start
        self._last: StrokePoint | None = None

    @property
    def end(self) -> tuple[float, float] | None:
        """Where it is now: the start of the next straight line."""
        return (self._last.x, self._last.y) if self._last else None

    def add(self, points: Iterable[tuple[float, float, float]]) -> list[Rect]:
        """Paint on through more (x, y, pressure); the rectangles that changed."""
        new: list[StrokePoint] = []
        for point in points:
            self._last = StrokePoint(*point)
            if self._start is not None:
                new.append(StrokePoint(*self._start, self._last.pressure))
                self._start = None
            new.extend(self._string.pull(self._last))
        return self._stamp(self._sampler.through(new))

    def finish(self) -> list[Rect]:
        """Draw the rest, up to where the pointer was released."""
        if self._last is None or not self._brush.smoothing_px:
            return []
        return self._stamp(self._sampler.through([self._last]))

    def _stamp(self, places: Sequence[StrokePoint]) -> list[Rect]:
        dabs = [self._dab(point) for point in places]
        runs = _runs([(found, found.rect(self._size)) for found in dabs])
        changed = [self._write(self._touch(rect), rect, members) for rect, members in runs]
        return [rect for rect in changed if not rect.is_empty]

    def _dab(self, point: StrokePoint) -> Dab:
        brush = self._brush
        size = point.pressure if brush.pressure_size else 1.0
        radius = fitted_radius(brush.radius_px * size)
        x, phase_x = place(radius, point.x)
        y, phase_y = place(radius, point.y)
        inverted = self._erase and self._plane is None
        cover = dab(radius, brush.hardness, phase_x, phase_y, inverted=inverted)
        reach = cover.shape[0] >> 1
        strength = point.pressure if brush.pressure_opacity else 1.0
        return Dab(cover, x - reach, y - reach, strength)

    def _write(self, mask: Mask, rect: Rect, dabs: Sequence[tuple[Dab, Rect]]) -> Rect:
        if self._plane is not None:
            self._plane.blend(mask, rect, dabs, self._brush.opacity, erase=self._erase)
            return rect
        if len(dabs) == 1 and rect.size.pixels >= LARGE_PIXELS:
            rect = self._difference(mask, *dabs[0])
        combine = cv2.min if self._erase else cv2.max
        for found, inside in dabs:
            into = mask[inside.slices]
            combine(into, _part(found, inside), dst=into)
        return rect

    def _difference(self, mask: Mask, found: Dab, inside: Rect) -> Rect:
        """Where a dab changes anything: about half of it, as the last one lies below."""
        stronger = cv2.CMP_LT if self._erase else cv2.CMP_GT
        differs = cv2.compare(_part(found, inside), mask[inside.slices], stronger)
        return Rect(*cv2.boundingRect(differs)).moved(inside.x, inside.y)


class _Plane:
    """The stroke at full strength, and the mask as it was before, where either was touched.

    Both are as large as the mask, but cost memory only where they are written.
    """

    def __init__(self, size: Size) -> None:
        self._stroke: Mask = blank(size)
        self._base: Mask = blank(size)
        self._known: set[tuple[int, int]] = set()
        self._size = size

    def blend(
        self,
        mask: Mask,
        rect: Rect,
        dabs: Iterable[tuple[Dab, Rect]],
        opacity: float,
        *,
        erase: bool,
    ) -> None:
        """Add dabs to the stroke, and lay the stroke over the mask of before, inside `rect`."""
        self._keep(mask, rect)
        for found, inside in dabs:
            into = self._stroke[inside.slices]
            cover = _part(found, inside)
            if found.strength < 1:
                cover = cv2.convertScaleAbs(cover, alpha=found.strength)
            cv2.max(into, cover, dst=into)
        target = mask[rect.slices]
        rest = 255 - _scaled(self._stroke[rect.slices], opacity)
        if erase:
            cv2.multiply(self._base[rect.slices], rest, dst=target, scale=1 / 255)
            return
        cv2.multiply(255 - self._base[rect.slices], rest, dst=target, scale=1 / 255)
        cv2.bitwise_not(target, dst=target)

    def _keep(self, mask: Mask, rect: Rect) -> None:
        for row in range(rect.y // TILE, (rect.bottom - 1) // TILE + 1):
            for column in range(rect.x // TILE, (rect.right - 1) // TILE + 1):
                if (row, column) not in self._known:
                    self._known.add((row, column))
                    tile = Rect(column * TILE, row * TILE, TILE, TILE).clamp(self._size).slices
                    self._base[tile] = mask[tile]


def _scaled(plane: Mask, factor: float) -> NDArray[np.uint8]:
    return cv2.convertScaleAbs(plane, alpha=factor).astype(np.uint8, copy=False)


def _part(found: Dab, inside: Rect) -> Mask:
    return found.cover[inside.moved(-found.x, -found.y).slices]


def _runs(dabs: Iterable[tuple[Dab, Rect]]) -> list[tuple[Rect, list[tuple[Dab, Rect]]]]:
    """Neighbours together, as long as their common rectangle holds little that neither covers."""
    runs: list[tuple[Rect, list[tuple[Dab, Rect]]]] = []
    for found, inside in dabs:
        if inside.is_empty:
            continue
        if runs:
            rect, members = runs[-1]
            joined = rect.union(inside)
            if joined.size.pixels < 1.5 * (rect.size.pixels + inside.size.pixels):
                members.append((found, inside))
                runs[-1] = (joined, members)
                continue
        runs.append((inside, [(found, inside)]))
    return runs
