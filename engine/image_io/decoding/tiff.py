"""Decodes TIFF files to arrays.

Pillow takes what has up to 8 bits, tifffile and OpenCV plain 16 bits,
`engine.image_io.decoding.tiff_ycbcr` YCbCr that is no JPEG, and
`engine.image_io.decoding.tiff_samples` the rest: other depths, signed numbers, floats, Lab, CMYK of
16 bits, planes that are packed, several channels beside the colours. Those channels count as alpha
only where the file says that they are; others are left out, and said.
"""

import io
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil
from PIL import TiffImagePlugin

from engine.colour.convert import to_8_bit
from engine.colour.lab import lab_to_srgb
from engine.errors import ImageUnreadable
from engine.geometry import Native
from engine.image_io.decoding import arrays, tiff_samples, tiff_ycbcr
from engine.image_io.decoding.arrays import Decoded
from engine.image_io.headers import exif, tiff
from engine.image_io.limits import Limits
from engine.picture import Metadata

_UNPACKED_BY_TIFFFILE = (1, 8, 32_773, 32_946)
_USUAL = (1, 2, 3, 4, 5, 7, 8, 32_771, 32_773, 32_946)
"""Compressions that the decoders know: a failure is damage."""
_COLOURS = {0: 1, 1: 1, 2: 3, 5: 4, 8: 3}
"""Channels of colour by photometric interpretation."""
_WHITE_IS_ZERO, _CMYK, _LAB = 0, 5, 8
_JPEG = 7
_KINDS = {5: "tiff-cmyk", 6: "tiff-ycbcr", 8: "tiff-lab", 9: "tiff-lab", 10: "tiff-lab"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pixels:
    """What the decoders give, before orientation."""

    pixels: Native
    alpha: Native | None = None
    notes: tuple[str, ...] = ()
    icc: bytes | None = None
    is_upright: bool = False


def decode(content: bytes, limits: Limits) -> Decoded:
    """The first picture of a TIFF file."""
    head = tiff.examine(io.BytesIO(content), limits)
    found = _pixels(content, head)
    return Decoded(
        pixels=found.pixels,
        alpha=found.alpha,
        icc=found.icc,
        metadata=Metadata(
            exif=exif.of_tiff(head.branch), xmp=head.xmp, iptc=head.iptc, dpi=head.dpi
        ),
        orientation=1 if found.is_upright else exif.tiff_orientation(head.branch),
        notes=(*found.notes, *(("first-frame",) if head.has_more else ())),
    )


def _pixels(content: bytes, head: tiff.TiffHeader) -> _Pixels:
    try:
        return _by_any(content, head)
    except ImageUnreadable as error:
        if error.reason != "damaged" or head.compression in _USUAL:
            raise
        raise _unknown_compression(head) from error
    except (OSError, KeyError, ValueError) as error:
        if head.compression in _USUAL:
            raise
        raise _unknown_compression(head) from error


def _unknown_compression(head: tiff.TiffHeader) -> ImageUnreadable:
    return ImageUnreadable(None, "kind", f"tiff-compression {head.compression}")


def _by_any(content: bytes, head: tiff.TiffHeader) -> _Pixels:
    if head.photometric == tiff.YCBCR and head.compression in tiff_ycbcr.COMPRESSIONS:
        return _Pixels(pixels=tiff_ycbcr.pixels(content, head), icc=head.icc)
    is_big = head.big and head.bits[0] == 8 and head.compression in tiff_samples.COMPRESSIONS
    is_plain = head.photometric in (0, 1, 2)
    if (is_big and is_plain) or _is_strange_to_pillow(head):
        return _by_samples(content, head)
    if head.compression == _JPEG and max(head.bits) > 8:
        raise _unknown_compression(head)
    if max(head.bits) <= 8 and head.photometric not in (8, 9, 10):
        narrow = _narrow_pixels(content, head)
        if narrow is not None:
            return narrow
    if _is_plain_16(head):
        return _split(_samples(content, head), head)
    return _by_samples(content, head)


def _is_strange_to_pillow(head: tiff.TiffHeader) -> bool:
    """Forms that it opens with other pixels: findings/pillow_planar_gray_alpha.sh, for one."""
    is_planar = head.planar == 2 and head.photometric in _COLOURS and len(head.bits) > 1
    is_guessed = not head.names_colours and head.photometric == 1  # for Pillow, white is 0 then
    is_odd = is_planar or is_guessed or (_is_signed(head) and head.photometric in _COLOURS)
    known = head.compression in tiff_samples.COMPRESSIONS
    return head.has_old_lists or (is_odd and known)


def _is_signed(head: tiff.TiffHeader) -> bool:
    return head.sample_format == tiff_samples.SIGNED


def _narrow_pixels(content: bytes, head: tiff.TiffHeader) -> _Pixels | None:
    """Of up to 8 bits, by Pillow, else from the samples; None for a kind that Pillow knows not."""
    try:
        return _by_pillow(content, head)
    except (OSError, ValueError):  # it asks for tiles that are full, for one
        if head.photometric not in _COLOURS or head.compression not in tiff_samples.COMPRESSIONS:
            raise
        return _by_samples(content, head)


def _by_pillow(content: bytes, head: tiff.TiffHeader) -> _Pixels | None:
    """None for a kind of pixels that Pillow does not know."""
    try:
        image = TiffImagePlugin.TiffImageFile(io.BytesIO(content))
    except SyntaxError:
        return None
    image.info.pop("xmp", None)  # Pillow would turn by it, too; a TIFF has a field for that
    with image:  # Pillow turns TIFFs, and only those, upright as it loads them
        if image.mode == "CMYK":
            converted, notes = arrays.from_cmyk(image, head.icc)
            notes = (*notes, *_dropped(len(head.bits) - 4))
            return _Pixels(pixels=arrays.array(converted, 3), notes=notes, is_upright=True)
        notes = ("palette-converted",) if image.mode in ("P", "PA") else ()
        pixels, alpha = arrays.by_pillow(image)
    colours = _COLOURS.get(head.photometric)
    if colours is not None:
        has_alpha = _has_alpha(head, colours)
        alpha = alpha if has_alpha else None
        notes += _dropped(len(head.bits) - colours - has_alpha)
    if max(head.bits) < 8 and colours == 1:
        notes += (f"depth-widened:{max(head.bits)}:8",)
    return _Pixels(pixels=pixels, alpha=alpha, notes=notes, icc=head.icc, is_upright=True)


def _has_alpha(head: tiff.TiffHeader, colours: int) -> bool:
    """Whether the first extra channel is alpha: said to be, or the only one and not described."""
    if len(head.bits) <= colours:
        return False
    return head.extra[:1] in ((1,), (2,)) or (not head.extra and len(head.bits) == colours + 1)


def _dropped(channels: int) -> tuple[str, ...]:
    return ("channels-dropped",) if channels > 0 else ()


def _is_plain_16(head: tiff.TiffHeader) -> bool:
    """Whether tifffile or OpenCV give the samples as they are."""
    if head.sample_format != tiff_samples.UNSIGNED or set(head.bits) != {16} or head.big:
        return False
    if head.photometric not in (0, 1, 2) or head.predictor not in (1, 2):
        return False
    if head.compression in _UNPACKED_BY_TIFFFILE:
        return True
    if head.compression not in _USUAL:
        return False
    is_known = (head.photometric, len(head.bits)) in ((1, 1), (2, 3), (2, 4))
    return is_known and head.planar == 1


def _samples(content: bytes, head: tiff.TiffHeader) -> Native:
    """(H, W) or (H, W, C) uint16, colours first."""
    if head.compression in _UNPACKED_BY_TIFFFILE:
        found = _by_tifffile(content, head.planar)
    else:
        found = arrays.by_opencv(content, arrays.UNCHANGED, head.size)
        if found.ndim == 3:
            found[..., :3] = found[..., 2::-1].copy()
    arrays.expect(found, np.uint16, len(head.bits))
    return found


def _by_tifffile(content: bytes, planar: int) -> Native:
    import tifffile  # loaded when the first 16-bit TIFF is

    with tifffile.TiffFile(io.BytesIO(content)) as file:
        found = np.asarray(file.pages[0].asarray())
    if planar == 2 and found.ndim == 3:
        found = np.moveaxis(found, 0, 2)
    return cast(Native, found.astype(found.dtype.newbyteorder("="), copy=False))


def _by_samples(content: bytes, head: tiff.TiffHeader) -> _Pixels:
    depth = max(head.bits)
    if head.photometric not in _COLOURS:
        code = _KINDS.get(head.photometric)
        raise ImageUnreadable(None, "kind", f"{code} {depth}" if code else "tiff-pixels")
    if head.photometric == _LAB and (depth not in (8, 16) or _is_signed(head)):
        raise ImageUnreadable(None, "kind", f"tiff-lab {depth}")
    samples, notes = tiff_samples.samples_16(content, head)
    if head.photometric == _CMYK:
        return _of_cmyk(samples, head, notes)
    if head.photometric == _LAB:
        return _of_lab(samples, head)
    if depth > 16:
        notes += (f"depth-reduced:{depth}:16",)
    if depth < 8:
        notes += (f"depth-widened:{depth}:8",)
    found = _split(samples[..., 0] if len(head.bits) == 1 else samples, head, notes)
    return _narrow(found) if depth <= 8 else found


def _split(found: Native, head: tiff.TiffHeader, notes: tuple[str, ...] = ()) -> _Pixels:
    """Colours, alpha, and what is left out, of (H, W) or (H, W, C) uint16."""
    colours = _COLOURS[head.photometric]
    count = 1 if found.ndim == 2 else found.shape[2]
    if count < colours:
        raise ImageUnreadable(None, "kind", "tiff-pixels")
    has_alpha = _has_alpha(head, colours)
    pixels, alpha = found, None
    if found.ndim == 3:
        alpha = np.ascontiguousarray(found[..., colours]) if has_alpha else None
        pixels = np.ascontiguousarray(found[..., 0] if colours == 1 else found[..., :colours])
    if head.photometric == _WHITE_IS_ZERO:
        pixels = np.bitwise_not(pixels)
    if alpha is not None and head.extra[:1] == (1,):
        pixels = arrays.straight(cast(Native, pixels), cast(Native, alpha))
    notes += _dropped(count - colours - has_alpha)
    return _Pixels(
        pixels=cast(Native, pixels), alpha=cast("Native | None", alpha), notes=notes, icc=head.icc
    )


def _narrow(found: _Pixels) -> _Pixels:
    alpha = None if found.alpha is None else to_8_bit(found.alpha)
    return _Pixels(pixels=to_8_bit(found.pixels), alpha=alpha, notes=found.notes, icc=found.icc)


def _packed(samples: NDArray[np.generic]) -> Native:
    return cast(Native, np.ascontiguousarray(samples))


def _of_cmyk(samples: Native, head: tiff.TiffHeader, notes: tuple[str, ...]) -> _Pixels:
    if len(head.bits) < 4:
        raise ImageUnreadable(None, "kind", "tiff-pixels")
    has_alpha = _has_alpha(head, 4)
    alpha = to_8_bit(_packed(samples[..., 4])) if has_alpha else None
    inks: Native = to_8_bit(_packed(samples[..., :4]))
    if alpha is not None and head.extra[:1] == (1,):
        inks = arrays.straight(inks, alpha)
    converted, why = arrays.from_cmyk(Pil.fromarray(inks, "CMYK"), head.icc)
    notes += (*why, *_dropped(len(head.bits) - 4 - has_alpha))
    if max(head.bits) > 8:
        notes += (f"depth-reduced:{max(head.bits)}:8",)
    return _Pixels(pixels=arrays.array(converted, 3), alpha=alpha, notes=notes)


def _of_lab(samples: NDArray[np.uint16], head: tiff.TiffHeader) -> _Pixels:
    if len(head.bits) < 3:
        raise ImageUnreadable(None, "kind", "tiff-pixels")
    pixels = cast(Native, lab_to_srgb(samples[..., :3], head.bits[0]))
    has_alpha = _has_alpha(head, 3) and head.extra[:1] != (1,)  # else of Lab that is multiplied
    alpha = np.ascontiguousarray(samples[..., 3]) if has_alpha else None
    notes = ("lab-converted", *_dropped(len(head.bits) - 3 - has_alpha))
    found = _Pixels(pixels=pixels, alpha=alpha, notes=notes)
    return _narrow(found) if head.bits[0] == 8 else found
