"""The transform between image pixels and device pixels of the window.

Zoom is a rational number `steps / 64 * 2 ** exponent` and the offset is whole device pixels, so
that any part of the picture resampled alone equals the same part of the whole: no seams.
"""

import math
from dataclasses import dataclass, replace
from typing import NamedTuple

UNIT = 64
"""Steps of the ladder in one doubling; 33 to 64 are used."""

MAX_SCALE = 64.0


class Box(NamedTuple):
    """A rectangle by its edges; `right` and `bottom` lie just outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        return self.right - self.left

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def is_empty(self) -> bool:
        return self.right <= self.left or self.bottom <= self.top

    def clip(self, other: "Box") -> "Box":
        left, top, right, bottom = self  # called 20 times an event: max() would cost twice as much
        other_left, other_top, other_right, other_bottom = other
        return Box(
            left if left > other_left else other_left,
            top if top > other_top else other_top,
            right if right < other_right else other_right,
            bottom if bottom < other_bottom else other_bottom,
        )

    def join(self, other: "Box") -> "Box":
        if self.is_empty or other.is_empty:
            return other if self.is_empty else self
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def pad(self, margin: int) -> "Box":
        return Box(self.left - margin, self.top - margin, self.right + margin, self.bottom + margin)

    def shift(self, dx: int, dy: int) -> "Box":
        return Box(self.left + dx, self.top + dy, self.right + dx, self.bottom + dy)


EMPTY = Box(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class View:
    """Zoom and offset; `left` and `top` say where the picture's corner lies, in device pixels."""

    exponent: int = 0
    steps: int = UNIT
    left: int = 0
    top: int = 0

    @property
    def scale(self) -> float:
        """Device pixels per image pixel."""
        return math.ldexp(self.steps, self.exponent - 6)

    @property
    def level(self) -> int:
        """The pyramid level that is resampled by a factor in (0.5, 1], or 0 from 100 % on."""
        return max(0, -self.exponent)

    def to_image(self, x: float, y: float) -> tuple[float, float]:
        scale = math.ldexp(self.steps, self.exponent - 6)
        return (x - self.left) / scale, (y - self.top) / scale

    def to_device(self, x: float, y: float) -> tuple[float, float]:
        scale = math.ldexp(self.steps, self.exponent - 6)
        return x * scale + self.left, y * scale + self.top

    def device_box(self, box: Box, margin: int = 0) -> Box:
        """The device pixels that an image rectangle touches."""
        left, top = self.to_device(box.left, box.top)
        right, bottom = self.to_device(box.right, box.bottom)
        return Box(
            math.floor(left) - margin,
            math.floor(top) - margin,
            math.ceil(right) + margin,
            math.ceil(bottom) + margin,
        )

    def image_box(self, box: Box) -> Box:
        """The image pixels that a device rectangle touches."""
        left, top = self.to_image(box.left, box.top)
        right, bottom = self.to_image(box.right, box.bottom)
        return Box(math.floor(left), math.floor(top), math.ceil(right), math.ceil(bottom))

    def moved(self, dx: int, dy: int) -> "View":
        return replace(self, left=self.left + dx, top=self.top + dy)

    def same_scale(self, other: "View") -> bool:
        return (self.exponent, self.steps) == (other.exponent, other.steps)


def ladder(scale: float, *, down: bool = False) -> tuple[int, int]:
    """Exponent and steps nearest to a scale, or the next ones below it."""
    mantissa, exponent = math.frexp(scale)
    steps = math.floor(mantissa * UNIT) if down else round(mantissa * UNIT)
    return (exponent - 1, UNIT) if steps == UNIT // 2 else (exponent, steps)


def zoomed(scale: float, image: tuple[float, float], device: tuple[float, float]) -> View:
    """The view at the ladder's nearest scale that shows an image point at a device point."""
    return _anchored(View(*ladder(scale)), image, device)


def fitted(width: int, height: int, into_width: int, into_height: int) -> View:
    """The whole picture, centred, at the largest ladder scale that shows all of it."""
    scale = min(into_width / width, into_height / height, MAX_SCALE)
    view = View(*ladder(max(scale, 1e-4), down=True))
    return _anchored(view, (width / 2, height / 2), (into_width / 2, into_height / 2))


def stepped(scale: float, direction: int) -> float:
    """The next of 50, 75, 100, 150, 200, 300 % ... above or below a scale."""
    exponent = math.floor(math.log2(scale))
    stops = [f * 2.0**e for e in range(exponent - 1, exponent + 3) for f in (1.0, 1.5)]
    if direction > 0:
        return min(stop for stop in stops if stop > scale * 1.001)
    return max(stop for stop in stops if stop < scale * 0.999)


def _anchored(view: View, image: tuple[float, float], device: tuple[float, float]) -> View:
    left = round(device[0] - image[0] * view.scale)
    top = round(device[1] - image[1] * view.scale)
    return replace(view, left=left, top=top)
