"""Writes pictures: encoded whole, then put in place of the file that was there."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias, cast

import numpy as np

from engine.colour.convert import to_8_bit, view_of
from engine.errors import ImageUnwritable, OutOfMemory
from engine.geometry import Mask, Native
from engine.image_io import formats
from engine.image_io.cleaning import pictures
from engine.image_io.embedded import Embedded, embedded
from engine.image_io.encoding import encode as encoding
from engine.image_io.export_options import ExportOptions, carried, depth_of
from engine.picture import Coding, Picture
from engine.selection.foreground import foreground
from engine.storage import atomic_file

__all__ = [
    "Embedded",
    "ExportOptions",
    "Report",
    "embedded",
    "encode",
    "write",
    "write_cutout",
    "write_mask",
]

Report: TypeAlias = Callable[[float, str], None]
"""Share done 0..1 and a note; may raise Cancelled, then nothing is written."""


def write(
    picture: Picture,
    path: Path,
    options: ExportOptions,
    report: Report | None = None,
    *,
    original: Native | None = None,
    apart: bool = False,
    source: Path | None = None,
) -> None:
    """Write the file, whole or not at all.

    `original` are the pixels as they were opened, (H, W) or (H, W, 3), where they are known: the
    blocks of a JPEG are kept without decoding it once more.
    `apart`: what holds the interpreter's lock is done in a process of its own, for a window.
    A new file is as private as `source`, the one that the picture came from.

    Raises DiskFull, or ImageUnwritable with a reason: those of storage.atomic_file, or format,
    size (more than the format can hold), no-alpha, encoder.
    """
    content = _encoded(picture, options, report, path, original=original, apart=apart)
    with atomic_file.replace(path, mode=atomic_file.mode_of(source)) as file:
        file.write(content)


def encode(
    picture: Picture,
    options: ExportOptions,
    report: Report | None = None,
    *,
    original: Native | None = None,
) -> bytes:
    """The bytes of the file. `original`, (H, W) or (H, W, 3), and what it raises: as of `write`."""
    return _encoded(picture, options, report, Path(f"picture.{options.format}"), original=original)


def write_mask(mask: Mask, path: Path, *, source: Path | None = None) -> None:
    """The (H, W) mask as a gray PNG, as private as `source`. Raises as `write` does."""
    write(Picture(pixels=mask), path, ExportOptions(), source=source)


def write_cutout(
    picture: Picture,
    mask: Mask,
    path: Path,
    options: ExportOptions,
    report: Report | None = None,
    *,
    source: Path | None = None,
    own_colours: bool = False,
) -> None:
    """The pixels that the (H, W) mask marks, the rest transparent and 0. See `write`, `cut_out`."""
    if not formats.named(options.format).alpha:
        raise ImageUnwritable(path, "no-alpha")
    found = cut_out(picture, mask, own_colours=own_colours)
    write(found, path, options, report, source=source)


def cut_out(picture: Picture, mask: Mask, *, own_colours: bool = False) -> Picture:
    """The picture with the (H, W) mask times its own alpha as alpha; hidden pixels are 0.

    With `own_colours` what is partly transparent has the object's colours, without the ground's.
    """
    top = np.iinfo(picture.pixels.dtype).max
    share = mask.astype(np.float32) / 255
    own = share * top if picture.alpha is None else share * picture.alpha
    alpha = cast(Native, np.rint(own).astype(picture.pixels.dtype))
    seen = alpha > 0 if picture.is_gray else (alpha > 0)[..., None]
    pixels = foreground(picture.pixels, mask) if own_colours else picture.pixels
    return replace(picture, pixels=np.where(seen, pixels, 0), alpha=alpha)


def _encoded(
    picture: Picture,
    options: ExportOptions,
    report: Report | None,
    path: Path,
    *,
    original: Native | None,
    apart: bool = False,
) -> bytes:
    _check(picture, options, path)
    try:
        found = replace(contents(picture, options), original=original, apart=apart)
        return encoding.encode(found, _progress(report))
    except MemoryError as error:
        raise OutOfMemory(0, 0) from error
    except OverflowError as error:
        raise ImageUnwritable(path, "size") from error
    except (OSError, ValueError) as error:
        raise ImageUnwritable(path, "encoder") from error


def _check(picture: Picture, options: ExportOptions, path: Path) -> None:
    found = next((item for item in formats.FORMATS if item.name == options.format), None)
    if found is None or not found.writable:
        raise ImageUnwritable(path, "format")
    if max(picture.size) > found.max_side:
        raise ImageUnwritable(path, "size")


def contents(picture: Picture, options: ExportOptions) -> encoding.FileContents:
    """All that the file is made of, in its depth and colours."""
    narrow = depth_of(picture, options) < picture.depth
    pixels, alpha = picture.pixels, picture.alpha
    if narrow:
        pixels, alpha = to_8_bit(pixels), None if alpha is None else to_8_bit(alpha)
    icc = picture.icc
    if picture.is_gray and icc and not formats.named(options.format).gray:
        pixels, icc = view_of(picture), None  # a gray profile contradicts three channels
    return encoding.FileContents(
        pixels=pixels,
        alpha=alpha,
        icc=pictures.blanked(icc) if icc else None,
        metadata=carried(picture, options),
        options=options,
        coding=picture.coding if picture.format == options.format else Coding(),
    )


def _progress(report: Report | None) -> encoding.Progress:
    def progress(share: float) -> None:
        if report:
            report(share, "")

    return progress
