"""Coordinates in a picture whose size is not known yet: pixels, or shares of its sides."""

from typing import Any, NamedTuple

from engine.errors import PlaceOutside, RecipeInvalid
from engine.geometry import Rect, Size
from engine.jobs.requests import Click, Exemplar
from engine.recipes.yaml_fields import checked, is_list, shown

FAR_PX = 1_000_000.0


class Coordinate(NamedTuple):
    """A coordinate or a length: pixels, or a share of the picture's side."""

    value: float
    is_share: bool = False

    def px(self, side_px: int) -> float:
        return self.value * side_px if self.is_share else self.value


class PointCoordinates(NamedTuple):
    """A click to be made."""

    x: Coordinate
    y: Coordinate
    positive: bool = True

    def click(self, size: Size) -> Click:
        """Raises PlaceOutside."""
        x, y = self.x.px(size.width), self.y.px(size.height)
        if not (0 <= x < size.width and 0 <= y < size.height):
            raise _outside(size, x, y)
        return Click(x, y, self.positive)


class BoxCoordinates(NamedTuple):
    """A rectangle to be drawn."""

    x: Coordinate
    y: Coordinate
    width: Coordinate
    height: Coordinate

    def rect(self, size: Size) -> Rect:
        """In pixels, cut to the picture. Raises PlaceOutside where nothing of it is inside."""
        left, top = self.x.px(size.width), self.y.px(size.height)
        right, bottom = left + self.width.px(size.width), top + self.height.px(size.height)
        found = Rect.between(round(left), round(top), round(right), round(bottom)).clamp(size)
        if found.is_empty:
            raise _outside(size, left, top, right - left, bottom - top)
        return found


class Example(NamedTuple):
    """A box around something to be found, or to be left out."""

    box: BoxCoordinates
    positive: bool = True

    def exemplar(self, size: Size) -> Exemplar:
        return Exemplar(self.box.rect(size), self.positive)


def _outside(size: Size, *numbers: float) -> PlaceOutside:
    place = ", ".join(f"{round(number, 2):g}" for number in numbers)
    return PlaceOutside(place, f"{size.width} x {size.height}")


def place(raw: Any, where: str) -> Coordinate:
    """A number of pixels, or a text like "12.5%". Raises RecipeInvalid."""
    if isinstance(raw, str) and raw.strip().endswith("%"):
        try:
            share = float(raw.strip()[:-1])
        except ValueError:
            raise RecipeInvalid(where, f"{shown(raw)} is no percentage") from None
        return Coordinate(checked(share, where, -1000, 1000) / 100, True)
    return Coordinate(checked(raw, where, -FAR_PX, FAR_PX))


def places(raw: Any, where: str, count: int) -> list[Coordinate]:
    """So many of them, of a list. Raises RecipeInvalid."""
    if not is_list(raw) or len(raw) != count:
        raise RecipeInvalid(where, f"must be {count} numbers or percentages, found {shown(raw)}")
    return [place(value, where) for value in raw]


def point(raw: Any, where: str, positive: bool) -> PointCoordinates:
    """Of a list [x, y]. Raises RecipeInvalid."""
    x, y = places(raw, where, 2)
    return PointCoordinates(x, y, positive)


def box(raw: Any, where: str) -> BoxCoordinates:
    """Of a list [x, y, width, height]. Raises RecipeInvalid."""
    return BoxCoordinates(*places(raw, where, 4))
