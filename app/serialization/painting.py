"""What a painting was made of, as JSON and back: with it, it can be made again.

Reading trusts nothing: anything unexpected is a ValueError, KeyError or TypeError.
"""

from typing import cast

from app.serialization.json_values import (
    BlobReader,
    BlobWriter,
    Form,
    listed,
    mapping,
    number,
    rect_within,
    text,
    truth,
    whole,
)
from engine.geometry import Image, Mask, Size
from engine.jobs.paint_settings import MAX_SEED, Fit, Lora, PaintRecord, PaintSettings, StartFrom
from engine.jobs.requests import Hole, InpaintRequest, RemoveRequest


def of_request(request: InpaintRequest, put: BlobWriter) -> Form:
    return {
        "settings": of_settings(request.settings),
        "seed": request.seed,
        "match": request.match,
        "revision": request.revision,
        "holes": [_of_hole(hole, put) for hole in request.holes],
    }


def to_request(form: object, size: Size, get: BlobReader) -> InpaintRequest:
    fields = mapping(form)
    return InpaintRequest(
        holes=tuple(_hole(each, size, get) for each in listed(fields["holes"])),
        settings=to_settings(fields["settings"]),
        seed=seed(fields["seed"]),
        match=number(fields["match"]),
        revision=whole(fields["revision"]),
    )


def of_removal(request: RemoveRequest, put: BlobWriter) -> Form:
    return {
        "seed": request.seed,
        "match": request.match,
        "revision": request.revision,
        "holes": [_of_hole(hole, put) for hole in request.holes],
    }


def to_removal(form: object, size: Size, get: BlobReader) -> RemoveRequest:
    fields = mapping(form)
    return RemoveRequest(
        holes=tuple(_hole(each, size, get) for each in listed(fields["holes"])),
        seed=seed(fields["seed"]),
        match=number(fields["match"]),
        revision=whole(fields["revision"]),
    )


def of_settings(settings: PaintSettings) -> Form:
    return {
        "prompt": settings.prompt,
        "negative_prompt": settings.negative_prompt,
        "checkpoint": settings.checkpoint,
        "loras": [[lora.name, lora.weight] for lora in settings.loras],
        "steps": settings.steps,
        "guidance": settings.guidance,
        "sampler": settings.sampler,
        "scheduler": settings.scheduler,
        "strength": settings.strength,
        "start_from": settings.start_from.value,
        "refine": settings.refine,
    }


def to_settings(form: object) -> PaintSettings:
    fields = mapping(form)
    return PaintSettings(
        prompt=text(fields["prompt"]),
        negative_prompt=text(fields["negative_prompt"]),
        checkpoint=text(fields["checkpoint"]),
        loras=tuple(_lora(each) for each in listed(fields["loras"])),
        steps=whole(fields["steps"]),
        guidance=number(fields["guidance"]),
        sampler=text(fields["sampler"]),
        scheduler=text(fields["scheduler"]),
        strength=number(fields["strength"]),
        start_from=StartFrom(text(fields["start_from"])),
        refine=truth(fields["refine"]),
    )


def of_making(making: PaintRecord) -> Form:
    fit = making.fit
    return {
        "fit": [fit.scale_x, fit.scale_y, fit.left_px, fit.top_px, *fit.canvas],
        "sigmas": list(making.sigmas),
        "model": making.model,
        "model_sha256": making.model_sha256,
        "device": making.device,
        "precision": making.precision,
        "versions": list(making.versions),
    }


def to_making(form: object) -> PaintRecord:
    fields = mapping(form)
    scale_x, scale_y, left, top, width, height = listed(fields["fit"])
    return PaintRecord(
        fit=Fit(
            number(scale_x), number(scale_y), whole(left), whole(top),
            Size(whole(width), whole(height)),
        ),
        sigmas=tuple(number(each) for each in listed(fields["sigmas"])),
        model=text(fields["model"]),
        model_sha256=text(fields["model_sha256"]),
        device=text(fields["device"]),
        precision=text(fields["precision"]),
        versions=tuple(text(each) for each in listed(fields["versions"])),
    )  # fmt: skip


def seed(value: object) -> int:
    found = whole(value)
    if not 0 <= found <= MAX_SEED:
        raise ValueError("a seed was expected")
    return found


def _of_hole(hole: Hole, put: BlobWriter) -> Form:
    return {
        "rect": list(hole.rect),
        "image": put.pixels(hole.image),
        "mask": put.pixels(hole.mask),
        "blend": put.pixels(hole.blend),
    }


def _hole(form: object, size: Size, get: BlobReader) -> Hole:
    fields = mapping(form)
    place = rect_within(fields["rect"], size)
    return Hole(
        rect=place,
        image=cast(Image, get.pixels(fields["image"], place.size, 3)),
        mask=cast(Mask, get.pixels(fields["mask"], place.size, 1)),
        blend=cast(Mask, get.pixels(fields["blend"], place.size, 1)),
    )


def _lora(form: object) -> Lora:
    name, weight = listed(form)
    return Lora(text(name), number(weight))
