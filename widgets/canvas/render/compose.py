"""Draw a scene into device pixels: picture, transparency, patches, mask, outlines. No widgets."""

import cv2
import numpy as np
from numpy.typing import NDArray

from widgets.canvas.render.mipmap import Mipmap, Pixels
from widgets.canvas.render.sampling import Sample, extent, sample
from widgets.canvas.render.scene import Colour, MaskMode, MaskOutline, Scene, ShownPicture
from widgets.canvas.view import EMPTY, Box, View

Words = NDArray[np.uint32]
"""(h, w) pixels as 0xAARRGGBB."""

CHECKER = (0xFF9A9A9A, 0xFF666666)
CHECK_PX = 8
HATCH_PX = 8
HALF = 128


def words(pixels: Pixels) -> Words:
    """The same (h, w, 4) memory, one word a pixel: filling words is 16 times as fast."""
    return pixels.view(np.uint32)[..., 0]


def word(colour: Colour, alpha: int = 255) -> int:
    """A premultiplied pixel."""
    red, green, blue = (round(c * alpha / 255) for c in colour)
    return alpha << 24 | red << 16 | green << 8 | blue


def draw_picture(
    out: Pixels, box: Box, scene: Scene, view: View, *, nearest: bool, split_px: int
) -> None:
    """Fill `out`, the pixels of device rectangle `box`, with what lies below the mask."""
    if scene.single is not None or scene.before is None or scene.after is None:
        _draw_shown(out, box, scene.single, scene, view, nearest=nearest)
        return
    middle = min(max(split_px, box.left), box.right) - box.left
    parts = ((scene.before, 0, middle), (scene.after, middle, box.width))
    for shown, start, end in parts:
        part = Box(box.left + start, box.top, box.left + end, box.bottom)
        if not part.is_empty:
            _draw_shown(out[:, start:end], part, shown, scene, view, nearest=nearest)


def _draw_shown(
    out: Pixels, box: Box, shown: ShownPicture | None, scene: Scene, view: View, *, nearest: bool
) -> None:
    found = sample(shown.picture, view, box, nearest=nearest) if shown else None
    _fill_around(words(out), box, found.box if found else None, word(scene.backdrop))
    if shown is None or found is None:
        return
    inside = found.box.shift(-box.left, -box.top)
    target = out[inside.top : inside.bottom, inside.left : inside.right]
    if found.pixels.shape[2] == 3:
        cv2.cvtColor(found.pixels, cv2.COLOR_RGB2BGRA, dst=target)
    else:
        np.copyto(words(target), words(found.pixels))
    for patch in shown.patches:
        _blend(out, box, sample(patch, view, box, nearest=nearest))
    if scene.alpha is not None:
        alpha = sample(scene.alpha, view, found.box, nearest=nearest)
        if alpha is not None:
            _draw_checker(out, box, alpha, view)


def _fill_around(out: Words, box: Box, inner: Box | None, value: int) -> None:
    if inner is None:
        out[...] = value
        return
    top, bottom = inner.top - box.top, inner.bottom - box.top
    out[:top] = value
    out[bottom:] = value
    out[top:bottom, : inner.left - box.left] = value
    out[top:bottom, inner.right - box.left :] = value


def _blend(out: Pixels, box: Box, over: Sample | None) -> None:
    """Lay premultiplied pixels over opaque ones."""
    if over is None:
        return
    place = over.box.shift(-box.left, -box.top)
    below = out[place.top : place.bottom, place.left : place.right]
    rest = cv2.cvtColor(255 - over.pixels[..., 3], cv2.COLOR_GRAY2BGRA)
    kept = cv2.multiply(below, rest, scale=1 / 255)
    kept[..., 3] = 255
    cv2.add(kept, over.pixels, dst=below)
    below[..., 3] = 255


def _draw_checker(out: Pixels, box: Box, alpha: Sample, view: View) -> None:
    """Let squares shine through where the picture is not opaque; they move with the picture."""
    place = alpha.box.shift(-box.left, -box.top)
    target = out[place.top : place.bottom, place.left : place.right]
    across = (np.arange(alpha.box.left, alpha.box.right) - view.left) // CHECK_PX & 1
    down = (np.arange(alpha.box.top, alpha.box.bottom) - view.top) // CHECK_PX & 1
    dark = (across[None] ^ down[:, None]).astype(bool)
    checker = np.where(dark, np.uint32(CHECKER[1]), np.uint32(CHECKER[0]))
    squares = checker.view(np.uint8).reshape(*checker.shape, 4)
    weight = cv2.cvtColor(alpha.pixels, cv2.COLOR_GRAY2BGRA)
    weight[..., 3] = 255
    picture = cv2.multiply(target, weight, scale=1 / 255)
    cv2.add(picture, cv2.multiply(squares, 255 - weight, scale=1 / 255), dst=target)


def overlay_box(scene: Scene, view: View) -> Box:
    """The device rectangle outside which nothing lies over the picture."""
    if scene.after is None:
        return EMPTY
    if scene.tints_all:
        return extent(scene.after.picture, view)
    box = EMPTY
    if scene.mode == MaskMode.OVERLAY and not scene.mask_box.is_empty:
        box = view.device_box(scene.mask_box, 2)
    for edge in scene.edges:
        box = box.join(view.device_box(edge.mask.box, 2))
    return box


def draw_overlay(out: Words, box: Box, scene: Scene, view: View, *, nearest: bool) -> None:
    """Fill `out` with premultiplied mask colours and outlines; clear where there are none."""
    inside = box.clip(extent(scene.after.picture, view)) if scene.after else None
    if inside is None or inside.is_empty:
        out[...] = 0
        return
    _fill_around(out, box, inside, 0)
    place = inside.shift(-box.left, -box.top)
    target = out[place.top : place.bottom, place.left : place.right]
    _draw_mask(target, inside, scene, view, nearest=nearest)
    for edge in scene.edges:
        _draw_edge(target, inside, edge, scene, view)


def _draw_mask(out: Words, box: Box, scene: Scene, view: View, *, nearest: bool) -> None:
    """Sixteen strengths of one colour: shift and multiply is one pass over the memory."""
    factor, offset, inverted = _strengths(scene)
    marked = box.clip(view.device_box(scene.mask_box, 1))
    found = None
    if scene.mask is not None and factor and not marked.is_empty:
        found = sample(scene.mask, view, marked, nearest=nearest)
    _fill_around(out, box, found.box if found else None, 15 * factor if inverted else offset)
    if found is None:
        return
    inside = found.box.shift(-box.left, -box.top)
    target = out[inside.top : inside.bottom, inside.left : inside.right]
    tint_mask(target, found.pixels, scene)


def tint_mask(out: Words, mask: Pixels, scene: Scene) -> None:
    """Fill `out` with the premultiplied colours of an (h, w) mask of the same size."""
    factor, offset, inverted = _strengths(scene)
    np.copyto(out, mask)  # in place from here on: faster than a cast on the way
    np.right_shift(out, np.uint32(4), out=out)
    if inverted:
        np.subtract(np.uint32(15), out, out=out)
    np.multiply(out, np.uint32(factor), out=out)
    if offset:
        np.bitwise_or(out, np.uint32(offset), out=out)


def _strengths(scene: Scene) -> tuple[int, int, bool]:
    """What one of 15 steps of the mask adds to a pixel, what all have, and if it is inverted."""
    if scene.mode == MaskMode.ON_BLACK:
        return 17 << 24, 0, True
    if scene.mode == MaskMode.ON_WHITE:
        return 0x11111111, 0, True
    if scene.mode == MaskMode.MASK_ONLY:
        return 0x00111111, 0xFF000000, False
    if scene.mode != MaskMode.OVERLAY:
        return 0, 0, False
    channels = (*scene.colour, 255)
    red, green, blue, alpha = (round(scene.opacity * c / 15) for c in channels)
    return alpha << 24 | red << 16 | green << 8 | blue, 0, False


def outline(
    mask: Mipmap, box: Box, view: View, width_px: int, *, least: int = HALF
) -> Sample | None:
    """255 on the inner border of what is marked at `least` so much, in a part of a device box."""
    found = sample(mask, view, box.pad(width_px), nearest=view.scale >= 1)
    if found is None:
        return None
    marked = cv2.threshold(found.pixels, least - 1, 255, cv2.THRESH_BINARY)[1]
    side = 2 * width_px + 1
    kernel = cv2.getStructuringElement(cv2.MORPH_RECT, (side, side))
    inner = cv2.erode(marked, kernel, borderType=cv2.BORDER_CONSTANT, borderValue=(0,))
    border = cv2.subtract(marked, inner)
    kept = found.box.clip(box)
    if kept.is_empty:
        return None
    at = kept.shift(-found.box.left, -found.box.top)
    return Sample(border[at.top : at.bottom, at.left : at.right].astype(np.uint8, copy=False), kept)


def _draw_edge(out: Words, box: Box, edge: MaskOutline, scene: Scene, view: View) -> None:
    box_of_edge = view.device_box(edge.mask.box, 1).clip(box)
    if box_of_edge.is_empty:
        return
    if edge.hatched:
        _draw_hatch(out, box, box_of_edge, edge, scene, view)
    least = 1 if edge.hatched else HALF
    border = outline(edge.mask, box_of_edge, view, scene.line_px, least=least)
    if border is None:
        return
    place = border.box.shift(-box.left, -box.top)
    target = out[place.top : place.bottom, place.left : place.right]
    np.copyto(target, np.uint32(word(edge.colour)), where=border.pixels.view(bool))


def _draw_hatch(
    out: Words, box: Box, box_of_edge: Box, edge: MaskOutline, scene: Scene, view: View
) -> None:
    """Stripes over the part that may change but is not marked itself."""
    band = sample(edge.mask, view, box_of_edge, nearest=True)
    if band is None:
        return
    place = band.box.shift(-box.left, -box.top)
    across = np.arange(band.box.left - view.left, band.box.right - view.left)
    down = np.arange(band.box.top - view.top, band.box.bottom - view.top)
    pitch = HATCH_PX * scene.line_px
    hatched = (across[None] + down[:, None]) % pitch < scene.line_px * 2
    hatched &= band.pixels > 0
    if scene.mask is not None:
        core = sample(scene.mask, view, band.box, nearest=True)
        if core is not None and core.pixels.shape == hatched.shape:
            hatched &= core.pixels < HALF
    target = out[place.top : place.bottom, place.left : place.right]
    np.copyto(target, np.uint32(word(edge.colour, 176)), where=hatched)
