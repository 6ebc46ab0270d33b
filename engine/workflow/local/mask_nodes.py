"""ComfyUI's mask nodes, reproduced to the pixel, on `(H, W) uint8` masks with 255 = marked."""

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pil
from PIL import ImageFilter

from engine.geometry import Image, Mask, Size
from engine.selection import masks
from engine.workflow.local.photo import Photo
from engine.workflow.local.resampling import check_size

_TINY = 2.0**-10  # below a whole number that is meant: ComfyUI cuts off what floats lose
_LAMA_GRID = 8
_Integers: TypeAlias = NDArray[np.int32]

MASK_OPERATIONS = ("multiply", "add", "subtract", "and", "or", "xor")
TINTS = ((230, 60, 60), (60, 140, 230), (70, 190, 90), (230, 180, 50), (170, 90, 210))


def resized_mask(mask: Mask, size: Size) -> Mask:
    """The `(H, W) uint8` mask scaled to the size of the picture it is used on, as all nodes do."""
    if Size.of(mask) == size:
        return mask
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def summed(found: tuple[Mask, ...]) -> Mask:
    """The sum of `(H, W) uint8` masks, clipped at 255, in the size of the first."""
    total = found[0]
    for mask in found[1:]:
        total = np.asarray(cv2.add(total, resized_mask(mask, Size.of(total))), np.uint8)
    return total


def removed_area(mask: Mask, *, radius_px: int, threshold: int, inverted: bool) -> Mask:
    """The area that LamaRemover fills: `(H, W) uint8`, 0 or 255, wider than the mask.

    The inverted mask is blurred by Pillow's Gaussian (three box blurs in 8 bits) and kept above
    the threshold: at 250 a radius of 8 px widens by 16 px, 4 px by 8, 20 px by 41. Sides are
    padded with black to multiples of 8 before the mask is inverted, which the blur carries inside.
    """
    height, width = mask.shape
    padded = np.pad(mask, ((0, -height % _LAMA_GRID), (0, -width % _LAMA_GRID)))
    stays = padded if inverted else masks.invert(padded)
    blurred = Pil.fromarray(np.ascontiguousarray(stays)).filter(ImageFilter.GaussianBlur(radius_px))
    area = np.where(np.asarray(blurred) > threshold, np.uint8(0), np.uint8(255))
    return np.ascontiguousarray(area[:height, :width])


def painted_area(mask: Mask, growth_px: int) -> Mask:
    """The area that VAEEncodeForInpaint marks: `(H, W) uint8`, 0 or 255.

    Dilated by a square with sides of `growth_px`; an even side reaches one pixel further to the
    right and below.
    """
    hard = masks.hard(mask)
    if growth_px < 2:
        return hard
    brush = np.ones((growth_px, growth_px), np.uint8)
    return np.asarray(cv2.dilate(hard, brush), np.uint8)


def grow_mask(mask: Mask, growth_px: int, *, tapered: bool) -> Mask:
    """GrowMask on `(H, W) uint8`: pixel by pixel, to 4 neighbours where tapered, else to 8."""
    if growth_px == 0:
        return mask
    shape = cv2.MORPH_CROSS if tapered else cv2.MORPH_RECT
    brush = cv2.getStructuringElement(shape, (3, 3))
    change = cv2.dilate if growth_px > 0 else cv2.erode
    return np.asarray(change(mask, brush, iterations=abs(growth_px)), np.uint8)


def solid_mask(width: int, height: int, *, value: float) -> Mask:
    """SolidMask: `(height, width) uint8`, one value, 0..1. Raises SizeRefused."""
    check_size(Size(width, height))
    return np.full((height, width), int(value * 255 + _TINY), np.uint8)


def composed_mask(below: Mask, above: Mask, x: int, y: int, *, operation: str) -> Mask:
    """MaskComposite on `(H, W) uint8` and `(h, w) uint8`; `operation` of MASK_OPERATIONS."""
    found = below.copy()
    seen = found[y : y + above.shape[0], x : x + above.shape[1]]
    part = above[: seen.shape[0], : seen.shape[1]]
    seen[...] = _combined(seen.astype(np.int32), part.astype(np.int32), operation)
    return found


def _combined(below: _Integers, above: _Integers, operation: str) -> _Integers:
    is_below, is_above = below >= masks.HALF, above >= masks.HALF
    match operation:
        case "multiply":
            return below * above // 255
        case "add":
            return np.minimum(below + above, 255)
        case "subtract":
            return np.maximum(below - above, 0)
        case "and":
            return np.where(is_below & is_above, np.int32(255), np.int32(0))
        case "or":
            return np.where(is_below | is_above, np.int32(255), np.int32(0))
        case _:
            return np.where(is_below ^ is_above, np.int32(255), np.int32(0))


def feathered_mask(mask: Mask, left: int, top: int, right: int, bottom: int) -> Mask:
    """FeatherMask on `(H, W) uint8`: rising along a number of pixels from each side."""
    height, width = mask.shape
    rates = _slope(height, top, bottom)[:, None] * _slope(width, left, right)
    return (mask * rates + _TINY).astype(np.uint8)


def _slope(length: int, before: int, after: int) -> NDArray[np.float64]:
    """`(length,)` factors that rise to 1 from both ends."""
    found = np.ones(length)
    before, after = min(before, length), min(after, length)
    found[:before] *= np.arange(1, before + 1) / max(before, 1)
    found[length - after :] *= np.arange(after, 0, -1) / max(after, 1)
    return found


def cropped_mask(mask: Mask, x: int, y: int, width: int, height: int) -> Mask:
    """CropMask on `(H, W) uint8`; at least one pixel stays, where ComfyUI's would be empty."""
    x, y = min(x, mask.shape[1] - 1), min(y, mask.shape[0] - 1)
    return np.ascontiguousarray(mask[y : y + height, x : x + width])


def threshold_mask(mask: Mask, *, value: float) -> Mask:
    """ThresholdMask on `(H, W) uint8`: 255 above the value, 0..1."""
    return np.where(mask.astype(np.float32) / 255 > np.float32(value), np.uint8(255), np.uint8(0))


def cleaned_mask(mask: Mask, *, floor: float, filled: bool) -> Mask:
    """The `(H, W) uint8` mask without values below `floor`, 0..1, and without holes if `filled`."""
    kept = np.where(mask < floor * 255, np.uint8(0), mask)
    return masks.fill_holes(kept) if filled else kept


def blurred_mask(mask: Mask, *, radius_px: int) -> Mask:
    """The `(H, W) uint8` mask blurred by a Gaussian of a window of this many pixels, made odd."""
    side = radius_px | 1
    return np.asarray(cv2.GaussianBlur(mask, (side, side), 0), np.uint8)


def colour_mask(photo: Photo, *, colour: int) -> Mask:
    """ImageColorToMask: `(H, W) uint8`, the pixels of exactly this colour, 0xRRGGBB."""
    rgb = (colour >> 16 & 255, colour >> 8 & 255, colour & 255)
    return np.where((photo.view == rgb).all(2), np.uint8(255), np.uint8(0))


def tint_masks(view: Image, found: tuple[Mask, ...]) -> Image:
    """The `(H, W, 3) uint8` picture with each mask in a colour of its own, half transparent."""
    shown = view.astype(np.uint16)
    for number, mask in enumerate(found):
        marked = resized_mask(mask, Size.of(view)) >= masks.HALF
        shown[marked] = (shown[marked] + TINTS[number % len(TINTS)]) // 2
    return shown.astype(np.uint8)
