"""List of all that a written file holds beside its pixels, and what it has lost of its source."""

from dataclasses import dataclass, replace

from engine.image_io import formats
from engine.image_io.encoding import png_forms
from engine.image_io.encoding.jpeg_file import keeps_gain_map
from engine.image_io.export_options import ExportOptions, carried, depth_of, left_out
from engine.image_io.headers import exif, gain_map, jpeg, xmp
from engine.picture import Metadata, Picture

_CLEANED = {
    "thumbnail": ("thumbnail", "before"),
    "maker-note": ("maker-note", "before"),
    "original": ("original", "before"),
    "depth-map": ("depth-map", "before"),
    "video": ("motion-video", "before"),
    "audio": ("audio", "one-picture"),
    "c2pa": ("c2pa", "untrue"),
    "extended-xmp": ("extended-xmp", "unknown"),
    "fields": ("fields", "unknown"),
    "text": ("coded-text", "unknown"),
}
"""Kind and reason of what cleaning takes out; a gain map is told by itself."""

_NOTES = {
    "first-frame": ("frames", "one-picture"),
    "more-pictures": ("pictures", "one-picture"),
    "motion-video": ("motion-video", "before"),
}
_C2PA = 0xEB


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """One thing the source has or the export adds, and what becomes of it.

    Kinds: profile, exif, gps, xmp, iptc, dpi, text, source-type, alpha, depth, gain-map, palette,
    few-bits, interlaced; never kept are thumbnail, maker-note (pictures in it), original,
    depth-map, motion-video, audio, c2pa, extended-xmp, fields, coded-text, frames, pictures.
    """

    kind: str
    kept: bool
    size: int = 0  # bytes; for text the number of entries, for depth the bits written
    why: str = ""
    """When not kept: private, choice, format, too-long, broken, before (it shows the picture as it
    was), untrue, unknown (it may hold a picture), one-picture, colours, not-kept, server (it
    answers in 8 bits and sRGB)."""


def embedded(picture: Picture, options: ExportOptions) -> list[Embedded]:
    """All that the file will say beside its pixels, and what it will no longer say."""
    before, after = picture.metadata, carried(picture, options)
    lost = left_out(picture, options)
    found = [Embedded(kind="profile", kept=True, size=len(picture.icc))] if picture.icc else []
    for kind in ("exif", "xmp", "iptc", "dpi", "text"):
        found.extend(_fate(kind, (before, after), options, lost))
    if exif.has_gps(before.exif) or xmp.has_gps(before.xmp):
        kept = exif.has_gps(after.exif) or xmp.has_gps(after.xmp)
        found.append(_lost_or_kept("gps", kept, options))
    if options.source_type:
        kept = xmp.source_type(after.xmp) is not None
        found.append(_lost_or_kept("source-type", kept, options))
    return [
        *found,
        *_of_pixels(picture, options),
        *_of_coding(picture, options),
        *_gone(picture, lost),
    ]


def _fate(
    kind: str, fields: tuple[Metadata, Metadata], options: ExportOptions, lost: frozenset[str]
) -> list[Embedded]:
    old, new = (getattr(each, kind) for each in fields)
    if not old and not new:
        return []
    if new:
        return [Embedded(kind=kind, kept=True, size=len(new))]
    if f"{kind}-broken" in lost:
        return [Embedded(kind=kind, kept=False, size=len(old), why="broken")]
    return [replace(_lost_or_kept(kind, False, options), size=len(old))]


def _lost_or_kept(kind: str, kept: bool, options: ExportOptions) -> Embedded:
    if kept:
        return Embedded(kind=kind, kept=True)
    if options.private:
        return Embedded(kind=kind, kept=False, why="private")
    chosen = not options.keep_exif or (kind == "gps" and not options.keep_gps)
    if chosen:
        return Embedded(kind=kind, kept=False, why="choice")
    too_long = options.format == "jpeg" and kind in ("exif", "xmp", "gps", "source-type")
    return Embedded(kind=kind, kept=False, why="too-long" if too_long else "format")


def _of_pixels(picture: Picture, options: ExportOptions) -> list[Embedded]:
    found: list[Embedded] = []
    if picture.alpha is not None:
        kept = formats.named(options.format).alpha
        found.append(Embedded(kind="alpha", kept=kept, why="" if kept else "format"))
    if picture.depth > 8:
        bits = depth_of(picture, options)
        why = "" if bits == picture.depth else "choice" if options.depth == 8 else "format"
        found.append(Embedded(kind="depth", kept=not why, size=bits, why=why))
    return found


def _of_coding(picture: Picture, options: ExportOptions) -> list[Embedded]:
    """Forms of a PNG, and the gain map of a JPEG."""
    coding, pixels, alpha = picture.coding, picture.pixels, picture.alpha
    found: list[Embedded] = []
    is_png = options.format == "png"
    if coding.palette:
        kept = is_png and png_forms.keeps_palette(pixels, alpha, coding)
        found.append(_form("palette", kept, "colours" if is_png else "format"))
    elif coding.bits is not None and coding.bits < 8:
        kept = is_png and png_forms.keeps_bits(pixels, alpha, coding)
        found.append(_form("few-bits", kept, "colours" if is_png else "format"))
    if coding.interlaced:
        found.append(_form("interlaced", is_png, "format"))
    if coding.file is not None and gain_map.find(coding.file) is not None:
        kept = options.format == picture.format and keeps_gain_map(picture.pixels, coding, options)
        why = "private" if options.private else "not-kept" if options.format == "jpeg" else "format"
        found.append(_form("gain-map", kept, why))
    elif "gain-map" in picture.notes:
        why = "broken" if picture.format == "jpeg" else "format"
        found.append(_form("gain-map", False, why))
    return found


def _form(kind: str, kept: bool, why: str) -> Embedded:
    return Embedded(kind=kind, kept=kept, why="" if kept else why)


def _gone(picture: Picture, lost: frozenset[str]) -> list[Embedded]:
    """What no file of ours holds, once for each kind."""
    found = {kind: why for code, (kind, why) in _CLEANED.items() if code in lost}
    found |= {kind: why for note, (kind, why) in _NOTES.items() if note in picture.notes}
    if _has_credentials(picture):
        found["c2pa"] = "untrue"
    return [Embedded(kind=kind, kept=False, why=why) for kind, why in found.items()]


def _has_credentials(picture: Picture) -> bool:
    """Whether the source's segments hold a C2PA manifest."""
    parts = jpeg.applications(picture.coding.file or b"")
    return any(marker == _C2PA and b"c2pa" in body for marker, body in parts)
