"""Export options, and the metadata that a file will carry by them."""

from dataclasses import dataclass, replace

from engine.image_io import formats
from engine.image_io.cleaning import metadata
from engine.image_io.headers import exif, xmp
from engine.image_io.headers.a1111 import KEY, OTHERS
from engine.picture import Metadata, Picture

_JPEG_EXIF_MAX = 65_527
_JPEG_XMP_MAX = 65_503
_WITH_DPI = ("png", "jpeg", "tiff")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """How a picture is written; the defaults keep what the source had."""

    format: str = "png"  # a writable name of engine.image_io.formats
    depth: int | None = None  # 8 or 16; None: the document's, as far as the format can
    quality: int | None = None  # 1..100: JPEG, WebP, AVIF; None: as the source
    subsampling: str | None = None  # JPEG: 4:4:4, 4:2:2, 4:2:0; None: as the source
    lossless: bool | None = None  # WebP; None: as the source
    compress: bool = True  # TIFF: deflate; else stored
    keep_exif: bool = True  # EXIF, XMP, IPTC, resolution and text
    keep_gps: bool = True
    keep_prompts: bool = True  # how it was generated: A1111's text, ComfyUI's graphs
    private: bool = False  # nothing but pixels and profile
    source_type: str | None = None  # term of IPTC's digitalsourcetype vocabulary, into XMP


@dataclass(frozen=True, slots=True, kw_only=True)
class Embedded:
    """One thing the source has or the export adds, and what becomes of it."""

    kind: str  # profile, exif, gps, xmp, iptc, dpi, text, source-type, alpha, depth
    kept: bool
    size: int = 0  # bytes; for text the number of entries, for depth the bits written
    why: str = ""  # when not kept: private, choice, format, too-long, broken


def carried(picture: Picture, options: ExportOptions) -> Metadata:
    """The metadata that goes into the file: upright, of its size, without pictures."""
    return _carried(picture, options)[0]


def _carried(picture: Picture, options: ExportOptions) -> tuple[Metadata, frozenset[str]]:
    """The same, and the codes of what `engine.image_io.cleaning` took out."""
    if options.private:
        return Metadata(), frozenset()
    source = picture.metadata if options.keep_exif else Metadata()
    form = formats.named(options.format)
    found, lost = metadata.cleaned(source, keep_gps=options.keep_gps, size=picture.size)
    if options.source_type:
        found = replace(found, xmp=xmp.marked(found.xmp, options.source_type))
    found = replace(
        found,
        iptc=found.iptc if form.iptc else None,
        dpi=found.dpi if options.format in _WITH_DPI else None,
        text=_text(found, options) if form.text else (),
    )
    return _short_enough(found, options), lost


def depth_of(picture: Picture, options: ExportOptions) -> int:
    """Bits of a channel in the file: what was asked for, as far as format and document go."""
    asked = min(options.depth or picture.depth, picture.depth)
    return max(bits for bits in formats.named(options.format).depths if bits <= asked)


def embedded(picture: Picture, options: ExportOptions) -> list[Embedded]:
    """All that the file will say beside its pixels, and what it will no longer say."""
    before, after = picture.metadata, carried(picture, options)
    found = [Embedded(kind="profile", kept=True, size=len(picture.icc))] if picture.icc else []
    for kind in ("exif", "xmp", "iptc", "dpi", "text"):
        found.extend(_fate(kind, before, after, options))
    if exif.has_gps(before.exif) or xmp.has_gps(before.xmp):
        kept = exif.has_gps(after.exif) or xmp.has_gps(after.xmp)
        found.append(_lost_or_kept("gps", kept, options))
    if options.source_type:
        kept = xmp.source_type(after.xmp) is not None
        found.append(_lost_or_kept("source-type", kept, options))
    return found + _of_pixels(picture, options)


def _fate(kind: str, before: Metadata, after: Metadata, options: ExportOptions) -> list[Embedded]:
    old, new = getattr(before, kind), getattr(after, kind)
    if not old and not new:
        return []
    if new:
        return [Embedded(kind=kind, kept=True, size=len(new))]
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


def _text(source: Metadata, options: ExportOptions) -> tuple[tuple[str, str], ...]:
    if options.keep_prompts:
        return source.text
    return tuple(entry for entry in source.text if entry[0] not in (KEY, *OTHERS))


def _short_enough(found: Metadata, options: ExportOptions) -> Metadata:
    """JPEG keeps each block in one segment of 64 kB; the source type is kept in any case."""
    if options.format != "jpeg":
        return found
    block, packet = found.exif, found.xmp
    if block and len(block) > _JPEG_EXIF_MAX:
        block = None
    if packet and len(packet) > _JPEG_XMP_MAX:
        packet = xmp.marked(None, options.source_type) if options.source_type else None
    return replace(found, exif=block, xmp=packet)
