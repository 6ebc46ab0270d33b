"""Generation parameters of a document as text in the format of AUTOMATIC1111, and back."""

from dataclasses import replace

from app.document.document import Document, Lease, Variant
from engine.image_io.headers.a1111 import KEY, Parameters, read_parameters, text_of
from engine.picture import Picture
from engine.storage.text import mended


def parameters_of(document: Document | Lease) -> str:
    """The parameters of the last painting that the picture shows; "" where nothing is painted."""
    painted = [v for v in document.variants if v.number in document.marks.applied and v.request]
    return text_of_variant(painted[-1]) if painted else ""


def text_of_variant(variant: Variant) -> str:
    request = variant.request
    if request is None or not variant.paint_records:
        return ""
    record = variant.paint_records[0]
    return text_of(request.settings, request.seed, record.fit.canvas, record.model)


def with_parameters(lease: Lease) -> Picture:
    """The picture of a lease with the parameters of its last painting in its metadata."""
    return with_text(lease.picture, parameters_of(lease))


def with_text(picture: Picture, text: str) -> Picture:
    """The picture with these parameters in place of older ones; without any, as it is."""
    if not text:
        return picture
    metadata = picture.metadata
    kept = tuple(entry for entry in metadata.text if entry[0] != KEY)
    return replace(picture, metadata=replace(metadata, text=(*kept, (KEY, mended(text)))))


def parameters_in(picture: Picture) -> Parameters | None:
    """The parameters in the metadata of a picture; None where there are none."""
    texts = [words for key, words in picture.metadata.text if key == KEY]
    return read_parameters(texts[-1]) if texts else None
