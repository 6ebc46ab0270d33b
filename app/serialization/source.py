"""What a picture brought along beside its pixels, as JSON and named parts, and back."""

from collections.abc import Callable

from app.serialization import document as forms
from app.serialization.document import Form
from engine.colour import convert as colour
from engine.geometry import Native
from engine.picture import Metadata, Picture

LIMITS = {"icc": "profile", "exif": "metadata", "xmp": "metadata", "iptc": "metadata"}
"""The parts, each with the name of its limit."""


def of_source(picture: Picture) -> Form:
    metadata = picture.metadata
    return {
        "format": picture.format,
        "notes": list(picture.notes),
        "dpi": None if metadata.dpi is None else list(metadata.dpi),
        "text": [list(pair) for pair in metadata.text],
    }


def parts(picture: Picture) -> dict[str, bytes]:
    """What JSON cannot hold, as it came."""
    metadata = picture.metadata
    found = {"icc": picture.icc, "exif": metadata.exif, "xmp": metadata.xmp, "iptc": metadata.iptc}
    return {name: content for name, content in found.items() if content is not None}


def to_picture(
    form: object, pixels: Native, alpha: Native | None, part: Callable[[str], bytes | None]
) -> Picture:
    """Reading trusts nothing: anything unexpected is a ValueError, KeyError or TypeError."""
    source = forms.mapping(form)
    icc = part("icc")
    if icc is not None and not colour.usable(icc, gray=pixels.ndim == 2):
        raise ValueError("a profile that cannot be used")
    dpi = source["dpi"]
    pairs = (forms.listed(each) for each in forms.listed(source["text"]))
    metadata = Metadata(
        exif=part("exif"),
        xmp=part("xmp"),
        iptc=part("iptc"),
        dpi=None if dpi is None else _pair(dpi),
        text=tuple((forms.text(key), forms.text(value)) for key, value in pairs),
    )
    return Picture(
        pixels=pixels,
        alpha=alpha,
        icc=icc,
        metadata=metadata,
        format=forms.text(source["format"]),
        notes=tuple(forms.text(each) for each in forms.listed(source["notes"])),
    )


def _pair(value: object) -> tuple[float, float]:
    one, other = (forms.number(each) for each in forms.listed(value))
    return one, other
