"""Texts on the metadata that an export embeds or leaves out."""

from app.i18n import translate
from engine.image_io.writer import Embedded


def embedded_words(item: Embedded) -> str:
    """One line on a kind of metadata: name, amount, and whether it is kept."""
    what = _kinds().get(item.kind, item.kind)
    if not item.kept:
        form = translate("Export", "{what}: left out, {why}")
        return form.format(what=what, why=_reasons().get(item.why, item.why))
    if item.kind == "depth":
        form = translate("Export", "{what}: {bits} bits per channel")
        return form.format(what=what, bits=item.size)
    if item.kind in ("profile", "exif", "xmp", "iptc"):
        form = translate("Export", "{what}: {size}")
        return form.format(what=what, size=size_words(item.size))
    return what


def size_words(size: int) -> str:
    """A number of bytes as text with a unit."""
    if size < 1000:
        return translate("Export", "{number} bytes").format(number=size)
    if size < 1_000_000:
        return translate("Export", "{number} kB").format(number=f"{size / 1000:.0f}")
    return translate("Export", "{number} MB").format(number=f"{size / 1_000_000:.1f}")


def source_type_words(term: str) -> str:
    """The text of an IPTC digital source type; an empty code has one, too."""
    return {
        "": translate("Export", "Not marked"),
        "humanEdits": translate("Export", "Edited by a person"),
        "algorithmicallyEnhanced": translate("Export", "Enhanced by an algorithm"),
        "compositeWithTrainedAlgorithmicMedia": translate(
            "Export", "Parts made by a trained model"
        ),
    }.get(term, term)


def _kinds() -> dict[str, str]:
    return {
        "profile": translate("Export", "Colour profile"),
        "exif": translate("Export", "Camera data (EXIF)"),
        "gps": translate("Export", "Place (GPS)"),
        "xmp": translate("Export", "XMP data"),
        "iptc": translate("Export", "IPTC data"),
        "dpi": translate("Export", "Print resolution"),
        "text": translate("Export", "Text"),
        "source-type": translate("Export", "Digital source type"),
        "alpha": translate("Export", "Transparency"),
        "depth": translate("Export", "Depth"),
        "gain-map": translate("Export", "HDR gain map"),
        "palette": translate("Export", "Palette"),
        "few-bits": translate("Export", "Few bits per pixel"),
        "interlaced": translate("Export", "Interlacing"),
        **_never_kept(),
    }


def _never_kept() -> dict[str, str]:
    """What a source may hold and no export does."""
    return {
        "thumbnail": translate("Export", "Thumbnail"),
        "maker-note": translate("Export", "Preview in the data of the camera's maker"),
        "original": translate("Export", "Photo before an effect of the camera"),
        "depth-map": translate("Export", "Depth map"),
        "motion-video": translate("Export", "Motion video"),
        "audio": translate("Export", "Sound"),
        "c2pa": translate("Export", "Content credentials (C2PA)"),
        "extended-xmp": translate("Export", "Second part of the XMP data"),
        "fields": translate("Export", "Unknown fields of the camera data"),
        "coded-text": translate("Export", "Data coded as text"),
        "frames": translate("Export", "Further pictures of the series"),
        "pictures": translate("Export", "Further pictures in the file"),
    }


def _reasons() -> dict[str, str]:
    return {
        "private": translate("Export", "because the file is private"),
        "choice": translate("Export", "as you chose"),
        "format": translate("Export", "the format cannot hold it"),
        "too-long": translate("Export", "too long for the format"),
        "broken": translate("Export", "damaged in the source"),
        "before": translate("Export", "because it shows the picture as it was"),
        "untrue": translate("Export", "because it speaks of the file as it was"),
        "unknown": translate("Export", "because it may hold a picture"),
        "one-picture": translate("Export", "one picture is written"),
        "colours": translate("Export", "because there are too many colours now"),
        "server": translate("Export", "the server works in 8 bits and sRGB"),
        "not-kept": translate("Export", "choose “Compress as the source” to keep it"),
    }
