"""How a document was painted, in the words that other programs read."""

from dataclasses import replace

from app.document.document import Document, Lease, Variant
from engine.image_io.headers.a1111 import KEY, Parameters, read_parameters, text_of
from engine.picture import Picture


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
    """What an export writes; the parameters of a painting take the place of older ones."""
    return with_text(lease.picture, parameters_of(lease))


def with_text(picture: Picture, text: str) -> Picture:
    """The picture with these parameters; without any, as it is."""
    if not text:
        return picture
    metadata = picture.metadata
    kept = tuple(entry for entry in metadata.text if entry[0] != KEY)
    return replace(picture, metadata=replace(metadata, text=(*kept, (KEY, text))))


def found_in(picture: Picture) -> Parameters | None:
    """What a file says of how it was painted."""
    texts = [words for key, words in picture.metadata.text if key == KEY]
    return read_parameters(texts[-1]) if texts else None
