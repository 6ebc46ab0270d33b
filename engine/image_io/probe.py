"""What a file says about itself, without decoding it."""

from pathlib import Path
from typing import Any, BinaryIO

from PIL import BmpImagePlugin
from PIL import Image as Pil

from engine.geometry import Size
from engine.image_io.boundary import format_of, only_declared
from engine.image_io.decode_heif import open_avif, open_heic
from engine.image_io.headers import exif, jpeg, png, tiff
from engine.image_io.headers import webp_gif as containers
from engine.image_io.limits import Limits
from engine.picture import Header


def probe(path: Path, limits: Limits | None = None) -> Header:
    """Format, size and so on; nothing is decoded. Raises as `engine.image_io.reader.read` does."""
    with only_declared(path), path.open("rb") as stream:
        found = format_of(stream.read(64))
        return _PROBES[found](stream, limits or Limits())


def _header(
    found: str, size: Size, turn: int, *, depth: int = 8, alpha: bool = False, icc: object = None
) -> Header:
    shown = Size(size.height, size.width) if turn >= 5 else size
    return Header(
        format=found,
        size=shown,
        depth=depth,
        orientation=turn,
        has_alpha=alpha,
        has_profile=icc is not None,
    )


def _probe_png(stream: BinaryIO, limits: Limits) -> Header:
    head = png.examine(stream, limits)
    turn = exif.orientation(head.exif)
    depth = 16 if head.depth == 16 else 8
    return _header("png", head.size, turn, depth=depth, alpha=head.has_alpha, icc=head.icc)


def _probe_jpeg(stream: BinaryIO, limits: Limits) -> Header:
    head = jpeg.examine(stream, limits)
    return _header("jpeg", head.size, exif.orientation(head.exif), icc=head.icc)


def _probe_webp(stream: BinaryIO, limits: Limits) -> Header:
    head = containers.examine_webp(stream, limits)
    turn = exif.orientation(head.exif)
    return _header("webp", head.size, turn, alpha=head.has_alpha, icc=head.icc)


def _probe_tiff(stream: BinaryIO, limits: Limits) -> Header:
    head = tiff.examine(stream, limits)
    turn, depth = exif.tiff_orientation(head.branch), 16 if max(head.bits) > 8 else 8
    alpha = bool(head.extra)
    return _header("tiff", head.size, turn, depth=depth, alpha=alpha, icc=head.icc)


def _probe_gif(stream: BinaryIO, limits: Limits) -> Header:
    size, _ = containers.examine_gif(stream, limits)
    return _header("gif", size, 1)


def _probe_bmp(stream: BinaryIO, limits: Limits) -> Header:
    stream.seek(0)
    image = BmpImagePlugin.BmpImageFile(stream)
    limits.check_size(Size(*image.size))
    return _header("bmp", Size(*image.size), 1, alpha=image.mode == "RGBA")


def _probe_avif(stream: BinaryIO, limits: Limits) -> Header:
    stream.seek(0)
    image = open_avif(stream)
    limits.check_size(Size(*image.size))
    block = bytes(_info(image).get("exif", b"")).removeprefix(b"Exif\0\0")
    icc, turn = _info(image).get("icc_profile"), exif.orientation(block)
    return _header("avif", Size(*image.size), turn, alpha=image.mode == "RGBA", icc=icc)


def _info(image: Pil.Image) -> dict[Any, Any]:
    return image.info


def _probe_heic(stream: BinaryIO, limits: Limits) -> Header:
    stream.seek(0)
    heif = open_heic(stream.read(limits.file))
    limits.check_size(Size(*heif.size))
    depth = 16 if "16" in heif.mode else 8
    icc = heif.info.get("icc_profile")
    return _header("heic", Size(*heif.size), 1, depth=depth, alpha=heif.has_alpha, icc=icc)


_PROBES = {
    "png": _probe_png,
    "jpeg": _probe_jpeg,
    "webp": _probe_webp,
    "tiff": _probe_tiff,
    "gif": _probe_gif,
    "bmp": _probe_bmp,
    "avif": _probe_avif,
    "heic": _probe_heic,
}
