"""Marks and variants as JSON and back. What cannot be JSON goes to `put` and comes from `get`.

Reading trusts nothing: anything unexpected is a ValueError, KeyError or TypeError.
"""

from typing import cast

from app.document.document import Option, UndoState, Variant
from app.document.named_masks import NamedMask
from app.serialization import painting as forms_paint
from app.serialization.json_values import (
    BlobReader,
    BlobWriter,
    Form,
    listed,
    mapping,
    number,
    rect,
    rect_within,
    text,
    truth,
    whole,
)
from engine.geometry import Image, Mask, Size
from engine.jobs.requests import Click, Patch

__all__ = [
    "BlobReader",
    "BlobWriter",
    "Form",
    "listed",
    "mapping",
    "number",
    "of_marks",
    "of_variant",
    "rect",
    "text",
    "to_marks",
    "to_variant",
    "truth",
    "whole",
]  # fmt: skip


def of_marks(marks: UndoState, put: BlobWriter) -> Form:
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


def to_marks(form: object, size: Size, get: BlobReader) -> UndoState:
    fields = mapping(form)
    box = fields["box"]
    return UndoState(
        clicks=tuple(_click(each) for each in listed(fields["clicks"])),
        box=None if box is None else rect(box),
        origin=text(fields["origin"]),
        named=tuple(_named(each, size, get) for each in listed(fields["named"])),
        options={text(k): _option(v) for k, v in mapping(fields["options"]).items()},
        applied=tuple(whole(each) for each in listed(fields["applied"])),
    )


def of_variant(variant: Variant, put: BlobWriter) -> Form:
    patches = [
        {
            "rect": list(patch.rect),
            "pixels": put.pixels(patch.pixels),
            "blend": put.pixels(patch.blend),
        }
        for patch in variant.patches
    ]
    form: Form = {
        "number": variant.number,
        "engine": variant.engine,
        "seed": variant.seed,
        "revision": variant.revision,
        "notes": list(variant.notes),
        "patches": patches,
    }
    if variant.request is not None:
        form["request"] = forms_paint.of_request(variant.request, put)
        form["makings"] = [forms_paint.of_making(making) for making in variant.makings]
    return form


def to_variant(form: object, size: Size, get: BlobReader) -> Variant:
    fields = mapping(form)
    request = fields.get("request")
    return Variant(
        number=whole(fields["number"]),
        patches=tuple(_patch(each, size, get) for each in listed(fields["patches"])),
        engine=text(fields["engine"]),
        seed=whole(fields["seed"]),
        revision=whole(fields["revision"]),
        notes=tuple(text(each) for each in listed(fields["notes"])),
        request=None if request is None else forms_paint.to_request(request, size, get),
        makings=tuple(forms_paint.to_making(each) for each in listed(fields.get("makings", []))),
    )


def _click(value: object) -> Click:
    x, y, positive = listed(value)
    return Click(number(x), number(y), truth(positive))


def _named(value: object, size: Size, get: BlobReader) -> NamedMask:
    fields = mapping(value)
    mask = get.mask(fields["mask"], size)
    return NamedMask(text(fields["name"]), mask, truth(fields["visible"]))


def _option(value: object) -> Option:
    if value is None or isinstance(value, bool | str):
        return value
    return value if isinstance(value, int) else number(value)


def _patch(value: object, size: Size, get: BlobReader) -> Patch:
    fields = mapping(value)
    place = rect_within(fields["rect"], size)
    pixels = cast(Image, get.pixels(fields["pixels"], place.size, 3))
    blend = cast(Mask, get.pixels(fields["blend"], place.size, 1))
    return Patch(rect=place, pixels=pixels, blend=blend)
