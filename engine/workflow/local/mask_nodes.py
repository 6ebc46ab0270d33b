"""ComfyUI's mask nodes, reproduced to the pixel, on `(H, W) uint8` masks with 255 = marked."""

import cv2
import numpy as np
from PIL import Image as Pil
from PIL import ImageFilter

from engine.geometry import Image, Mask, Size
from engine.selection import masks

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
    the threshold: at 250 a radius of 8 px widens by 16 px, 4 px by 8, 20 px by 41.
    """
    stays = mask if inverted else masks.invert(mask)
    blurred = Pil.fromarray(np.ascontiguousarray(stays)).filter(ImageFilter.GaussianBlur(radius_px))
    return np.where(np.asarray(blurred) > threshold, np.uint8(0), np.uint8(255))


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


def tint_masks(view: Image, found: tuple[Mask, ...]) -> Image:
    """The `(H, W, 3) uint8` picture with each mask in a colour of its own, half transparent."""
    shown = view.astype(np.uint16)
    for number, mask in enumerate(found):
        marked = resized_mask(mask, Size.of(view)) >= masks.HALF
        shown[marked] = (shown[marked] + TINTS[number % len(TINTS)]) // 2
    return shown.astype(np.uint8)
