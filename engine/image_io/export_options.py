"""Export options, and the metadata that a file will carry by them."""

from dataclasses import dataclass, replace

from engine.image_io import formats
from engine.image_io.cleaning import metadata
from engine.image_io.headers import xmp
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


def carried(picture: Picture, options: ExportOptions) -> Metadata:
    """The metadata that goes into the file: upright, of its size, without pictures."""
    return _carried(picture, options)[0]


def left_out(picture: Picture, options: ExportOptions) -> frozenset[str]:
    """Codes of what cleaning takes out of the metadata, those of `cleaning.metadata`."""
    return _carried(picture, options)[1]


def _carried(picture: Picture, options: ExportOptions) -> tuple[Metadata, frozenset[str]]:
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
