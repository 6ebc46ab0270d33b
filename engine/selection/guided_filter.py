"""A guided filter with a colour guide (He, Sun and Tang: Guided Image Filtering, 2013).

In the window around every pixel the values are fitted as a linear function of colour; the
functions are averaged and applied to the colours.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from engine.geometry import Image, Size

EVENNESS = 1e-4  # of squared levels 0..1: what counts as flat in the picture
FIT_PX = 6  # windows of the filter: larger ones are fitted on a reduced copy
_LEAST_SPREAD = 1e-3  # of squared values: with less in a window there is nothing to explain

Plane: TypeAlias = NDArray[np.floating[Any]]


class ColourLines(NamedTuple):
    """The function around each pixel, and what it explains of the values there."""

    slopes: tuple[Plane, Plane, Plane]  # (h, w) by colour
    offset: Plane  # (h, w)
    explained: Plane  # (h, w) share of the values' variance, 0..1


def guided(image: Image, values: Plane, radius_px: int, evenness: float = EVENNESS) -> Plane:
    """(h, w) values that follow the colours of the (h, w, 3) image.

    `evenness` keeps flat windows flat.
    """
    return applied(image, colour_lines(image, values, radius_px, evenness))


def guided_lines(image: Image, values: Plane, radius_px: int) -> ColourLines:
    """The functions of the colours of an (h, w, 3) image fitted to the (h, w) values.

    Those for large windows are fitted on a reduced copy (He and Sun, 2015).
    """
    factor, size = max(1, radius_px // FIT_PX), Size.of(values)
    if factor == 1:
        return colour_lines(image, values, radius_px)
    small = (max(1, size.width // factor), max(1, size.height // factor))
    reduced = np.asarray(cv2.resize(image, small, interpolation=cv2.INTER_AREA), np.uint8)
    fewer = np.asarray(cv2.resize(values, small, interpolation=cv2.INTER_AREA), np.float32)
    lines = colour_lines(reduced, fewer, max(1, round(radius_px / factor)))
    slopes = _enlarged(lines.slopes, size)
    offset, explained = _enlarged((lines.offset, lines.explained), size)
    return ColourLines((slopes[0], slopes[1], slopes[2]), offset, explained)


def applied(image: Image, lines: ColourLines) -> Plane:
    """(h, w) values of the functions for the colours of the (h, w, 3) image."""
    return _dot(lines.slopes, _planes(image)) + lines.offset


def colour_lines(
    image: Image, values: Plane, radius_px: int, evenness: float = EVENNESS
) -> ColourLines:
    """The linear functions of the colours of an (h, w, 3) image fitted to the (h, w) values."""
    colours = _planes(image)
    side = 2 * radius_px + 1

    def mean(plane: Plane) -> Plane:
        return np.asarray(cv2.blur(plane, (side, side), borderType=cv2.BORDER_REFLECT), np.float32)

    centres, level = [mean(colour) for colour in colours], mean(values)
    common = [mean(colour * values) - centre * level for colour, centre in zip(colours, centres)]
    spread = [
        mean(colours[a] * colours[b]) - centres[a] * centres[b] + (evenness if a == b else 0)
        for a, b in ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2))
    ]
    weights = _solved(spread, common)
    offset = level - _dot(weights, centres)
    variance = np.maximum(mean(values * values) - level * level, np.float32(_LEAST_SPREAD))
    explained = np.clip(_dot(weights, common) / variance, 0, 1)
    slopes = [mean(weight) for weight in weights]
    return ColourLines((slopes[0], slopes[1], slopes[2]), mean(offset), mean(explained))


def _enlarged(planes: Sequence[Plane], size: Size) -> list[Plane]:
    return [np.asarray(cv2.resize(plane, size), np.float32) for plane in planes]


def _planes(image: Image) -> list[Plane]:
    return [image[..., channel].astype(np.float32) / 255 for channel in range(3)]


def _solved(spread: Sequence[Plane], right: Sequence[Plane]) -> list[Plane]:
    """Solves the symmetric 3 x 3 system of every pixel by cofactors; `spread` is its upper half."""
    rr, rg, rb, gg, gb, bb = spread
    a, b, c = gg * bb - gb * gb, rb * gb - rg * bb, rg * gb - rb * gg
    d, e, f = rr * bb - rb * rb, rb * rg - rr * gb, rr * gg - rg * rg
    scale = 1 / np.maximum(rr * a + rg * b + rb * c, 1e-12)
    return [_dot(row, right) * scale for row in ([a, b, c], [b, d, e], [c, e, f])]


def _dot(one: Sequence[Plane], other: Sequence[Plane]) -> Plane:
    return one[0] * other[0] + one[1] * other[1] + one[2] * other[2]
