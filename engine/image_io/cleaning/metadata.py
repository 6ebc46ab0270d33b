"""All metadata of a picture, cleaned: what shows the picture as it was does not go on."""

from engine.geometry import Size
from engine.image_io.cleaning import exif, iptc, pictures, xmp
from engine.image_io.headers.exif import names_orientation
from engine.image_io.headers.xmp import oriented
from engine.picture import Metadata

_MOST_KEY = 79


def cleaned(found: Metadata, *, keep_gps: bool, size: Size) -> tuple[Metadata, frozenset[str]]:
    """The metadata upright, of a picture of this size and without pictures; and what went.

    XMP follows the orientation of EXIF; what XMP alone names was not applied, and stays. Codes:
    those of `cleaning.exif` and `cleaning.xmp`, and exif-broken and xmp-broken.
    """
    block = packet = records = None
    lost: set[str] = set()
    if found.exif:
        block, why = exif.cleaned(found.exif, keep_gps=keep_gps, size=size)
        lost |= why if block else {"exif-broken"}
    if found.xmp:
        packet, why = xmp.cleaned(found.xmp, keep_gps=keep_gps, size=size)
        lost |= why if packet or why else {"xmp-broken"}
        if packet and names_orientation(block):
            packet = oriented(packet, 1)
    if found.iptc:
        records, dropped = iptc.cleaned(found.iptc)
        lost |= {"thumbnail"} if dropped else set()
    text = tuple(entry for entry in map(_cleaned_text, found.text) if entry is not None)
    lost |= {"text"} if text != found.text else set()
    return Metadata(exif=block, xmp=packet, iptc=records, dpi=found.dpi, text=text), frozenset(lost)


def _cleaned_text(entry: tuple[str, str]) -> tuple[str, str] | None:
    """An entry without what is coded in it; None where nothing else is in it."""
    key, text = entry
    raw = text.encode("latin-1", "ignore")
    if len(key) > _MOST_KEY or not pictures.is_text(text) or pictures.has_samples(raw):
        return None
    left = pictures.without_coded(text)
    return (key, left) if left.strip() or not text.strip() else None
