"""ComfyUI's nodes that resize, pad, crop and join pictures, reproduced to the pixel.

Pictures keep their depth and profile; two that differ in these are joined as 8-bit sRGB. What is
made here is a picture of its own, no edit of the file that it came from.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import cast

import numpy as np

from engine.colour.convert import view_of
from engine.geometry import Mask, Native, Rect, Size
from engine.picture import Picture
from engine.selection import masks
from engine.workflow.local.mask_nodes import resized_mask
from engine.workflow.local.photo import Photo, Source, source_mask
from engine.workflow.local.resampling import check_size, resampled

COLOURS = {
    "white": (255, 255, 255), "black": (0, 0, 0), "red": (255, 0, 0), "green": (0, 255, 0),
    "blue": (0, 0, 255),
}  # fmt: skip


def blank(width: int, height: int, *, colour: int) -> Photo:
    """A picture of one colour, 0xRRGGBB. Functions that make pictures raise SizeRefused."""
    check_size(Size(width, height))
    rgb = [colour >> 16 & 255, colour >> 8 & 255, colour & 255]
    pixels = np.full((height, width, 3), rgb, np.uint8)
    return _photo_of(Picture(pixels=_sealed(pixels)))


def scaled(photo: Photo, width: int, height: int, *, method: str, cropped: bool = False) -> Photo:
    """The picture in this size, first cropped to its shape around the middle where `cropped`.

    ImageScale: a side of 0 follows from the other one.
    """
    size = _whole_size(photo.size, width, height)
    check_size(size)
    part = _middle(photo.size, size) if cropped else Rect(0, 0, *photo.size)
    return _changed(photo, size, lambda a: resampled(a[part.slices], size, method))


def _whole_size(old: Size, width: int, height: int) -> Size:
    if not width and not height:
        return old
    return Size(
        width or max(1, round(old.width * height / old.height)),
        height or max(1, round(old.height * width / old.width)),
    )


def _middle(old: Size, new: Size) -> Rect:
    """The largest part of the middle that has the shape of `new`."""
    old_aspect, new_aspect = old.width / old.height, new.width / new.height
    x = y = 0
    if old_aspect > new_aspect:
        x = round((old.width - old.width * (new_aspect / old_aspect)) / 2)
    elif old_aspect < new_aspect:
        y = round((old.height - old.height * (old_aspect / new_aspect)) / 2)
    return Rect(x, y, old.width - 2 * x, old.height - 2 * y)


def scaled_by(photo: Photo, *, factor: float, method: str) -> Photo:
    """ImageScaleBy."""
    width, height = (max(1, round(side * factor)) for side in photo.size)
    return scaled(photo, width, height, method=method)


def scaled_to_pixels(photo: Photo, *, megapixels: float, step_px: int, method: str) -> Photo:
    """ImageScaleToTotalPixels: sides are multiples of `step_px`."""
    factor = math.sqrt(megapixels * 2**20 / (photo.size.width * photo.size.height))
    width, height = (max(1, round(side * factor / step_px)) * step_px for side in photo.size)
    return scaled(photo, width, height, method=method)


def scaled_to_longest(photo: Photo, longest_px: int, *, method: str) -> Photo:
    """ImageScaleToMaxDimension."""
    size = photo.size
    if size.width == size.height:
        return scaled(photo, longest_px, longest_px, method=method)
    if size.height > size.width:
        width = round(size.width / size.height * longest_px)
        return scaled(photo, width, longest_px, method=method)
    return scaled(photo, longest_px, round(size.height / size.width * longest_px), method=method)


def cropped(photo: Photo, x: int, y: int, width: int, height: int) -> Photo:
    """ImageCrop: what lies inside; at least one pixel."""
    x, y = min(x, photo.size.width - 1), min(y, photo.size.height - 1)
    part = Rect(x, y, width, height).clamp(photo.size)
    return _changed(photo, Size(part.width, part.height), lambda a: a[part.slices].copy())


def padded(photo: Photo, left: int, top: int, right: int, bottom: int) -> Photo:
    """ImagePadForOutpaint: grey around the picture, where it is opaque."""
    width, height = photo.size
    size = Size(width + left + right, height + top + bottom)
    check_size(size)

    def pad(array: Native) -> Native:
        top_value = np.iinfo(array.dtype).max
        value = top_value if array is photo.picture.alpha else top_value // 2
        sides = ((top, bottom), (left, right), *((0, 0),) * (array.ndim - 2))
        return cast(Native, np.pad(array, sides, constant_values=value))

    return _changed(photo, size, pad)


def outpaint_mask(
    photo: Photo, left: int, top: int, right: int, bottom: int, *, feather_px: int
) -> Mask:
    """ImagePadForOutpaint: `(h, w) uint8`, the padding and a soft edge on the picture."""
    width, height = photo.size
    check_size(Size(width + left + right, height + top + bottom))
    inner = np.zeros((height, width), np.float64)
    if feather_px > 0 and feather_px * 2 < min(width, height):
        rows = _distances(height, top > 0, bottom > 0)[:, None]
        columns = _distances(width, left > 0, right > 0)[None, :]
        near = np.minimum(np.minimum(rows, columns), feather_px)
        inner = ((feather_px - near) / feather_px) ** 2
    found = np.full((height + top + bottom, width + left + right), 255, np.uint8)
    found[top : top + height, left : left + width] = inner * 255
    return found


def _distances(length: int, before: bool, after: bool) -> np.ndarray:  # pyright: ignore
    """Pixels from each place of a side to the padding; `length` where there is none."""
    places = np.arange(length)
    ahead = places if before else np.full(length, length)
    return np.minimum(ahead, length - places) if after else ahead


def stitched(
    first: Photo, second: Photo, *, direction: str, matched: bool, spacing_px: int, colour: str
) -> Photo:
    """ImageStitch: the second picture beside the first, to its right, left, below or above.

    `matched` scales it to the same height or width; otherwise the smaller is padded.
    """
    is_row = direction in ("right", "left")
    if matched:
        second = _matched(first, second, is_row=is_row)
    pixels = _alike(first, second)
    edge = pixels[0].dtype.type(np.iinfo(pixels[0].dtype).max if colour == "white" else 0)
    across = 0 if is_row else 1
    aligned = [
        _aligned(each, other, int(edge), axis=across)
        for each, other in zip(pixels, reversed(pixels))
    ]
    parts = aligned if direction in ("right", "down") else aligned[::-1]
    gap = _gap(aligned[0], spacing_px + spacing_px % 2, colour, axis=1 if is_row else 0)
    whole = np.concatenate([parts[0], gap, parts[1]], axis=1 if is_row else 0)
    picture = replace(first.picture, icc=_shared_profile(first, second), alpha=None)
    return _photo_of(replace(picture, pixels=_sealed(whole)))


def _matched(first: Photo, second: Photo, *, is_row: bool) -> Photo:
    aspect = second.size.width / second.size.height
    if is_row:
        size = Size(max(1, int(first.size.height * aspect)), first.size.height)
    else:
        size = Size(first.size.width, max(1, int(first.size.width / aspect)))
    return scaled(second, *size, method="lanczos")


def _alike(first: Photo, second: Photo) -> tuple[Native, Native]:
    """The pixels of both in one depth and profile, in colour: else those of their views."""
    one, two = first.picture, second.picture
    is_alike = one.pixels.dtype == two.pixels.dtype and one.icc == two.icc
    if is_alike and not one.is_gray and not two.is_gray:
        return one.pixels, two.pixels
    return cast(Native, first.view), cast(Native, second.view)


def _shared_profile(first: Photo, second: Photo) -> bytes | None:
    return first.picture.icc if _alike(first, second)[0] is first.picture.pixels else None


def _aligned(pixels: Native, other: Native, edge: int, *, axis: int) -> Native:
    """Padded before and after to the length of the other along an axis."""
    room = max(other.shape[axis] - pixels.shape[axis], 0)
    sides = [(0, 0)] * pixels.ndim
    sides[axis] = (room // 2, room - room // 2)
    return cast(Native, np.pad(pixels, sides, constant_values=edge))


def _gap(pixels: Native, width_px: int, colour: str, *, axis: int) -> Native:
    shape = [*pixels.shape]
    shape[axis] = width_px
    scale = np.iinfo(pixels.dtype).max // 255
    rgb = np.asarray(COLOURS[colour], np.int64) * scale
    return cast(Native, np.broadcast_to(rgb, shape).astype(pixels.dtype))


def with_alpha(photo: Photo, mask: Mask) -> Photo:
    """JoinImageWithAlpha: transparent where the `(h, w) uint8` mask is marked."""
    clear = masks.invert(resized_mask(mask, photo.size))
    scale = np.iinfo(photo.picture.pixels.dtype).max // 255
    alpha = clear.astype(photo.picture.pixels.dtype) * photo.picture.pixels.dtype.type(scale)
    return _photo_of(replace(photo.picture, alpha=_sealed(alpha)), photo)


def clear_mask(photo: Photo) -> Mask:
    """SplitImageWithAlpha: `(h, w) uint8`, marked where the picture is transparent."""
    return source_mask(Source(picture=photo.picture))


def without_alpha(photo: Photo) -> Photo:
    """SplitImageWithAlpha."""
    if photo.picture.alpha is None:
        return photo
    return _photo_of(replace(photo.picture, alpha=None), photo)


def _changed(photo: Photo, size: Size, change: Callable[[Native], Native]) -> Photo:
    """The photo with its pixels and alpha changed; itself where the size stays as it is."""
    picture = photo.picture
    if size == photo.size:
        return photo
    alpha = None if picture.alpha is None else _sealed(change(picture.alpha))
    coding = replace(picture.coding, file=None, is_read=False)
    changed = replace(picture, pixels=_sealed(change(picture.pixels)), alpha=alpha, coding=coding)
    return _photo_of(changed, photo)


def _photo_of(picture: Picture, before: Photo | None = None) -> Photo:
    return Photo(
        picture=picture, view=view_of(picture), is_mask=before is not None and before.is_mask
    )


def _sealed(array: np.ndarray) -> Native:  # pyright: ignore
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return cast(Native, array)
