"""Steadies a hand: the brush follows the pointer as if pulled on a string."""

import math

from engine.selection.spline import StrokePoint


class PulledString:
    """Jitter shorter than the string leaves no trace; slow curves come out round.

    Independent of how many points a second arrive. Length 0 passes every point on.
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
