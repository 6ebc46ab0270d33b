"""Marks and variants as JSON and back. What cannot be JSON goes to `put` and comes from `get`.

Reading trusts nothing: anything unexpected is a ValueError, KeyError or TypeError.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias, cast

from app.document import Marks, Option, Variant
from app.named_masks import NamedMask
from app.tiles import PackedMask
from engine.geometry import Image, Mask, Native, Rect, Size
from engine.requests import Click, Patch

Form: TypeAlias = dict[str, Any]
MAX_LIST = 100_000


@dataclass(frozen=True, slots=True)
class Put:
    """Takes arrays and masks, and says how the form calls them."""

    pixels: Callable[[Native], object]
    mask: Callable[[PackedMask], object]


@dataclass(frozen=True, slots=True)
class Get:
    """Gives back what `Put` took; pixels of (H, W) for one channel, else (H, W, 3)."""

    pixels: Callable[[object, Size, int], Native]
    mask: Callable[[object, Size], PackedMask]


def of_marks(marks: Marks, put: Put) -> Form:
    named = [
        {"name": each.name, "visible": each.visible, "mask": put.mask(each.mask)}
        for each in marks.named
    ]
    return {
        "clicks": [[click.x, click.y, click.positive] for click in marks.clicks],
        "box": None if marks.box is None else list(marks.box),
        "origin": marks.origin,
        "named": named,
        "options": dict(marks.options),
        "applied": list(marks.applied),
    }


def to_marks(form: object, size: Size, get: Get) -> Marks:
    fields = mapping(form)
    box = fields["box"]
    return Marks(
        clicks=tuple(_click(each) for each in listed(fields["clicks"])),
        box=None if box is None else rect(box),
        origin=text(fields["origin"]),
        named=tuple(_named(each, size, get) for each in listed(fields["named"])),
        options={text(k): _option(v) for k, v in mapping(fields["options"]).items()},
        applied=tuple(whole(each) for each in listed(fields["applied"])),
    )


def of_variant(variant: Variant, put: Put) -> Form:
    patches = [
        {
            "rect": list(patch.rect),
            "pixels": put.pixels(patch.pixels),
            "blend": put.pixels(patch.blend),
        }
        for patch in variant.patches
    ]
    return {
        "number": variant.number,
        "engine": variant.engine,
        "seed": variant.seed,
        "revision": variant.revision,
        "notes": list(variant.notes),
        "patches": patches,
    }


def to_variant(form: object, size: Size, get: Get) -> Variant:
    fields = mapping(form)
    return Variant(
        number=whole(fields["number"]),
        patches=tuple(_patch(each, size, get) for each in listed(fields["patches"])),
        engine=text(fields["engine"]),
        seed=whole(fields["seed"]),
        revision=whole(fields["revision"]),
        notes=tuple(text(each) for each in listed(fields["notes"])),
    )


def mapping(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("an object was expected")
    return cast(dict[str, Any], value)


def listed(value: object) -> list[Any]:
    if not isinstance(value, list) or len(cast(list[Any], value)) > MAX_LIST:
        raise TypeError("a list was expected")
    return cast(list[Any], value)


def text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text was expected")
    return value


def whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("a whole number was expected")
    return value


def number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError("a number was expected")
    return float(value)


def truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("true or false was expected")
    return value


def rect(value: object) -> Rect:
    x, y, width, height = (whole(each) for each in listed(value))
    return Rect(x, y, width, height)


def rect_within(value: object, size: Size) -> Rect:
    found = rect(value)
    if found.is_empty or found.clamp(size) != found:
        raise ValueError("outside the picture")
    return found


def _click(value: object) -> Click:
    x, y, positive = listed(value)
    return Click(number(x), number(y), truth(positive))


def _named(value: object, size: Size, get: Get) -> NamedMask:
    fields = mapping(value)
    mask = get.mask(fields["mask"], size)
    return NamedMask(text(fields["name"]), mask, truth(fields["visible"]))


def _option(value: object) -> Option:
    if value is None or isinstance(value, bool | str):
        return value
    return value if isinstance(value, int) else number(value)


def _patch(value: object, size: Size, get: Get) -> Patch:
    fields = mapping(value)
    place = rect_within(fields["rect"], size)
    pixels = cast(Image, get.pixels(fields["pixels"], place.size, 3))
    blend = cast(Mask, get.pixels(fields["blend"], place.size, 1))
    return Patch(rect=place, pixels=pixels, blend=blend)
