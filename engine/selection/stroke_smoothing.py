"""Stroke smoothing: a stabilizer for the pointer, and dabs at equal steps along a smooth curve."""

import math
from collections.abc import Iterable
from typing import NamedTuple

PIECE_PX = 4
MOST_PIECES = 16


class StrokePoint(NamedTuple):
    """A position in mask pixels; pressure is 0 to 1."""

    x: float
    y: float
    pressure: float


class Sampler:
    """Catmull-Rom through all points, dabs at equal arc length.

    The newest segment is drawn at once, with no tangent at its end, so ink touches the pointer.
    """

    def __init__(self, step_px: float) -> None:
        self._step_px = step_px
        self._known: list[StrokePoint] = []
        self._left_px = step_px

    def through(self, points: Iterable[StrokePoint]) -> list[StrokePoint]:
        """Where to stamp on the way through more points."""
        found: list[StrokePoint] = []
        for point in points:
            known = self._known
            known.append(point)
            if len(known) == 1:
                found.append(point)
            else:
                before = known[-3] if len(known) > 2 else known[-2]
                self._walk(before, known[-2], point, found)
            del known[:-3]
        return found

    def _walk(
        self, before: StrokePoint, start: StrokePoint, end: StrokePoint, found: list[StrokePoint]
    ) -> None:
        length = math.hypot(end.x - start.x, end.y - start.y)
        pieces = max(1, min(MOST_PIECES, int(length / PIECE_PX)))
        x, y = start.x, start.y
        for i in range(1, pieces + 1):
            next_x, next_y = _curve(before, start, end, i / pieces)
            pressure = start.pressure + (end.pressure - start.pressure) * i / pieces
            self._step((x, y), (next_x, next_y), pressure, found)
            x, y = next_x, next_y

    def _step(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        pressure: float,
        found: list[StrokePoint],
    ) -> None:
        dx, dy = end[0] - start[0], end[1] - start[1]
        length = math.hypot(dx, dy)
        if not length:
            return
        at = self._left_px
        while at <= length:
            part = at / length
            found.append(StrokePoint(start[0] + dx * part, start[1] + dy * part, pressure))
            at += self._step_px
        self._left_px = at - length


def _curve(
    before: StrokePoint, start: StrokePoint, end: StrokePoint, t: float
) -> tuple[float, float]:
    """Catmull-Rom from start to end; the point after the end is not known yet, so it is the end."""
    t2, t3 = t * t, t * t * t
    a, b, c = -0.5 * t3 + t2 - 0.5 * t, 1.5 * t3 - 2.5 * t2 + 1, -t3 + 1.5 * t2 + 0.5 * t
    return (
        a * before.x + b * start.x + c * end.x,
        a * before.y + b * start.y + c * end.y,
    )


class PulledString:
    """Stabilizer: the brush follows the pointer as if pulled on a string of this length.

    Jitter shorter than the string leaves no trace; slow curves come out round. Independent of how
    many points a second arrive. Length 0 passes every point on.
    """

    def __init__(self, length_px: float) -> None:
        self._length_px = length_px
        self._brush: StrokePoint | None = None

    def pull(self, pointer: StrokePoint) -> list[StrokePoint]:
        """Where the brush is drawn to; nowhere while the string is slack."""
        if self._brush is None or self._length_px <= 0:
            self._brush = pointer
            return [pointer]
        dx, dy = pointer.x - self._brush.x, pointer.y - self._brush.y
        distance = math.hypot(dx, dy)
        if distance <= self._length_px:
            return []
        part = 1 - self._length_px / distance
        x, y = self._brush.x + dx * part, self._brush.y + dy * part
        self._brush = StrokePoint(x, y, pointer.pressure)
        return [self._brush]
