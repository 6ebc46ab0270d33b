"""A document or request as plain JSON: values as they are, pixels as type, shape and sha256.

The same facts stand beside the files in tests/data, written by the code of that time.
"""

import hashlib
from typing import Any

import numpy as np

from app.document.document import Document, Variant
from engine.jobs.paint_settings import PaintRecord, PaintSettings
from engine.jobs.requests import Hole, InpaintRequest, RemoveRequest

Facts = dict[str, Any]


def of_document(document: Document) -> Facts:
    picture, marks = document.picture(), document.marks
    metadata = picture.metadata
    return {
        "pixels": _pixels(picture.pixels),
        "alpha": _pixels(picture.alpha),
        "mask": _pixels(document.mask),
        "icc": _sha256(picture.icc),
        "original": _pixels(document.lease().original()),
        "exif": _sha256(metadata.exif),
        "xmp": _sha256(metadata.xmp),
        "iptc": _sha256(metadata.iptc),
        "dpi": None if metadata.dpi is None else list(metadata.dpi),
        "text": [list(pair) for pair in metadata.text],
        "format": picture.format,
        "notes": list(picture.notes),
        "revision": document.revision,
        "path": None if document.path is None else str(document.path),
        "clicks": [list(each) for each in marks.clicks],
        "box": None if marks.box is None else list(marks.box),
        "origin": marks.origin,
        "options": dict(marks.options),
        "applied": list(marks.applied),
        "named": [[n.name, n.visible, _pixels(n.mask.unpack())] for n in marks.named],
        "variants": [_variant(each) for each in document.variants],
    }


def of_request(request: InpaintRequest | RemoveRequest) -> Facts:
    facts: Facts = {
        "seed": request.seed,
        "match": request.match,
        "revision": request.revision,
        "holes": [_hole(each) for each in request.holes],
    }
    if isinstance(request, InpaintRequest):
        facts["settings"] = _settings(request.settings)
    return facts


def _variant(variant: Variant) -> Facts:
    return {
        "number": variant.number,
        "engine": variant.engine,
        "seed": variant.seed,
        "revision": variant.revision,
        "notes": list(variant.notes),
        "patches": [[list(p.rect), _pixels(p.pixels), _pixels(p.blend)] for p in variant.patches],
        "request": None if variant.request is None else of_request(variant.request),
        "makings": [_record(each) for each in variant.paint_records],
    }


def _settings(settings: PaintSettings) -> Facts:
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


def _record(record: PaintRecord) -> Facts:
    return {
        "fit": [*record.fit[:4], list(record.fit.canvas)],
        "sigmas": list(record.sigmas),
        "model": record.model,
        "model_sha256": record.model_sha256,
        "device": record.device,
        "precision": record.precision,
        "versions": list(record.versions),
    }


def _hole(hole: Hole) -> list[object]:
    return [list(hole.rect), _pixels(hole.image), _pixels(hole.mask), _pixels(hole.blend)]


def _pixels(array: np.ndarray | None) -> list[object] | None:
    if array is None:
        return None
    return [str(array.dtype), list(array.shape), _sha256(array.tobytes())]


def _sha256(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()
